//! REFER_RESULT: the answer to another facility's referral. Key: REFERID_SOURCE, HOSP_SOURCE.
//!
//! The receiver may never have registered the patient (PID_IN is empty when it refused), so an
//! answer may name nobody.

use saphan_model::Body;
use saphan_model::body::ReferralReply;

use crate::f43::defect::RowDefect;
use crate::f43::natural;
use crate::f43::row::Row;
use crate::f43::typed::{Cid, Draft, Identity, Typed};

carried!(REFERID_SOURCE, HOSP_SOURCE, REFER_RESULT, DATETIME_IN, PID_IN, AN_IN, REASON, D_UPDATE,);

pub(super) fn parse(row: &Row<'_>) -> Result<Typed, RowDefect> {
    let identity = Identity { pid: row.private_opt(PID_IN)?, cid: Cid::Absent };
    let arrived_at = row.instant_opt(DATETIME_IN)?;
    // An answer that is no arrival has no other time of its own than its last edit.
    let updated_at = row.instant(D_UPDATE)?;
    let reply = ReferralReply {
        referral_number: row.private(REFERID_SOURCE)?,
        source_facility: row.facility(HOSP_SOURCE)?,
        result: row.string(REFER_RESULT)?,
        arrived_at,
        local_id: row.private_opt(PID_IN)?,
        admission_number: row.private_opt(AN_IN)?,
        reason: row.private_opt(REASON)?,
    };
    let natural_key = natural::reply(&reply.source_facility, row.text(REFERID_SOURCE)?);
    let occurred_at = arrived_at.unwrap_or(updated_at);
    let body = Body::ReferralReply(Box::new(reply));
    Ok(Draft::typed(identity, natural_key, occurred_at, Some(updated_at), body))
}
