//! Patients referred from one facility to another.
//!
//! Only CAUSEOUT 1-5 are referrals; 6 is a patient sent back and 7 a reply without a patient.

use clickhouse::Row;
use serde::Deserialize;

use super::scope::{IN_PERIOD, Period};
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

impl Direction {
    const fn own(self) -> &'static str {
        match self {
            Self::Out => "facility",
            Self::In => "counterpart",
        }
    }

    const fn other(self) -> &'static str {
        match self {
            Self::Out => "counterpart",
            Self::In => "facility",
        }
    }
}

/// Referrals of one facility, or of the one asked about with it.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct ReferralCount {
    /// The facility.
    pub code: String,
    /// Referrals.
    pub n: u64,
}

/// Referrals from one health region to another.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct RegionFlow {
    /// Region of the sending facility, 0 when not known.
    pub from_region: u8,
    /// Region of the addressed facility, 0 when not known.
    pub to_region: u8,
    /// Referrals.
    pub n: u64,
}

const REFERRED: &str = "event_type = 'referral' AND cause NOT IN ('6', '7')";

impl Store {
    /// Referrals between all pairs of regions that have any.
    pub async fn referral_flows(&self, period: Period) -> Result<Vec<RegionFlow>, QueryError> {
        let sql = format!(
            "SELECT region AS from_region, counterpart_region AS to_region, count() AS n FROM event_fact FINAL \
             WHERE {REFERRED} AND {IN_PERIOD} GROUP BY from_region, to_region \
             ORDER BY from_region, to_region"
        );
        self.rows("referral flows", period.bind(self.read(&sql))).await
    }

    /// Referrals of one facility by the other facility, the most frequent first.
    pub async fn referrals_of(
        &self,
        facility: &str,
        direction: Direction,
        period: Period,
    ) -> Result<Vec<ReferralCount>, QueryError> {
        let (own, other) = (direction.own(), direction.other());
        let sql = format!(
            "SELECT toString({other}) AS code, count() AS n FROM event_fact FINAL \
             WHERE {REFERRED} AND {own} = ? AND {IN_PERIOD} GROUP BY code ORDER BY n DESC, code"
        );
        let query = period.bind(self.read(&sql).bind(facility));
        self.rows("referrals of a facility", query).await
    }

    /// Referrals sent or received by each of the facilities given, by code.
    pub async fn referral_totals(
        &self,
        facilities: &[String],
        direction: Direction,
        period: Period,
    ) -> Result<Vec<ReferralCount>, QueryError> {
        if facilities.is_empty() {
            return Ok(Vec::new());
        }
        let own = direction.own();
        let sql = format!(
            "SELECT toString({own}) AS code, count() AS n FROM event_fact FINAL \
             WHERE {REFERRED} AND {own} IN ? AND {IN_PERIOD} GROUP BY code ORDER BY code"
        );
        let query = period.bind(self.read(&sql).bind(facilities));
        self.rows("referral totals", query).await
    }
}
