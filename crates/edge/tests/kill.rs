//! Kills a process that fills an outbox, again and again, at moments nobody chose. What it was told is
//! safe must be there afterwards, whole and in order.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use saphan_codec::single_object;
use saphan_edge::{EncodedSubmission, Outbox};
use saphan_model::{Content, Defect, Private, Provenance, Subject, Submission, Timestamp};

const FOLDER: &str = "OUTBOX_OF_THE_CHILD";
const FIRST: &str = "FIRST_NUMBER_OF_THE_CHILD";
const ROUNDS: u32 = 12;

fn open(folder: &Path) -> Outbox {
    Outbox::open(folder, 1 << 30).expect("the outbox opens")
}

fn submission(n: u64) -> EncodedSubmission {
    EncodedSubmission::of(&Submission {
        facility: "10670".to_owned(),
        subject: Subject::default(),
        natural_key: Private::new(n.to_string()),
        occurred_at: Timestamp(0),
        recorded_at: Timestamp(0),
        provenance: Provenance {
            document: "x".repeat(usize::try_from(n % 3_000).expect("small")),
            ..Provenance::default()
        },
        defaulted: vec![],
        content: Content::Defect(Defect {
            code: "SP-1101".to_owned(),
            column: String::new(),
            remedy: String::new(),
        }),
    })
    .expect("small")
}

fn number(submission: &EncodedSubmission) -> u64 {
    let it = single_object::unwrap(submission.as_bytes()).expect("a whole submission");
    it.natural_key.reveal().parse().expect("a number")
}

/// Not a test by itself: the process that is killed. Appends batches of 1 to 334 (filling them takes longer than the sync, so that kills hit both), tells the number after
/// the last one once the outbox has it, and deletes some of the oldest now and then.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let mut next: u64 = std::env::var(FIRST).ok().and_then(|it| it.parse().ok()).expect("a number");
    let mut outbox = open(Path::new(&folder));
    for round in 0u64.. {
        let batch: Vec<_> = (next..next + 1 + 37 * (round % 10)).map(submission).collect();
        outbox.append(&batch).expect("appended");
        next += u64::try_from(batch.len()).expect("few");
        println!("has {next}");
        if round % 7 == 6 {
            let oldest = outbox.peek(700, usize::MAX).expect("peek");
            let ids: Vec<i64> = oldest.iter().map(|it| it.id).collect();
            let after = number(&oldest.last().expect("something").submission) + 1;
            println!("sent {after}");
            outbox.acknowledge(&ids).expect("acknowledged");
        }
    }
}

#[test]
fn what_was_taken_over_survives_a_kill() {
    let dir = tempfile::tempdir().expect("a folder");
    let (mut taken, mut deleted, mut first) = (0u64, 0u64, 0u64);
    for round in 0..ROUNDS {
        let mut process = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "child", "--nocapture", "--test-threads=1"])
            .env(FOLDER, dir.path())
            .env(FIRST, first.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        let output = process.stdout.take().expect("piped");
        let reader = std::thread::spawn(move || {
            let (mut has, mut sent) = (0, 0);
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // The harness writes "test child ... " before the first line.
                let line = line.rsplit("... ").next().unwrap_or_default();
                match line.split_once(' ') {
                    Some(("has", n)) => has = n.parse().expect("a number"),
                    Some(("sent", n)) => sent = n.parse().expect("a number"),
                    _ => {}
                }
            }
            (has, sent)
        });
        std::thread::sleep(Duration::from_millis(40 + 37 * u64::from(round)));
        process.kill().expect("killed");
        process.wait().expect("gone");
        let (has, sent): (u64, u64) = reader.join().expect("read");
        taken = taken.max(has);
        deleted = deleted.max(sent);

        let waiting = open(dir.path()).peek(usize::MAX >> 1, usize::MAX).expect("peek");
        let found: Vec<u64> = waiting.iter().map(|it| number(&it.submission)).collect();
        let low = found.first().copied().unwrap_or(taken);
        let high = found.last().map_or(taken, |it| it + 1);
        assert!(high >= taken, "round {round}: told {taken}, found up to {high}");
        assert!(low <= deleted, "round {round}: {low} is the first, but only {deleted} were sent");
        assert!(
            found.windows(2).all(|it| it[0] + 1 == it[1]),
            "round {round}: a gap or another order"
        );
        (taken, first) = (high, high);
    }
    assert!(taken > 100, "the child hardly ran: {taken}");
}
