//! What a contract may say. Where a contract goes beyond the law it names, it is refused before it can
//! route anything.

use saphan_codec::ProjectionError;
use saphan_codec::projection;
use saphan_model::contract::{BasisKind, IdentityMode, Rule};
use saphan_model::directive::Purpose;
use saphan_model::{AgencyId, EventType};
use toml::Spanned;

use super::file::RuleFile;
use super::{References, limits};
use crate::problem::{Problem, Problems};
use crate::reference::bases::Limit;
use crate::reference::regions::REGION_MAX;
use crate::source::Source;

/// Checks one rule against the law's limits and the reference tables.
pub(super) fn rule(
    source: &Source,
    agency: &AgencyId,
    file: &RuleFile,
    rule: &Rule,
    references: &References<'_>,
    problems: &mut Problems,
) {
    if !EventType::DELIVERABLE.contains(&rule.event_type) {
        problems.add(
            source
                .at("SP-1604", &file.event_type, format!("no agency receives {}", rule.event_type))
                .detail("Directives, links and retractions are the platform's own records."),
        );
        return;
    }
    basis(source, file, rule, problems);
    on_revoke(source, file, rule, problems);
    let bases = references.bases.filter(|_| rests(rule));
    let limit = bases.and_then(|it| limits::of(source, file, rule, it, problems));
    if let Some(both) = bases.zip(limit) {
        limits::check(source, agency, file, rule, both, problems);
    }
    fields(source, agency, file, rule, limit, problems);
    filter(source, file, rule, references, problems);
}

/// The bases each purpose can rest on (PDPA s.24 and s.26, National Health Act s.7). Emergency
/// treatment and vital interest are never standing deliveries: break-glass is a read path.
const fn bases(purpose: Purpose) -> &'static [BasisKind] {
    match purpose {
        Purpose::Treatment => &[BasisKind::Consent, BasisKind::CareReferral],
        Purpose::EmergencyTreatment => &[],
        Purpose::Payment => &[BasisKind::Statute, BasisKind::Consent],
        Purpose::PublicHealth | Purpose::Operations => &[BasisKind::Statute],
        Purpose::PatientRequest => &[BasisKind::Consent],
    }
}

/// Can the purpose rest on the basis at all? Otherwise nothing measures what it asks for.
fn rests(rule: &Rule) -> bool {
    bases(rule.purpose).contains(&rule.basis)
}

fn basis(source: &Source, file: &RuleFile, rule: &Rule, problems: &mut Problems) {
    if !rests(rule) {
        let allowed: Vec<_> = bases(rule.purpose).iter().map(|it| it.as_str()).collect();
        let hint = if allowed.is_empty() {
            "leave it out: an emergency is a read with break-glass, not a delivery".to_owned()
        } else {
            format!("use one of: {}", allowed.join(", "))
        };
        let message = format!("purpose {} cannot rest on {}", rule.purpose, rule.basis);
        problems.add(source.at("SP-1610", &file.basis, message).hint(hint));
    }
    for (key, value) in [("law", &file.law), ("section", &file.section)] {
        if value.get_ref().trim().is_empty() {
            problems.add(
                source
                    .at("SP-1610", value, format!("{key} is empty"))
                    .detail("Every delivery says what it rests on."),
            );
        }
    }
}

/// Only consent can be revoked. And several events called back at once are one person's.
fn on_revoke(source: &Source, file: &RuleFile, rule: &Rule, problems: &mut Problems) {
    let Some(value) = &file.on_revoke else { return };
    if rule.basis != BasisKind::Consent {
        if !rests(rule) {
            return; // told already
        }
        let message = format!("on-revoke is for consent, this rule rests on {}", rule.basis);
        problems.add(
            source
                .at("SP-1625", value, message)
                .detail("What a law orders is not the patient's to end.")
                .hint("remove the line, or give the rule the basis it really has"),
        );
    } else if rule.calls_back() && rule.identity == IdentityMode::None {
        problems.add(
            source
                .at(
                    "SP-1625",
                    value,
                    "an agency that knows no patient would learn whose events belong together",
                )
                .detail("One change of consent calls back all of a patient's events at once.")
                .hint("use identity = \"agency-pseudonym\", or on-revoke = \"keep\""),
        );
    }
}

/// Fields the model does not call personal, and that still lead to a person, or are text in which
/// anything may be written. The personal ones are refused by the projection itself.
const fn telltale(event_type: EventType) -> &'static [&'static str] {
    match event_type {
        EventType::Person => &["birth_date", "addresses.village"],
        EventType::Encounter => &["lab_results.result"],
        EventType::Referral => &["findings.name", "medications.description"],
        EventType::Condition => &["surveillance.ill_village"],
        _ => &[],
    }
}

/// Where an event stands in its source: a path back to the row, hence to the person.
const PROVENANCE: &str = "envelope.provenance";

/// Each field has one fault at most: what cannot be delivered at all is not measured.
fn fields(
    source: &Source,
    agency: &AgencyId,
    file: &RuleFile,
    rule: &Rule,
    limit: Option<&Limit>,
    problems: &mut Problems,
) {
    let whole = projection::derive(agency, rule).err();
    let mut sound = true;
    for value in &file.fields {
        let refused = whole.as_ref().and_then(|_| undeliverable(source, agency, value, rule));
        sound &= refused.is_none();
        let beyond = || limit.and_then(|it| limits::field(source, value, rule, it));
        let fault = refused.or_else(|| recognises(source, value, rule)).or_else(beyond);
        fault.into_iter().for_each(|it| problems.add(it));
    }
    if let Some(error) = whole.filter(|_| sound) {
        let line = Some(source.line_of(file.event_type.span()));
        problems.add(super::refused(source.path(), line, &error));
    }
}

/// Tries the field by itself, so that every wrong one is told with its line.
fn undeliverable(
    source: &Source,
    agency: &AgencyId,
    value: &Spanned<String>,
    rule: &Rule,
) -> Option<Problem> {
    let alone = Rule { fields: vec![value.get_ref().clone()], ..rule.clone() };
    match projection::derive(agency, &alone) {
        Ok(_) | Err(ProjectionError::NoFields(_)) => None,
        Err(error) => {
            let line = Some(source.line_of(value.span()));
            Some(super::refused(source.path(), line, &error))
        }
    }
}

fn recognises(source: &Source, value: &Spanned<String>, rule: &Rule) -> Option<Problem> {
    let field = value.get_ref();
    let mut hidden = telltale(rule.event_type).iter().chain([&PROVENANCE]);
    if rule.identity == IdentityMode::CitizenId || !hidden.any(|it| overlaps(it, field)) {
        return None;
    }
    let problem = source.at("SP-1609", value, format!("{field:?} can lead to the patient"));
    Some(
        problem
            .detail(format!("The rule's identity is {}.", rule.identity))
            .hint("remove it, or name the parts of it that hold codes and dates"),
    )
}

/// Is one path the other, or inside it?
fn overlaps(one: &str, other: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    within(one, other) || within(other, one)
}

fn filter(
    source: &Source,
    file: &RuleFile,
    rule: &Rule,
    references: &References<'_>,
    problems: &mut Problems,
) {
    for value in &file.filter.regions {
        if !(1..=REGION_MAX).contains(value.get_ref()) {
            let message = format!("{} is no health region", value.get_ref());
            problems.add(source.at("SP-1616", value, message).hint("write 1 to 13"));
        }
    }
    for value in file.filter.facilities.iter().chain(&file.filter.counterparts) {
        let code = value.get_ref();
        let short = references.facilities.and_then(|it| it.get(code)).map(|it| &it.hospcode);
        if references.facilities.is_some() && short != Some(code) {
            let message = format!("{code:?} is no 5-digit code of the register of facilities");
            problems.add(source.at("SP-1616", value, message));
        }
    }
    for value in &file.filter.notifiable_codes {
        let code = value.get_ref();
        if references.notifiable.is_some_and(|it| it.disease(code).is_none()) {
            let message = format!("{code:?} is no report-506 code of notifiable.csv");
            problems.add(source.at("SP-1616", value, message));
        }
    }
    let referral = matches!(rule.event_type, EventType::Referral | EventType::ReferralReply);
    let coded = matches!(
        rule.event_type,
        EventType::Encounter | EventType::Condition | EventType::Appointment | EventType::Death
    );
    for (given, fits, key) in [
        (!rule.filter.schemes.is_empty(), rule.event_type == EventType::Encounter, "schemes"),
        (!rule.filter.counterparts.is_empty(), referral, "counterparts"),
        (rule.filter.notifiable, coded, "notifiable"),
    ] {
        if given && !fits {
            let message = format!("filter {key} never matches {}", rule.event_type);
            problems.add(
                source.at("SP-1616", &file.event_type, message).detail(
                    "Events of this type do not carry the fact, so the rule would be dead.",
                ),
            );
        }
    }
}
