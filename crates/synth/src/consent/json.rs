//! A directive as an FHIR R4 Consent, one line.

use serde_json::{Value, json};

use super::{Directive, Effect, Grantor, Provision, Validity};

const CID: &str = "https://terms.sil-th.org/id/th-cid";
const HCODE: &str = "https://terms.sil-th.org/id/th-moph-hcode";
const ACT: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";

/// The line, without its end. `hospcode` is the recording facility's 5-digit code.
pub fn line(directive: &Directive, hospcode: &str) -> String {
    let cid = directive.cid.to_string();
    let code = if directive.base == Effect::Permit { "OPTIN" } else { "OPTOUT" };
    let mut root = json!({
        "provision": directive.provisions.iter().map(provision).collect::<Vec<_>>()
    });
    let period = match directive.validity {
        Validity::Always => None,
        Validity::Years => Some(("2025-01-01", "2045-12-31")),
        Validity::Over => Some(("2022-01-01", "2024-12-31")),
    };
    if let Some((start, end)) = period {
        root["period"] = json!({ "start": start, "end": end });
    }
    let mut consent = json!({
        "resourceType": "Consent",
        "id": directive.id,
        "status": if directive.active { "active" } else { "inactive" },
        "scope": { "coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/consentscope",
            "code": "patient-privacy"
        }]},
        "category": [{ "coding": [{ "system": "http://loinc.org", "code": "59284-0" }] }],
        "patient": { "identifier": { "system": CID, "value": cid } },
        "dateTime": directive.given_at,
        "organization": [{ "identifier": { "system": HCODE, "value": hospcode } }],
        "policyRule": { "coding": [{ "system": ACT, "code": code }] },
        "provision": root,
    });
    give(&mut consent, directive.grantor, &cid, &directive.given_at);
    consent.to_string()
}

/// Who gave it: `performer`, and `verification` of paper by its witness.
fn give(consent: &mut Value, grantor: Grantor, cid: &str, at: &str) {
    consent["performer"] = match grantor {
        Grantor::Patient | Grantor::WitnessedPaper => {
            json!([{ "type": "Patient", "identifier": { "system": CID, "value": cid } }])
        }
        Grantor::Guardian => json!([{ "type": "RelatedPerson", "display": "guardian" }]),
    };
    if grantor == Grantor::WitnessedPaper {
        consent["verification"] = json!([{
            "verified": true,
            "verifiedWith": { "type": "Practitioner", "display": "witness" },
            "verificationDate": at,
        }]);
    }
}

fn provision(it: &Provision) -> Value {
    let mut value = json!({
        "type": if it.effect == Effect::Permit { "permit" } else { "deny" },
    });
    if !it.recipients.is_empty() {
        value["actor"] = it.recipients.iter().map(|agency| actor(agency)).collect();
    }
    if !it.purposes.is_empty() {
        value["purpose"] = it.purposes.iter().map(|code| coding(REASON, code)).collect();
    }
    if !it.types.is_empty() {
        let types = it.types.iter();
        value["class"] = types.map(|code| coding("urn:saphan:event-type", code.word())).collect();
    }
    if !it.labels.is_empty() {
        let labels = it.labels.iter();
        value["securityLabel"] = labels.map(|code| coding("urn:saphan:label", code)).collect();
    }
    if !it.exceptions.is_empty() {
        value["provision"] = it.exceptions.iter().map(provision).collect();
    }
    value
}

fn coding(system: &str, code: &str) -> Value {
    json!({ "system": system, "code": code })
}

fn actor(agency: &str) -> Value {
    json!({
        "role": { "coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
            "code": "IRCP"
        }]},
        "reference": { "identifier": { "system": "urn:saphan:agency", "value": agency } },
    })
}
