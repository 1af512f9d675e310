//! ADDRESS: a part of a person. Key of 2026: PID, ADDRESSTYPE.

use saphan_model::Private;
use saphan_model::body::Address;

use crate::f43::defect::RowDefect;
use crate::f43::row::{Column, Row};
use crate::f43::typed::{Part, PartRow, Typed};

use super::Key;

carried!(
    PID,
    ADDRESSTYPE,
    ROOMNO,
    CONDO,
    HOUSENO,
    SOISUB,
    SOIMAIN,
    ROAD,
    VILLANAME,
    VILLAGE,
    TAMBON,
    AMPUR,
    CHANGWAT,
    D_UPDATE,
);

/// In the order Thai addresses are written.
const LINE: [Column; 7] = [HOUSENO, ROOMNO, CONDO, VILLANAME, SOISUB, SOIMAIN, ROAD];

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::single(row, PID)
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let mut line = String::new();
    for column in LINE {
        if let Some(text) = row.text_opt(column)? {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(text);
        }
    }
    let address = Address {
        kind: row.string(ADDRESSTYPE)?,
        line: Private::new(line),
        village: row.string(VILLAGE)?,
        subdistrict: row.string(TAMBON)?,
        district: row.string(AMPUR)?,
        province: row.string(CHANGWAT)?,
    };
    let key = address.kind.clone();
    Ok(PartRow::typed(key, row.instant_opt(D_UPDATE)?, Part::Address(address)))
}
