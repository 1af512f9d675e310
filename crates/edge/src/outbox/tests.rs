use proptest::prelude::*;
use saphan_model::{Content, Defect, Private, Provenance, Subject, Timestamp};

use super::*;

const ROOMY: u64 = 1 << 30;

fn submission(n: usize, padding: usize) -> EncodedSubmission {
    EncodedSubmission::of(&Submission {
        facility: "10670".to_owned(),
        subject: Subject::default(),
        natural_key: Private::new(format!("{n}")),
        occurred_at: Timestamp(0),
        recorded_at: Timestamp(0),
        provenance: Provenance { document: "x".repeat(padding), ..Provenance::default() },
        defaulted: vec![],
        content: Content::Defect(Defect {
            code: "SP-1101".to_owned(),
            column: String::new(),
            remedy: String::new(),
        }),
    })
    .expect("small")
}

pub(crate) fn submissions(range: std::ops::Range<usize>) -> Vec<EncodedSubmission> {
    range.map(|n| submission(n, 100)).collect()
}

fn open(folder: &Path) -> Outbox {
    Outbox::open(folder, ROOMY).expect("open")
}

fn waiting(outbox: &Outbox) -> Vec<EncodedSubmission> {
    outbox.peek(100_000, usize::MAX).expect("peek").into_iter().map(|it| it.submission).collect()
}

#[test]
fn what_was_appended_is_found_in_order_after_opening_again() {
    let dir = tempfile::tempdir().expect("a folder");
    open(dir.path()).append(&submissions(0..3)).expect("appended");
    let mut writer_side = open(dir.path());
    let mut writer = writer_side.writer();
    for it in submissions(3..1_200) {
        writer.push(it).expect("pushed");
    }
    assert_eq!(writer.finish().expect("finished"), 1_197);
    assert_eq!(waiting(&open(dir.path())), submissions(0..1_200));
}

#[test]
fn refused_submissions_are_counted_by_what_was_said() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut outbox = open(dir.path());
    outbox.append(&submissions(0..4)).expect("appended");
    let ids: Vec<i64> = outbox.peek(4, usize::MAX).expect("peek").iter().map(|it| it.id).collect();
    outbox.refuse(ids[0], "SP-1204", "update").expect("refused");
    outbox.refuse(ids[1], "SP-1203", "another token").expect("refused");
    outbox.refuse(ids[3], "SP-1204", "update").expect("refused");
    let counts = outbox.refused_by_code().expect("counted");
    let told: Vec<_> =
        counts.iter().map(|it| (it.code.as_str(), it.remedy.as_str(), it.count)).collect();
    assert_eq!(told, [("SP-1203", "another token", 1), ("SP-1204", "update", 2)]);
    assert_eq!(outbox.requeue_refused().expect("requeued"), 3);
    assert_eq!(outbox.refused_by_code().expect("counted"), []);
}

#[test]
fn peek_stops_at_events_or_bytes_but_gives_at_least_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut outbox = open(dir.path());
    outbox.append(&submissions(0..10)).expect("appended");
    let size = submission(0, 100).as_bytes().len();
    for (events, bytes, expected) in [
        (4, usize::MAX, 4),
        (10, size * 3, 3),
        (10, 1, 1),
        (0, usize::MAX, 0),
        (99, ROOMY as usize, 10),
    ] {
        let got = outbox.peek(events, bytes).expect("peek").len();
        assert_eq!(got, expected, "{events} events, {bytes} bytes");
    }
}

#[test]
fn refused_ones_are_kept_aside_until_somebody_decides() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut outbox = open(dir.path());
    outbox.append(&submissions(0..4)).expect("appended");
    let ids: Vec<i64> = outbox.peek(9, 99_999).expect("peek").iter().map(|it| it.id).collect();
    let refuse =
        |code: &str| Answer::Refused { code: code.to_owned(), remedy: "mend it".to_owned() };
    let answers =
        [(ids[0], Answer::Accepted), (ids[1], refuse("SP-1203")), (ids[2], refuse("SP-1204"))];
    outbox.settle(&answers).expect("settled");
    outbox.settle(&answers).expect("settling twice changes nothing");

    assert_eq!(waiting(&outbox), submissions(3..4));
    let refused = outbox.refused(10).expect("listed");
    let told: Vec<_> = refused.iter().map(|it| (it.id, it.code.as_str())).collect();
    assert_eq!(told, [(ids[1], "SP-1203"), (ids[2], "SP-1204")]);
    let stats = outbox.stats().expect("figures");
    assert_eq!((stats.waiting, stats.refused), (1, 2));

    assert_eq!(outbox.requeue_refused().expect("moved"), 2);
    assert_eq!(waiting(&outbox), [submissions(3..4), submissions(1..3)].concat());
    let last = outbox.peek(9, 99_999).expect("peek").pop().expect("three").id;
    outbox.refuse(last, "SP-1203", "mend it").expect("refused");
    assert_eq!(outbox.discard_refused().expect("deleted"), 1);
    assert_eq!(outbox.stats().expect("figures").refused, 0);
}

#[test]
fn a_full_outbox_refuses_the_new_and_keeps_the_old() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut outbox = Outbox::open(dir.path(), 200_000).expect("open");
    let mut taken = 0;
    let error = loop {
        match outbox.append(&[submission(taken, 10_000)]) {
            Ok(()) => taken += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), "SP-1230");
    assert_eq!(waiting(&outbox).len(), taken);
    let ids: Vec<i64> = outbox.peek(99, usize::MAX).expect("peek").iter().map(|it| it.id).collect();
    outbox.acknowledge(&ids).expect("acknowledged");
    outbox.append(&[submission(0, 10_000)]).expect("room again");
}

#[test]
fn numbers_are_never_used_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut outbox = open(dir.path());
    outbox.append(&submissions(0..2)).expect("appended");
    let first: Vec<i64> = outbox.peek(9, 99_999).expect("peek").iter().map(|it| it.id).collect();
    outbox.acknowledge(&first).expect("acknowledged");
    drop(outbox);
    let mut outbox = open(dir.path());
    outbox.append(&submissions(0..1)).expect("appended");
    assert!(outbox.peek(1, 1).expect("peek")[0].id > first[1]);
}

#[test]
fn space_is_given_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut outbox = open(dir.path());
    let many: Vec<_> = (0..300).map(|n| submission(n, 10_000)).collect();
    outbox.append(&many).expect("appended");
    let before = outbox.stats().expect("figures").bytes;
    while let [first, ..] = outbox.peek(20, usize::MAX).expect("peek").as_slice() {
        let ids: Vec<i64> = (first.id..first.id + 20).collect();
        outbox.acknowledge(&ids).expect("acknowledged");
    }
    let after = outbox.stats().expect("figures").bytes;
    assert!(after * 10 < before, "{before} bytes before, {after} after");
    let pages: i64 =
        outbox.connection.pragma_query_value(None, "page_count", |it| it.get(0)).expect("read");
    assert!(pages < 100, "{pages} pages left");
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_open_its_files() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("a/b");
    let mut outbox = open(&folder);
    outbox.append(&submissions(0..1)).expect("appended");
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for name in ["outbox.db", "outbox.db-wal", "outbox.db-shm"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
}

#[test]
fn a_file_that_is_no_outbox_is_left_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join(FILE);
    let text = "not a database, but somebody's bytes".repeat(100);
    std::fs::write(&path, &text).expect("written");
    let error = Outbox::open(dir.path(), ROOMY).expect_err("refused");
    assert_eq!(error.code(), "SP-1231");
    assert_eq!(std::fs::read_to_string(&path).expect("read"), text);
}

#[test]
fn a_newer_format_is_left_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    open(dir.path()).connection.pragma_update(None, "user_version", 99).expect("set");
    let error = Outbox::open(dir.path(), ROOMY).expect_err("refused").to_string();
    assert!(error.contains("newer"), "{error}");
}

#[test]
fn nothing_of_a_submission_is_printed() {
    let it = Waiting { id: 1, submission: submission(7, 3) };
    assert!(!format!("{it:?}").contains("10670"));
    let mut large = single_object::unwrap(it.submission.as_bytes()).expect("our own encoding");
    large.provenance.document = "x".repeat(SUBMISSION_BYTES_MAX);
    assert!(matches!(EncodedSubmission::of(&large), Err(TooLarge(n)) if n > SUBMISSION_BYTES_MAX));
}

#[derive(Clone, Debug)]
enum Step {
    Append(usize),
    Acknowledge(usize),
    Refuse,
    Requeue,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1usize..40).prop_map(Step::Append),
        (1usize..50).prop_map(Step::Acknowledge),
        Just(Step::Refuse),
        Just(Step::Requeue),
        Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever happens in whatever order, each submission is in exactly one place: acknowledged,
    /// refused, or waiting in the order of handing over.
    #[test]
    fn everything_is_in_exactly_one_place(steps in proptest::collection::vec(step(), 1..40)) {
        let dir = tempfile::tempdir().expect("a folder");
        let mut outbox = open(dir.path());
        let (mut line, mut aside, mut n): (Vec<usize>, Vec<usize>, usize) = (vec![], vec![], 0);
        for step in steps {
            match step {
                Step::Append(count) => {
                    outbox.append(&submissions(n..n + count)).expect("appended");
                    line.extend(n..n + count);
                    n += count;
                }
                Step::Acknowledge(count) => {
                    let ids: Vec<i64> = outbox.peek(count, usize::MAX).expect("peek").iter().map(|it| it.id).collect();
                    outbox.acknowledge(&ids).expect("acknowledged");
                    line.drain(..ids.len());
                }
                Step::Refuse => if let Some(first) = outbox.peek(1, 1).expect("peek").first() {
                    outbox.refuse(first.id, "SP-1203", "mend it").expect("refused");
                    aside.push(line.remove(0));
                },
                Step::Requeue => {
                    outbox.requeue_refused().expect("moved");
                    line.append(&mut aside);
                }
                Step::Reopen => {
                    drop(outbox);
                    outbox = open(dir.path());
                }
            }
            let expected: Vec<_> = line.iter().map(|it| submission(*it, 100)).collect();
            prop_assert_eq!(waiting(&outbox), expected);
            let kept: Vec<_> = outbox.refused(9_999).expect("listed").into_iter().map(|it| it.submission).collect();
            let expected: Vec<_> = aside.iter().map(|it| submission(*it, 100)).collect();
            prop_assert_eq!(kept, expected);
        }
    }
}
