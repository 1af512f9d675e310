use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use saphan_codec::{SubmissionBatch, decode};

use super::*;
use crate::outbox::EncodedSubmission;
use crate::outbox::tests::submissions;

/// What the stand-in for the gateway does with one request.
#[derive(Clone, Copy)]
enum Turn {
    AcceptAll,
    /// One letter for each submission: `a`ccepted, `r`efused, `l`ater.
    Verdicts(&'static str),
    Status(u16),
    /// A page of somebody who is not the gateway.
    Page(u16),
    RetryAfter(u16, u64),
    /// Reads the request and hangs up.
    HangUp,
    /// Reads the head, waits until more came than it looks at, and hangs up on the rest.
    Reset,
}

/// Answers requests by script, then accepts everything; remembers what it was sent.
#[derive(Clone)]
struct StandIn {
    address: SocketAddr,
    batches: Arc<Mutex<Vec<Vec<EncodedSubmission>>>>,
    script: Arc<Mutex<VecDeque<Turn>>>,
}

impl StandIn {
    fn start(script: &[Turn]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let it = Self {
            address: listener.local_addr().expect("an address"),
            batches: Arc::default(),
            script: Arc::new(Mutex::new(script.iter().copied().collect())),
        };
        let server = it.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                server.answer(stream);
            }
        });
        it
    }

    fn answer(&self, mut stream: TcpStream) {
        // One byte ahead: what is not read of a body must stay with the system.
        let handle = stream.try_clone().expect("a second handle");
        let mut reader = BufReader::with_capacity(1, handle);
        let (mut length, mut authorized) = (0, false);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a header");
            let line = line.trim().to_ascii_lowercase();
            if let Some(it) = line.strip_prefix("content-length:") {
                length = it.trim().parse().expect("a length");
            }
            authorized |= line == "authorization: bearer secret-token";
            if line.is_empty() {
                break;
            }
        }
        assert!(authorized);
        if matches!(self.script.lock().expect("whole").front(), Some(Turn::Reset)) {
            self.script.lock().expect("whole").pop_front();
            self.batches.lock().expect("whole").push(Vec::new());
            // With bytes unread, closing tells the other side with a reset.
            stream.peek(&mut [0; 1]).expect("a byte of the body");
            return;
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("the body");
        let batch: SubmissionBatch = decode(&body).expect("a batch");
        let sent: Vec<_> = batch
            .submissions
            .iter()
            .map(|it| {
                EncodedSubmission::of(&saphan_codec::single_object::unwrap(it).expect("ours"))
            })
            .collect::<Result<_, _>>()
            .expect("small");
        let count = sent.len();
        self.batches.lock().expect("whole").push(sent);
        let turn = self.script.lock().expect("whole").pop_front().unwrap_or(Turn::AcceptAll);
        let (status, head, body) = match turn {
            Turn::HangUp | Turn::Reset => return,
            Turn::AcceptAll => (200, String::new(), results(&"a".repeat(count))),
            Turn::Verdicts(letters) => (200, String::new(), results(letters)),
            Turn::Status(status) => (status, String::new(), error()),
            Turn::Page(status) => (status, String::new(), "<html></html>".to_owned()),
            Turn::RetryAfter(status, s) => (status, format!("retry-after: {s}\r\n"), error()),
        };
        write!(
            stream,
            "HTTP/1.1 {status} x\r\nconnection: close\r\n{head}content-length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("answered");
    }

    fn batches(&self) -> Vec<Vec<EncodedSubmission>> {
        self.batches.lock().expect("whole").clone()
    }
}

fn error() -> String {
    r#"{"code":"SP-1299","message":"told so","request_id":"r"}"#.to_owned()
}

fn results(letters: &str) -> String {
    let lines = letters.chars().enumerate().map(|(index, letter)| match letter {
        'a' => format!(r#"{{"index":{index},"status":"accepted"}}"#),
        'r' => format!(
            r#"{{"index":{index},"status":"refused","code":"SP-1203","message":"another facility"}}"#
        ),
        _ => format!(r#"{{"index":{index},"status":"later","code":"SP-1213","message":"brokers"}}"#),
    });
    format!(r#"{{"accepted":0,"results":[{}]}}"#, lines.collect::<Vec<_>>().join(","))
}

fn sender(address: SocketAddr, batch: usize) -> Sender {
    let config = SenderConfig {
        batch_events_max: batch,
        pause_first: Duration::from_millis(2),
        pause_max: Duration::from_millis(40),
        ..SenderConfig::new(format!("http://{address}"))
    };
    Sender::new(config, Box::new(|| Ok("secret-token".to_owned()))).expect("good settings")
}

/// What a drain did: how it ended, what was left, what went out, which pauses it made.
struct Story {
    end: Result<Drained, SenderError>,
    left: Vec<EncodedSubmission>,
    refused: usize,
    batches: Vec<Vec<EncodedSubmission>>,
    pauses: Vec<Duration>,
}

/// Drains an outbox of ten submissions in batches of four; stops after fifty pauses.
fn drain(script: &[Turn]) -> Story {
    let dir = tempfile::tempdir().expect("a folder");
    let mut outbox = Outbox::open(dir.path(), 1 << 30).expect("open");
    outbox.append(&submissions(0..10)).expect("appended");
    let gateway = StandIn::start(script);
    let pauses = RefCell::new(Vec::new());
    let pause = |it: Duration| {
        if !it.is_zero() {
            pauses.borrow_mut().push(it);
        }
        pauses.borrow().len() > 50
    };
    let end = sender(gateway.address, 4).drain(&mut outbox, Until::Empty, &pause, &mut |_| {});
    Story {
        end,
        left: outbox
            .peek(99, usize::MAX)
            .expect("peek")
            .into_iter()
            .map(|it| it.submission)
            .collect(),
        refused: outbox.refused(99).expect("listed").len(),
        batches: gateway.batches(),
        pauses: pauses.into_inner(),
    }
}

#[test]
fn everything_goes_out_once_and_in_order() {
    let story = drain(&[]);
    assert!(matches!(story.end, Ok(Drained::Empty)));
    assert_eq!(story.batches, [submissions(0..4), submissions(4..8), submissions(8..10)]);
    assert!(story.left.is_empty() && story.pauses.is_empty());
}

#[test]
fn trouble_is_waited_out_and_the_same_sent_again() {
    let story = drain(&[Turn::Status(503), Turn::HangUp, Turn::Status(500)]);
    assert!(matches!(story.end, Ok(Drained::Empty)));
    let expected = [0..4, 0..4, 0..4, 0..4, 4..8, 8..10].map(submissions);
    assert_eq!(story.batches, expected);
    assert_eq!(story.pauses.len(), 3);
    for (pause, ceiling) in story.pauses.iter().zip([2, 4, 8].map(Duration::from_millis)) {
        assert!(*pause <= ceiling && *pause >= ceiling / 2, "{pause:?} within {ceiling:?}");
    }
}

#[test]
fn the_pause_asked_for_is_honoured() {
    let story = drain(&[Turn::RetryAfter(429, 9), Turn::RetryAfter(503, 999_999)]);
    assert!(matches!(story.end, Ok(Drained::Empty)));
    assert_eq!(story.pauses, [Duration::from_secs(9), RETRY_AFTER_MAX]);
}

#[test]
fn what_stands_behind_a_later_is_sent_again_with_it() {
    let story = drain(&[Turn::Verdicts("arla")]);
    assert!(matches!(story.end, Ok(Drained::Empty)));
    assert_eq!(story.batches, [submissions(0..4), submissions(2..6), submissions(6..10)]);
    assert_eq!((story.refused, story.pauses.len()), (1, 1));
}

#[test]
fn a_refused_token_stops_and_loses_nothing() {
    for status in [401, 403] {
        let story = drain(&[Turn::AcceptAll, Turn::Status(status)]);
        let error = story.end.expect_err("stopped").to_string();
        assert!(error.starts_with("SP-1232") && error.contains("SP-1299 told so"), "{error}");
        assert!(!error.contains("secret-token"));
        assert_eq!(story.left, submissions(4..10));
    }
}

#[test]
fn a_stranger_in_the_gateways_place_is_waited_out() {
    let story = drain(&[Turn::AcceptAll, Turn::Page(404), Turn::Page(302), Turn::Page(403)]);
    assert!(matches!(story.end, Ok(Drained::Empty)), "{:?}", story.end);
    assert_eq!(story.batches, [0..4, 4..8, 4..8, 4..8, 4..8, 8..10].map(submissions));
    assert_eq!((story.refused, story.pauses.len()), (0, 3));
}

#[test]
fn a_stranger_where_no_gateway_was_ever_met_is_a_wrong_address() {
    for status in [302, 403, 404] {
        let story = drain(&[Turn::Page(status)]);
        let error = story.end.expect_err("stopped").to_string();
        assert!(error.starts_with("SP-1233") && error.contains("not a gateway"), "{error}");
        assert_eq!(story.left, submissions(0..10));
    }
}

#[test]
fn a_request_too_large_is_halved_down_to_the_one_that_is() {
    let script = [Turn::Status(413), Turn::Status(413), Turn::Status(413)];
    let story = drain(&script);
    assert!(matches!(story.end, Ok(Drained::Empty)));
    assert_eq!(story.batches[..3], [submissions(0..4), submissions(0..2), submissions(0..1)]);
    assert_eq!(story.refused, 1);
    assert_eq!(story.batches[3..].concat(), submissions(1..10));
}

#[test]
fn a_slow_line_gets_smaller_requests_until_they_get_through_and_larger_ones_again() {
    let story = drain(&[Turn::Status(408), Turn::Status(408), Turn::Status(408)]);
    assert!(matches!(story.end, Ok(Drained::Empty)));
    let expected = [0..4, 0..2, 0..1, 0..1, 1..3, 3..7, 7..10].map(submissions);
    assert_eq!(story.batches, expected);
    assert_eq!(
        (story.refused, story.pauses.len()),
        (0, 3),
        "waited for, unlike a request too large"
    );
}

#[test]
fn a_request_that_is_hung_up_on_while_it_is_sent_is_halved() {
    let story = drain(&[Turn::Reset]);
    assert!(matches!(story.end, Ok(Drained::Empty)));
    let expected = [0..0, 0..2, 2..6, 6..10].map(submissions);
    assert_eq!(story.batches, expected);
    assert_eq!(story.pauses.len(), 1);
}

#[test]
fn an_unreadable_answer_loses_nothing() {
    let story = drain(&[Turn::Verdicts("aaa"), Turn::Verdicts("aaaaa")]);
    assert!(matches!(story.end, Ok(Drained::Empty)));
    assert_eq!(story.batches[..3], [0..4, 0..4, 0..4].map(submissions));
}

#[test]
fn offline_lasts_as_long_as_it_lasts() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut outbox = Outbox::open(dir.path(), 1 << 30).expect("open");
    outbox.append(&submissions(0..2)).expect("appended");
    let closed =
        TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let pauses = RefCell::new(0);
    let pause = |it: Duration| {
        *pauses.borrow_mut() += u32::from(!it.is_zero());
        *pauses.borrow() >= 30
    };
    let mut reached = Vec::new();
    let end = sender(closed, 4).drain(&mut outbox, Until::Empty, &pause, &mut |it| match it {
        Progress::Paused { reached: it, .. } => reached.push(it),
        Progress::Answered { .. } => panic!("nobody could answer"),
    });
    assert!(matches!(end, Ok(Drained::Stopped)));
    assert_eq!(reached, [false; 30]);
    assert_eq!(outbox.stats().expect("figures").waiting, 2);
}

#[test]
fn one_sender_at_a_time() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut outbox = Outbox::open(dir.path(), 1 << 30).expect("open");
    let gateway = StandIn::start(&[]);
    let held = lock(dir.path()).expect("first");
    let mut drain =
        || sender(gateway.address, 4).drain(&mut outbox, Until::Empty, &|_| false, &mut |_| {});
    assert_eq!(drain().expect_err("busy").code(), "SP-1234");
    drop(held);
    assert!(matches!(drain(), Ok(Drained::Empty)));
}

#[test]
fn a_token_that_is_none_is_not_sent() {
    let gateway = StandIn::start(&[]);
    for token in ["", "two words", "line\r\nx-header: y"] {
        let config = SenderConfig::new(format!("http://{}", gateway.address));
        let sender = Sender::new(config, Box::new(|| Ok(token.to_owned()))).expect("settings");
        assert_eq!(sender.check().expect_err("refused").code(), "SP-1236");
    }
}
