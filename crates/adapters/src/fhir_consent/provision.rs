//! FHIR's provision tree as the directive's rules.

use saphan_model::directive::{Effect, Provision, Purpose};
use saphan_model::label::Labels;
use saphan_model::limits::{PROVISION_DEPTH_MAX, PROVISIONS_MAX};
use saphan_model::{AgencyId, Date, EventType, Label};

use super::fault::{Code, Fault};
use super::json::Node;
use super::time::span;

/// The system of facility codes.
pub const HCODE: &str = "https://terms.sil-th.org/id/th-moph-hcode";
pub const AGENCY: &str = "urn:saphan:agency";
pub const EVENT_TYPE: &str = "urn:saphan:event-type";
pub const LABEL: &str = "urn:saphan:label";
pub const ACT_REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";

/// What a rule may have; `id` and `extension` say nothing about its reach (what changes meaning is
/// a modifierExtension, and refused).
const CRITERIA: &[&str] = &["actor", "purpose", "class", "securityLabel", "dataPeriod"];
const STRUCTURE: &[&str] = &["type", "provision", "id", "extension"];

/// Reads rules, counting them against the limits.
#[derive(Default)]
pub struct Rules {
    count: usize,
}

impl Rules {
    /// The rules of a Consent from its root provision. In R4 the root is itself an exception to the
    /// base. With criteria it is one rule; without, and with no effect of its own or the base's, it
    /// only holds the rules below it.
    pub fn of_root(&mut self, root: &Node<'_>, base: Effect) -> Result<Vec<Provision>, Fault> {
        root.only(&[CRITERIA, STRUCTURE, &["period"]].concat())?;
        let criteria = CRITERIA.iter().any(|it| root.get(it).is_some());
        let own = match root.get("type") {
            Some(_) => Some(effect(root)?),
            None => None,
        };
        if criteria || own.is_some_and(|it| it != base) {
            return Ok(vec![self.rule(root, 1)?]);
        }
        self.below(root, 1)
    }

    fn below(&mut self, node: &Node<'_>, depth: usize) -> Result<Vec<Provision>, Fault> {
        let mut rules = Vec::new();
        for item in node.items("provision")? {
            item.only(&[CRITERIA, STRUCTURE].concat())?;
            rules.push(self.rule(&item, depth)?);
        }
        Ok(rules)
    }

    fn rule(&mut self, node: &Node<'_>, depth: usize) -> Result<Provision, Fault> {
        self.count += 1;
        if depth > PROVISION_DEPTH_MAX || self.count > PROVISIONS_MAX {
            return Err(node.fault(Code::Limit));
        }
        let (recipients, facilities) = actors(node)?;
        let (data_from, data_until) = data_period(node)?;
        Ok(Provision {
            effect: effect(node)?,
            recipients,
            purposes: coded(node, "purpose", ACT_REASON, |code| code.parse::<Purpose>().ok())?,
            types: coded(node, "class", EVENT_TYPE, event_type)?,
            labels: labels(node)?,
            facilities,
            data_from,
            data_until,
            exceptions: self.below(node, depth + 1)?,
        })
    }
}

fn effect(node: &Node<'_>) -> Result<Effect, Fault> {
    let effect = node.text_at("type").and_then(|it| it.parse().ok());
    effect.ok_or_else(|| node.fault_at("type", Code::UnknownCode))
}

fn event_type(code: &str) -> Option<EventType> {
    code.parse().ok().filter(|it| EventType::DELIVERABLE.contains(it))
}

fn coded<T>(
    node: &Node<'_>,
    name: &str,
    system: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Fault> {
    let read = |item: Node<'_>| {
        read(item.code(system)?).ok_or_else(|| item.fault_at("code", Code::UnknownCode))
    };
    node.items(name)?.into_iter().map(read).collect()
}

fn labels(node: &Node<'_>) -> Result<Labels, Fault> {
    let labels = coded(node, "securityLabel", LABEL, |code| code.parse::<Label>().ok())?;
    Ok(labels.into_iter().collect())
}

/// Agencies that receive, and facilities (actors in the role of custodian, CST) that reported.
fn actors(node: &Node<'_>) -> Result<(Vec<String>, Vec<String>), Fault> {
    let (mut recipients, mut facilities) = (Vec::new(), Vec::new());
    for actor in node.items("actor")? {
        let unknown = || actor.fault_at("reference.identifier", Code::UnknownCode);
        let identifier = actor.get("reference").and_then(|it| it.get("identifier"));
        let identifier = identifier.ok_or_else(unknown)?;
        let value = identifier.text_at("value").ok_or_else(unknown)?;
        let role = actor.get("role").map_or(Ok(Vec::new()), |it| it.items("coding"))?;
        let custodian = role.iter().any(|it| it.text_at("code") == Some("CST"));
        match identifier.text_at("system") {
            Some(AGENCY) if !custodian && value.parse::<AgencyId>().is_ok() => {
                recipients.push(value.to_owned());
            }
            Some(HCODE) if custodian && short_code(value) => facilities.push(value.to_owned()),
            _ => return Err(unknown()),
        }
    }
    Ok((recipients, facilities))
}

/// Is it a 5-digit facility code?
pub fn short_code(text: &str) -> bool {
    text.len() == 5 && text.bytes().all(|it| it.is_ascii_digit())
}

/// Whole days only: half a day of data could not be told apart later.
fn data_period(node: &Node<'_>) -> Result<(Option<Date>, Option<Date>), Fault> {
    let Some(period) = node.get("dataPeriod") else { return Ok((None, None)) };
    period.only(&["start", "end", "id", "extension"])?;
    let days = |name: &str| match period.get(name) {
        None => Ok(None),
        Some(it) => it
            .text()
            .and_then(span)
            .and_then(|it| it.days)
            .map(Some)
            .ok_or_else(|| it.fault(Code::Date)),
    };
    Ok((days("start")?.map(|it| it.0), days("end")?.map(|it| it.1)))
}
