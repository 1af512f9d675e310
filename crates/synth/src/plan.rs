//! What happens: every visit, referral, mistake and resend, before a single row is written.
//!
//! Owns the choices. The rows (`rows`) are a function of world and plan, so a row can be written
//! again, byte for byte, in a later file.

mod mess;
mod referrals;
mod schedule;
mod visits;

use crate::options::Options;
use crate::reference::Kind;
use crate::world::World;

pub use schedule::{Stage, Zip};

/// A stay that follows a visit.
#[derive(Clone, Copy)]
pub struct Stay {
    /// Running number inside the facility.
    pub number: u32,
    /// 1 to 7.
    pub nights: u8,
}

/// How a visit is corrected in phase 4. Facility and date never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// The principal diagnosis becomes this one.
    Principal(&'static str),
    /// This comorbidity is added.
    Comorbidity(&'static str),
    /// The scheme becomes this one.
    Scheme(&'static str),
    /// Prices change.
    Charges,
}

/// An out-patient visit.
pub struct Visit {
    pub registration: u32,
    pub facility: u16,
    pub day: u16,
    /// Second of the day.
    pub second: u32,
    /// Running number inside the facility; makes SEQ.
    pub number: u32,
    pub kind: Kind,
    /// Principal diagnosis.
    pub code: &'static str,
    pub comorbidity: Option<&'static str>,
    pub stay: Option<Stay>,
    /// The referral this visit ends in.
    pub referred_out: Option<u32>,
    /// The facility this visit was referred from.
    pub referred_from: Option<u16>,
    /// A notifiable visit with a SURVEILLANCE row.
    pub reported: bool,
    pub died: bool,
    /// First sent in phase 4 although it happened before the split.
    pub late: bool,
    pub correction: Option<Correction>,
}

/// The receiving facility's answer.
#[derive(Clone, Copy)]
pub struct Reply {
    pub registration: u32,
    pub day: u16,
    /// REFER_RESULT.
    pub result: char,
}

/// A referral.
pub struct Referral {
    /// The visit it was made in, at the sending facility.
    pub visit: u32,
    pub from: u16,
    pub to: u16,
    pub day: u16,
    /// Running number inside the sending facility; makes REFERID.
    pub number: u32,
    /// CAUSEOUT.
    pub cause: char,
    /// The referral this one answers, on return legs.
    pub origin: Option<u32>,
    /// The visit the patient came with, if they came.
    pub arrival: Option<u32>,
    pub reply: Option<Reply>,
    /// First sent in phase 4 although it happened before the split.
    pub late: bool,
}

/// Something a row can be wrong in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Breakage {
    FieldCount,
    Missing,
    NotADate,
    BuddhistEra,
    NotANumber,
    UnknownCode,
    TooLong,
    OtherFacility,
    Checksum,
    Orphan,
}

impl Breakage {
    /// All of them, by code.
    pub const ALL: &'static [Self] = &[
        Self::FieldCount,
        Self::Missing,
        Self::NotADate,
        Self::BuddhistEra,
        Self::NotANumber,
        Self::UnknownCode,
        Self::TooLong,
        Self::OtherFacility,
        Self::Checksum,
        Self::Orphan,
    ];

    /// The code a reader of the feed must give it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::FieldCount => "SP-1101",
            Self::Missing => "SP-1102",
            Self::NotADate => "SP-1103",
            Self::BuddhistEra => "SP-1104",
            Self::NotANumber => "SP-1105",
            Self::UnknownCode => "SP-1106",
            Self::TooLong => "SP-1107",
            Self::OtherFacility => "SP-1108",
            Self::Checksum => "SP-1109",
            Self::Orphan => "SP-1110",
        }
    }
}

/// What a DATA_CORRECT row deletes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    Visit(u32),
    Stay(u32),
    Surveillance(u32),
    Vaccination(u32),
    Screening(u32),
    Antenatal(u32),
    Appointment(u32),
    Referral(u32),
    /// The first lasting disease of a registration.
    Chronic(u32),
    /// A visit that never was, of a registration.
    Nothing(u32, u32),
}

/// One thing a zip tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Task {
    /// A visit, its stay and all that was recorded beside it.
    Visit(u32),
    /// The corrected visit alone.
    Corrected(u32),
    /// Lasting diseases and allergies of a registration.
    Register(u32),
    Referral(u32),
    /// The answer to a referral.
    Reply(u32),
    /// The death at the end of a visit.
    Death(u32),
    /// The person row alone, with what is now known.
    Link(u32),
    Retract(Target),
    /// A broken row that mentions a registration.
    Broken(Breakage, u32),
}

/// Everything that happens.
pub struct Plan {
    pub visits: Vec<Visit>,
    pub referrals: Vec<Referral>,
    /// Zips in the order they are applied inside each phase: by facility, then by name.
    pub zips: Vec<Zip>,
}

impl Plan {
    /// Decides everything. Registers referred people where they arrive, and makes some
    /// registrations uncertain.
    pub fn new(options: &Options, world: &mut World) -> Self {
        let mut plan = Self { visits: Vec::new(), referrals: Vec::new(), zips: Vec::new() };
        let n_arrivals = options.referrals * 3 / 4;
        visits::add(world, &mut plan, options.visits - n_arrivals);
        referrals::add(world, &mut plan, options.referrals, n_arrivals);
        let missing = options.visits - u32::try_from(plan.visits.len()).expect("limited");
        visits::add(world, &mut plan, missing);
        mess::deaths(world, &mut plan);
        visits::number(world, &mut plan);
        mess::identities(world, &plan, options.mistaken_ids);
        let mess = mess::choose(world, &mut plan);
        plan.zips = schedule::zips(world, &plan, &mess);
        plan
    }

    /// The registration a task is about.
    pub fn registration(&self, task: Task) -> u32 {
        let visit = |it: u32| self.visits[it as usize].registration;
        match task {
            Task::Visit(it) | Task::Corrected(it) | Task::Death(it) => visit(it),
            Task::Register(it) | Task::Link(it) | Task::Broken(_, it) => it,
            Task::Referral(it) => visit(self.referrals[it as usize].visit),
            Task::Reply(it) => {
                let referral = &self.referrals[it as usize];
                let answered = referral.reply.map(|reply| reply.registration);
                answered.expect("reply tasks are made for referrals with a reply")
            }
            Task::Retract(target) => match target {
                Target::Visit(it)
                | Target::Stay(it)
                | Target::Surveillance(it)
                | Target::Vaccination(it)
                | Target::Screening(it)
                | Target::Antenatal(it)
                | Target::Appointment(it) => visit(it),
                Target::Referral(it) => visit(self.referrals[it as usize].visit),
                Target::Chronic(it) | Target::Nothing(it, _) => it,
            },
        }
    }
}
