//! Withdrawals of consent: what is appended, what is answered, and what nobody is told.

use std::time::{Duration, Instant};

use saphan_gateway::Settings;
use saphan_gateway::counter::{Found, Untold};
use saphan_kafka::Trouble;
use saphan_model::directive::{Directive, Effect, Grantor, Method};
use saphan_model::{Body, CitizenId, Content, Private, Submission};
use serde_json::{Value, json};

use crate::support::{Answer, Behaviour, Gateway, receipt, settings};

/// Made up; its check digit holds.
const CITIZEN: &str = "1234567890121";
const AT_ONCE: Duration = Duration::ZERO;

fn body() -> Value {
    json!({
        "directive": "d-1", "citizen_id": CITIZEN, "grantor": "patient", "method": "electronic",
    })
}

fn paper() -> Value {
    json!({
        "directive": "d-1", "local_id": "canary-7", "grantor": "guardian",
        "method": "witnessed-paper", "signed_on": "2026-01-02",
    })
}

fn withdraw(gateway: &Gateway, body: &Value) -> Answer {
    send(gateway, "application/json", body.to_string().as_bytes())
}

#[track_caller]
fn send(gateway: &Gateway, content_type: &str, body: &[u8]) -> Answer {
    let authorization = format!("Bearer {}", gateway.token);
    let headers = [("authorization", authorization.as_str()), ("content-type", content_type)];
    let answer = gateway.request("POST", "/v1/revocations", &headers, body);
    for secret in [CITIZEN, "canary", &gateway.token[13..]] {
        assert!(!format!("{} {}", answer.head, answer.body).contains(secret), "nobody is named");
        assert!(!gateway.metrics.render().contains(secret), "nor in a metric");
    }
    assert!(answer.head.contains("cache-control: no-store"));
    answer
}

/// What was appended: under which key, and what.
fn appended(gateway: &Gateway) -> Vec<(String, Submission, Directive)> {
    let read = |(key, value): (String, Vec<u8>)| {
        let it: Submission = saphan_codec::decode(&value[5..]).expect("a submission");
        let Content::Put(Body::Directive(directive)) = it.content.clone() else {
            panic!("a directive: {:?}", it.content)
        };
        (key, it, *directive)
    };
    gateway.appended().into_iter().map(read).collect()
}

#[test]
fn a_withdrawal_is_appended_for_the_tokens_facility_and_answered_with_its_receipt() {
    let gateway = Gateway::start();
    let answer = withdraw(&gateway, &body());
    assert_eq!(answer.status, 201, "{}", answer.body);
    let mut told = answer.body.clone();
    told.as_object_mut().expect("an object").remove("request_id").expect("a name");
    let expected = json!({
        "receipt": "7-1041.3-88", "partition": 7, "offset": 1041, "in_force": false,
        "appended_at_ms": 1_767_225_600_123_i64, "sha256": "ab".repeat(32),
    });
    assert_eq!(told, expected);
    assert!(answer.head.contains("location: /v1/receipts/7-1041.3-88\r\n"), "{}", answer.head);
    assert_eq!(gateway.asked(), ["end", "await 3-0-77 for 1s"], "noted before it was appended");

    let [(key, it, directive)] = &appended(&gateway)[..] else { panic!("one submission") };
    assert_eq!((key.as_str(), it.facility.as_str()), ("10670", "10670"));
    assert_eq!(it.subject.citizen_id, CitizenId::parse(CITIZEN).ok());
    assert_eq!(it.natural_key.reveal(), "d-1");
    assert_eq!((directive.directive_id.as_str(), directive.active), ("d-1", false));
    assert_eq!((directive.base, directive.provisions.len()), (Effect::Deny, 0));
    assert_eq!((directive.method, directive.grantor), (Method::Electronic, Grantor::Patient));
    assert_eq!((directive.given_at, it.recorded_at), (it.occurred_at, it.occurred_at));
    let series = r#"saphan_gateway_events_total{code="",outcome="accepted"}"#;
    assert_eq!(gateway.metric(series).as_deref(), Some("1"));
    let series = r#"saphan_gateway_requests_total{route="/v1/revocations",status="201"}"#;
    assert_eq!(gateway.metric(series).as_deref(), Some("1"));
}

#[test]
fn a_paper_keeps_the_day_it_was_signed_and_repeated_it_is_a_further_revision() {
    let gateway = Gateway::start();
    assert_eq!(withdraw(&gateway, &paper()).status, 201);
    std::thread::sleep(Duration::from_millis(5));
    assert_eq!(withdraw(&gateway, &paper()).status, 201);
    let all = appended(&gateway);
    for (_, it, directive) in &all {
        assert_eq!(it.subject.local_id, Some(Private::new("canary-7".to_owned())));
        let (method, grantor) = (directive.method, directive.grantor);
        assert_eq!((method, grantor), (Method::WitnessedPaper, Grantor::Guardian));
        assert_eq!(directive.given_at.to_string(), "2026-01-01T17:00:00.000Z");
    }
    assert!(all[0].1.occurred_at < all[1].1.occurred_at, "admit must not take it for a resend");
}

#[test]
fn while_admit_is_behind_the_answer_says_how_to_ask_again() {
    let gateway = Gateway::start();
    gateway.receipts(Ok(Found::NotYet), AT_ONCE);
    let answer = withdraw(&gateway, &body());
    assert_eq!((answer.status, answer.body["revocation"].as_str()), (202, Some("3-0-77")));
    assert!(answer.head.contains("location: /v1/revocations/3-0-77\r\n"), "{}", answer.head);
    assert!(answer.head.contains("retry-after: 2"), "{}", answer.head);
    gateway.asked();

    let ask = || gateway.get(&gateway.token, "/v1/revocations/3-0-77");
    let still = ask();
    assert_eq!((still.status, &still.body["revocation"]), (202, &answer.body["revocation"]));
    gateway.receipts(Ok(receipt(true)), AT_ONCE);
    let now = ask();
    assert_eq!((now.status, &now.body["in_force"]), (200, &json!(true)));
    assert!(now.head.contains("location: /v1/receipts/7-1041.3-88\r\n"), "{}", now.head);
    assert_eq!(gateway.asked(), ["sent 3-0-77 by 10670"; 2]);
    let series =
        r#"saphan_gateway_requests_total{route="/v1/revocations/{revocation}",status="202"}"#;
    assert_eq!(gateway.metric(series).as_deref(), Some("1"));
}

/// Whatever happens to receipts after the append: the withdrawal stands, and must not be called refused.
#[test]
fn a_withdrawal_that_was_appended_is_never_called_refused() {
    let gateway = Gateway::start();
    for trouble in [Untold::Late, Untold::Busy, Untold::Trouble(Trouble::new("SP-1513", "away"))] {
        gateway.receipts(Err(trouble), AT_ONCE);
        assert_eq!(withdraw(&gateway, &body()).status, 202);
    }
    assert_eq!(gateway.appended().len(), 3);
}

#[test]
fn in_force_can_be_asked_by_whoever_sent_it() {
    let gateway = Gateway::start();
    for in_force in [false, true] {
        gateway.receipts(Ok(receipt(in_force)), AT_ONCE);
        let answer = gateway.get(&gateway.token, "/v1/receipts/7-1041.3-88");
        assert_eq!((answer.status, &answer.body["in_force"]), (200, &json!(in_force)));
    }
    gateway.asked();
    gateway.receipts(Ok(Found::Unknown), AT_ONCE);
    for path in ["/v1/receipts/7-1041", "/v1/revocations/3-0-77"] {
        let answer = gateway.get(&gateway.other_token, path);
        assert_eq!((answer.status, answer.code()), (404, "SP-1245"));
    }
    assert_eq!(gateway.asked(), ["at 7-1041 of 10671", "sent 3-0-77 by 10671"]);
}

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.body);
    assert!(answer.body["message"].as_str().is_some_and(|it| it.len() > 20), "a remedy");
    assert_eq!(answer.body["request_id"].as_str().map(str::len), Some(16));
}

#[test]
fn what_is_no_withdrawal_is_told_so() {
    let gateway = Gateway::start();
    let good = body().to_string();
    refused(&send(&gateway, "text/plain", good.as_bytes()), 415, "SP-1240");
    refused(&send(&gateway, "application/vnd.saphan.batch+avro", good.as_bytes()), 415, "SP-1240");
    refused(&send(&gateway, "application/json", b"canary"), 400, "SP-1241");
    let long = json!({ "directive": "d".repeat(20_000) }).to_string();
    refused(&send(&gateway, "application/json", long.as_bytes()), 400, "SP-1241");
    let with = |field: &str, value: Value| {
        let mut changed = body();
        changed[field] = value;
        withdraw(&gateway, &changed)
    };
    refused(&with("facility", json!("10671")), 400, "SP-1241");
    refused(&with(CITIZEN, json!(1)), 400, "SP-1241");
    refused(&with("method", json!(CITIZEN)), 400, "SP-1241");
    refused(&with("directive", json!("a/b")), 400, "SP-1242");
    refused(&with("citizen_id", json!("1234567890122")), 400, "SP-1243");
    refused(&with("local_id", json!("canary-7")), 400, "SP-1243");
    refused(&with("signed_on", json!("2026-01-02")), 400, "SP-1244");
    refused(&with("method", json!("witnessed-paper")), 400, "SP-1244");
    assert!(gateway.appended().is_empty());
    assert!(gateway.asked().is_empty(), "nothing was asked of the log");
    let none = gateway.request("POST", "/v1/revocations", &[], good.as_bytes());
    refused(&none, 401, "SP-1201");
    let revoked = format!("Bearer {}", gateway.revoked_token);
    let headers = [("authorization", revoked.as_str()), ("content-type", "application/json")];
    refused(&gateway.request("POST", "/v1/revocations", &headers, good.as_bytes()), 403, "SP-1218");
}

#[test]
fn what_is_no_receipt_is_told_so() {
    let gateway = Gateway::start();
    let get = |path: &str| gateway.get(&gateway.token, path);
    for path in [
        "/v1/receipts/7",
        &format!("/v1/receipts/{CITIZEN}"),
        "/v1/receipts/7-1041.3-88.1-1",
        "/v1/receipts/%ff",
        "/v1/revocations/3-0",
        "/v1/revocations/3-0-x",
    ] {
        refused(&get(path), 404, "SP-1245");
    }
    assert!(gateway.asked().is_empty(), "nothing was asked of the log");
    gateway.receipts(Ok(Found::SetAside), AT_ONCE);
    refused(&get("/v1/revocations/3-0-77"), 409, "SP-1246");
    gateway.receipts(Err(Untold::Late), AT_ONCE);
    let away = get("/v1/receipts/7-1041");
    refused(&away, 503, "SP-1247");
    assert!(away.head.contains("retry-after: 5"), "{}", away.head);
    refused(&gateway.get("x", "/v1/receipts/7-1041"), 401, "SP-1202");
    refused(&gateway.request("DELETE", "/v1/receipts/7-1041", &[], b""), 405, "SP-1216");
    assert!(!gateway.metrics.render().contains(CITIZEN), "a metric has the pattern, not the path");
}

#[test]
fn what_the_brokers_did_not_confirm_has_no_receipt() {
    let gateway = Gateway::start();
    for behaviour in [Behaviour::Fails, Behaviour::Hangs] {
        gateway.behave(behaviour);
        let answer = withdraw(&gateway, &body());
        refused(&answer, 503, "SP-1213");
        assert!(answer.head.contains("retry-after: 5"), "{}", answer.head);
    }
    gateway.behave(Behaviour::Takes);
    gateway.end(Err(Untold::Late));
    refused(&withdraw(&gateway, &body()), 503, "SP-1213");
    gateway.end(Err(Untold::Busy));
    refused(&withdraw(&gateway, &body()), 503, "SP-1212");
    assert!(gateway.appended().is_empty(), "without a place to look from it is not sent");
}

/// Those who wait for receipts do not keep submissions out, nor are there ever more of them than places.
#[test]
fn only_so_many_wait_for_receipts() {
    let gateway = Gateway::with(Settings { revocations_max: 1, ..settings() });
    gateway.receipts(Ok(receipt(true)), Duration::from_secs(1));
    std::thread::scope(|scope| {
        let first = scope.spawn(|| withdraw(&gateway, &body()));
        std::thread::sleep(Duration::from_millis(400));
        let second = withdraw(&gateway, &body());
        refused(&second, 503, "SP-1212");
        assert!(second.head.contains("retry-after: 1"));
        refused(&gateway.get(&gateway.token, "/v1/receipts/7-1041"), 503, "SP-1212");
        assert_eq!(gateway.send(&crate::support::encoded(0..1)).status, 200);
        assert_eq!(first.join().expect("sent").status, 201);
    });
    assert_eq!(withdraw(&gateway, &body()).status, 201);
}

#[test]
fn a_withdrawal_is_finished_though_its_sender_hung_up() {
    let gateway = Gateway::start();
    gateway.behave(Behaviour::TakesAfter(Duration::from_secs(1)));
    let text = body().to_string();
    let mut stream = std::net::TcpStream::connect(gateway.address).expect("connected");
    let head = format!(
        "POST /v1/revocations HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
        gateway.token,
        text.len()
    );
    std::io::Write::write_all(&mut stream, head.as_bytes()).expect("sent");
    std::thread::sleep(Duration::from_millis(300));
    drop(stream);
    assert!(gateway.appended().is_empty(), "not yet");
    let begun = Instant::now();
    while gateway.appended().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it was not finished");
        std::thread::sleep(Duration::from_millis(20));
    }
}
