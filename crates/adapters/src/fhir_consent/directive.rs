//! A Consent resource as a directive.

use saphan_model::directive::{Directive, Effect, Grantor, Method};
use saphan_model::{CitizenId, Timestamp};
use serde_json::Value;

use super::fault::{Code, Fault};
use super::json::Node;
use super::provision::Rules;
use super::time::{Span, span};

pub const CID: &str = "https://terms.sil-th.org/id/th-cid";
pub const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// A resource understood.
pub struct Read {
    /// Whose directive it is.
    pub citizen_id: CitizenId,
    /// The directive; nothing when it was entered in error and is taken back.
    pub directive: Option<Directive>,
    /// Its own name.
    pub id: String,
    /// `dateTime`.
    pub given_at: Timestamp,
    /// `meta.lastUpdated`, where given.
    pub updated_at: Option<Timestamp>,
}

/// The facility a resource names, in either form of its code; read before the rest, so that a fault
/// of the rest can be told to somebody.
pub fn organization(resource: &Value) -> Option<&str> {
    let root = Node::root(resource);
    let items = root.items("organization").ok()?;
    items.first()?.get("identifier")?.text_at("value")
}

/// `dateTime`, where it can be read: the time of a fault.
pub fn dated(resource: &Value) -> Option<Timestamp> {
    Node::root(resource).text_at("dateTime").and_then(span).map(|it| it.start)
}

/// Reads a resource.
pub fn read(resource: &Value) -> Result<Read, Fault> {
    let root = Node::root(resource);
    if root.text_at("resourceType") != Some("Consent") {
        return Err(root.fault_at("resourceType", Code::Resource));
    }
    // These two change what the rest means.
    for name in ["modifierExtension", "implicitRules"] {
        if root.get(name).is_some() {
            return Err(root.fault_at(name, Code::Unsupported));
        }
    }
    let id = root.text_at("id").filter(|it| fhir_id(it));
    let id = id.ok_or_else(|| root.fault_at("id", Code::Resource))?.to_owned();
    let citizen_id = patient(&root)?;
    let given_at = time(&root, "dateTime")?.ok_or_else(|| root.fault_at("dateTime", Code::Date))?;
    let updated_at = match root.get("meta") {
        Some(meta) => time(&meta, "lastUpdated")?.map(|it| it.start),
        None => None,
    };
    scope(&root)?;
    let given_at = given_at.start;
    let directive = match root.text_at("status") {
        Some("active") => Some(directive(&root, &id, true, citizen_id, given_at)?),
        Some("inactive" | "rejected") => Some(directive(&root, &id, false, citizen_id, given_at)?),
        Some("entered-in-error") => None,
        _ => return Err(root.fault_at("status", Code::Status)),
    };
    Ok(Read { citizen_id, directive, id, given_at, updated_at })
}

fn directive(
    root: &Node<'_>,
    id: &str,
    active: bool,
    patient: CitizenId,
    given_at: Timestamp,
) -> Result<Directive, Fault> {
    let base = base(root)?;
    let provision = root.get("provision");
    let provisions = match &provision {
        Some(it) => Rules::default().of_root(it, base)?,
        None => Vec::new(),
    };
    let (valid_from, valid_until) = match provision.and_then(|it| it.get("period")) {
        Some(period) => {
            period.only(&["start", "end", "id", "extension"])?;
            let (start, end) = (time(&period, "start")?, time(&period, "end")?);
            (start.map(|it| it.start), end.map(|it| it.end))
        }
        None => (None, None),
    };
    Ok(Directive {
        directive_id: id.to_owned(),
        active,
        base,
        provisions,
        valid_from,
        valid_until,
        grantor: grantor(root, patient)?,
        method: method(root)?,
        given_at,
        note: None,
    })
}

/// `[A-Za-z0-9.-]{1,64}`, as FHIR defines ids.
fn fhir_id(text: &str) -> bool {
    let plain = |it: u8| it.is_ascii_alphanumeric() || it == b'-' || it == b'.';
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

fn citizen_id(reference: &Node<'_>) -> Option<CitizenId> {
    let identifier = reference.get("identifier")?;
    let value = identifier.text_at("value")?;
    (identifier.text_at("system") == Some(CID)).then(|| CitizenId::parse(value).ok())?
}

fn patient(root: &Node<'_>) -> Result<CitizenId, Fault> {
    let patient = root.get("patient").and_then(|it| citizen_id(&it));
    patient.ok_or_else(|| root.fault_at("patient.identifier", Code::Patient))
}

fn time(node: &Node<'_>, name: &str) -> Result<Option<Span>, Fault> {
    let Some(it) = node.get(name) else { return Ok(None) };
    it.text().and_then(span).map(Some).ok_or_else(|| it.fault(Code::Date))
}

/// Privacy, where a scope is given at all.
fn scope(root: &Node<'_>) -> Result<(), Fault> {
    let Some(scope) = root.get("scope") else { return Ok(()) };
    let privacy =
        scope.items("coding")?.iter().any(|it| it.text_at("code") == Some("patient-privacy"));
    if privacy { Ok(()) } else { Err(scope.fault(Code::Status)) }
}

/// OPTIN permits where no rule reaches, OPTOUT denies.
fn base(root: &Node<'_>) -> Result<Effect, Fault> {
    let missing = || root.fault_at("policyRule", Code::PolicyRule);
    let codings = root.get("policyRule").ok_or_else(missing)?.items("coding")?;
    let mut effects = codings.iter().filter_map(|it| match it.code(ACT_CODE) {
        Ok("OPTIN") => Some(Effect::Permit),
        Ok("OPTOUT") => Some(Effect::Deny),
        _ => None,
    });
    let first = effects.next().ok_or_else(missing)?;
    if effects.all(|it| it == first) { Ok(first) } else { Err(missing()) }
}

/// The performers: the patient (also when nobody is named), or a RelatedPerson as guardian.
fn grantor(root: &Node<'_>, patient: CitizenId) -> Result<Grantor, Fault> {
    let mut grantor = Grantor::Patient;
    for performer in root.items("performer")? {
        let of_reference = || performer.text_at("reference").and_then(|it| it.split('/').next());
        match performer.text_at("type").or_else(of_reference) {
            Some("Patient") => {
                let named = performer.get("identifier").is_some();
                if named && citizen_id(&performer) != Some(patient) {
                    return Err(performer.fault_at("identifier", Code::Performer));
                }
            }
            Some("RelatedPerson") => grantor = Grantor::Guardian,
            _ => return Err(performer.fault_at("type", Code::Performer)),
        }
    }
    Ok(grantor)
}

/// On paper when somebody verified it, else in an application.
fn method(root: &Node<'_>) -> Result<Method, Fault> {
    let verified = |it: &Node<'_>| it.get("verified").is_some_and(|it| it.truth());
    let witnessed = root.items("verification")?.iter().any(verified);
    Ok(if witnessed { Method::WitnessedPaper } else { Method::Electronic })
}
