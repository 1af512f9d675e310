//! The forms of evidence are for ever: a checkpoint must be found right in twenty years. The values here
//! were worked out by another program from the description of the forms.

use std::collections::BTreeMap;

use saphan_kafka::{Header, Headers, Record};
use saphan_model::Timestamp;
use saphan_proof::checkpoint::heads::{Summary, head};
use saphan_proof::checkpoint::recount::Span;
use saphan_proof::checkpoint::tree::leaf_hash;
use saphan_proof::checkpoint::{Heads, Recount, Signer, leaf};
use saphan_proof::kept::Kept;

const LEAVES: [&str; 2] = [
    "010000000000000007000001a0c4506c00000000036b65790000000576616c75650000000100000003737263000000127061\
     7469656e742e6c6f672e76312f302f33",
    "010000000000000009000001a0c4506c01000000036b6579ffffffff00000000",
];
const LINE: &str = "decision.v1 3 first 0 next 12 leaves 2 peaks q7ef79s5vhjER8x3xnmF8KZc0dH6laDcfC55lmod/fI= \
                    lists 1 dEz2HyUV5mwM9+LFf8vcg3hZPckKgZjUarj+07pu/lI=\n";
const SUMMARY: &str = "saphan-heads/1\nmade 1790000000000\n\
                       lines 1 DLea/z3WU5QbGvGTHRgZAt+F1HvuYyMKaO9GM63mwJI=\n";
const NOTE: &str = "health.example/decisions\n1\n7Ic4pwGO1ek9WHUjPRg3nQXzch+Te4fcJMo/onKIq88=\n\n\
                    \u{2014} health.example/decisions FlVzkfqgD3vOGl9em9tco+ZlPLQUHsWBZrG1CZVaDx1DhLbzjmZtLZ\
                    8AeyPIdWn31zAg/c+UQAp6psWvs/dQZRag7AA=\n";

#[test]
fn from_a_record_to_the_signed_checkpoint_every_form_is_as_described() {
    let headers = [Header::new("src", "patient.log.v1/0/3")];
    let record = |offset, append_time_ms, value, headers| Record {
        topic: "decision.v1",
        partition: 3,
        offset,
        append_time_ms,
        key: Some(b"key"),
        headers,
        value,
    };
    let records = [
        record(7, 1_790_000_000_000, Some(&b"value"[..]), Headers::Slice(&headers)),
        record(9, 1_790_000_000_001, None, Headers::NONE),
    ];
    let part = ("decision.v1".to_owned(), 3);
    let span = Span { first: 0, end: 12 };
    let mut recount = Recount::new(part.clone(), span, Vec::new(), (Kept::Forever, 0), true);
    for (record, expected) in records.iter().zip(LEAVES) {
        assert_eq!(hex::encode(leaf::encode(record)), expected);
        recount.push(record);
    }
    let (counted, _, broken) = recount.finish();
    assert!(broken.is_empty());
    let made_at = Timestamp(1_790_000_000_000);
    let heads = Heads { made_at, parts: BTreeMap::from([(part.clone(), counted.clone())]) };
    assert_eq!(heads.lines().collect::<Vec<_>>(), [LINE]);
    assert_eq!(head(LINE.trim_end()), Some((part, counted)));
    assert_eq!(heads.summary().to_string(), SUMMARY);
    assert_eq!(Summary::parse(SUMMARY), Some(heads.summary()));
    let signer = Signer::from_seed("health.example/decisions", &[7; 32]).expect("a name");
    assert_eq!(signer.sign(1, &leaf_hash(SUMMARY.as_bytes())), NOTE);
    assert!(signer.verifier().checkpoint(NOTE).is_some());
}
