//! Requests that are refused: each with status, code and sentence, and nothing in the log.

use saphan_gateway::routes::CONTENT_TYPE;

use crate::support::{Gateway, batch, encoded};

/// A request that would be good, with one thing changed.
struct Case<'a> {
    method: &'a str,
    path: &'a str,
    authorization: Option<String>,
    content_type: &'a str,
    encoding: Option<&'a str>,
    body: Vec<u8>,
}

#[track_caller]
fn check(gateway: &Gateway, change: impl FnOnce(&mut Case<'_>), status: u16, code: &str) {
    let mut case = Case {
        method: "POST",
        path: "/v1/submissions",
        authorization: Some(format!("Bearer {}", gateway.token)),
        content_type: CONTENT_TYPE,
        encoding: None,
        body: batch(&encoded(0..1)),
    };
    change(&mut case);
    let mut headers = vec![("content-type", case.content_type)];
    headers.extend(case.authorization.as_deref().map(|it| ("authorization", it)));
    headers.extend(case.encoding.map(|it| ("content-encoding", it)));
    let answer = gateway.request(case.method, case.path, &headers, &case.body);
    assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.body);
    if status != 200 {
        assert!(answer.body["message"].as_str().is_some_and(|it| it.len() > 20));
        assert_eq!(answer.body["request_id"].as_str().map(str::len), Some(16));
        assert!(!answer.body.to_string().contains(&gateway.token[13..]));
        assert!(answer.head.contains("content-type: application/json"));
    }
    assert_eq!(status == 401, answer.head.contains("www-authenticate: bearer"));
    assert_eq!(status == 405, answer.head.contains("allow: "), "{}", answer.head);
}

#[test]
fn whoever_is_not_known_gets_nothing() {
    let gateway = Gateway::start();
    let unknown = format!("Bearer saphan-10670-{}", "0".repeat(64));
    check(&gateway, |it| it.authorization = None, 401, "SP-1201");
    check(&gateway, |it| it.authorization = Some("Basic YTpi".to_owned()), 401, "SP-1201");
    check(&gateway, |it| it.authorization = Some(gateway.token.clone()), 401, "SP-1201");
    check(&gateway, |it| it.authorization = Some(unknown), 401, "SP-1202");
    check(&gateway, |it| it.authorization = Some("Bearer x".to_owned()), 401, "SP-1202");
    let revoked = format!("Bearer {}", gateway.revoked_token);
    check(&gateway, |it| it.authorization = Some(revoked), 403, "SP-1218");
    assert!(gateway.appended().is_empty());
}

#[test]
fn what_is_no_batch_is_told_so() {
    let gateway = Gateway::start();
    check(&gateway, |it| it.content_type = "application/json", 415, "SP-1209");
    check(&gateway, |it| it.encoding = Some("gzip"), 415, "SP-1209");
    check(&gateway, |it| it.body = b"{}".to_vec(), 400, "SP-1210");
    check(&gateway, |it| it.body = vec![], 400, "SP-1210");
    check(&gateway, |it| it.body.push(0), 400, "SP-1210");
    check(&gateway, |it| it.body = batch(&encoded(0..21)), 413, "SP-1207");
    check(&gateway, |it| it.body = vec![0; 100_001], 413, "SP-1208");
    check(&gateway, |it| it.body = vec![0; 390_000], 413, "SP-1208");
    assert!(gateway.appended().is_empty());
}

#[test]
fn other_paths_and_methods_are_told_so() {
    let gateway = Gateway::start();
    check(&gateway, |it| it.path = "/", 404, "SP-1215");
    check(&gateway, |it| it.path = "/v1/submissions/1", 404, "SP-1215");
    check(&gateway, |it| it.method = "GET", 405, "SP-1216");
    check(&gateway, |it| it.method = "DELETE", 405, "SP-1216");
    check(&gateway, |it| it.path = "/v1/whoami", 405, "SP-1216");
    assert!(gateway.appended().is_empty());
}

#[test]
fn a_good_request_passes_with_any_spelling_of_its_headers() {
    let gateway = Gateway::start();
    check(&gateway, |it| it.content_type = "Application/VND.saphan.batch+avro; v=1", 200, "");
    let lower = format!("bearer {}", gateway.token);
    check(&gateway, |it| it.authorization = Some(lower), 200, "");
    check(&gateway, |it| it.encoding = Some("identity"), 200, "");
}

#[test]
fn whoami_tells_the_facility() {
    let gateway = Gateway::start();
    let authorization = format!("Bearer {}", gateway.other_token);
    let ask = |it: &str| gateway.request("GET", "/v1/whoami", &[("authorization", it)], b"");
    let answer = ask(&authorization);
    assert_eq!((answer.status, answer.body["facility"].as_str()), (200, Some("10671")));
    assert!(answer.head.contains("cache-control: no-store"));
    assert_eq!(ask("Bearer x").code(), "SP-1202");
}
