//! The edge's sender against the real interface.

use std::time::Duration;

use saphan_edge::sender::{Drained, Progress, Until};
use saphan_edge::{EncodedSubmission, Outbox, Sender, SenderConfig};
use saphan_gateway::Settings;

use crate::support::{Behaviour, Gateway, settings, submission};

fn outbox(dir: &std::path::Path, facility: &str, count: usize) -> Outbox {
    let mut outbox = Outbox::open(dir, 1 << 30).expect("open");
    let all: Vec<_> = (0..count)
        .map(|n| EncodedSubmission::of(&submission(facility, n)).expect("small"))
        .collect();
    outbox.append(&all).expect("appended");
    outbox
}

fn sender(gateway: &Gateway, token: &str) -> Sender {
    let config = SenderConfig {
        batch_events_max: 64,
        pause_first: Duration::from_millis(5),
        pause_max: Duration::from_millis(20),
        ..SenderConfig::new(format!("http://{}", gateway.address))
    };
    let token = token.to_owned();
    Sender::new(config, Box::new(move || Ok(token.clone()))).expect("settings")
}

#[test]
fn an_outbox_arrives_whole_and_in_order() {
    // Smaller batches than the sender's: it finds out by itself.
    let gateway = Gateway::with(Settings { body_bytes_max: 1_500, ..settings() });
    let dir = tempfile::tempdir().expect("a folder");
    let mut outbox = outbox(dir.path(), "10670", 100);
    let mut sender = sender(&gateway, &gateway.token);
    assert_eq!(sender.check().expect("known").facility, "10670");
    let drained = sender.drain(&mut outbox, Until::Empty, &|_| false, &mut |_| {});
    assert_eq!(drained.expect("drained"), Drained::Empty);
    assert_eq!(gateway.numbers(), (0..100).collect::<Vec<_>>());
    assert_eq!(outbox.stats().expect("figures").waiting, 0);
}

#[test]
fn broker_trouble_costs_time_and_nothing_else() {
    let gateway = Gateway::start();
    gateway.behave(Behaviour::Fails);
    let dir = tempfile::tempdir().expect("a folder");
    let mut outbox = outbox(dir.path(), "10670", 50);
    let pauses = std::cell::Cell::new(0);
    let pause = |it: Duration| {
        if !it.is_zero() {
            pauses.set(pauses.get() + 1);
            let next = [Behaviour::LosesLast, Behaviour::Fails, Behaviour::Takes];
            gateway.behave(next[pauses.get().min(next.len()) - 1]);
        }
        false
    };
    let mut refused = 0;
    let mut progress = |it: Progress| {
        if let Progress::Answered { refused: n, .. } = it {
            refused += n;
        }
    };
    let drained =
        sender(&gateway, &gateway.token).drain(&mut outbox, Until::Empty, &pause, &mut progress);
    assert_eq!((drained.expect("drained"), refused), (Drained::Empty, 0));
    assert_eq!(pauses.get(), 3);
    assert_eq!(gateway.numbers(), (0..50).collect::<Vec<_>>());
}

#[test]
fn another_facilitys_submissions_are_kept_aside_and_a_revoked_token_stops() {
    let gateway = Gateway::start();
    let dir = tempfile::tempdir().expect("a folder");
    let mut outbox = outbox(dir.path(), "10671", 3);
    let mut drain = |token: &str| {
        sender(&gateway, token).drain(&mut outbox, Until::Empty, &|_| false, &mut |_| {})
    };
    assert_eq!(drain(&gateway.revoked_token).expect_err("stopped").code(), "SP-1232");
    assert_eq!(drain(&gateway.token).expect("drained"), Drained::Empty);
    let codes: Vec<_> = outbox.refused(9).expect("listed").into_iter().map(|it| it.code).collect();
    assert_eq!(codes, ["SP-1203"; 3]);
    outbox.requeue_refused().expect("moved");
    let mut sender = sender(&gateway, &gateway.other_token);
    sender.drain(&mut outbox, Until::Empty, &|_| false, &mut |_| {}).expect("drained");
    assert_eq!(gateway.numbers(), [0, 1, 2]);
}
