//! DATA_CORRECT: the deletion of a row sent before.

use super::{Desk, Fact, Statement, Table, key, person, refer, side, stay};
use crate::calendar::{compact, shift, stamp};
use crate::citizen::Cid;
use crate::feed::EventType;
use crate::plan::{Target, Visit};

/// Serial of the citizen id of the editor, beyond those of people.
const EDITOR: u64 = 900_000_000;

/// What is deleted: TABLENAME, key values, type and natural key.
type Deletion = (Table, Vec<(&'static str, String)>, EventType, String);

/// The row that deletes a target.
pub fn retract(desk: &Desk<'_>, target: Target) -> Statement {
    let (table, mut values, event_type, key) = deletion(desk, target);
    values.insert(0, ("HOSPCODE", desk.code(desk.facility).to_owned()));
    let editor = Cid::synthetic(desk.world.seed, EDITOR + u64::from(desk.facility));
    values.push(("EDITOR_CID", editor.to_string()));
    let listed: Vec<String> =
        values.iter().map(|(name, value)| format!("'{name}':'{value}'")).collect();
    let row = desk
        .row(Table::DataCorrect)
        .text(table.name())
        .number(format_args!("{{{}}}", listed.join(",")))
        .text(&stamp(shift(desk.made, -1), 43_200));
    Statement { rows: vec![row], fact: Fact::Retract(event_type, key) }
}

fn deletion(desk: &Desk<'_>, target: Target) -> Deletion {
    let pid = |registration: u32| ("PID", desk.pid(registration).to_owned());
    let of = |it: u32| {
        let visit = desk.visit(it);
        (visit, pid(visit.registration), ("SEQ", desk.seq(visit)), served(desk, visit))
    };
    match target {
        Target::Visit(it) => {
            let (visit, pid, seq, date) = of(it);
            let key = key::visit(&seq.1, desk.date(visit));
            (Table::Service, vec![pid, seq, date], EventType::Encounter, key)
        }
        Target::Stay(it) => {
            let (visit, pid, ..) = of(it);
            let an = stay::an(desk, visit).expect("stays are deleted where there was one");
            let key = key::stay(&an);
            (Table::Admission, vec![pid, ("AN", an)], EventType::Encounter, key)
        }
        Target::Surveillance(it) => {
            let (visit, pid, seq, _) = of(it);
            let values = vec![pid, seq, ("DIAGCODE", visit.code.to_owned())];
            let key = side::surveillance_key(desk, visit);
            (Table::Surveillance, values, EventType::Condition, key)
        }
        Target::Vaccination(it) => {
            let (visit, pid, _, date) = of(it);
            let key = side::vaccination_key(desk, visit);
            let vaccine = ("VACCINETYPE", last_part(&key));
            (Table::Epi, vec![pid, date, vaccine], EventType::Immunisation, key)
        }
        Target::Screening(it) => {
            let (visit, pid, _, date) = of(it);
            let key = side::screening_key(desk, visit);
            (Table::NcdScreen, vec![pid, date], EventType::Screening, key)
        }
        Target::Antenatal(it) => {
            let (visit, pid, _, date) = of(it);
            let key =
                side::antenatal_key(desk, visit).expect("antenatal visits are of pregnant women");
            let gravida = ("GRAVIDA", last_part(&key));
            (Table::Anc, vec![pid, date, gravida], EventType::Maternity, key)
        }
        Target::Appointment(it) => {
            let (visit, pid, seq, date) = of(it);
            let key = side::appointment_key(desk, visit);
            let kind = ("APTYPE", last_part(&key));
            (Table::Appointment, vec![pid, seq, kind, date], EventType::Appointment, key)
        }
        Target::Referral(it) => {
            let id = refer::refer_id(desk, &desk.plan.referrals[it as usize]);
            (Table::ReferHistory, vec![("REFERID", id.clone())], EventType::Referral, id)
        }
        Target::Chronic(it) => {
            let (code, on) = person::conditions(desk.world, it)[0];
            let key = key::chronic(desk.pid(it), code, on);
            let values = vec![pid(it), ("CHRONIC", code.to_owned()), ("DATE_DIAG", compact(on))];
            (Table::Chronic, values, EventType::Condition, key)
        }
        Target::Nothing(it, n) => {
            let (seq, date) = (format!("00{n:010}"), desk.world.calendar.date(0));
            let key = key::visit(&seq, date);
            let values = vec![pid(it), ("SEQ", seq), ("DATE_SERV", compact(date))];
            (Table::Service, values, EventType::Encounter, key)
        }
    }
}

fn served(desk: &Desk<'_>, visit: &Visit) -> (&'static str, String) {
    ("DATE_SERV", compact(desk.date(visit)))
}

fn last_part(key: &str) -> String {
    key.rsplit(':').next().unwrap_or_default().to_owned()
}
