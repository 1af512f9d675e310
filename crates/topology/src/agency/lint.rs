//! What a contract may say. Where a contract goes beyond the law it names, it is refused before it can
//! route anything.

use saphan_model::EventType;
use saphan_model::contract::{BasisKind, IdentityMode, Rule};
use saphan_model::directive::Purpose;
use saphan_model::label::{Label, Labels};

use super::References;
use super::file::RuleFile;
use crate::problem::Problems;
use crate::reference::regions::REGION_MAX;
use crate::source::Source;

/// Checks one rule against the law's limits and the reference tables.
pub(super) fn rule(
    source: &Source,
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
    }
    basis(source, file, rule, problems);
    identity(source, file, rule, problems);
    fields(source, file, rule, problems);
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

fn basis(source: &Source, file: &RuleFile, rule: &Rule, problems: &mut Problems) {
    if !bases(rule.purpose).contains(&rule.basis) {
        let allowed: Vec<_> = bases(rule.purpose).iter().map(|it| it.as_str()).collect();
        let hint = if allowed.is_empty() {
            "leave it out: an emergency is a read with break-glass, not a delivery".to_owned()
        } else {
            format!("use one of: {}", allowed.join(", "))
        };
        let message = format!("purpose {} cannot rest on {}", rule.purpose, rule.basis);
        problems.add(source.at("SP-1610", &file.basis, message).hint(hint));
    }
    let referral = matches!(rule.event_type, EventType::Referral | EventType::ReferralReply);
    if rule.basis == BasisKind::CareReferral && !referral {
        let message = format!("care-referral does not cover {}", rule.event_type);
        problems.add(
            source
                .at("SP-1610", &file.basis, message)
                .hint("use it for referral and referral-reply, and consent for the rest"),
        );
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

/// The labels a purpose may see where the patient can be recognised: the Communicable Diseases Act
/// knows HIV, not mental health.
fn label_limit(rule: &Rule) -> Labels {
    match (rule.purpose, rule.identity) {
        (Purpose::PublicHealth, IdentityMode::AgencyPseudonym | IdentityMode::CitizenId) => {
            Labels::NONE.with(Label::Hiv)
        }
        _ => Labels::ALL,
    }
}

fn identity(source: &Source, file: &RuleFile, rule: &Rule, problems: &mut Problems) {
    if rule.identity == IdentityMode::CitizenId && rule.purpose == Purpose::Operations {
        problems.add(
            source
                .at("SP-1608", &file.identity, "planning does not need to know who the patient is")
                .hint("use identity = \"none\", or \"agency-pseudonym\" to follow cases"),
        );
    }
    let limit = label_limit(rule);
    for value in &file.labels {
        let label = value.get_ref().parse::<Label>();
        if label.is_ok_and(|it| !limit.contains(it)) {
            let message = format!(
                "purpose {} may not see {} of a recognisable patient",
                rule.purpose,
                value.get_ref()
            );
            problems.add(source.at("SP-1608", value, message).hint("remove the label"));
        }
    }
}

/// Fields that tell who someone is, or are free text in which anything may be written.
const fn identifying(event_type: EventType) -> &'static [&'static str] {
    match event_type {
        EventType::Person => &[
            "pid",
            "hn",
            "given_name",
            "family_name",
            "birth_date",
            "passport",
            "telephone",
            "addresses.line",
            "addresses.village",
            "coverages.card_number",
        ],
        EventType::Encounter => {
            &["visit_number", "chief_complaint", "stay.admission_number", "lab_results.result"]
        }
        EventType::Referral => &[
            "referral_number",
            "province_number",
            "visit_number",
            "admission_number",
            "origin_number",
            "chief_complaint",
            "physical_exam",
            "first_diagnosis",
            "last_diagnosis",
            "patient_status",
            "request",
            "findings.name",
            "findings.result",
            "medications.description",
        ],
        EventType::ReferralReply => &["referral_number", "local_id", "admission_number", "reason"],
        EventType::Condition => &["surveillance.visit_number", "surveillance.ill_village"],
        EventType::Appointment => &["visit_number"],
        _ => &[],
    }
}

/// Where an event stands in its source: a path back to the row, hence to the person.
const PROVENANCE: &str = "envelope.provenance";

/// Never delivered by field: who the patient is travels by the identity mode only.
const RESERVED: [&str; 2] = ["envelope.patient", "envelope.sealed_citizen_id"];

fn fields(source: &Source, file: &RuleFile, rule: &Rule, problems: &mut Problems) {
    if file.fields.is_empty() {
        let message = "the rule names no field";
        problems.add(source.at("SP-1607", &file.event_type, message).hint("name what is needed"));
    }
    for (place, value) in file.fields.iter().enumerate() {
        let field = value.get_ref().as_str();
        if file.fields[..place].iter().any(|it| overlaps(it.get_ref(), field)) {
            let message = format!("{field:?} is asked for twice");
            problems.add(source.at("SP-1607", value, message).hint("delete one"));
        }
        if RESERVED.iter().any(|it| overlaps(it, field)) {
            let message = format!("{field:?} is never delivered as a field");
            problems.add(
                source
                    .at("SP-1609", value, message)
                    .hint("choose an identity instead: none, agency-pseudonym or citizen-id"),
            );
        }
        let mut hidden = identifying(rule.event_type).iter().chain([&PROVENANCE]);
        if rule.identity != IdentityMode::CitizenId && hidden.any(|it| overlaps(it, field)) {
            let message = format!("{field:?} can tell who the patient is");
            problems.add(
                source
                    .at("SP-1609", value, message)
                    .detail(format!("The rule's identity is {}.", rule.identity))
                    .hint("remove the field, or name the parts of it that hold codes and dates"),
            );
        }
    }
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
