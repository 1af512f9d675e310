//! CHRONIC. Key of 2026: PID, CHRONIC, DATE_DIAG.

use saphan_model::Body;
use saphan_model::body::{Chronic, Condition};

use crate::f43::defect::RowDefect;
use crate::f43::natural;
use crate::f43::row::Row;
use crate::f43::typed::{Draft, Identity, Typed};

carried!(PID, DATE_DIAG, CHRONIC, HOSP_DX, HOSP_RX, DATE_DISCH, TYPEDISCH, D_UPDATE, CID);

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let identity = Identity::of(row, PID, Some(CID))?;
    let chronic = Chronic {
        code: row.icd10(CHRONIC)?,
        diagnosed_on: row.date(DATE_DIAG)?,
        diagnosed_at: row.facility(HOSP_DX)?,
        treated_at: row.facility_opt(HOSP_RX)?,
        closed_on: row.date_opt(DATE_DISCH)?,
        close_reason: row.string_opt(TYPEDISCH)?,
    };
    let natural_key = natural::chronic(row.text(PID)?, &chronic.code, chronic.diagnosed_on);
    let occurred_at = chronic.diagnosed_on.thai_midnight();
    let body = Body::Condition(Box::new(Condition::Chronic(chronic)));
    Ok(Draft::typed(identity, natural_key, occurred_at, row.instant_opt(D_UPDATE)?, body))
}
