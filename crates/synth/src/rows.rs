//! Rows of the 43 files, and the fact each group of rows states.
//!
//! Everything here is a function of world, plan and the desk that writes: the same event gives
//! the same rows in every file, unless the plan corrects it.

mod broken;
mod correct;
mod encounter;
mod person;
mod refer;
mod row;
mod side;
mod stay;

use jiff::civil::Date;

use crate::calendar::{compact, stamp};
use crate::citizen::Cid;
use crate::columns::Table;
use crate::feed::{EventType, Put};
use crate::plan::{Plan, Stage, Task, Visit};
use crate::random::{Random, Stream};
use crate::world::{Facility, Identity, World};

pub use person::{conditions, person};
pub use row::Row;

/// A facility writing one zip.
pub struct Desk<'a> {
    /// Who and where.
    pub world: &'a World,
    /// What happened.
    pub plan: &'a Plan,
    /// The facility that writes.
    pub facility: u16,
    /// What it knows of identities.
    pub stage: Stage,
    /// When it writes.
    pub made: Date,
}

/// Rows and what they state.
pub struct Statement {
    /// The rows, parents first.
    pub rows: Vec<Row>,
    /// What they state.
    pub fact: Fact,
}

/// What a group of rows states.
pub enum Fact {
    /// An event.
    Put(Put),
    /// The deletion of an event, by type and natural key; told by one row.
    Retract(EventType, String),
    /// Nothing: the one row is to be refused with this code.
    Defect(&'static str),
}

/// SEQ of a visit: date in the Buddhist era and running number, 12 digits.
pub fn seq(world: &World, visit: &Visit) -> String {
    let date = world.calendar.date(visit.day);
    let year = (date.year() + 543) % 100;
    format!("{year:02}{:02}{:02}{:06}", date.month(), date.day(), visit.number)
}

/// The rows of one task.
pub fn statements(desk: &Desk<'_>, task: Task, out: &mut Vec<Statement>) {
    match task {
        Task::Visit(it) => {
            out.push(encounter::visit(desk, it, false));
            out.extend(stay::stay(desk, it));
            out.extend(side::beside(desk, it));
        }
        Task::Corrected(it) => out.push(encounter::visit(desk, it, true)),
        Task::Register(it) => out.extend(person::register(desk, it)),
        Task::Referral(it) => out.push(refer::referral(desk, it)),
        Task::Reply(it) => out.push(refer::reply(desk, it)),
        Task::Death(it) => out.push(side::death(desk, it)),
        Task::Link(_) => {}
        Task::Retract(it) => out.push(correct::retract(desk, it)),
        Task::Broken(breakage, it) => {
            let statement = broken::broken(desk, breakage, it, out.len());
            out.push(statement);
        }
    }
}

impl Statement {
    /// Rows that state an event. Its content is all they say but the citizen id.
    fn put(mut put: Put, rows: Vec<Row>) -> Self {
        put.content = row::digest(&rows);
        Self { rows, fact: Fact::Put(put) }
    }
}

impl<'a> Desk<'a> {
    /// The facility that writes.
    fn own(&self) -> &'a Facility {
        &self.world.facilities[usize::from(self.facility)]
    }

    /// Another facility's code, in the form this one writes.
    fn code(&self, facility: u16) -> &'a str {
        self.world.facilities[usize::from(facility)].code(self.own().format.nine)
    }

    /// A new row, its HOSPCODE filled.
    fn row(&self, table: Table) -> Row {
        Row::new(table).text(self.code(self.facility))
    }

    fn pid(&self, registration: u32) -> &'a str {
        &self.world.people.registrations[registration as usize].pid
    }

    /// The citizen id this facility writes for a registration in this zip.
    fn cid(&self, registration: u32) -> Option<Cid> {
        let own = self.world.person_of(registration).cid;
        match self.world.people.registrations[registration as usize].identity {
            Identity::Known => Some(own),
            Identity::Never => None,
            Identity::Late => (self.stage == Stage::After).then_some(own),
            Identity::Wrong(other) => Some(if self.stage == Stage::After { own } else { other }),
        }
    }

    /// The citizen id as rows of this facility's column set carry it.
    fn row_cid(&self, registration: u32) -> Option<Cid> {
        if self.own().format.year_2016 { None } else { self.cid(registration) }
    }

    fn visit(&self, visit: u32) -> &'a Visit {
        &self.plan.visits[visit as usize]
    }

    fn date(&self, visit: &Visit) -> Date {
        self.world.calendar.date(visit.day)
    }

    fn seq(&self, visit: &Visit) -> String {
        seq(self.world, visit)
    }

    /// D_UPDATE of what a visit left behind.
    fn updated(&self, visit: &Visit) -> String {
        stamp(self.date(visit), visit.second + 900)
    }

    /// The number of a member of staff.
    fn provider(&self, random: &mut Random) -> String {
        format!("{:04}", 100 + random.below(20))
    }

    fn details(&self, stream: Stream, item: u32) -> Random {
        Random::of(self.world.seed, stream, u64::from(item))
    }

    /// A put about a registration, with the identity its rows carry.
    fn fact(&self, event_type: EventType, key: String, registration: u32, on: Date) -> Put {
        let mut put = Put::new(event_type, key, self.pid(registration), on);
        put.cid = self.row_cid(registration);
        put
    }
}

/// Natural keys, as every reader of the feed must form them. Dates are `YYYYMMDD`.
pub mod key {
    use jiff::civil::Date;

    use super::compact;

    /// SERVICE.
    pub fn visit(seq: &str, date: Date) -> String {
        format!("O:{seq}:{}", compact(date))
    }

    /// ADMISSION.
    pub fn stay(an: &str) -> String {
        format!("I:{an}")
    }

    /// CHRONIC.
    pub fn chronic(pid: &str, icd10: &str, date: Date) -> String {
        format!("chronic:{pid}:{icd10}:{}", compact(date))
    }

    /// DRUGALLERGY.
    pub fn allergy(pid: &str, drug: &str) -> String {
        format!("allergy:{pid}:{drug}")
    }

    /// SURVEILLANCE.
    pub fn surveillance(pid: &str, seq: &str, icd10: &str) -> String {
        format!("surveillance:{pid}:{seq}:{icd10}")
    }

    /// NCDSCREEN.
    pub fn screening(pid: &str, date: Date) -> String {
        format!("{pid}:{}", compact(date))
    }

    /// EPI and its VACCINETYPE; ANC and its GRAVIDA.
    pub fn dated(pid: &str, date: Date, what: &str) -> String {
        format!("{pid}:{}:{what}", compact(date))
    }

    /// APPOINTMENT.
    pub fn appointment(pid: &str, seq: &str, date: Date, kind: &str) -> String {
        format!("{pid}:{seq}:{}:{kind}", compact(date))
    }

    /// REFER_RESULT, by the sender's 5-digit code.
    pub fn reply(source: &str, referral: &str) -> String {
        format!("{source}:{referral}")
    }
}
