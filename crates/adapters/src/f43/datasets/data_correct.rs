//! DATA_CORRECT: the deletion of a row sent before.
//!
//! TABLENAME names the file, DATA_CORRECT holds the key columns of the row as a dictionary in the
//! spelling of Python or JSON. A row that is an event of its own is taken back. A row that is a part
//! of an event cannot be: what is left of the event is not known here, so the whole is to be sent
//! again.

use saphan_model::{Date, EventType, Private};

use crate::f43::defect::{Code, RowDefect};
use crate::f43::dictionary::Dictionary;
use crate::f43::row::Row;
use crate::f43::table::{Named, Table};
use crate::f43::typed::{Correction, Typed};
use crate::f43::{natural, value};

carried!(TABLENAME, DATA_CORRECT, D_UPDATE);

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let table = match Named::of_table(row.text(TABLENAME)?) {
        Named::NotCarried => return Ok(Typed::Nothing),
        Named::Unknown | Named::Carried(Table::DataCorrect) => {
            return Err(row.defect(Code::CorrectionUnreadable, TABLENAME));
        }
        Named::Carried(table) => table,
    };
    let recorded_at = row.instant(D_UPDATE)?;
    let unreadable = row.defect(Code::CorrectionUnreadable, DATA_CORRECT);
    let keys = Dictionary::read(row.text(DATA_CORRECT)?).ok_or(unreadable)?;
    let same_facility = keys.get("HOSPCODE").is_none_or(|it| same(row, it));
    if !same_facility {
        return Err(row.defect(Code::OtherFacility, DATA_CORRECT));
    }
    let Some(event_type) = event_type(table) else {
        return Err(row.defect(Code::CorrectionOfPart, TABLENAME));
    };
    let natural_key = natural_key(table, &Keys { row, keys: &keys }).map_err(|()| unreadable)?;
    let pid = keys.get(if table == Table::ReferResult { "PID_IN" } else { "PID" });
    Ok(Typed::Correction(Box::new(Correction {
        event_type,
        natural_key: Private::new(natural_key),
        pid: pid.map(|it| Private::new(it.to_owned())),
        recorded_at,
    })))
}

/// Does the code inside the dictionary name the facility of the row itself?
fn same(row: &Row<'_>, code: &str) -> bool {
    let own = row.raw(super::HOSPCODE);
    let short = |it: &'_ str| row.long_codes.get(it).cloned().unwrap_or_else(|| it.to_owned());
    short(own) == short(code)
}

/// The type of event a row of the table is; `None` for parts, and for deletions themselves.
const fn event_type(table: Table) -> Option<EventType> {
    Some(match table {
        Table::Person => EventType::Person,
        Table::Service | Table::Admission => EventType::Encounter,
        Table::ReferHistory => EventType::Referral,
        Table::ReferResult => EventType::ReferralReply,
        Table::Chronic | Table::Drugallergy | Table::Surveillance => EventType::Condition,
        Table::Ncdscreen => EventType::Screening,
        Table::Epi => EventType::Immunisation,
        Table::Anc => EventType::Maternity,
        Table::Appointment => EventType::Appointment,
        Table::Death => EventType::Death,
        _ => return None,
    })
}

struct Keys<'a> {
    row: &'a Row<'a>,
    keys: &'a Dictionary,
}

impl Keys<'_> {
    fn text(&self, name: &str) -> Result<&str, ()> {
        self.keys.get(name).filter(|it| !it.is_empty()).ok_or(())
    }

    /// `YYYYMMDD`, also with dashes.
    fn date(&self, name: &str) -> Result<Date, ()> {
        value::date(&self.text(name)?.replace('-', "")).map_err(|_| ())
    }

    fn icd10(&self, name: &str) -> Result<String, ()> {
        value::icd10(self.text(name)?).map_err(|_| ())
    }

    fn facility(&self, name: &str) -> Result<&str, ()> {
        let code = self.text(name)?;
        Ok(self.row.long_codes.get(code).map_or(code, String::as_str))
    }
}

fn natural_key(table: Table, keys: &Keys<'_>) -> Result<String, ()> {
    Ok(match table {
        Table::Service => natural::visit(keys.text("SEQ")?, keys.date("DATE_SERV")?),
        Table::Admission => natural::stay(keys.text("AN")?),
        Table::ReferHistory => keys.text("REFERID")?.to_owned(),
        Table::ReferResult => {
            natural::reply(keys.facility("HOSP_SOURCE")?, keys.text("REFERID_SOURCE")?)
        }
        Table::Chronic => {
            natural::chronic(keys.text("PID")?, &keys.icd10("CHRONIC")?, keys.date("DATE_DIAG")?)
        }
        Table::Drugallergy => natural::allergy(keys.text("PID")?, keys.text("DRUGALLERGY")?),
        Table::Surveillance => {
            natural::surveillance(keys.text("PID")?, keys.text("SEQ")?, &keys.icd10("DIAGCODE")?)
        }
        Table::Ncdscreen => natural::screening(keys.text("PID")?, keys.date("DATE_SERV")?),
        Table::Epi => natural::immunisation(
            keys.text("PID")?,
            keys.date("DATE_SERV")?,
            keys.text("VACCINETYPE")?,
        ),
        Table::Anc => {
            let gravida = keys.text("GRAVIDA")?.parse().map_err(|_| ())?;
            natural::maternity(keys.text("PID")?, keys.date("DATE_SERV")?, gravida)
        }
        Table::Appointment => natural::appointment(
            keys.text("PID")?,
            keys.text("SEQ")?,
            keys.date("DATE_SERV")?,
            keys.text("APTYPE")?,
        ),
        _ => keys.text("PID")?.to_owned(),
    })
}
