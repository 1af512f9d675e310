//! The agencies of the demonstration: what each may receive, written out by hand.

use crate::feed::{EventType, Put};
use crate::reference;

/// Which events of a type an agency is a candidate for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All.
    All,
    /// Those that show a notifiable disease.
    Notifiable,
    /// Those paid by one of these schemes.
    Schemes(&'static [&'static str]),
    /// Those of facilities in this region.
    Region(u8),
}

/// Which sensitivity labels an agency may ever see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceiling {
    /// All.
    All,
    /// Only these.
    Only(&'static [&'static str]),
}

/// An agency; one rule for all its types.
#[derive(Debug)]
pub struct Agency {
    /// Its id.
    pub id: &'static str,
    /// What it asks for.
    pub types: &'static [EventType],
    /// Of these, which.
    pub filter: Filter,
    /// The purpose of use.
    pub purpose: &'static str,
    /// Does its right rest on consent?
    pub by_consent: bool,
    /// Labels it may see.
    pub ceiling: Ceiling,
    /// Does a change of consent take back what it holds?
    pub takes_back: bool,
}

use EventType::{
    Appointment, Condition, Encounter, Immunisation, Maternity, Referral, ReferralReply, Screening,
};

const fn statute(
    id: &'static str,
    purpose: &'static str,
    types: &'static [EventType],
    filter: Filter,
) -> Agency {
    Agency {
        id,
        types,
        filter,
        purpose,
        by_consent: false,
        ceiling: Ceiling::All,
        takes_back: false,
    }
}

const fn region(id: &'static str, number: u8) -> Agency {
    const TYPES: &[EventType] = &[Encounter, Referral, Screening, Immunisation, Maternity];
    statute(id, "HOPERAT", TYPES, Filter::Region(number))
}

const fn payer(id: &'static str, schemes: &'static [&'static str]) -> Agency {
    statute(id, "HPAYMT", &[Encounter], Filter::Schemes(schemes))
}

const fn consent(id: &'static str, purpose: &'static str, types: &'static [EventType]) -> Agency {
    let (filter, ceiling) = (Filter::All, Ceiling::All);
    Agency { id, types, filter, purpose, by_consent: true, ceiling, takes_back: false }
}

/// All of them. An agency's place is its bit in a set of holders.
pub const AGENCIES: &[Agency] = &[
    Agency {
        id: "ddc",
        types: &[Encounter, Condition],
        filter: Filter::Notifiable,
        purpose: "PUBHLTH",
        by_consent: false,
        ceiling: Ceiling::Only(&["hiv"]),
        takes_back: false,
    },
    payer("nhso", &["0100"]),
    payer("cgd", &["1100", "1200", "1300", "1400", "1900"]),
    payer("sso", &["4200"]),
    region("region-01", 1),
    region("region-02", 2),
    region("region-03", 3),
    region("region-04", 4),
    region("region-05", 5),
    region("region-06", 6),
    region("region-07", 7),
    region("region-08", 8),
    region("region-09", 9),
    region("region-10", 10),
    region("region-11", 11),
    region("region-12", 12),
    region("region-13", 13),
    consent("health-link", "TREAT", &[Encounter, Condition, Immunisation, Referral, Appointment]),
    statute("refer-link", "TREAT", &[Referral, ReferralReply], Filter::All),
    Agency {
        takes_back: true,
        ..consent(
            "phr",
            "PATRQT",
            &[Encounter, Condition, Immunisation, Screening, Maternity, Appointment, Referral],
        )
    },
];

/// Does an event show a notifiable disease: by CODE506, or by any of its ICD-10 codes?
pub fn notifiable(put: &Put) -> bool {
    let known = |code: &str| reference::NOTIFIABLE.iter().any(|it| it.code506 == code);
    known(put.code506) || put.icd10.split(' ').any(|it| reference::code506(it).is_some())
}

/// The sensitivity labels of an event, from all its ICD-10 codes; every label there is where it says in
/// free text what it codes nowhere.
pub fn labels(put: &Put) -> Vec<&'static str> {
    let undiagnosed = put.event_type == EventType::Encounter && put.icd10.is_empty();
    let mut labels: Vec<_> = if put.uncoded || undiagnosed {
        reference::SENSITIVE.iter().map(|it| it.label).collect()
    } else {
        put.icd10.split(' ').flat_map(reference::labels).collect()
    };
    labels.sort_unstable();
    labels.dedup();
    labels
}

impl Agency {
    /// Does the agency's rule speak of this event, reported in this region?
    pub fn candidate(&self, put: &Put, region: u8) -> bool {
        let fits = match self.filter {
            Filter::All => true,
            Filter::Notifiable => notifiable(put),
            Filter::Schemes(schemes) => schemes.contains(&put.scheme),
            Filter::Region(number) => number == region,
        };
        fits && self.types.contains(&put.event_type)
    }

    /// May it ever see events with these labels?
    pub fn may_see(&self, labels: &[&str]) -> bool {
        match self.ceiling {
            Ceiling::All => true,
            Ceiling::Only(allowed) => labels.iter().all(|it| allowed.contains(it)),
        }
    }
}
