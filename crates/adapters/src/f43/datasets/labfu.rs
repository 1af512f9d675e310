//! LABFU: a part of a visit. Key of 2026: PID, DATE_SERV, LABTEST.

use saphan_model::body::LabResult;

use crate::f43::defect::{Code, RowDefect};
use crate::f43::row::Row;
use crate::f43::typed::{Part, PartRow, Typed};

use super::Key;

carried!(PID, SEQ, DATE_SERV, LABTEST, LABRESULT, LABPLACE, D_UPDATE);

pub(super) fn key<'a>(row: &Row<'a>) -> Result<Key<'a>, RowDefect> {
    Key::visit(row, SEQ, PID, DATE_SERV)
}

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let code = row.string(LABTEST)?;
    // Seven digits since fiscal year 2561, two before; the full list of codes is not published here.
    if !matches!(code.len(), 2 | 7) || !code.bytes().all(|it| it.is_ascii_digit()) {
        return Err(row.defect(Code::UnknownCode, LABTEST));
    }
    let key = code.clone();
    let result =
        LabResult { code, result: row.string(LABRESULT)?, facility: row.facility_opt(LABPLACE)? };
    Ok(PartRow::typed(key, row.instant_opt(D_UPDATE)?, Part::LabResult(result)))
}
