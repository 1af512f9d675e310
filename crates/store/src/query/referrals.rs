//! Patients referred from one facility to another.
//!
//! Only CAUSEOUT 1-5 are referrals; 6 is a patient sent back and 7 a reply without a patient.

use clickhouse::Row;
use serde::Deserialize;

use super::scope::{IN_PERIOD, Level, Period, Scope};
use crate::failure::QueryError;
use crate::store::Store;

/// Seen from a facility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Sent by it.
    Out,
    /// Addressed to it.
    In,
}

/// Referrals between a place and a health region.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct ReferralCount {
    /// The place the question asked for, on its side of the referral.
    pub key: String,
    /// Health region of the other side, 0 when not known.
    pub other_region: u8,
    /// Referrals.
    pub n: u64,
}

const REFERRED: &str = "event_type = 'referral' AND cause NOT IN ('6', '7')";

impl Store {
    /// Referrals sent by the facilities of a scope, by sending place and region addressed.
    pub async fn referrals_out(
        &self,
        scope: &Scope,
        period: Period,
        level: Level,
    ) -> Result<Vec<ReferralCount>, QueryError> {
        let sql = format!(
            "SELECT {key} AS key, counterpart_region AS other_region, count() AS n FROM event_fact FINAL \
             WHERE {REFERRED} AND {scope} AND {IN_PERIOD} \
             GROUP BY key, other_region ORDER BY key, other_region",
            key = level.key(),
            scope = scope.condition(),
        );
        let query = period.bind(scope.bind(self.read(&sql)));
        self.rows("referrals sent", query).await
    }

    /// Referrals addressed to facilities of a health region, by facility addressed and sending region.
    pub async fn referrals_in(
        &self,
        region: u8,
        period: Period,
    ) -> Result<Vec<ReferralCount>, QueryError> {
        let sql = format!(
            "SELECT toString(counterpart) AS key, region AS other_region, count() AS n \
             FROM event_fact FINAL WHERE {REFERRED} AND counterpart_region = ? AND {IN_PERIOD} \
             GROUP BY key, other_region ORDER BY key, other_region"
        );
        let query = period.bind(self.read(&sql).bind(region));
        self.rows("referrals received", query).await
    }

    /// Referrals of one facility, by the facility on the other side and its region.
    pub async fn referrals_of(
        &self,
        facility: &str,
        direction: Direction,
        period: Period,
    ) -> Result<Vec<ReferralCount>, QueryError> {
        let (own, other, region) = match direction {
            Direction::Out => ("facility", "counterpart", "counterpart_region"),
            Direction::In => ("counterpart", "facility", "region"),
        };
        let sql = format!(
            "SELECT toString({other}) AS key, {region} AS other_region, count() AS n \
             FROM event_fact FINAL WHERE {REFERRED} AND {own} = ? AND {IN_PERIOD} \
             GROUP BY key, other_region ORDER BY key, other_region"
        );
        let query = period.bind(self.read(&sql).bind(facility));
        self.rows("referrals of a facility", query).await
    }
}
