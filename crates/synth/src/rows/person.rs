//! PERSON with ADDRESS and CARD; CHRONIC and DRUGALLERGY.

use jiff::civil::Date;

use super::{Desk, Random, Row, Stage, Statement, Stream, Table, key, stamp};
use crate::calendar::{age, compact, shift};
use crate::feed::{EventType, Put};
use crate::reference::DRUGS;
use crate::world::people::CHRONIC;
use crate::world::{Identity, Person, World};

/// Given name of people a facility cannot name ("not known").
const NAMELESS: &str = "ไม่ทราบชื่อ";

/// The person rows of a registration: name and citizen id as known at this desk.
pub fn person(desk: &Desk<'_>, registration: u32) -> Statement {
    let person = desk.world.person_of(registration);
    let mut random = desk.details(Stream::Registrations, registration);
    let created = shift(desk.world.calendar.date(0), -random.between(30, 3_000));
    let known = desk.stage == Stage::After;
    let identity = desk.world.people.registrations[registration as usize].identity;
    let edited = match identity {
        Identity::Late | Identity::Wrong(_) if known => stamp(shift(desk.made, -1), 36_000),
        _ => stamp(created, 36_000),
    };
    let died = death_before(desk, registration);
    let mut rows = vec![person_row(desk, registration, person, created, &edited, died)];
    rows.push(address_row(desk, registration, &mut random, &stamp(created, 36_000)));
    if random.chance(7_000) {
        rows.push(card_row(desk, registration, person, created));
    }
    let mut put = Put::new(
        EventType::Person,
        desk.pid(registration).to_owned(),
        desk.pid(registration),
        created,
    );
    put.cid = desk.cid(registration);
    Statement::put(put, rows)
}

/// The day this facility saw the person die, when it knows by now.
fn death_before(desk: &Desk<'_>, registration: u32) -> Option<Date> {
    desk.world.people.registrations[registration as usize]
        .died
        .map(|day| desk.world.calendar.date(day))
        .filter(|date| *date < desk.made)
}

fn person_row(
    desk: &Desk<'_>,
    registration: u32,
    person: &Person,
    created: Date,
    edited: &str,
    died: Option<Date>,
) -> Row {
    let years = age(person.birth, created);
    let known = desk.stage == Stage::After;
    let identity = desk.world.people.registrations[registration as usize].identity;
    let (given, family) = match identity {
        Identity::Late if !known => (NAMELESS, NAMELESS),
        Identity::Wrong(_) if !known => (person.family.as_str(), person.given.as_str()),
        _ => (person.given.as_str(), person.family.as_str()),
    };
    let title = match (person.sex, years) {
        ('1', ..15) => "001",
        ('1', _) => "003",
        (_, ..15) => "002",
        (_, ..30) => "004",
        _ => "005",
    };
    let hospital = desk.own().kind.hospital();
    let pid = desk.pid(registration);
    desk.row(Table::Person)
        .cid(desk.cid(registration))
        .text(pid)
        .blank()
        .text(title)
        .text(given)
        .text(family)
        .text(if hospital { pid } else { "" })
        .number(person.sex)
        .date(person.birth)
        .text(if years < 20 { "1" } else { "2" })
        .blank()
        .text(if years < 20 { "" } else { "6111" })
        .text("099")
        .text(if person.unknown { "999" } else { "099" })
        .text("01")
        .text(if years < 12 { "01" } else { "03" })
        .text("2")
        .blanks(5)
        .text(if died.is_some() { "1" } else { "9" })
        .text(&died.map(compact).unwrap_or_default())
        .text("9")
        .blanks(3)
        .text(if desk.facility == person.home { "1" } else { "4" })
        .text(edited)
        .blanks(2)
}

fn address_row(desk: &Desk<'_>, registration: u32, random: &mut Random, edited: &str) -> Row {
    let home = &desk.world.facilities[usize::from(desk.world.person_of(registration).home)];
    desk.row(Table::Address)
        .text(desk.pid(registration))
        .text("1")
        .blank()
        .text("1")
        .blanks(2)
        .number(format_args!("{}/{}", 1 + random.below(300), 1 + random.below(30)))
        .blanks(4)
        .number(format_args!("{:02}", 1 + random.below(12)))
        .number(format_args!("{:02}", 1 + random.below(9)))
        .text(&home.district[2..])
        .text(home.province)
        .text(edited)
        .cid(desk.cid(registration))
}

fn card_row(desk: &Desk<'_>, registration: u32, person: &Person, created: Date) -> Row {
    desk.row(Table::Card)
        .text(desk.pid(registration))
        .blank()
        .text(person.scheme)
        .blank()
        .date(created)
        .blank()
        .text(desk.code(person.home))
        .blank()
        .text(&stamp(created, 36_000))
        .cid(desk.cid(registration))
}

/// The lasting diseases a facility has on its register for a person: ICD-10 and date of diagnosis.
pub fn conditions(world: &World, registration: u32) -> Vec<(&'static str, Date)> {
    let person = world.person_of(registration);
    let mut random = Random::of(world.seed, Stream::Conditions, u64::from(registration));
    let mut found = Vec::new();
    for (bit, code, ..) in CHRONIC {
        let (listed, days) = (random.chance(6_500), random.between(40, 4_000));
        if person.chronic & bit != 0 && listed {
            found.push((*code, shift(world.calendar.date(0), -days)));
        }
    }
    found
}

/// CHRONIC and DRUGALLERGY rows of a registration, an event each.
pub fn register(desk: &Desk<'_>, registration: u32) -> Vec<Statement> {
    let pid = desk.pid(registration);
    let mut statements: Vec<Statement> = conditions(desk.world, registration)
        .into_iter()
        .map(|(code, on)| {
            let row = desk
                .row(Table::Chronic)
                .text(pid)
                .date(on)
                .text(code)
                .text(desk.code(desk.facility))
                .text(desk.code(desk.facility))
                .blank()
                .text("03")
                .text(&stamp(on, 40_000))
                .cid(desk.cid(registration));
            let key = key::chronic(pid, code, on);
            let mut put = desk.fact(EventType::Condition, key, registration, on);
            put.icd10 = code.into();
            put.main = code.into();
            Statement::put(put, vec![row])
        })
        .collect();
    if desk.world.person_of(registration).allergic {
        statements.push(allergy(desk, registration));
    }
    statements
}

fn allergy(desk: &Desk<'_>, registration: u32) -> Statement {
    let mut random = desk.details(Stream::Conditions, registration);
    let drug = &DRUGS[random.index(10)];
    let pid = desk.pid(registration);
    let on = shift(desk.world.calendar.date(0), -random.between(10, 2_000));
    let row = desk
        .row(Table::DrugAllergy)
        .text(pid)
        .date(on)
        .text(drug.code)
        .text(drug.name)
        .number(1 + random.below(3))
        .text("1")
        .number(format_args!("{:02}", 1 + random.below(39)))
        .text("1")
        .blank()
        .text(&stamp(on, 40_000))
        .blank()
        .cid(desk.cid(registration));
    let mut put = desk.fact(EventType::Condition, key::allergy(pid, drug.code), registration, on);
    put.main = drug.code.into();
    Statement::put(put, vec![row])
}
