//! Bad requests at the gateway: each is answered with status, code and remedy, and with nothing of what
//! was sent; the log keeps silent about it too.

use std::time::{Duration, Instant};

use saphan_codec::{Record, SubmissionBatch, single_object};
use saphan_model::{Content, Defect, Private, Provenance, Subject, Submission, Timestamp};
use serde_json::Value;

use crate::centre::Centre;

const FACILITY: &str = "99004";
const BATCH: &str = "application/vnd.saphan.batch+avro";

/// An answer: status, headers and body.
pub struct Answer(pub u16, pub String, pub String);

/// One submission of a facility, with its own token.
pub fn post_one(centre: &Centre, facility: &str) -> Answer {
    let bearer = format!("Bearer {}", token(centre, facility));
    let body = batch(vec![single_object::wrap(&submission(facility))]);
    post(centre, &[("authorization", &bearer), ("content-type", BATCH)], &body)
}

fn post(centre: &Centre, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut request = ureq::post(format!("http://{}/v1/submissions", centre.site.gateway))
        .config()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(20)))
        .build();
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut answer = request.send(body).expect("an answer");
    let heads = format!("{:?}", answer.headers());
    let body = answer.body_mut().read_to_string().expect("text");
    Answer(answer.status().as_u16(), heads, body)
}

fn token(centre: &Centre, facility: &str) -> String {
    let file = centre.edge(facility).join("token");
    std::fs::read_to_string(file).expect("a token").trim().to_owned()
}

/// A submission whose every text gives it away when it is repeated.
fn submission(facility: &str) -> Submission {
    let defect = Defect {
        code: "SP-1101".to_owned(),
        column: "CANARY".to_owned(),
        remedy: "CANARY".to_owned(),
    };
    Submission {
        facility: facility.to_owned(),
        subject: Subject { local_id: Some(Private::new("CANARY".to_owned())), citizen_id: None },
        natural_key: Private::new("CANARY".to_owned()),
        occurred_at: Timestamp(0),
        recorded_at: Timestamp(0),
        provenance: Provenance { document: "CANARY".to_owned(), ..Provenance::default() },
        defaulted: vec![],
        content: Content::Defect(defect),
    }
}

fn batch(submissions: Vec<Vec<u8>>) -> Vec<u8> {
    saphan_codec::encode(&SubmissionBatch { submissions })
}

/// The request is refused as a whole.
#[track_caller]
pub fn check(answer: &Answer, status: u16, code: &str) {
    let Answer(got, headers, text) = answer;
    assert_eq!(*got, status, "{text}");
    let body: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(body["code"], code);
    assert!(body["message"].as_str().is_some_and(|it| it.len() > 20), "a remedy: {text}");
    assert!(body["request_id"].as_str().is_some_and(|it| !it.is_empty()), "{text}");
    assert!(!text.contains("CANARY") && !headers.contains("CANARY"), "{headers} {text}");
}

/// After all that the gateway must still take what is good, and its log must hold no word of what was sent.
#[track_caller]
fn unharmed(centre: &Centre, secrets: &[&str]) {
    let Answer(status, _, text) = post_one(centre, FACILITY);
    assert_eq!(status, 200, "{text}");
    assert!(text.contains(r#""accepted":1"#), "{text}");
    let log = centre.log();
    for secret in secrets {
        assert!(!log.contains(secret), "the log repeats what was sent");
    }
}

#[test]
fn whoever_has_no_token_is_told_so() {
    let centre = Centre::shared();
    let good = batch(vec![single_object::wrap(&submission(FACILITY))]);
    let unknown = format!("Bearer saphan-{FACILITY}-{}", "0123456789abcdef".repeat(4));
    let with =
        |value: &str| post(&centre, &[("authorization", value), ("content-type", BATCH)], &good);
    check(&post(&centre, &[("content-type", BATCH)], &good), 401, "SP-1201");
    check(&with("Basic CANARY"), 401, "SP-1201");
    check(&with("Bearer CANARY"), 401, "SP-1202");
    check(&with(&unknown), 401, "SP-1202");
    unharmed(&centre, &["CANARY", "0123456789abcdef"]);
}

/// A token taken back while the gateway runs closes the door within seconds, and the sender keeps what it has.
#[test]
fn a_token_taken_back_is_refused() {
    let centre = Centre::shared();
    let facility = "99005";
    let own = token(&centre, facility);
    assert_eq!(post_one(&centre, facility).0, 200);
    centre.site.saphan(&["token", "revoke", facility]).expect("revoked");
    let begun = Instant::now();
    let refused = loop {
        let answer = post_one(&centre, facility);
        if answer.0 != 200 || begun.elapsed() > Duration::from_secs(10) {
            break answer;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    check(&refused, 403, "SP-1218");
    unharmed(&centre, &["CANARY", &own]);
}

#[test]
fn a_body_that_is_no_batch_is_refused() {
    let centre = Centre::shared();
    let bearer = format!("Bearer {}", token(&centre, FACILITY));
    let authorized = ("authorization", bearer.as_str());
    let good = batch(vec![single_object::wrap(&submission(FACILITY))]);
    let of_kind = |kind: &str| post(&centre, &[authorized, ("content-type", kind)], &good);
    check(&of_kind("application/json; x=CANARY"), 415, "SP-1209");
    check(&post(&centre, &[authorized], &good), 415, "SP-1209");
    let packed = [authorized, ("content-type", BATCH), ("content-encoding", "gzip")];
    check(&post(&centre, &packed, &good), 415, "SP-1209");
    let body = |bytes: &[u8]| post(&centre, &[authorized, ("content-type", BATCH)], bytes);
    check(&body(b""), 400, "SP-1210");
    check(&body(&b"CANARY".repeat(1000)), 400, "SP-1210");
    check(&body(&good[..good.len() - 3]), 400, "SP-1210");
    // One item that says it has four exabytes.
    check(&body(b"\x02\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7FCANARY"), 400, "SP-1210");
    check(&body(&b"CANARY  ".repeat(9 << 17)), 413, "SP-1208");
    unharmed(&centre, &["CANARY"]);
}

/// Bad submissions in a batch are refused one by one; the good one between them goes through.
#[test]
fn bad_submissions_do_not_keep_a_good_one_back() {
    let centre = Centre::shared();
    let bearer = format!("Bearer {}", token(&centre, FACILITY));
    let good = single_object::wrap(&submission(FACILITY));
    let mut unknown = good.clone();
    unknown[2..10].copy_from_slice(b"\xCA\x9A\x12\xCA\x9A\x12\xCA\x9A");
    let mut decision = good.clone();
    decision[2..10].copy_from_slice(&Record::Decision.fingerprint().to_le_bytes());
    let mut large = submission(FACILITY);
    large.provenance.document = "CANARY".repeat(50_000);
    let all = vec![
        b"CANARY".to_vec(),
        unknown,
        good.clone(),
        decision,
        single_object::wrap(&submission("99001")),
        single_object::wrap(&large),
        Vec::new(),
    ];
    let headers = [("authorization", bearer.as_str()), ("content-type", BATCH)];
    let Answer(status, _, text) = post(&centre, &headers, &batch(all));
    assert_eq!(status, 200, "{text}");
    assert!(!text.contains("CANARY"), "{text}");
    let body: Value = serde_json::from_str(&text).expect("JSON");
    let results = body["results"].as_array().expect("a result for each");
    let codes: Vec<_> = results.iter().map(|it| it["code"].as_str().unwrap_or("")).collect();
    assert_eq!(codes, ["SP-1205", "SP-1204", "", "SP-1204", "SP-1203", "SP-1206", "SP-1205"]);
    let remedy = |it: &&Value| it["message"].as_str().is_some_and(|it| it.len() > 20);
    assert_eq!((results.iter().filter(remedy).count(), &body["accepted"]), (6, &Value::from(1)));
    unharmed(&centre, &["CANARY"]);
    centre.quiet();
}
