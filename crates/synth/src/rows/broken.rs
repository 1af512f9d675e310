//! Rows that must be refused, one defect each. Each stands alone: it is a parent without
//! children, a child without a parent, or a person nobody else speaks of.

use super::{Desk, Fact, Row, Statement, Table, encounter, person};
use crate::calendar::compact;
use crate::citizen::Cid;
use crate::plan::Breakage;

/// Serial of the citizen ids of people whose row is refused.
const REFUSED: u64 = 800_000_000;

/// A broken row that mentions a registration (a refused person excepted). `n` is different for
/// each one in a zip.
pub fn broken(desk: &Desk<'_>, breakage: Breakage, registration: u32, n: usize) -> Statement {
    let row = match breakage {
        Breakage::Checksum => refused_person(desk, registration, n),
        Breakage::Orphan => orphan(desk, registration, n),
        _ => service(desk, breakage, registration, n),
    };
    Statement { rows: vec![row], fact: Fact::Defect(breakage.code()) }
}

/// A number no visit has.
fn unused(n: usize) -> String {
    format!("99{n:010}")
}

fn today(desk: &Desk<'_>) -> String {
    compact(desk.world.calendar.date(desk.world.calendar.split / 2))
}

/// A visit without children, whole but for one defect.
fn service(desk: &Desk<'_>, breakage: Breakage, registration: u32, n: usize) -> Row {
    let date = today(desk);
    let mut fields: Vec<String> = encounter::bare(desk, registration, &unused(n), &date);
    let mut set =
        |column: &str, value: &str| fields[Table::Service.column(column)] = value.to_owned();
    match breakage {
        Breakage::FieldCount => {
            // The last field must not be empty: a bar too many at the end of a row does no harm.
            set("CHIEFCOMP", "ปวดศีรษะ|ไข้");
            set("CID", &refused_cid(desk, n).to_string());
        }
        Breakage::Missing => set("DATE_SERV", ""),
        Breakage::NotADate => {
            set("DATE_SERV", if n.is_multiple_of(2) { "20260230" } else { "2026JAN1" })
        }
        Breakage::BuddhistEra => set("DATE_SERV", "25690105"),
        Breakage::NotANumber => set("PRICE", if n.is_multiple_of(2) { "1,200.00" } else { "free" }),
        Breakage::UnknownCode if n.is_multiple_of(2) => set("TYPEIN", "8"),
        Breakage::UnknownCode => set("INSTYPE", "0999"),
        Breakage::TooLong => set("SEQ", &format!("99{n:018}")),
        Breakage::OtherFacility => {
            let other = usize::from(desk.facility + 1) % desk.world.facilities.len();
            let other = u16::try_from(other).expect("options limit facilities to 9,000");
            set("HOSPCODE", desk.code(other));
        }
        Breakage::Checksum | Breakage::Orphan => {}
    }
    Row::raw(Table::Service, &fields)
}

/// A diagnosis of a visit that is nowhere.
fn orphan(desk: &Desk<'_>, registration: u32, n: usize) -> Row {
    desk.row(Table::DiagnosisOpd)
        .text(desk.pid(registration))
        .text(&unused(n))
        .text(&today(desk))
        .text("1")
        .text("J069")
        .text("00100")
        .blank()
        .number(format_args!("{}120000", today(desk)))
        .cid(desk.cid(registration))
}

/// A citizen id nobody has.
fn refused_cid(desk: &Desk<'_>, n: usize) -> Cid {
    let serial = REFUSED + u64::from(desk.facility) * 10_000 + n as u64;
    Cid::synthetic(desk.world.seed, serial)
}

/// A person with a citizen id that fails its check digit.
fn refused_person(desk: &Desk<'_>, like: u32, n: usize) -> Row {
    let statement = person::person(desk, like);
    let mut fields = statement.rows[0].fields();
    fields[Table::Person.column("CID")] = refused_cid(desk, n).spoiled();
    fields[Table::Person.column("PID")] = format!("8{n:08}");
    fields[Table::Person.column("HN")] = String::new();
    Row::raw(Table::Person, &fields)
}
