//! Laws that hold for all contracts, directives and records.

#[path = "support/arbitrary.rs"]
mod arbitrary;
#[path = "support/question.rs"]
mod question;

use arbitrary::{
    any_directive, any_provision, consent, directive, effect, envelope, event, instant, provision,
    table,
};
use proptest::collection::vec;
use proptest::prelude::*;
use question::question;
use saphan_model::contract::{BasisKind, OnRevoke};
use saphan_model::decision::{Recalled, WithholdReason};
use saphan_model::directive::{Directive, Effect, Provision, Purpose};
use saphan_model::envelope::Retracted;
use saphan_model::label::Labels;
use saphan_model::limits::{DIRECTIVES_PER_PATIENT_MAX, PROVISION_DEPTH_MAX, PROVISIONS_MAX};
use saphan_model::{Envelope, Timestamp};
use saphan_policy::consent::decide;
use saphan_policy::{
    Action, AgencySet, HeldEvent, PatientConsent, RecordKind, RecordView, RouteTable, Verdict,
    plan, recalls, still_permits,
};

const NEW: usize = 99;

fn with(consent: &PatientConsent, number: usize, directive: Directive) -> PatientConsent {
    let mut consent = consent.clone();
    consent.put(event(number), directive);
    consent
}

/// Adds a provision to the directive of a number, if there is one.
fn with_provision(consent: &PatientConsent, at: usize, provision: Provision) -> PatientConsent {
    let Some(held) = consent.held().get(at) else { return consent.clone() };
    let mut directive = held.directive.clone();
    directive.provisions.push(provision);
    with(consent, at, directive)
}

fn put(envelope: &Envelope) -> RecordView<'_> {
    RecordView { envelope, kind: RecordKind::Put }
}

/// The holders an earlier record of the event could have left.
fn holders(table: &RouteTable, envelope: &Envelope, bits: u8) -> AgencySet {
    let ids = table.agencies().filter(|(it, _)| bits & (1 << it.get()) != 0);
    ids.filter_map(|(_, id)| table.holders(envelope.event_type, [id.as_str()]).ok())
        .flat_map(AgencySet::iter)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_deny_as_specific_as_can_be_always_wins(
        consent in consent(), envelope in envelope(), now in instant(), mut plain in any_directive(),
    ) {
        let day = envelope.occurred_at.thai_date();
        let mut deny = Provision {
            effect: Effect::Deny,
            recipients: vec!["alpha".to_owned()],
            purposes: vec![Purpose::Treatment],
            types: vec![envelope.event_type],
            labels: envelope.labels,
            facilities: vec![envelope.facility.clone()],
            data_from: Some(day),
            data_until: Some(day),
            exceptions: Vec::new(),
        };
        for _ in 1..PROVISION_DEPTH_MAX {
            deny = Provision { exceptions: vec![deny.clone()], ..deny };
        }
        plain.provisions = vec![deny];
        (plain.active, plain.valid_from, plain.valid_until) = (true, None, None);
        let denied = with(&consent, NEW, plain);
        let verdict = decide(&denied, &question("alpha", &envelope, now));
        let is_deny = matches!(
            verdict,
            Verdict::Withhold { reason: WithholdReason::DirectiveDeny, .. }
        );
        prop_assert!(is_deny, "{verdict:?}");
    }

    #[test]
    fn adding_a_directive_that_only_denies_never_permits(
        consent in consent(), extra in directive(vec![Effect::Deny]),
        envelope in envelope(), now in instant(),
    ) {
        let question = question("alpha", &envelope, now);
        let after = with(&consent, NEW, extra);
        prop_assert!(decide(&consent, &question).permits() || !decide(&after, &question).permits());
    }

    #[test]
    fn adding_a_deny_to_a_directive_never_permits(
        consent in consent(), at in 0usize..4, extra in provision(vec![Effect::Deny]),
        envelope in envelope(), now in instant(),
    ) {
        let question = question("alpha", &envelope, now);
        let after = with_provision(&consent, at, extra);
        prop_assert!(decide(&consent, &question).permits() || !decide(&after, &question).permits());
    }

    #[test]
    fn turning_a_base_to_deny_never_permits(
        consent in consent(), at in 0usize..4, envelope in envelope(), now in instant(),
    ) {
        let question = question("alpha", &envelope, now);
        let Some(held) = consent.held().get(at) else { return Ok(()) };
        let closed = Directive { base: Effect::Deny, ..held.directive.clone() };
        let after = with(&consent, at, closed);
        prop_assert!(decide(&consent, &question).permits() || !decide(&after, &question).permits());
    }

    #[test]
    fn a_provision_for_someone_else_changes_nothing(
        consent in consent(), at in 0usize..4, mut extra in any_provision(),
        envelope in envelope(), now in instant(),
    ) {
        extra.recipients = vec!["somebody-else".to_owned()];
        let after = with_provision(&consent, at, extra);
        let question = question("alpha", &envelope, now);
        prop_assert_eq!(decide(&after, &question), decide(&consent, &question));
    }

    #[test]
    fn a_directive_not_in_force_permits_and_stops_nothing(
        consent in consent(), mut extra in any_directive(), how in 0..3,
        envelope in envelope(), now in instant(),
    ) {
        match how {
            0 => extra.active = false,
            1 => extra.valid_from = Some(Timestamp(now.0 + 1)),
            _ => extra.valid_until = Some(now),
        }
        let question = question("alpha", &envelope, now);
        let after = with(&consent, NEW, extra);
        let (before, after) = (decide(&consent, &question), decide(&after, &question));
        let none = Verdict::Withhold { reason: WithholdReason::NoDirective, directive_id: None };
        prop_assert!(before == after || (before == none && !after.permits()));
    }

    #[test]
    fn a_labelled_event_needs_a_permit_that_names_a_label(
        consent in consent(), envelope in envelope(), now in instant(),
    ) {
        let question = question("alpha", &envelope, now);
        let mut unlabelled = consent.held().to_vec();
        for held in &mut unlabelled {
            forget_labels(&mut held.directive.provisions);
        }
        let unlabelled = PatientConsent::from_held(unlabelled);
        prop_assert!(envelope.labels.is_empty() || !decide(&unlabelled, &question).permits());
    }

    #[test]
    fn the_fold_forgets_order_and_survives_storage(
        directives in vec(any_directive(), 0..6), shift in 0usize..6,
        envelope in envelope(), now in instant(),
    ) {
        let mut in_order = PatientConsent::default();
        let mut rotated = PatientConsent::default();
        let count = directives.len();
        for place in 0..count {
            in_order.put(event(place), directives[place].clone());
            let other = (place + shift) % count;
            rotated.put(event(other), directives[other].clone());
        }
        prop_assert_eq!(&in_order, &rotated);
        let mut stored = in_order.held().to_vec();
        stored.reverse();
        let restored = PatientConsent::from_held(stored);
        let question = question("alpha", &envelope, now);
        prop_assert_eq!(decide(&restored, &question), decide(&in_order, &question));
    }

    #[test]
    fn the_last_revision_of_a_directive_holds(
        consent in consent(), first in any_directive(), last in any_directive(),
    ) {
        let revised = with(&with(&consent, NEW, first), NEW, last.clone());
        prop_assert_eq!(revised, with(&consent, NEW, last));
    }

    #[test]
    fn a_retracted_directive_never_was(
        consent in consent(), extra in any_directive(), envelope in envelope(), now in instant(),
    ) {
        let mut after = with(&consent, NEW, extra);
        prop_assert!(after.retract(event(NEW)));
        prop_assert!(!after.retract(event(NEW)));
        let question = question("alpha", &envelope, now);
        prop_assert_eq!(decide(&after, &question), decide(&consent, &question));
    }

    #[test]
    fn the_same_inputs_give_the_same_plan(
        table in table(), consent in consent(), envelope in envelope(), now in instant(), bits: u8,
    ) {
        let held = holders(&table, &envelope, bits);
        let once = plan(&table, &consent, held, now, put(&envelope));
        prop_assert_eq!(&once, &plan(&table, &consent, held, now, put(&envelope)));
        prop_assert!(once.actions.is_sorted_by_key(|it| table.id_of(it.agency())));
    }

    #[test]
    fn every_holder_is_told_and_nobody_else_is(
        table in table(), consent in consent(), envelope in envelope(), now in instant(), bits: u8,
        retract: bool,
    ) {
        let held = holders(&table, &envelope, bits);
        let kind = if retract {
            RecordKind::Retract { retracted_type: envelope.event_type }
        } else {
            RecordKind::Put
        };
        let plan = plan(&table, &consent, held, now, RecordView { envelope: &envelope, kind });
        let mut delivered = AgencySet::NONE;
        let mut retracted = AgencySet::NONE;
        for action in &plan.actions {
            match action {
                Action::Deliver(it) => delivered = delivered.with(it.agency()),
                Action::Retract(it) => {
                    retracted = retracted.with(it.agency());
                    let by_consent = it.recalled(&table, &envelope.facility);
                    prop_assert_eq!(by_consent.is_some(), it.reason().is_some());
                }
                Action::Withhold(it) => prop_assert!(!held.contains(it.agency)),
            }
        }
        prop_assert_eq!(plan.held_after, delivered);
        prop_assert!(retracted.iter().all(|it| held.contains(it)));
        prop_assert!(held.iter().all(|it| delivered.contains(it) || retracted.contains(it)));
        prop_assert!(!retract || (delivered.is_empty() && plan.actions.len() == held.len()));
    }

    #[test]
    fn nothing_is_delivered_outside_the_rules(
        table in table(), consent in consent(), envelope in envelope(), now in instant(), bits: u8,
    ) {
        let held = holders(&table, &envelope, bits);
        for action in plan(&table, &consent, held, now, put(&envelope)).actions {
            let Action::Deliver(permitted) = action else { continue };
            let entry = table.entry(permitted.rule());
            prop_assert_eq!(entry.agency, permitted.agency());
            prop_assert_eq!(entry.contract.version, if now.0 < 5 { 1 } else { 2 });
            prop_assert_eq!(entry.contract.version, permitted.contract_version());
            prop_assert!(now.0 >= 1);
            prop_assert_eq!(entry.rule.event_type, envelope.event_type);
            prop_assert!(envelope.labels.within(entry.rule.labels));
            let filter = &entry.rule.filter;
            prop_assert!(filter.regions.is_empty() || envelope.facets.region == 1);
            prop_assert!(!filter.notifiable || !envelope.facets.notifiable.is_empty());
            prop_assert_eq!(permitted.basis(), entry.rule.basis);
            prop_assert_eq!(permitted.envelope(), &envelope);
            match permitted.directive_id() {
                None => prop_assert_eq!(permitted.basis(), BasisKind::Statute),
                Some(id) => {
                    let mut active = consent.held().iter().filter(|it| it.directive.active);
                    prop_assert!(active.any(|it| it.directive.directive_id == id));
                }
            }
        }
    }

    #[test]
    fn the_overlay_can_only_take_away(
        table in table(), consent in consent(), envelope in envelope(), now in instant(), bits: u8,
        revoked: u8,
    ) {
        let held = holders(&table, &envelope, bits);
        let before = plan(&table, &consent, held, now, put(&envelope));
        let delivered = before.held_after;
        let consented: AgencySet = before
            .actions
            .iter()
            .filter(|it| matches!(it, Action::Deliver(it) if it.basis() == BasisKind::Consent))
            .map(Action::agency)
            .collect();
        let agencies: Vec<_> = before.actions.iter().map(Action::agency).collect();
        let after = before.revoke(|it| revoked & (1 << it.agency().get()) != 0);
        prop_assert_eq!(agencies, after.actions.iter().map(Action::agency).collect::<Vec<_>>());
        for (agency, _) in table.agencies() {
            let taken = consented.contains(agency) && revoked & (1 << agency.get()) != 0;
            let kept = delivered.contains(agency) && !taken;
            prop_assert_eq!(after.held_after.contains(agency), kept);
            let action = after.actions.iter().find(|it| it.agency() == agency);
            prop_assert_eq!(kept, matches!(action, Some(Action::Deliver(_))));
            if taken {
                let retracted = matches!(action, Some(Action::Retract(_)));
                prop_assert_eq!(retracted, held.contains(agency));
                let reason = action.and_then(|it| it.outcome(&table).reason);
                prop_assert_eq!(reason, Some(WithholdReason::RevokedOverlay));
            }
        }
    }

    #[test]
    fn a_delivery_is_still_permitted_exactly_where_the_later_consent_would_deliver_it(
        table in table(), consent in consent(), later in consent(), envelope in envelope(),
        now in instant(),
    ) {
        let delivered = |consent: &PatientConsent| plan(&table, consent, AgencySet::NONE, now, put(&envelope));
        let then = delivered(&later).held_after;
        for action in delivered(&consent).actions {
            let Action::Deliver(it) = action else { continue };
            let still = still_permits(&table, &later, &it, now);
            prop_assert_eq!(still, then.contains(it.agency()));
            prop_assert!(still_permits(&table, &consent, &it, now), "nothing changed");
        }
    }

    #[test]
    fn what_is_called_back_is_what_would_no_longer_be_delivered(
        table in table(), consent in consent(), envelope in envelope(), now in instant(), bits: u8,
    ) {
        let recallable = holders(&table, &envelope, bits);
        let held = HeldEvent {
            event: Retracted::after(envelope.event_id, envelope.revision, 7, envelope.patient),
            event_type: envelope.event_type,
            facility: &envelope.facility,
            occurred_at: envelope.occurred_at,
            labels: envelope.labels,
            recallable,
        };
        let recalled = recalls(&table, &consent, now, &held);
        prop_assert!(recalled.is_sorted_by_key(|it| it.agency()));
        let gone: AgencySet = recalled.iter().map(saphan_policy::Recall::agency).collect();
        prop_assert_eq!(gone.len(), recalled.len());
        prop_assert!(gone.iter().all(|it| recallable.contains(it)));
        for action in plan(&table, &consent, AgencySet::NONE, now, put(&envelope)).actions {
            let agency = action.agency();
            let rule = table.rule_at(agency, envelope.event_type, now).expect("a candidate").rule;
            let lost = rule.basis == BasisKind::Consent && !matches!(action, Action::Deliver(_));
            prop_assert_eq!(gone.contains(agency), recallable.contains(agency) && lost);
            let told = recalled.iter().find(|it| it.agency() == agency);
            if let (Some(told), Action::Withhold(it)) = (told, &action) {
                prop_assert_eq!(told.reason(), Some(it.reason));
                prop_assert_eq!(told.directive_id(), it.directive_id.as_deref());
            }
        }
        for it in &recalled {
            let entry = table.entry(it.rule());
            prop_assert_eq!((entry.agency, entry.rule.event_type), (it.agency(), it.event_type()));
            prop_assert_eq!(entry.rule.basis, BasisKind::Consent);
            prop_assert_eq!(it.contract_version(), entry.contract.version);
            prop_assert_eq!(it.event(), &held.event);
            let said = Recalled {
                event_id: envelope.event_id,
                event_type: envelope.event_type,
                facility: envelope.facility.clone(),
                agency: table.id_of(it.agency()).as_str().to_owned(),
                reason: it.reason().expect("consent is the cause"),
                directive_id: it.directive_id().map(str::to_owned),
                contract_version: i32::try_from(entry.contract.version).expect("1 or 2"),
            };
            prop_assert_eq!(it.recalled(&table, &envelope.facility), Some(said));
        }
    }

    #[test]
    fn recallable_is_who_received_it_by_a_rule_that_says_so(
        table in table(), consent in consent(), envelope in envelope(), now in instant(),
        revoked: u8,
    ) {
        let plan = plan(&table, &consent, AgencySet::NONE, now, put(&envelope));
        let plan = plan.revoke(|it| revoked & (1 << it.agency().get()) != 0);
        let recallable = plan.recallable(&table);
        for (agency, _) in table.agencies() {
            let rule = table.rule_at(agency, envelope.event_type, now).map(|it| it.rule);
            let says_so = rule.is_some_and(|it| {
                it.basis == BasisKind::Consent && it.on_revoke == OnRevoke::Retract
            });
            prop_assert_eq!(recallable.contains(agency), plan.held_after.contains(agency) && says_so);
        }
    }

    #[test]
    fn a_recall_is_newer_than_the_delivery_and_never_newer_than_what_follows(
        envelope in envelope(), sequence in 0_i64..1_000, further in 1_i64..5,
    ) {
        let version = Retracted::after(envelope.event_id, envelope.revision, sequence, envelope.patient).version;
        let at = |sequence| Envelope { sequence, ..envelope.clone() };
        prop_assert!(at(sequence).version(true) < version);
        prop_assert!(version <= at(sequence + further).version(false));
        prop_assert!(version < at(sequence + further).version(true));
    }

    #[test]
    fn state_that_cannot_be_read_permits_nothing(envelope in envelope(), now in instant()) {
        let consent = PatientConsent::unreadable();
        let expected = Verdict::Withhold { reason: WithholdReason::Unreadable, directive_id: None };
        prop_assert_eq!(decide(&consent, &question("alpha", &envelope, now)), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, ..ProptestConfig::default() })]

    #[test]
    fn too_many_directives_permit_nothing_until_an_operator_looks(
        mut plain in any_directive(), base in effect(), envelope in envelope(), now in instant(),
    ) {
        plain.base = base;
        (plain.active, plain.valid_from, plain.valid_until) = (true, None, None);
        let mut consent = PatientConsent::default();
        for number in 0..=DIRECTIVES_PER_PATIENT_MAX {
            prop_assert!(consent.readable());
            consent.put(event(number), plain.clone());
        }
        prop_assert!(!consent.readable());
        let full = consent.clone();
        prop_assert!(!consent.retract(event(0)), "a change could hide what was not kept");
        consent.put(event(0), Directive { active: false, ..plain.clone() });
        prop_assert_eq!(&consent, &full);
        let restored = PatientConsent::from_held(consent.held().to_vec());
        prop_assert!(!decide(&restored, &question("alpha", &envelope, now)).permits());
    }

    #[test]
    fn a_directive_with_too_many_provisions_permits_nothing(
        mut plain in any_directive(), mut one in any_provision(),
        envelope in envelope(), now in instant(),
    ) {
        one.exceptions = Vec::new();
        plain.provisions = vec![one.clone(); PROVISIONS_MAX];
        (plain.active, plain.valid_from, plain.valid_until) = (true, None, None);
        let read = |directive| {
            let consent = with(&PatientConsent::default(), NEW, directive);
            let verdict = decide(&consent, &question("alpha", &envelope, now));
            !matches!(verdict, Verdict::Withhold { reason: WithholdReason::Unreadable, .. })
        };
        prop_assert!(read(plain.clone()));
        plain.provisions[0].exceptions.push(one);
        prop_assert!(!read(plain));
    }

    #[test]
    fn the_withdrawn_directive_given_first_makes_room(
        plain in any_directive(), at in 0usize..=DIRECTIVES_PER_PATIENT_MAX,
        other in 0usize..=DIRECTIVES_PER_PATIENT_MAX,
    ) {
        let mut consent = PatientConsent::default();
        for number in 0..=DIRECTIVES_PER_PATIENT_MAX {
            let active = number != at && number != other;
            let given_at = Timestamp(if number == other { 2 } else if number == at { 1 } else { 0 });
            consent.put(event(number), Directive { active, given_at, ..plain.clone() });
        }
        prop_assert_eq!(consent.held().len(), DIRECTIVES_PER_PATIENT_MAX);
        prop_assert!(consent.readable());
        prop_assert!(consent.held().iter().all(|it| it.event_id != event(at)));
    }
}

fn forget_labels(provisions: &mut [Provision]) {
    for provision in provisions {
        provision.labels = Labels::NONE;
        forget_labels(&mut provision.exceptions);
    }
}
