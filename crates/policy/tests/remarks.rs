//! What is said of a directive at entry is true of what it decides.

#[path = "support/arbitrary.rs"]
#[allow(dead_code, reason = "shared with the laws")]
mod arbitrary;
#[path = "support/question.rs"]
mod question;

use arbitrary::{any_directive, envelope, event, instant};
use proptest::prelude::*;
use question::question;
use saphan_model::directive::{Directive, Effect, Grantor, Method, Provision, Purpose};
use saphan_model::label::{Label, Labels};
use saphan_model::{Date, Envelope, EventType, Timestamp};
use saphan_policy::PatientConsent;
use saphan_policy::consent::{Remark, RulePath, decide, remarks};
use saphan_policy::reason::Lang;

fn permits(directive: &Directive, envelope: &Envelope, now: Timestamp) -> bool {
    let mut consent = PatientConsent::default();
    consent.put(event(1), directive.clone());
    let permits = |recipient| decide(&consent, &question(recipient, envelope, now)).permits();
    permits("alpha") || permits("bravo")
}

/// The directive without one rule.
fn without(directive: &Directive, path: &RulePath) -> Directive {
    fn remove(rules: &mut Vec<Provision>, numbers: &[usize]) {
        match numbers {
            [] => unreachable!("a path has a number"),
            [last] => drop(rules.remove(last - 1)),
            [first, rest @ ..] => remove(&mut rules[first - 1].exceptions, rest),
        }
    }
    let mut directive = directive.clone();
    remove(&mut directive.provisions, path.numbers());
    directive
}

fn rule<'d>(directive: &'d Directive, path: &RulePath) -> &'d Provision {
    let mut rules = &directive.provisions;
    let (last, outer) = path.numbers().split_last().expect("a path has a number");
    for number in outer {
        rules = &rules[number - 1].exceptions;
    }
    &rules[last - 1]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_rule_said_to_be_idle_can_be_left_out(
        directive in any_directive(), envelope in envelope(), now in instant(),
    ) {
        for remark in remarks(&directive, now) {
            let idle = match &remark {
                Remark::EmptyPeriod(path) | Remark::ChangesNothing(path) => path,
                Remark::Contradicts(permit, _) if rule(&directive, permit).exceptions.is_empty() => permit,
                _ => continue,
            };
            let shorter = without(&directive, idle);
            let (before, after) = (permits(&directive, &envelope, now), permits(&shorter, &envelope, now));
            prop_assert_eq!(before, after, "{:?} of {:?}", remark, directive);
        }
    }

    #[test]
    fn what_is_said_to_have_no_effect_permits_nothing(
        directive in any_directive(), envelope in envelope(), now in instant(),
    ) {
        let said = remarks(&directive, now);
        if said.contains(&Remark::NeverInForce) || said.contains(&Remark::Ended) || said.contains(&Remark::DeniesAll) {
            prop_assert!(!permits(&directive, &envelope, now));
        }
        if said.contains(&Remark::PermitsAll) && said.len() == 1 && envelope.labels.is_empty() {
            let began = directive.valid_from.is_none_or(|it| it <= now);
            prop_assert_eq!(permits(&directive, &envelope, now), began);
        }
    }

    #[test]
    fn a_permission_said_to_leave_out_the_sensitive_does(
        directive in any_directive(), envelope in envelope(), now in instant(),
    ) {
        for remark in remarks(&directive, now) {
            let Remark::NotSensitive(path) = remark else { continue };
            let rule = rule(&directive, &path);
            let alone = Provision { exceptions: Vec::new(), ..rule.clone() };
            let alone = Directive { base: Effect::Deny, provisions: vec![alone], ..directive.clone() };
            prop_assert!(envelope.labels.is_empty() || !permits(&alone, &envelope, now));
        }
    }
}

fn provision(effect: Effect, recipients: &[&str]) -> Provision {
    Provision {
        effect,
        recipients: recipients.iter().map(|it| (*it).to_owned()).collect(),
        purposes: Vec::new(),
        types: Vec::new(),
        labels: Labels::NONE,
        facilities: Vec::new(),
        data_from: None,
        data_until: None,
        exceptions: Vec::new(),
    }
}

fn directive(base: Effect, provisions: Vec<Provision>) -> Directive {
    Directive {
        directive_id: "d".to_owned(),
        active: true,
        base,
        provisions,
        valid_from: None,
        valid_until: None,
        grantor: Grantor::Patient,
        method: Method::Electronic,
        given_at: Timestamp(0),
        note: None,
    }
}

/// The remarks as words with their places.
#[track_caller]
fn check(directive: &Directive, expected: &[&str]) {
    let said: Vec<String> = remarks(directive, Timestamp(5)).iter().map(word).collect();
    assert_eq!(said, expected);
}

fn word(remark: &Remark) -> String {
    match remark {
        Remark::NeverInForce => "never".to_owned(),
        Remark::Ended => "ended".to_owned(),
        Remark::PermitsAll => "permits all".to_owned(),
        Remark::DeniesAll => "denies all".to_owned(),
        Remark::EmptyPeriod(at) => format!("empty {at}"),
        Remark::ChangesNothing(at) => format!("idle {at}"),
        Remark::Contradicts(permit, deny) => format!("{permit} against {deny}"),
        Remark::Overlaps(permit, deny) => format!("{permit} overlaps {deny}"),
        Remark::NotSensitive(at) => format!("plain {at}"),
    }
}

#[test]
fn each_kind_is_found_at_its_place() {
    use Effect::{Deny, Permit};
    check(&directive(Permit, vec![]), &["permits all"]);
    check(&directive(Deny, vec![]), &["denies all"]);
    let permit = || provision(Permit, &["a"]);
    check(&directive(Deny, vec![permit()]), &["plain 1"]);
    check(&directive(Permit, vec![permit()]), &["idle 1"]);
    let pair = vec![provision(Deny, &["a"]), permit()];
    check(&directive(Deny, pair), &["plain 2", "2 against 1"]);
    let wider = vec![provision(Permit, &["a", "b"]), provision(Deny, &["b", "c"])];
    check(&directive(Deny, wider), &["plain 1", "1 overlaps 2"]);
    let apart = vec![provision(Permit, &["a"]), provision(Deny, &["b"])];
    check(&directive(Deny, apart), &["plain 1", "idle 2"]);
    let mut sensitive = permit();
    sensitive.labels = [Label::Hiv].into_iter().collect();
    let mut outer = provision(Deny, &["a"]);
    outer.exceptions = vec![provision(Deny, &["b"]), sensitive];
    check(&directive(Permit, vec![outer]), &["idle 1.1"]);
}

#[test]
fn an_idle_exception_is_told_and_not_the_rule_around_it() {
    use Effect::{Deny, Permit};
    let mut outer = provision(Deny, &["a"]);
    outer.exceptions = vec![provision(Deny, &["b"])];
    let nested = directive(Deny, vec![outer]);
    check(&nested, &["idle 1.1"]);
    let said = remarks(&nested, Timestamp(0));
    assert!(matches!(&*said, [Remark::ChangesNothing(at)] if at.numbers() == [1, 1]));
    let twice = vec![provision(Permit, &["a"]), provision(Permit, &["a"])];
    check(&directive(Deny, twice), &["plain 1", "plain 2"]);
}

type Change = fn(&mut Provision);

/// What a permission and the refusal after it have against each other, where all else is denied.
#[track_caller]
fn check_pair(permit: Change, deny: Change, expected: &[&str]) {
    let (mut first, mut second) = (provision(Effect::Permit, &[]), provision(Effect::Deny, &[]));
    permit(&mut first);
    deny(&mut second);
    check(&directive(Effect::Deny, vec![first, second]), expected);
}

fn to(recipients: &[&str]) -> Vec<String> {
    recipients.iter().map(|it| (*it).to_owned()).collect()
}

const OVERLAP: &[&str] = &["plain 1", "1 overlaps 2"];

#[test]
fn rules_that_name_as_many_dimensions_overlap_where_both_reach() {
    let one: Change = |it| it.recipients = to(&["a"]);
    check_pair(one, |it| it.purposes = vec![Purpose::Treatment], OVERLAP);
    check_pair(one, |it| it.types = vec![EventType::Encounter], OVERLAP);
    check_pair(one, |it| it.labels = [Label::Hiv].into_iter().collect(), OVERLAP);
    check_pair(|it| it.labels = [Label::Hiv].into_iter().collect(), one, &["1 overlaps 2"]);
    check_pair(one, |it| it.facilities = to(&["10001"]), OVERLAP);
    check_pair(one, |it| it.data_from = Some(Date(5)), OVERLAP);
    check_pair(one, |it| it.data_until = Some(Date(5)), OVERLAP);
    check_pair(one, |it| it.recipients = to(&["a", "b"]), OVERLAP);
    check_pair(|it| it.recipients = to(&["a", "b"]), one, OVERLAP);
    check_pair(
        |it| it.recipients = to(&["a", "b"]),
        |it| it.recipients = to(&["b", "a"]),
        &["plain 1", "1 against 2"],
    );
    let two: Change = |it| {
        it.recipients = to(&["a"]);
        it.purposes = vec![Purpose::Treatment];
    };
    check_pair(two, one, &["plain 1"]); // the one that names more decides
    check_pair(
        |it| {
            it.recipients = to(&["a"]);
            (it.data_from, it.data_until) = (Some(Date(2)), Some(Date(1)));
        },
        two,
        &["empty 1"],
    );
}

#[test]
fn rules_that_never_reach_the_same_event_have_nothing_against_each_other() {
    let apart = &["plain 1", "idle 2"];
    let payment: Change = |it| it.purposes = vec![Purpose::Payment];
    check_pair(payment, |it| it.purposes = vec![Purpose::Treatment], apart);
    check_pair(
        |it| it.types = vec![EventType::Referral],
        |it| it.types = vec![EventType::Encounter],
        apart,
    );
    check_pair(|it| it.facilities = to(&["10001"]), |it| it.facilities = to(&["10002"]), apart);
    check_pair(
        |it| it.labels = [Label::Hiv].into_iter().collect(),
        |it| it.labels = [Label::Abortion].into_iter().collect(),
        &[],
    );
    let (from, until): (Change, Change) =
        (|it| it.data_from = Some(Date(5)), |it| it.data_until = Some(Date(5)));
    check_pair(from, until, OVERLAP);
    check_pair(until, from, OVERLAP);
    check_pair(from, |it| it.data_until = Some(Date(4)), apart);
    check_pair(until, |it| it.data_from = Some(Date(6)), apart);
}

#[test]
fn dates_that_leave_nothing_are_told() {
    let mut it = directive(Effect::Deny, vec![provision(Effect::Permit, &["a"])]);
    it.provisions[0].data_from = Some(Date(3));
    it.provisions[0].data_until = Some(Date(2));
    it.valid_until = Some(Timestamp(5));
    check(&it, &["ended", "empty 1"]);
    it.valid_from = Some(Timestamp(5));
    check(&it, &["never", "empty 1"]);
    it.valid_until = Some(Timestamp(4));
    check(&it, &["never", "empty 1"]);
    it.valid_until = Some(Timestamp(6));
    it.provisions[0].data_until = Some(Date(3));
    check(&it, &["plain 1"]);
    it.active = false;
    check(&it, &[]);
}

#[test]
fn every_remark_has_a_sentence_of_its_own_in_both_languages() {
    let path = |it: &Directive| match &remarks(it, Timestamp(0))[0] {
        Remark::NotSensitive(path) => path.clone(),
        other => panic!("{other:?}"),
    };
    let at = path(&directive(Effect::Deny, vec![provision(Effect::Permit, &["a"])]));
    let all = [
        Remark::NeverInForce,
        Remark::Ended,
        Remark::PermitsAll,
        Remark::DeniesAll,
        Remark::EmptyPeriod(at.clone()),
        Remark::ChangesNothing(at.clone()),
        Remark::Contradicts(at.clone(), at.clone()),
        Remark::Overlaps(at.clone(), at.clone()),
        Remark::NotSensitive(at),
    ];
    for lang in [Lang::Th, Lang::En] {
        let said: std::collections::HashSet<_> = all.iter().map(|it| it.sentence(lang)).collect();
        assert_eq!(said.len(), all.len());
        for sentence in said {
            let thai = sentence.chars().any(|it| ('\u{e00}'..='\u{e7f}').contains(&it));
            assert_eq!(thai, lang == Lang::Th, "{sentence}");
        }
    }
}
