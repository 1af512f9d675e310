//! The codes of the 43-file adapter and what the sender is told to do about each.
//!
//! Owns the words. Never carries a value of the row: place, column and remedy are enough to mend it.

use std::fmt;

/// What is wrong. Each code has a page in `docs/errors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// SP-1101: another number of fields than the column set has.
    FieldCount,
    /// SP-1102: a required value or column is missing.
    Required,
    /// SP-1103: not a date or time that exists.
    NotADate,
    /// SP-1104: a year of the Buddhist era.
    BuddhistEra,
    /// SP-1105: not a number of the column's size.
    NotANumber,
    /// SP-1106: not a value of the column's code set or shape.
    UnknownCode,
    /// SP-1107: longer than the column.
    TooLong,
    /// SP-1108: the row belongs to another facility.
    OtherFacility,
    /// SP-1109: the citizen id is wrong.
    CitizenId,
    /// SP-1110: the row this one belongs to is not in the document.
    Orphan,
    /// SP-1111: not readable as UTF-8 or TIS-620 text.
    Encoding,
    /// SP-1112: longer than any row may be.
    RowTooLong,
    /// SP-1113: the zip cannot be read.
    UnreadableZip,
    /// SP-1114: unpacks to far more than a real export.
    ZipBomb,
    /// SP-1115: a deletion of a part of an event.
    CorrectionOfPart,
    /// SP-1116: a deletion that cannot be read.
    CorrectionUnreadable,
    /// SP-1117: one event is too large.
    EventTooLarge,
    /// SP-1118: more bad rows in one file than are listed one by one.
    ManyDefects,
    /// SP-1119: whose document it is is not known, or it is another facility's.
    Facility,
}

impl Code {
    /// The stable code, `SP-11xx`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FieldCount => "SP-1101",
            Self::Required => "SP-1102",
            Self::NotADate => "SP-1103",
            Self::BuddhistEra => "SP-1104",
            Self::NotANumber => "SP-1105",
            Self::UnknownCode => "SP-1106",
            Self::TooLong => "SP-1107",
            Self::OtherFacility => "SP-1108",
            Self::CitizenId => "SP-1109",
            Self::Orphan => "SP-1110",
            Self::Encoding => "SP-1111",
            Self::RowTooLong => "SP-1112",
            Self::UnreadableZip => "SP-1113",
            Self::ZipBomb => "SP-1114",
            Self::CorrectionOfPart => "SP-1115",
            Self::CorrectionUnreadable => "SP-1116",
            Self::EventTooLarge => "SP-1117",
            Self::ManyDefects => "SP-1118",
            Self::Facility => "SP-1119",
        }
    }

    /// What to do, one sentence.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::FieldCount => {
                "Send as many fields as the column set has; a bar inside free text shifts them, so remove it there."
            }
            Self::Required => "Fill the column in the hospital system and send the row again.",
            Self::NotADate => {
                "Send dates as YYYYMMDD, times of day as HHMMSS and instants as YYYYMMDDHHMMSS."
            }
            Self::BuddhistEra => {
                "The year is counted in the Buddhist era; send the Gregorian year, which is 543 less."
            }
            Self::NotANumber => {
                "Send digits with at most one decimal point, no thousands separator, within the column's width."
            }
            Self::UnknownCode => {
                "Map the value to a code of the standard in the exporter's settings."
            }
            Self::TooLong => "Shorten the value to the column's width.",
            Self::OtherFacility => {
                "Send each facility's rows in that facility's own document; HOSPCODE must be the facility that sends."
            }
            Self::CitizenId => {
                "Correct the citizen id in the person's registration, or leave it empty when the person has none, and send again."
            }
            Self::Orphan => {
                "Send the visit, stay, person or referral this row belongs to in the same document."
            }
            Self::Encoding => {
                "Export the file as UTF-8 or TIS-620 text without control characters."
            }
            Self::RowTooLong => {
                "Check that each row ends with a line end; no row may exceed 65,536 bytes."
            }
            Self::UnreadableZip => {
                "Make the zip again, without password, with plain deflate compression, and send it whole."
            }
            Self::ZipBomb => {
                "Make the zip again from the exporter; this one unpacks to far more than a real export."
            }
            Self::CorrectionOfPart => {
                "Do not delete a part: send the whole visit, stay, person or referral again as it is now."
            }
            Self::CorrectionUnreadable => {
                "Write DATA_CORRECT as {'HOSPCODE':'..','PID':'..', ...} with every key column of the table named in TABLENAME."
            }
            Self::EventTooLarge => {
                "Check why one visit, stay, person or referral has this many rows; split it or remove the repeated ones."
            }
            Self::ManyDefects => {
                "More rows of this file are refused than are listed; mend the listed ones and send the file again."
            }
            Self::Facility => {
                "Name the zip F43_<hospcode>_<date and time>.zip with the code of the facility that sends it."
            }
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a row is refused. The first problem met in column order of the mapping; one per row, so that
/// refused rows and defects are the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowDefect {
    /// What is wrong.
    pub code: Code,
    /// The column at fault; empty when it is the whole row.
    pub column: &'static str,
}

impl RowDefect {
    /// A defect of the whole row.
    pub const fn row(code: Code) -> Self {
        Self { code, column: "" }
    }
}
