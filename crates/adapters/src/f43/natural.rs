//! The natural keys: what names an event inside its facility and type.
//!
//! One function per type, used by the row that makes an event and by the DATA_CORRECT row that
//! takes it back, so the two cannot differ.

use saphan_model::Date;

/// A day as `YYYYMMDD`.
fn compact(day: Date) -> String {
    let (year, month, date) = day.ymd();
    format!("{year:04}{month:02}{date:02}")
}

/// A visit.
pub fn visit(seq: &str, day: Date) -> String {
    format!("O:{seq}:{}", compact(day))
}

/// A stay.
pub fn stay(an: &str) -> String {
    format!("I:{an}")
}

/// An answer to a referral; `source` is the sending facility.
pub fn reply(source: &str, referid: &str) -> String {
    format!("{source}:{referid}")
}

/// A chronic disease.
pub fn chronic(pid: &str, code: &str, diagnosed_on: Date) -> String {
    format!("chronic:{pid}:{code}:{}", compact(diagnosed_on))
}

/// A drug allergy.
pub fn allergy(pid: &str, drug: &str) -> String {
    format!("allergy:{pid}:{drug}")
}

/// A case under surveillance.
pub fn surveillance(pid: &str, seq: &str, code: &str) -> String {
    format!("surveillance:{pid}:{seq}:{code}")
}

/// A screening.
pub fn screening(pid: &str, day: Date) -> String {
    format!("{pid}:{}", compact(day))
}

/// A vaccine given.
pub fn immunisation(pid: &str, day: Date, vaccine: &str) -> String {
    format!("{pid}:{}:{vaccine}", compact(day))
}

/// An antenatal visit.
pub fn maternity(pid: &str, day: Date, gravida: i32) -> String {
    format!("{pid}:{}:{gravida}", compact(day))
}

/// An appointment.
pub fn appointment(pid: &str, seq: &str, day: Date, kind: &str) -> String {
    format!("{pid}:{seq}:{}:{kind}", compact(day))
}
