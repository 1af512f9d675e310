//! Whether a rule stays within what its purpose may ask for on its basis; see
//! [`crate::reference::bases`].

use saphan_model::AgencyId;
use saphan_model::contract::Rule;
use saphan_model::facets::SchemeGroup;
use saphan_model::label::Label;
use toml::Spanned;

use super::file::RuleFile;
use crate::problem::{Problem, Problems};
use crate::reference::bases::{Bases, FilterKey, Limit};
use crate::source::Source;

/// The limit of a rule; a problem where its purpose may ask for nothing of the type.
pub(super) fn of<'b>(
    source: &Source,
    file: &RuleFile,
    rule: &Rule,
    bases: &'b Bases,
    problems: &mut Problems,
) -> Option<&'b Limit> {
    let limit = bases.limit(rule.purpose, rule.basis, rule.event_type);
    if limit.is_none() {
        let message =
            format!("{} for {} does not cover {}", rule.basis, rule.purpose, rule.event_type);
        let types = bases.types(rule.purpose, rule.basis).join(", ");
        let hint = if types.is_empty() {
            "have the platform's lawyer say what it may ask for, or leave the rule out".to_owned()
        } else {
            format!("ask for one of: {types}; or give the rule the basis it really has")
        };
        problems.add(source.at("SP-1610", &file.basis, message).detail(BY_THE_FILE).hint(hint));
    }
    limit
}

const BY_THE_FILE: &str =
    "bases.toml lists what may be asked for; what it does not list is not given.";

/// Identity, labels and filter. Fields are told by the lint of fields, one by one.
pub(super) fn check(
    source: &Source,
    agency: &AgencyId,
    file: &RuleFile,
    rule: &Rule,
    (bases, limit): (&Bases, &Limit),
    problems: &mut Problems,
) {
    identity(source, file, rule, limit, problems);
    labels(source, file, rule, limit, problems);
    for key in limit.filter.iter().filter(|it| !given(rule, **it)) {
        let message =
            format!("{} for {} needs a filter of {}", rule.basis, rule.purpose, word(*key));
        problems.add(
            source
                .at("SP-1627", &file.event_type, message)
                .detail(format!("By {} the rule reaches no further.", limit.law))
                .hint(format!("add filter = {{ {} }}", example(*key))),
        );
    }
    if limit.filter.contains(&FilterKey::Schemes) {
        schemes(source, file, agency, bases.schemes(agency), problems);
    }
}

fn identity(source: &Source, file: &RuleFile, rule: &Rule, limit: &Limit, problems: &mut Problems) {
    if rule.identity <= limit.identity {
        return; // the values stand in order of how much they tell
    }
    let message = format!("{} for {} does not tell who the patient is", rule.basis, rule.purpose);
    problems.add(
        source
            .at("SP-1608", &file.identity, message)
            .detail(format!("By {} an identity of {} is the most.", limit.law, limit.identity))
            .hint(format!("use identity = \"{}\"", limit.identity)),
    );
}

fn labels(source: &Source, file: &RuleFile, rule: &Rule, limit: &Limit, problems: &mut Problems) {
    for value in &file.labels {
        let label = value.get_ref().parse::<Label>();
        if label.is_ok_and(|it| !limit.labels.contains(it)) {
            let message =
                format!("{} for {} may not see {}", rule.basis, rule.purpose, value.get_ref());
            problems.add(
                source
                    .at("SP-1608", value, message)
                    .detail(format!("By {} it is not needed.", limit.law))
                    .hint("remove the label"),
            );
        }
    }
}

fn given(rule: &Rule, key: FilterKey) -> bool {
    let filter = &rule.filter;
    match key {
        FilterKey::Regions => !filter.regions.is_empty(),
        FilterKey::Schemes => !filter.schemes.is_empty(),
        FilterKey::Notifiable => filter.notifiable,
        FilterKey::Counterparts => !filter.counterparts.is_empty(),
    }
}

const fn word(key: FilterKey) -> &'static str {
    match key {
        FilterKey::Regions => "regions",
        FilterKey::Schemes => "schemes",
        FilterKey::Notifiable => "notifiable diseases",
        FilterKey::Counterparts => "counterparts",
    }
}

const fn example(key: FilterKey) -> &'static str {
    match key {
        FilterKey::Regions => "regions = [9]",
        FilterKey::Schemes => "schemes = [\"uc\"]",
        FilterKey::Notifiable => "notifiable = true",
        FilterKey::Counterparts => "counterparts = [\"99001\"]",
    }
}

/// A payer sees what it pays for.
fn schemes(
    source: &Source,
    file: &RuleFile,
    agency: &AgencyId,
    own: &[SchemeGroup],
    problems: &mut Problems,
) {
    for value in &file.filter.schemes {
        let scheme = value.get_ref().parse::<SchemeGroup>();
        if scheme.is_ok_and(|it| !own.contains(&it)) {
            let own: Vec<_> = own.iter().map(|it| it.as_str()).collect();
            let hint = if own.is_empty() {
                "have the platform's lawyer list the payer and its schemes".to_owned()
            } else {
                format!("name only: {}", own.join(", "))
            };
            let message = format!("{agency} does not pay for {}", value.get_ref());
            problems.add(
                source
                    .at("SP-1627", value, message)
                    .detail("[payers] of bases.toml lists who pays for which scheme.")
                    .hint(hint),
            );
        }
    }
}

/// A field beyond the limit.
pub(super) fn field(
    source: &Source,
    value: &Spanned<String>,
    rule: &Rule,
    limit: &Limit,
) -> Option<Problem> {
    let field = value.get_ref();
    if limit.holds(field) {
        return None;
    }
    let parts = limit.parts(field);
    let hint = if parts.is_empty() {
        "remove it".to_owned()
    } else {
        format!("name the parts that are allowed: {}", parts.join(", "))
    };
    let message = format!(
        "{field:?} of {} is more than {} for {} may ask for",
        rule.event_type, rule.basis, rule.purpose
    );
    let problem = source.at("SP-1626", value, message);
    Some(problem.detail(format!("By {} it is not needed. {BY_THE_FILE}", limit.law)).hint(hint))
}
