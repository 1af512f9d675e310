//! What is recorded beside a visit as an event of its own: screening, vaccine, antenatal visit,
//! appointment, surveillance case, death.

use super::{Desk, Statement, Stream, Table, key};
use crate::calendar::{age, compact, days_between, shift, stamp};
use crate::feed::EventType;
use crate::plan::Visit;
use crate::reference::{Kind, code506};

/// APTYPE of every appointment made ("collect drugs").
const APPOINTMENT: &str = "151";

/// Everything beside a visit.
pub fn beside(desk: &Desk<'_>, at: u32) -> Vec<Statement> {
    let visit = desk.visit(at);
    let mut found = Vec::new();
    match visit.kind {
        Kind::Screening => found.push(screening(desk, at)),
        Kind::Vaccination => found.push(vaccination(desk, at)),
        Kind::Antenatal => found.extend(antenatal(desk, at)),
        Kind::Chronic => found.push(appointment(desk, at)),
        _ => {}
    }
    if visit.reported {
        found.extend(surveillance(desk, at));
    }
    found
}

fn screening(desk: &Desk<'_>, at: u32) -> Statement {
    let visit = desk.visit(at);
    let mut random = desk.details(Stream::Stays, at);
    let date = desk.date(visit);
    let row = desk
        .row(Table::NcdScreen)
        .text(desk.pid(visit.registration))
        .text(&desk.seq(visit))
        .date(date)
        .text("1")
        .text("1")
        .text("1")
        .text("2")
        .text("2")
        .tenths(random.between(420, 950))
        .number(random.between(145, 182))
        .number(random.between(66, 110))
        .number(random.between(100, 165))
        .number(random.between(60, 100))
        .blanks(2)
        .number(random.between(75, 140))
        .text("3")
        .text(desk.code(desk.facility))
        .text(&desk.provider(&mut random))
        .text(&desk.updated(visit))
        .cid(desk.cid(visit.registration));
    let key = screening_key(desk, visit);
    Statement::put(desk.fact(EventType::Screening, key, visit.registration, date), vec![row])
}

/// Natural key of the screening beside a visit.
pub fn screening_key(desk: &Desk<'_>, visit: &Visit) -> String {
    key::screening(desk.pid(visit.registration), desk.date(visit))
}

/// The vaccine due at an age; influenza for adults.
fn vaccine(desk: &Desk<'_>, visit: &Visit) -> &'static str {
    let person = desk.world.person_of(visit.registration);
    match days_between(person.birth, desk.date(visit)) / 30 {
        ..2 => "041",
        2..4 => "091",
        4..6 => "092",
        6..9 => "093",
        9..12 => "061",
        12..18 => "J11",
        18..30 => "034",
        30..48 => "073",
        48..84 => "035",
        _ => "815",
    }
}

fn vaccination(desk: &Desk<'_>, at: u32) -> Statement {
    let visit = desk.visit(at);
    let mut random = desk.details(Stream::Stays, at);
    let date = desk.date(visit);
    let vaccine = vaccine(desk, visit);
    let row = desk
        .row(Table::Epi)
        .text(desk.pid(visit.registration))
        .text(&desk.seq(visit))
        .date(date)
        .text(vaccine)
        .text(desk.code(desk.facility))
        .text(&desk.provider(&mut random))
        .text(&desk.updated(visit))
        .cid(desk.cid(visit.registration));
    let key = vaccination_key(desk, visit);
    let mut put = desk.fact(EventType::Immunisation, key, visit.registration, date);
    put.main = vaccine.into();
    Statement::put(put, vec![row])
}

/// Natural key of the vaccine given at a visit.
pub fn vaccination_key(desk: &Desk<'_>, visit: &Visit) -> String {
    key::dated(desk.pid(visit.registration), desk.date(visit), vaccine(desk, visit))
}

/// Gestational age and pregnancy number of an antenatal visit.
fn pregnancy(desk: &Desk<'_>, visit: &Visit) -> Option<(i32, String)> {
    let pregnancy = desk.world.person_of(visit.registration).pregnancy?;
    Some((days_between(pregnancy.lmp, desk.date(visit)) / 7, pregnancy.gravida.to_string()))
}

fn antenatal(desk: &Desk<'_>, at: u32) -> Option<Statement> {
    let visit = desk.visit(at);
    let mut random = desk.details(Stream::Stays, at);
    let (weeks, gravida) = pregnancy(desk, visit)?;
    let window = [12, 19, 25, 31].iter().filter(|it| weeks > **it).count() + 1;
    let row = desk
        .row(Table::Anc)
        .text(desk.pid(visit.registration))
        .text(&desk.seq(visit))
        .date(desk.date(visit))
        .text(&gravida)
        .number(window)
        .number(weeks)
        .text(if random.chance(500) { "2" } else { "1" })
        .text(if desk.own().format.nine { "" } else { &desk.own().hospcode })
        .text(&desk.provider(&mut random))
        .text(&desk.updated(visit))
        .cid(desk.cid(visit.registration))
        .tenths(random.between(450, 800));
    let key = antenatal_key(desk, visit)?;
    let put = desk.fact(EventType::Maternity, key, visit.registration, desk.date(visit));
    Some(Statement::put(put, vec![row]))
}

/// Natural key of an antenatal visit.
pub fn antenatal_key(desk: &Desk<'_>, visit: &Visit) -> Option<String> {
    let (_, gravida) = pregnancy(desk, visit)?;
    Some(key::dated(desk.pid(visit.registration), desk.date(visit), &gravida))
}

fn appointment(desk: &Desk<'_>, at: u32) -> Statement {
    let visit = desk.visit(at);
    let mut random = desk.details(Stream::Stays, at);
    let date = desk.date(visit);
    let due = shift(date, random.pick(&[28, 56, 84]));
    let reason = if matches!(visit.code, "I10" | "E119" | "E785") { visit.code } else { "" };
    let row = desk
        .row(Table::Appointment)
        .text(desk.pid(visit.registration))
        .blank()
        .text(&desk.seq(visit))
        .date(date)
        .text("00100")
        .date(due)
        .text(APPOINTMENT)
        .text(reason)
        .text(&desk.provider(&mut random))
        .text(&desk.updated(visit))
        .cid(desk.cid(visit.registration));
    let key = appointment_key(desk, visit);
    let mut put = desk.fact(EventType::Appointment, key, visit.registration, date);
    put.icd10 = reason.into();
    put.main = reason.into();
    Statement::put(put, vec![row])
}

/// Natural key of the appointment made at a visit.
pub fn appointment_key(desk: &Desk<'_>, visit: &Visit) -> String {
    let pid = desk.pid(visit.registration);
    key::appointment(pid, &desk.seq(visit), desk.date(visit), APPOINTMENT)
}

fn surveillance(desk: &Desk<'_>, at: u32) -> Option<Statement> {
    let visit = desk.visit(at);
    let disease = code506(visit.code)?;
    let mut random = desk.details(Stream::Conditions, u32::MAX - at);
    let date = desk.date(visit);
    let person = desk.world.person_of(visit.registration);
    let home = &desk.world.facilities[usize::from(person.home)];
    let row = desk
        .row(Table::Surveillance)
        .text(desk.pid(visit.registration))
        .text(&desk.seq(visit))
        .date(date)
        .blanks(3)
        .text(visit.code)
        .text(disease)
        .blanks(2)
        .date(shift(date, -random.between(0, 4)))
        .blank()
        .number(format_args!("{:02}", random.between(1, 12)))
        .number(format_args!("{:02}", random.between(1, 9)))
        .text(&home.district[2..])
        .text(home.province)
        .blanks(2)
        .text(if visit.stay.is_some() { "3" } else { "1" })
        .blanks(3)
        .text(&desk.provider(&mut random))
        .text(&desk.updated(visit))
        .cid(desk.cid(visit.registration));
    let key = surveillance_key(desk, visit);
    let mut put = desk.fact(EventType::Condition, key, visit.registration, date);
    put.icd10 = visit.code.into();
    put.main = visit.code.into();
    put.code506 = disease;
    Some(Statement::put(put, vec![row]))
}

/// Natural key of the surveillance case of a visit.
pub fn surveillance_key(desk: &Desk<'_>, visit: &Visit) -> String {
    key::surveillance(desk.pid(visit.registration), &desk.seq(visit), visit.code)
}

/// The death at the end of a visit.
pub fn death(desk: &Desk<'_>, at: u32) -> Statement {
    let visit = desk.visit(at);
    let date = desk.date(visit);
    let years = age(desk.world.person_of(visit.registration).birth, date);
    let cause = match years {
        ..15 => "R99",
        15..60 => "R960",
        _ => "R54",
    };
    let row = desk
        .row(Table::Death)
        .text(desk.pid(visit.registration))
        .text(desk.code(desk.facility))
        .blank()
        .text(&desk.seq(visit))
        .text(&compact(date))
        .text(cause)
        .blanks(4)
        .text(cause)
        .blank()
        .text("1")
        .blank()
        .text(&stamp(date, visit.second + 1_200))
        .cid(desk.cid(visit.registration));
    let pid = desk.pid(visit.registration).to_owned();
    let mut put = desk.fact(EventType::Death, pid, visit.registration, date);
    put.main = cause.into();
    put.icd10 = cause.into();
    Statement::put(put, vec![row])
}
