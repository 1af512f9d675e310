//! A directive as a Consent resource: the inverse of reading one.

use saphan_model::directive::{Directive, Effect, Grantor, Method, Provision};
use saphan_model::{CitizenId, Date, Timestamp};
use serde_json::{Map, Value, json};

use super::directive::{ACT_CODE, CID};
use super::provision::{ACT_REASON, AGENCY, EVENT_TYPE, HCODE, LABEL};

/// FHIR R4 Consent, in JSON. `facility` recorded it; 5-digit code. Read again it is the same directive, but
/// for its note, which FHIR has no place for.
pub fn resource(directive: &Directive, patient: CitizenId, facility: &str) -> Value {
    let policy = match directive.base {
        Effect::Permit => "OPTIN",
        Effect::Deny => "OPTOUT",
    };
    let performer = match directive.grantor {
        Grantor::Patient => "Patient",
        Grantor::Guardian => "RelatedPerson",
    };
    let mut it = json!({
        "resourceType": "Consent",
        "id": directive.directive_id,
        "status": if directive.active { "active" } else { "inactive" },
        "scope": { "coding": [coding("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy")] },
        "category": [{ "coding": [coding("http://loinc.org", "59284-0")] }],
        "patient": { "identifier": identifier(CID, patient.reveal()) },
        "dateTime": instant(directive.given_at),
        "organization": [{ "identifier": identifier(HCODE, facility) }],
        "policyRule": { "coding": [coding(ACT_CODE, policy)] },
        "performer": [{ "type": performer }],
        "provision": root(directive),
    });
    if directive.method == Method::WitnessedPaper {
        it["verification"] = json!([{ "verified": true }]);
    }
    it
}

fn root(directive: &Directive) -> Value {
    let mut it = Map::new();
    // The end of a FHIR period is inclusive to its precision: a millisecond here.
    let until = directive.valid_until.map(|it| Timestamp(it.0 - 1));
    put_period(&mut it, "period", directive.valid_from.map(instant), until.map(instant));
    put(&mut it, "provision", directive.provisions.iter().map(rule).collect());
    Value::Object(it)
}

fn rule(provision: &Provision) -> Value {
    let mut it = Map::new();
    it.insert("type".to_owned(), json!(provision.effect.as_str()));
    let recipients = provision.recipients.iter().map(|id| actor("PRCP", AGENCY, id));
    let custodians = provision.facilities.iter().map(|code| actor("CST", HCODE, code));
    put(&mut it, "actor", recipients.chain(custodians).collect());
    let purposes = provision.purposes.iter().map(|purpose| coding(ACT_REASON, purpose.as_str()));
    put(&mut it, "purpose", purposes.collect());
    let types = provision.types.iter().map(|kind| coding(EVENT_TYPE, kind.as_str()));
    put(&mut it, "class", types.collect());
    let labels = provision.labels.iter().map(|label| coding(LABEL, label.as_str()));
    put(&mut it, "securityLabel", labels.collect());
    let day = |it: Date| it.to_string();
    put_period(&mut it, "dataPeriod", provision.data_from.map(day), provision.data_until.map(day));
    put(&mut it, "provision", provision.exceptions.iter().map(rule).collect());
    Value::Object(it)
}

fn actor(role: &str, system: &str, value: &str) -> Value {
    let roles = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
    json!({
        "role": { "coding": [coding(roles, role)] },
        "reference": { "identifier": identifier(system, value) },
    })
}

/// A list; an empty one means "any" and is left out.
fn put(it: &mut Map<String, Value>, name: &str, items: Vec<Value>) {
    if !items.is_empty() {
        it.insert(name.to_owned(), Value::Array(items));
    }
}

fn put_period(it: &mut Map<String, Value>, name: &str, start: Option<String>, end: Option<String>) {
    let mut period = Map::new();
    period.extend(start.map(|it| ("start".to_owned(), json!(it))));
    period.extend(end.map(|it| ("end".to_owned(), json!(it))));
    if !period.is_empty() {
        it.insert(name.to_owned(), Value::Object(period));
    }
}

fn coding(system: &str, code: &str) -> Value {
    json!({ "system": system, "code": code })
}

fn identifier(system: &str, value: &str) -> Value {
    json!({ "system": system, "value": value })
}

/// With milliseconds, in UTC.
fn instant(at: Timestamp) -> String {
    at.to_string()
}
