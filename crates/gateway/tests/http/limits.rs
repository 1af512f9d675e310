//! How much, how fast, how slow; and how the door closes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use saphan_gateway::Settings;
use saphan_gateway::routes::CONTENT_TYPE;

use crate::support::{Answer, Behaviour, Gateway, batch, encoded, settings};

/// Begins a request that announces `length` bytes of body and sends only `body`.
pub fn begin(gateway: &Gateway, body: &[u8], length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(gateway.address).expect("connected");
    write!(
        stream,
        "POST /v1/submissions HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\nauthorization: \
         Bearer {}\r\ncontent-type: {CONTENT_TYPE}\r\ncontent-length: {length}\r\n\r\n",
        gateway.token
    )
    .expect("sent");
    stream.write_all(body).expect("sent");
    stream
}

#[test]
fn a_facility_that_sends_too_fast_is_told_when_to_come_back() {
    let slow =
        Settings { facility_requests_per_second: 1, facility_requests_burst: 3, ..settings() };
    let gateway = Gateway::with(slow);
    let statuses: Vec<u16> = (0..5).map(|n| gateway.send(&encoded(n..n + 1)).status).collect();
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    let answer = gateway.send(&encoded(5..6));
    assert_eq!(answer.code(), "SP-1211");
    assert!(answer.head.contains("retry-after: 1"), "{}", answer.head);
    assert_eq!(gateway.post(&gateway.other_token, &batch(&[])).status, 200);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(gateway.send(&encoded(5..6)).status, 200);
    assert_eq!(gateway.numbers(), [0, 1, 2, 5]);
}

#[test]
fn more_requests_than_places_are_asked_to_come_back() {
    let gateway = Gateway::with(Settings { requests_max: 1, ..settings() });
    gateway.behave(Behaviour::TakesAfter(Duration::from_millis(700)));
    std::thread::scope(|scope| {
        let first = scope.spawn(|| gateway.send(&encoded(0..1)));
        std::thread::sleep(Duration::from_millis(250));
        let second = gateway.send(&encoded(1..2));
        assert_eq!((second.status, second.code()), (503, "SP-1212"));
        assert!(second.head.contains("retry-after: 1"));
        assert_eq!(first.join().expect("sent").status, 200);
    });
    assert_eq!(gateway.send(&encoded(1..2)).status, 200);
}

/// More than the sockets hold on their way: the answer must still arrive, not a broken pipe.
#[test]
fn a_body_far_too_large_is_told_so_and_not_cut_off() {
    let gateway = Gateway::with(Settings { body_bytes_max: 6_000_000, ..settings() });
    let answer = gateway.post(&gateway.token, &vec![0; 23_000_000]);
    assert_eq!((answer.status, answer.code()), (413, "SP-1208"));
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let gateway = Gateway::start();
    let began = Instant::now();
    let answer = Answer::read(begin(&gateway, b"12", 500)).expect("an answer");
    assert_eq!((answer.status, answer.code()), (408, "SP-1217"));
    assert!(began.elapsed() < Duration::from_secs(20));

    let mut dripping = begin(&gateway, b"", 500);
    let mut drips = dripping.try_clone().expect("a second handle");
    std::thread::spawn(move || {
        for _ in 0..40 {
            std::thread::sleep(Duration::from_millis(100));
            if drips.write_all(b"1").is_err() {
                return;
            }
        }
    });
    let mut text = String::new();
    let _ = dripping.read_to_string(&mut text);
    assert!(text.contains("SP-1217"), "{text}");
}

#[test]
fn a_head_that_does_not_come_is_cut_off() {
    let gateway = Gateway::start();
    let mut stream = TcpStream::connect(gateway.address).expect("connected");
    stream.write_all(b"POST /v1/submissions HTTP/1.1\r\nhost:").expect("sent");
    let began = Instant::now();
    assert!(Answer::read(stream).is_none_or(|it| it.status == 408));
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_head_that_does_not_end_is_cut_off() {
    let gateway = Gateway::start();
    let mut stream = TcpStream::connect(gateway.address).expect("connected");
    stream.write_all(b"GET /v1/whoami HTTP/1.1\r\nx: ").expect("sent");
    let mut endless = stream.try_clone().expect("a second handle");
    let began = Instant::now();
    std::thread::spawn(move || while endless.write_all(&[b'a'; 4096]).is_ok() {});
    // Either the status arrives, or the reset of a connection with bytes still on their way.
    assert!(Answer::read(stream).is_none_or(|it| it.status == 431));
    assert!(began.elapsed() < settings().request_timeout, "cut off by size, not by time");
}

#[test]
fn connections_beyond_the_limit_wait_their_turn() {
    let gateway = Gateway::with(Settings { connections_max: 2, ..settings() });
    let idle: Vec<_> =
        (0..2).map(|_| TcpStream::connect(gateway.address).expect("connected")).collect();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| gateway.send(&encoded(0..1)).status);
        std::thread::sleep(Duration::from_millis(150));
        assert!(!waiting.is_finished());
        drop(idle);
        assert_eq!(waiting.join().expect("sent"), 200);
    });
}

#[test]
fn what_is_under_way_is_finished_before_the_door_closes() {
    let gateway = Gateway::start();
    gateway.behave(Behaviour::TakesAfter(Duration::from_millis(500)));
    std::thread::scope(|scope| {
        let under_way = scope.spawn(|| gateway.send(&encoded(0..2)));
        std::thread::sleep(Duration::from_millis(200));
        gateway.stop.request();
        std::thread::sleep(Duration::from_millis(100));
        assert!(TcpStream::connect(gateway.address).is_err(), "nobody new is let in");
        let answer = under_way.join().expect("sent");
        assert_eq!((answer.status, answer.verdicts().len()), (200, 2));
    });
    assert_eq!(gateway.numbers(), [0, 1]);
}
