//! Synthetic submissions: one base case a type, changed by the tests.

use saphan_model::body::{
    Diagnosis, Encounter, EncounterClass, Referral, ReferralReply, VitalSigns,
};
use saphan_model::directive::{Directive, Effect, Grantor, Method, Provision, Purpose};
use saphan_model::label::Labels;
use saphan_model::{
    Body, CitizenId, Content, Date, EventType, Private, Provenance, Subject, Submission,
};

pub const CITIZEN: &str = "1234567890121";

pub fn citizen() -> CitizenId {
    CitizenId::parse(CITIZEN).expect("a made-up id with a right check digit")
}

pub fn known() -> Subject {
    Subject { citizen_id: Some(citizen()), local_id: Some(Private::new("77".to_owned())) }
}

/// The same local number, but somebody else's citizen id.
pub fn another() -> Subject {
    let citizen_id = CitizenId::parse("1234567890139").expect("made up as well");
    Subject { citizen_id: Some(citizen_id), ..known() }
}

pub fn unknown() -> Subject {
    Subject { citizen_id: None, local_id: Some(Private::new("77".to_owned())) }
}

/// A visit at a hospital of region 9, scheme UC, one diagnosis.
pub fn visit(number: &str, code: &str, subject: Subject) -> Submission {
    let day = Date::from_ymd(2026, 3, 2).expect("a day");
    let encounter = Encounter {
        class: EncounterClass::Ambulatory,
        visit_number: Private::new(number.to_owned()),
        period_start: day.thai_midnight(),
        period_end: None,
        scheme: "0100".to_owned(),
        main_facility: None,
        type_in: "1".to_owned(),
        referred_from: None,
        cause_in: None,
        location: None,
        in_time: None,
        service_place: None,
        chief_complaint: None,
        vital_signs: VitalSigns::default(),
        type_out: "1".to_owned(),
        referred_to: None,
        cause_out: None,
        cost_satang: None,
        price_satang: 12_000,
        pay_price_satang: 0,
        actual_pay_satang: 0,
        stay: None,
        diagnoses: vec![Diagnosis { code: code.to_owned(), role: "1".to_owned(), clinic: None }],
        procedures: Vec::new(),
        medications: Vec::new(),
        lab_results: Vec::new(),
        charges: Vec::new(),
        follow_ups: Vec::new(),
        accident: None,
    };
    submission(
        subject,
        &format!("O:{number}:20260302"),
        Content::Put(Body::Encounter(Box::new(encounter))),
    )
}

/// A referral from the hospital of [`visit`] to one of region 13; its diagnosis is text.
pub fn referral(number: &str) -> Submission {
    let at = Date::from_ymd(2026, 3, 2).expect("a day").thai_midnight();
    let referral = Referral {
        referral_number: Private::new(number.to_owned()),
        province_number: None,
        visit_number: Private::new("1".to_owned()),
        admission_number: None,
        origin_number: None,
        origin_facility: None,
        visited_at: at,
        referred_at: at,
        clinic: None,
        destination: "99006".to_owned(),
        chief_complaint: None,
        physical_exam: None,
        first_diagnosis: None,
        last_diagnosis: Private::new("made up".to_owned()),
        patient_status: Private::new("awake".to_owned()),
        patient_type: "1".to_owned(),
        emergency: "5".to_owned(),
        disease_group: None,
        cause_out: "1".to_owned(),
        request: None,
        findings: Vec::new(),
        medications: Vec::new(),
    };
    submission(known(), number, Content::Put(Body::Referral(Box::new(referral))))
}

/// The answer to a referral, with the reason of a refusal or without.
pub fn reply(number: &str, reason: Option<&str>) -> Submission {
    let reply = ReferralReply {
        referral_number: Private::new(number.to_owned()),
        source_facility: "99006".to_owned(),
        result: if reason.is_some() { "2" } else { "1" }.to_owned(),
        arrived_at: None,
        local_id: None,
        admission_number: None,
        reason: reason.map(|it| Private::new(it.to_owned())),
    };
    let key = format!("99006:{number}");
    submission(known(), &key, Content::Put(Body::ReferralReply(Box::new(reply))))
}

pub fn retraction(number: &str) -> Submission {
    submission(
        Subject::default(),
        &format!("O:{number}:20260302"),
        Content::Retract(EventType::Encounter),
    )
}

/// Base deny, and a permission for one agency.
pub fn directive(recipient: &str, purpose: Purpose, labels: Labels, active: bool) -> Submission {
    let provision = Provision {
        effect: Effect::Permit,
        recipients: vec![recipient.to_owned()],
        purposes: vec![purpose],
        types: Vec::new(),
        labels,
        facilities: Vec::new(),
        data_from: None,
        data_until: None,
        exceptions: Vec::new(),
    };
    let directive = Directive {
        directive_id: "consent-1".to_owned(),
        active,
        base: Effect::Deny,
        provisions: vec![provision],
        valid_from: None,
        valid_until: None,
        grantor: Grantor::Patient,
        method: Method::WitnessedPaper,
        given_at: Date::from_ymd(2026, 3, 1).expect("a day").thai_midnight(),
        note: None,
    };
    submission(known(), "consent-1", Content::Put(Body::Directive(Box::new(directive))))
}

fn submission(subject: Subject, key: &str, content: Content) -> Submission {
    let day = Date::from_ymd(2026, 3, 2).expect("a day");
    Submission {
        facility: "99001".to_owned(),
        subject,
        natural_key: Private::new(key.to_owned()),
        occurred_at: day.thai_midnight(),
        recorded_at: day.thai_midnight(),
        provenance: Provenance { source: "f43".to_owned(), ..Provenance::default() },
        defaulted: Vec::new(),
        content,
    }
}
