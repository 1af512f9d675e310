//! Consent withdrawn over HTTP and on paper, end to end: a receipt for each way in, asked again by whoever
//! sent it and by nobody else.

use std::fs::File;
use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use saphan_demo::platform::Site;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::centre::{COUNTER as FACILITY, Centre, OTHER_COUNTER as OTHER, of_facility};
use crate::child::{Ended, run, saphan};

/// Made up; its check digit holds.
pub const CITIZEN: &str = "6099123456786";
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer of the gateway: status, address it names, body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub location: String,
    pub body: Value,
}

pub fn token(site: &Site, facility: &str) -> String {
    let file = site.dir.join("edge").join(facility).join("token");
    std::fs::read_to_string(file).expect("a token").trim().to_owned()
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> Answer {
    let location = answer.headers().get("location").map(|it| it.to_str().expect("text").to_owned());
    let (status, location) = (answer.status().as_u16(), location.unwrap_or_default());
    let text = answer.body_mut().read_to_string().expect("text");
    for citizen in [CITIZEN, crate::routers::CITIZEN] {
        assert!(!text.contains(citizen) && !location.contains(citizen), "nobody is named");
    }
    Answer { status, location, body: serde_json::from_str(&text).expect("JSON") }
}

/// Withdraws with a facility's token.
pub fn withdraw(site: &Site, token: &str, body: &Value) -> Answer {
    let answer = ureq::post(format!("http://{}/v1/revocations", site.gateway))
        .config()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .send(body.to_string());
    read(answer.expect("an answer"))
}

/// Asks at an address the gateway named.
pub fn ask(site: &Site, token: &str, location: &str) -> Answer {
    let answer = ureq::get(format!("http://{}{location}", site.gateway))
        .config()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .header("authorization", format!("Bearer {token}"))
        .call();
    read(answer.expect("an answer"))
}

/// Asks again until it is so.
#[track_caller]
pub fn until(
    patience: Duration,
    mut ask: impl FnMut() -> Answer,
    so: impl Fn(&Answer) -> bool,
) -> Answer {
    let begun = Instant::now();
    loop {
        let answer = ask();
        if so(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < patience, "not after {patience:?}: {answer:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A consent as a hospital's system exports it.
pub fn consent(id: &str, citizen: &str, facility: &str, status: &str, witnessed: bool) -> Value {
    let mut it = json!({
        "resourceType": "Consent",
        "id": id,
        "status": status,
        "patient": { "identifier":
            { "system": "https://terms.sil-th.org/id/th-cid", "value": citizen } },
        "dateTime": "2026-01-02T08:30:00.000Z",
        "organization": [{ "identifier": { "value": facility } }],
        "policyRule": { "coding": [{ "code": "OPTIN" }] },
    });
    if witnessed {
        it["verification"] = json!([{ "verified": true }]);
    }
    it
}

/// Sends consents through the adapter.
#[track_caller]
pub fn feed(site: &Site, facility: &str, consents: &[Value]) {
    let folder = tempdir().expect("a folder");
    let document = folder.path().join("consents.ndjson");
    let lines: Vec<_> = consents.iter().map(Value::to_string).collect();
    std::fs::write(&document, lines.join("\n")).expect("room on the disk");
    let mut send = of_facility(site, facility, &["adapter", "consent", "--facility", facility]);
    let sent = run(send.arg(&document), PATIENCE);
    let told = format!("{} accepted, 0 refused", consents.len());
    assert!(sent.errors.contains(&told), "{sent:?}");
}

fn command(centre: &Centre, arguments: &[&str]) -> std::process::Command {
    let mut command = centre.of_facility(FACILITY, arguments);
    command.arg("--config").arg(&centre.site.config);
    command
}

/// What the centre's command tells of a directive's last change.
#[track_caller]
fn looked_up(centre: &Centre, facility: &str, directive: &str) -> Value {
    let of = ["--facility", facility, "--directive", directive, "--json"];
    let ended = run(&mut command(centre, &[&["consent", "receipt"][..], &of].concat()), PATIENCE);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    serde_json::from_str(&ended.output).expect("a receipt")
}

/// The person's directives, withdrawn ones too.
#[track_caller]
fn exported(centre: &Centre) -> Vec<Value> {
    let arguments = ["consent", "export", "--withdrawn"];
    let ended = about_citizen(&mut command(centre, &arguments));
    let lines = ended.output.lines();
    lines.map(|it| serde_json::from_str(it).expect("one resource a line")).collect()
}

/// Runs it with the citizen id on standard input.
#[track_caller]
fn about_citizen(command: &mut std::process::Command) -> Ended {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("citizen");
    writeln!(File::create(&file).expect("a file"), "{CITIZEN}").expect("room on the disk");
    let ended = run(command.stdin(Stdio::from(File::open(file).expect("it"))), PATIENCE);
    assert!(!ended.errors.contains(CITIZEN), "nobody is named: {}", ended.errors);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    ended
}

fn status<'a>(all: &'a [Value], id: &str, facility: &str) -> Option<&'a str> {
    let of =
        |it: &&Value| it["id"] == id && it["organization"][0]["identifier"]["value"] == facility;
    all.iter().find(of)?["status"].as_str()
}

fn metrics(centre: &Centre) -> String {
    let platform = centre.platform.lock().expect("no holder panics");
    platform.metrics().expect("metrics").join("\n")
}

/// A signed checkpoint proves that this very record stands at the receipt's place, without the platform.
#[track_caller]
fn proved(centre: &Centre, receipt: &Value) {
    let folder = tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (key, public, store) = (path("key"), path("key.pub"), path("store"));
    let checkpoint = |arguments: &[&str]| {
        let mut command = saphan(&[&["checkpoint"], arguments].concat());
        let ended = run(command.arg("--config").arg(&centre.site.config), PATIENCE);
        assert_eq!(ended.status, Some(0), "{ended:?}");
        ended.output
    };
    checkpoint(&["keygen", &key, "--name", "example.test/receipts"]);
    checkpoint(&["make", "--key", &key, "--store", &store]);
    let topic = centre.site.name("patient.log.v1");
    let place = format!("{topic}:{}:{}", receipt["partition"], receipt["offset"]);
    let proof = checkpoint(&["prove", "--key", &public, "--store", &store, "--record", &place]);
    std::fs::write(path("proof"), proof).expect("room on the disk");
    let held = checkpoint(&["check-proof", &path("proof"), "--key", &public, "--json"]);
    let held: Value = serde_json::from_str(&held).expect("JSON");
    assert_eq!((&held["holds"], &held["sha256"]), (&json!(true), &receipt["sha256"]), "{held}");
}

#[test]
fn a_directive_is_withdrawn_over_http_with_a_receipt_that_holds() {
    let centre = Centre::shared();
    let (site, id) = (&centre.site, "by-application");
    let (own, other) = (token(site, FACILITY), token(site, OTHER));
    feed(site, FACILITY, &[consent(id, CITIZEN, FACILITY, "active", false)]);
    centre.quiet();
    assert_eq!(looked_up(&centre, FACILITY, id)["state"], json!("given"));

    // The same id at another facility is another directive: the token decides.
    let body = json!({
        "directive": id, "citizen_id": CITIZEN, "grantor": "patient", "method": "electronic",
    });
    let theirs = withdraw(site, &other, &body);
    assert!(matches!(theirs.status, 201 | 202), "{theirs:?}");
    centre.quiet();
    let standing = exported(&centre);
    assert_eq!(status(&standing, id, FACILITY), Some("active"));
    assert_eq!(status(&standing, id, OTHER), Some("inactive"));

    let sent = withdraw(site, &own, &body);
    assert!(matches!(sent.status, 201 | 202), "{sent:?}");
    let receipt = until(PATIENCE, || ask(site, &own, &sent.location), |it| it.status == 200);
    let at = receipt.location.clone();
    assert!(at.starts_with("/v1/receipts/"), "{receipt:?}");
    let in_force = |it: &Answer| it.body["in_force"] == json!(true);
    let receipt = until(PATIENCE, || ask(site, &own, &at), in_force).body;
    assert_eq!(receipt["sha256"].as_str().map(str::len), Some(64), "{receipt}");

    // What the command finds without the gateway is the same record.
    let found = looked_up(&centre, FACILITY, id);
    for field in ["receipt", "partition", "offset", "appended_at_ms", "sha256", "in_force"] {
        assert_eq!(found[field], receipt[field], "{field}");
    }
    assert_eq!(found["state"], json!("withdrawn"));
    assert_eq!(status(&exported(&centre), id, FACILITY), Some("inactive"));

    // Nobody else is told, and one who guesses learns nothing.
    let theirs = ask(site, &other, &at);
    assert_eq!((theirs.status, &theirs.body["code"]), (404, &json!("SP-1245")), "{theirs:?}");
    let nowhere = ask(site, &own, "/v1/receipts/7-999999999");
    assert_eq!(nowhere.body["code"], theirs.body["code"]);
    let no_partition = ask(site, &own, "/v1/receipts/4000-0");
    assert_eq!(no_partition.body["code"], theirs.body["code"]);

    // Once more is a further revision with a receipt of its own, and the first one holds.
    let again = withdraw(site, &own, &body);
    let again = until(PATIENCE, || ask(site, &own, &again.location), |it| it.status == 200).body;
    assert_eq!(again["partition"], receipt["partition"]);
    assert!(again["offset"].as_i64() > receipt["offset"].as_i64(), "{again}");
    assert_eq!(ask(site, &own, &at).body["sha256"], receipt["sha256"]);

    proved(&centre, &receipt);
    let told = metrics(&centre);
    for stage in ["receipt", "in-force"] {
        let series = format!("saphan_gateway_revocation_seconds_count{{stage=\"{stage}\"}}");
        assert!(told.contains(&series), "{series}");
    }
    assert!(!told.contains(CITIZEN) && !centre.log().contains(CITIZEN), "nobody is named");
}

/// Two ways in for a paper: keyed in at the counter, or by the hospital's own system as FHIR. Both are
/// admitted with a receipt, and say that it was a witnessed paper.
#[test]
fn a_withdrawal_on_paper_has_a_receipt_whichever_way_it_comes() {
    let centre = Centre::shared();
    let site = &centre.site;
    let given = |id: &str| consent(id, CITIZEN, FACILITY, "active", true);
    feed(site, FACILITY, &[given("paper-keyed"), given("paper-fhir"), given("paper-http")]);
    centre.quiet();

    let of = ["--facility", FACILITY, "--directive", "paper-keyed", "--wait", "--json"];
    let paper = ["--guardian", "--paper-signed-on", "2026-02-03"];
    let arguments = [&["consent", "revoke"][..], &of, &paper].concat();
    let revoked = about_citizen(&mut command(&centre, &arguments));
    let keyed: Value = serde_json::from_str(&revoked.output).expect("a receipt");
    feed(site, FACILITY, &[consent("paper-fhir", CITIZEN, FACILITY, "inactive", true)]);
    let body = json!({
        "directive": "paper-http", "citizen_id": CITIZEN, "grantor": "guardian",
        "method": "witnessed-paper", "signed_on": "2026-02-03",
    });
    let own = token(site, FACILITY);
    let sent = withdraw(site, &own, &body);
    let http = until(PATIENCE, || ask(site, &own, &sent.location), |it| it.status == 200).body;
    centre.quiet();

    let fhir = looked_up(&centre, FACILITY, "paper-fhir");
    assert_eq!((&fhir["state"], &fhir["in_force"]), (&json!("withdrawn"), &json!(true)));
    assert_eq!(looked_up(&centre, FACILITY, "paper-keyed")["sha256"], keyed["sha256"]);
    assert_eq!(looked_up(&centre, FACILITY, "paper-http")["sha256"], http["sha256"]);

    let standing = exported(&centre);
    for id in ["paper-keyed", "paper-fhir", "paper-http"] {
        assert_eq!(status(&standing, id, FACILITY), Some("inactive"), "{id}");
        let it = standing.iter().find(|it| it["id"] == id).expect("it");
        assert_eq!(it["verification"], json!([{ "verified": true }]), "{id}");
        let by_guardian = id != "paper-fhir";
        let performer = if by_guardian { "RelatedPerson" } else { "Patient" };
        assert_eq!(it["performer"][0]["type"], json!(performer), "{id}: {it}");
        let day = if by_guardian { "2026-02-02T17:00:00" } else { "2026-01-02T08:30:00" };
        assert!(it["dateTime"].as_str().is_some_and(|it| it.starts_with(day)), "{id}: {it}");
    }

    let mut ahead = command(&centre, &["consent", "revoke", "--facility", FACILITY]);
    ahead.args(["--directive", "paper-keyed", "--paper-signed-on", "2569-02-03"]);
    let refused = run(&mut ahead, PATIENCE);
    assert_eq!(refused.status, Some(1));
    assert!(refused.errors.contains("SP-1244"), "{refused:?}");
    let mut none = command(&centre, &["consent", "receipt", "--facility", FACILITY]);
    let none = run(none.args(["--directive", "nowhere"]), PATIENCE);
    assert_eq!(none.status, Some(1));
    assert!(none.errors.contains("SP-2044"), "{none:?}");
}

/// Recorded under a local number and withdrawn under the citizen id: the directive ends there and stands
/// withdrawn here, the receipt names both places, and it is in force when both are passed.
#[test]
fn a_receipt_names_every_place_of_a_withdrawal() {
    let centre = Centre::shared();
    let site = &centre.site;
    let own = token(site, FACILITY);
    let under = |field: &str, number: &str| {
        let mut body =
            json!({ "directive": "by-number", "grantor": "patient", "method": "electronic" });
        body[field] = json!(number);
        let sent = withdraw(site, &own, &body);
        until(PATIENCE, || ask(site, &own, &sent.location), |it| it.status == 200)
    };
    let local = under("local_id", "0004711");
    assert!(!local.location.contains('.'), "one place: {local:?}");
    let both = under("citizen_id", CITIZEN);
    let (first, second) = both.location.split_once('.').expect("two places");
    assert!(first.ends_with(&format!("{}-{}", both.body["partition"], both.body["offset"])));
    let ended = format!("/v1/receipts/{second}");
    assert_eq!(ask(site, &own, &ended).status, 404, "the end of a directive is no withdrawal");
    let in_force = |it: &Answer| it.body["in_force"] == json!(true);
    let again = until(PATIENCE, || ask(site, &own, &both.location), in_force);
    assert_eq!(again.body["sha256"], both.body["sha256"]);
    let swapped = format!("/v1/receipts/{second}.{}", first.rsplit('/').next().expect("it"));
    assert_eq!(ask(site, &own, &swapped).status, 404);
    assert_eq!(looked_up(&centre, FACILITY, "by-number")["receipt"], both.body["receipt"]);
    centre.quiet();
}

/// A facility with a token that nobody registered: what it withdraws is set aside, and it is told so.
#[test]
fn a_withdrawal_that_is_set_aside_is_not_waited_for_without_end() {
    let centre = Centre::shared();
    let (site, facility) = (&centre.site, "99099");
    let edge = site.dir.join("edge").join(facility);
    std::fs::create_dir_all(&edge).expect("a folder");
    let file = edge.join("token");
    let out = file.to_str().expect("UTF-8");
    let mut create = saphan(&["token", "create", facility, "--out", out]);
    let made = run(create.arg("--config").arg(&site.config), PATIENCE);
    assert_eq!(made.status, Some(0), "{made:?}");
    let (own, body) = (
        token(site, facility),
        json!({
            "directive": "unheard-of", "local_id": "7", "grantor": "patient", "method": "electronic",
        }),
    );
    // The gateway reads its tokens again every two seconds.
    let sent = until(PATIENCE, || withdraw(site, &own, &body), |it| it.status != 401);
    assert_eq!(sent.status, 202, "{sent:?}");
    assert!(sent.location.starts_with("/v1/revocations/"), "{sent:?}");
    let told = until(PATIENCE, || ask(site, &own, &sent.location), |it| it.status != 202);
    assert_eq!((told.status, &told.body["code"]), (409, &json!("SP-1246")), "{told:?}");
    let theirs = ask(site, &token(site, FACILITY), &sent.location);
    assert_eq!((theirs.status, &theirs.body["code"]), (404, &json!("SP-1245")), "{theirs:?}");
    centre.quiet();
}
