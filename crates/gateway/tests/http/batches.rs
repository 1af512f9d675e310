//! What becomes of the submissions of a batch.

use std::time::Duration;

use saphan_codec::{Record, single_object};
use saphan_gateway::Settings;
use saphan_model::limits::SUBMISSION_BYTES_MAX;

use crate::support::{Behaviour, Gateway, encoded, ids, settings, submission};

#[test]
fn accepted_submissions_are_in_the_log_unchanged_and_in_order() {
    let gateway = Gateway::start();
    let sent = encoded(0..5);
    let answer = gateway.send(&sent);
    assert_eq!((answer.status, answer.body["accepted"].as_u64()), (200, Some(5)));
    assert_eq!(answer.verdicts(), ["accepted"; 5]);
    assert_eq!(answer.body["request_id"].as_str().map(str::len), Some(16));
    let expected: Vec<_> = sent
        .iter()
        .map(|it| {
            let id = ids().id(Record::Submission).to_be_bytes();
            let value = [&[0], id.as_slice(), &it[10..]].concat();
            ("10670".to_owned(), value)
        })
        .collect();
    assert_eq!(gateway.appended(), expected);
    let series = r#"saphan_gateway_events_total{code="",outcome="accepted"}"#;
    assert_eq!(gateway.metric(series).as_deref(), Some("5"));
}

#[test]
fn an_empty_batch_is_no_trouble() {
    let answer = Gateway::start().send(&[]);
    assert_eq!((answer.status, answer.verdicts().len()), (200, 0));
}

#[test]
fn one_bad_submission_does_not_hold_up_the_others() {
    let gateway = Gateway::start();
    let mut sent = encoded(0..5);
    sent[1] = single_object::wrap(&submission("10671", 1));
    sent[2][4] ^= 1;
    sent[3].truncate(4);
    let answer = gateway.send(&sent);
    let expected =
        ["accepted", "refused SP-1203", "refused SP-1204", "refused SP-1205", "accepted"];
    assert_eq!((answer.status, answer.verdicts()), (200, expected.map(str::to_owned).to_vec()));
    assert_eq!(answer.body["accepted"].as_u64(), Some(2));
    assert_eq!(gateway.numbers(), [0, 4]);
    assert!(!answer.body.to_string().contains("canary"));
    let series = r#"saphan_gateway_events_total{code="SP-1203",outcome="refused"}"#;
    assert_eq!(gateway.metric(series).as_deref(), Some("1"));
}

#[test]
fn one_submission_too_large_does_not_hold_up_the_others() {
    let gateway = Gateway::with(Settings { body_bytes_max: 1 << 20, ..settings() });
    let mut large = submission("10670", 1);
    large.provenance.document = "canary".repeat(SUBMISSION_BYTES_MAX / 6);
    let sent = [&encoded(0..1)[..], &[single_object::wrap(&large)], &encoded(2..3)].concat();
    let answer = gateway.send(&sent);
    let expected = ["accepted", "refused SP-1206", "accepted"];
    assert_eq!((answer.status, answer.verdicts()), (200, expected.map(str::to_owned).to_vec()));
    assert_eq!(gateway.numbers(), [0, 2]);
}

#[test]
fn what_the_brokers_did_not_confirm_is_not_called_accepted() {
    let gateway = Gateway::start();
    gateway.behave(Behaviour::Fails);
    let answer = gateway.send(&encoded(0..3));
    assert_eq!((answer.status, answer.code()), (503, "SP-1213"));
    assert!(answer.head.contains("retry-after: 5"), "{}", answer.head);
    assert!(answer.body["results"].is_null());

    gateway.behave(Behaviour::LosesLast);
    let answer = gateway.send(&encoded(0..3));
    let expected = ["accepted", "accepted", "later SP-1213"];
    assert_eq!((answer.status, answer.verdicts()), (200, expected.map(str::to_owned).to_vec()));
    let series = r#"saphan_gateway_events_total{code="SP-1213",outcome="undelivered"}"#;
    assert_eq!(gateway.metric(series).as_deref(), Some("4"));
}

#[test]
fn brokers_that_hang_are_not_waited_for_without_end() {
    let gateway = Gateway::start();
    gateway.behave(Behaviour::Hangs);
    let answer = gateway.send(&encoded(0..1));
    assert_eq!((answer.status, answer.code()), (503, "SP-1213"));
}

#[test]
fn a_batch_is_finished_though_its_sender_hung_up() {
    let gateway = Gateway::start();
    gateway.behave(Behaviour::TakesAfter(Duration::from_millis(300)));
    let body = crate::support::batch(&encoded(0..2));
    let stream = crate::limits::begin(&gateway, &body, body.len());
    std::thread::sleep(Duration::from_millis(100));
    drop(stream);
    std::thread::sleep(Duration::from_millis(800));
    assert_eq!(gateway.numbers(), [0, 1]);
    let series = r#"saphan_gateway_events_total{code="",outcome="accepted"}"#;
    assert_eq!(gateway.metric(series).as_deref(), Some("2"));
}
