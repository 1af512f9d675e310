//! Submissions. `schemas/submission`.

use saphan_model::body::{
    Appointment, Condition, Death, Encounter, Immunisation, Maternity, Person, Referral,
    ReferralReply, Screening,
};
use saphan_model::directive::Directive;
use saphan_model::{Body, Content, Defect, EventType, Subject, Submission};

use crate::wire::macros::{one_of, record};

// `facility` stays first: the gateway reads it alone.
record! {
    "th.saphan.Submission" => Submission {
        facility, subject, natural_key, occurred_at, recorded_at, provenance, defaulted, content,
    }
    "th.saphan.Subject" => Subject { citizen_id, local_id }
}

one_of! {
    "th.saphan.Content" => Content, it {
        person: Box<Person> = [Content::Put(Body::Person(it))],
        encounter: Box<Encounter> = [Content::Put(Body::Encounter(it))],
        referral: Box<Referral> = [Content::Put(Body::Referral(it))],
        referral_reply: Box<ReferralReply> = [Content::Put(Body::ReferralReply(it))],
        condition: Box<Condition> = [Content::Put(Body::Condition(it))],
        immunisation: Box<Immunisation> = [Content::Put(Body::Immunisation(it))],
        maternity: Box<Maternity> = [Content::Put(Body::Maternity(it))],
        screening: Box<Screening> = [Content::Put(Body::Screening(it))],
        appointment: Box<Appointment> = [Content::Put(Body::Appointment(it))],
        death: Box<Death> = [Content::Put(Body::Death(it))],
        directive: Box<Directive> = [Content::Put(Body::Directive(it))],
        retract: EventType = [Content::Retract(it)],
        defect: Defect = [Content::Defect(it)],
    }
}
