//! One consent, one changed fact, what becomes of it.

use serde_json::{Value, json};

use saphan_model::directive::Directive;
use saphan_model::{Body, Content, Submission};

use super::{Options, Report, read_lines};

const CID: &str = "https://terms.sil-th.org/id/th-cid";

/// A refusal of everything but treatment through an exchange.
fn base() -> Value {
    json!({
        "resourceType": "Consent",
        "id": "c-1",
        "meta": { "lastUpdated": "2026-01-03T00:00:00Z" },
        "status": "active",
        "scope": { "coding": [{ "code": "patient-privacy" }] },
        "patient": { "identifier": { "system": CID, "value": "1234567890121" } },
        "dateTime": "2026-01-02T08:30:00+07:00",
        "organization": [{ "identifier": { "value": "10670" } }],
        "policyRule": { "coding": [{ "code": "OPTOUT" }] },
        "performer": [{ "type": "Patient" }],
        "provision": { "provision": [{
            "type": "permit",
            "actor": [{ "reference": {
                "identifier": { "system": "urn:saphan:agency", "value": "health-link" } } }],
            "purpose": [{ "code": "TREAT" }],
        }] },
    })
}

/// Sets, or with null removes, what stands at a JSON pointer.
fn changed(mut consent: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    match consent.pointer_mut(parent).expect("the pointer's parent is there") {
        Value::Object(object) if value.is_null() => drop(object.remove(name)),
        Value::Array(items) => items[name.parse::<usize>().expect("an index")] = value,
        parent => parent[name] = value,
    }
    consent
}

fn read(lines: &str, options: &Options) -> (Report, Vec<Submission>) {
    let mut all = Vec::new();
    let mut sink = |it| {
        all.push(it);
        Ok(())
    };
    let report = read_lines("c.ndjson", &mut lines.as_bytes(), options, &mut sink)
        .expect("memory does not fail");
    (report, all)
}

/// `code path` of a refusal, or what `show` makes of the directive.
#[track_caller]
fn check(consent: &Value, show: impl Fn(&Directive) -> String, expected: &str) {
    let (report, submissions) = read(&consent.to_string(), &Options::default());
    let [it] = &submissions[..] else {
        let code = report.defects.keys().next().expect("nothing submitted, so a defect");
        assert_eq!(format!("{code} {}", report.unattributed.first[0].column), expected);
        return;
    };
    let got = match &it.content {
        Content::Put(Body::Directive(directive)) => show(directive),
        Content::Defect(defect) => format!("{} {}", defect.code, defect.column),
        other => format!("{other:?}"),
    };
    assert_eq!(got, expected);
}

/// One changed fact refuses the line.
#[track_caller]
fn refused(pointer: &str, value: Value, expected: &str) {
    check(&changed(base(), pointer, value), |it| format!("accepted {it:?}"), expected);
}

#[test]
fn a_consent_becomes_a_directive_of_its_patient() {
    let (report, submissions) = read(&base().to_string(), &Options::default());
    assert_eq!((report.directives, report.defects.len()), (1, 0));
    let it = &submissions[0];
    assert_eq!(it.facility, "10670");
    assert_eq!(it.natural_key.reveal(), "c-1");
    assert_eq!(
        it.subject.citizen_id.map(|it| it.reveal().to_owned()).as_deref(),
        Some("1234567890121")
    );
    assert_eq!(it.occurred_at.to_string(), "2026-01-02T01:30:00.000Z");
    assert_eq!(it.recorded_at.to_string(), "2026-01-03T00:00:00.000Z");
    assert_eq!((it.provenance.line, it.provenance.source.as_str()), (1, "fhir-consent"));
}

#[test]
fn what_is_no_consent_of_a_patient_is_refused() {
    refused("/resourceType", json!("Patient"), "SP-1120 resourceType");
    refused("/id", json!(null), "SP-1120 id");
    refused("/id", json!("a b"), "SP-1120 id");
    refused("/organization", json!(null), "SP-1121 organization[0].identifier.value");
    refused(
        "/organization/0/identifier/value",
        json!("1067"),
        "SP-1121 organization[0].identifier.value",
    );
    refused("/patient/identifier/value", json!("1234567890122"), "SP-1122 patient.identifier");
    refused("/patient/identifier/system", json!("HN"), "SP-1122 patient.identifier");
    refused("/status", json!("draft"), "SP-1123 status");
    refused("/scope/coding/0/code", json!("research"), "SP-1123 scope");
    refused("/dateTime", json!("2569-01-02"), "SP-1127 dateTime");
    refused("/meta/lastUpdated", json!("soon"), "SP-1127 meta.lastUpdated");
}

#[test]
fn the_base_is_opt_in_or_opt_out() {
    let show = |it: &Directive| it.base.to_string();
    check(&base(), show, "deny");
    check(&changed(base(), "/policyRule/coding/0/code", json!("OPTIN")), show, "permit");
    refused("/policyRule", json!(null), "SP-1124 policyRule");
    refused("/policyRule/coding/0/code", json!("OPTINR"), "SP-1124 policyRule");
    let both = json!([{ "code": "OPTIN" }, { "code": "OPTOUT" }]);
    refused("/policyRule/coding", both, "SP-1124 policyRule");
}

#[test]
fn a_condition_that_is_not_understood_refuses_the_whole() {
    let at = "/provision/provision/0";
    for (element, expected) in [
        ("action", "SP-1125 provision.provision[0].action"),
        ("code", "SP-1125 provision.provision[0].code"),
        ("data", "SP-1125 provision.provision[0].data"),
        ("period", "SP-1125 provision.provision[0].period"),
        ("modifierExtension", "SP-1125 provision.provision[0].modifierExtension"),
        ("0812345678", "SP-1125 provision.provision[0].?"),
    ] {
        refused(&format!("{at}/{element}"), json!([{}]), expected);
    }
    refused("/modifierExtension", json!([{}]), "SP-1125 modifierExtension");
    refused("/implicitRules", json!("x"), "SP-1125 implicitRules");
    for (pointer, value, expected) in [
        ("type", json!(null), "type"),
        ("type", json!("allow"), "type"),
        ("purpose", json!([{ "code": "MARKT" }]), "purpose[0].code"),
        ("purpose", json!([{ "code": "TREAT", "system": "x" }]), "purpose[0].code"),
        ("class", json!([{ "code": "encounter" }, { "code": "link" }]), "class[1].code"),
        ("securityLabel", json!([{ "code": "R" }]), "securityLabel[0].code"),
        ("actor", json!([{ "reference": {} }]), "actor[0].reference.identifier"),
    ] {
        let expected = format!("SP-1126 provision.provision[0].{expected}");
        refused(&format!("{at}/{pointer}"), value, &expected);
    }
    let half_a_day = json!({ "start": "2026-01-02T12:00:00Z" });
    refused(
        &format!("{at}/dataPeriod"),
        half_a_day,
        "SP-1127 provision.provision[0].dataPeriod.start",
    );
}

#[test]
fn every_criterion_of_a_rule_is_carried() {
    let hospital = json!({
        "role": { "coding": [{ "code": "CST" }] },
        "reference": { "identifier": {
            "system": "https://terms.sil-th.org/id/th-moph-hcode", "value": "10671" } },
    });
    let agency =
        json!({ "reference": { "identifier": { "system": "urn:saphan:agency", "value": "phr" } } });
    let rule = json!({
        "type": "deny",
        "actor": [agency, hospital],
        "purpose": [{ "code": "HPAYMT" }],
        "class": [{ "code": "condition" }],
        "securityLabel": [{ "code": "hiv" }],
        "dataPeriod": { "start": "2025", "end": "2026-02" },
        "provision": [{ "type": "permit" }],
    });
    let show = |it: &Directive| {
        let rule = &it.provisions[0];
        let labels: Vec<_> = rule.labels.iter().collect();
        let exceptions: Vec<_> = rule.exceptions.iter().map(|it| it.effect).collect();
        format!(
            "{} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            rule.effect,
            rule.recipients,
            rule.purposes,
            rule.types,
            labels,
            rule.facilities,
            rule.data_from,
            rule.data_until,
            exceptions
        )
    };
    let expected = "deny [\"phr\"] [Payment] [Condition] [Hiv] [\"10671\"] Some(2025-01-01) Some(2026-02-28) [Permit]";
    check(&changed(base(), "/provision/provision/0", rule), show, expected);
}

#[test]
fn the_root_is_a_rule_only_when_it_says_something() {
    let show = |it: &Directive| {
        let rules = it.provisions.iter().map(|it| format!("{}+{}", it.effect, it.exceptions.len()));
        rules.collect::<Vec<_>>().join(" ")
    };
    check(&base(), show, "permit+0");
    check(&changed(base(), "/provision", json!(null)), show, "");
    check(&changed(base(), "/provision/type", json!("deny")), show, "permit+0");
    check(&changed(base(), "/provision/type", json!("permit")), show, "permit+1");
    let with_purpose = changed(base(), "/provision/purpose", json!([{ "code": "TREAT" }]));
    check(&with_purpose, show, "SP-1126 provision.type");
    check(&changed(with_purpose, "/provision/type", json!("deny")), show, "deny+1");
}

#[test]
fn the_period_ends_with_its_last_day() {
    let show = |it: &Directive| format!("{:?} {:?}", it.valid_from, it.valid_until);
    let period = json!({ "start": "2025-01-01", "end": "2025-12-31" });
    check(
        &changed(base(), "/provision/period", period),
        show,
        "Some(2024-12-31T17:00:00.000Z) Some(2025-12-31T17:00:00.000Z)",
    );
    check(&base(), show, "None None");
    refused("/provision/period", json!({ "start": "x" }), "SP-1127 provision.period.start");
}

#[test]
fn who_gave_it_and_how() {
    let show = |it: &Directive| format!("{} {} {}", it.grantor, it.method, it.active);
    check(&base(), show, "patient electronic true");
    check(&changed(base(), "/performer", json!(null)), show, "patient electronic true");
    let guardian = json!([{ "reference": "RelatedPerson/7" }]);
    check(&changed(base(), "/performer", guardian), show, "guardian electronic true");
    let witnessed = json!([{ "verified": true }]);
    check(&changed(base(), "/verification", witnessed), show, "patient witnessed-paper true");
    check(&changed(base(), "/status", json!("inactive")), show, "patient electronic false");
    check(&changed(base(), "/status", json!("rejected")), show, "patient electronic false");
    refused("/performer", json!([{ "type": "Practitioner" }]), "SP-1129 performer[0].type");
    let other =
        json!([{ "type": "Patient", "identifier": { "system": CID, "value": "1100000000008" } }]);
    refused("/performer", other, "SP-1129 performer[0].identifier");
}

#[test]
fn one_entered_in_error_is_taken_back() {
    let consent = changed(base(), "/status", json!("entered-in-error"));
    check(&consent, |it| format!("{it:?}"), "Retract(Directive)");
}

#[test]
fn depth_and_number_are_limited() {
    let nested = |depth: usize| {
        (1..depth).fold(
            json!({ "type": "deny" }),
            |inner, _| json!({ "type": "deny", "provision": [inner] }),
        )
    };
    let show = |it: &Directive| it.provisions.len().to_string();
    let with = |rules: Value| changed(base(), "/provision/provision", rules);
    check(&with(json!([nested(4)])), show, "1");
    let deepest = "provision.provision[0].provision[0].provision[0].provision[0].provision[0]";
    check(&with(json!([nested(5)])), show, &format!("SP-1128 {deepest}"));
    check(&with(json!(vec![nested(1); 200])), show, "200");
    check(&with(json!(vec![nested(1); 201])), show, "SP-1128 provision.provision[200]");
}

#[test]
fn bad_lines_do_not_stop_good_ones() {
    let good = base();
    let deep = "[".repeat(100_000);
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(300_000));
    let lines = format!("{{\n{good}\n\n{deep}\r\n{long}\n\u{feff}{good}\nnull\n{good}");
    let own = Options { facility: Some("10670".to_owned()), ..Options::default() };
    let (report, submissions) = read(&lines, &own);
    assert_eq!(report.directives, 2);
    let count = |code| report.defects.get(code).map_or(0, |it| it.count);
    assert_eq!((count("SP-1120"), count("SP-1128"), count("SP-1121")), (3, 1, 1));
    assert_eq!(submissions.len(), 7, "each line told once");
    let (report, submissions) = read(&lines, &Options::default());
    assert_eq!((submissions.len(), report.unattributed.count), (2, 5));
}

#[test]
fn lines_of_another_facility_are_refused() {
    let other = Options { facility: Some("10671".to_owned()), ..Options::default() };
    let (report, _) = read(&base().to_string(), &other);
    assert_eq!(report.defects.keys().copied().collect::<Vec<_>>(), ["SP-1121"]);
    let long_codes = [("AA0010670".to_owned(), "10670".to_owned())].into();
    let paired = Options { facility: Some("10670".to_owned()), long_codes };
    let long = changed(base(), "/organization/0/identifier/value", json!("AA0010670"));
    assert_eq!(read(&long.to_string(), &paired).0.directives, 1);
}
