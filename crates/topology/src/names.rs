//! The only place where topic names are built.
//!
//! A prefix, empty in production, keeps several platforms (or tests) apart on one cluster.

use std::fmt;

use saphan_model::{AgencyId, EventType};

/// A topic of the platform's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PlatformTopic {
    /// Submissions, by facility.
    Ingest,
    /// The one log, by patient.
    PatientLog,
    /// What admit could not accept, by facility.
    Quarantine,
    /// Admit's ledger.
    Admission,
    /// Admit's state, compacted.
    AdmitState,
    /// Route's state, compacted.
    ConsentState,
    /// The deny-only overlay.
    ConsentRevoked,
    /// What was decided, by patient.
    Decision,
}

impl PlatformTopic {
    /// Every one of them.
    pub const ALL: [Self; 8] = [
        Self::Ingest,
        Self::PatientLog,
        Self::Quarantine,
        Self::Admission,
        Self::AdmitState,
        Self::ConsentState,
        Self::ConsentRevoked,
        Self::Decision,
    ];

    /// The name without prefix, as `topology/topics.toml` declares it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest.v1",
            Self::PatientLog => "patient.log.v1",
            Self::Quarantine => "quarantine.v1",
            Self::Admission => "admission.v1",
            Self::AdmitState => "admit.state.v1",
            Self::ConsentState => "consent.state.v1",
            Self::ConsentRevoked => "consent.revoked.v1",
            Self::Decision => "decision.v1",
        }
    }

    /// The topic whose partitions this one mirrors: a worker writes the state of input partition p to
    /// partition p, and reads it back from there.
    pub const fn state_of(self) -> Option<Self> {
        match self {
            Self::AdmitState => Some(Self::Ingest),
            Self::ConsentState => Some(Self::PatientLog),
            _ => None,
        }
    }
}

/// Builds names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    prefix: String,
}

/// A prefix that cannot begin a topic name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a topic prefix is at most 40 characters of a-z, 0-9, . and -, and ends with .")]
pub struct PrefixError;

impl Names {
    /// Names that begin with `prefix`, which is empty or ends with a dot.
    pub fn new(prefix: &str) -> Result<Self, PrefixError> {
        let legal = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || b".-".contains(&it);
        let fits = prefix.len() <= 40 && prefix.bytes().all(legal);
        if !fits || !(prefix.is_empty() || prefix.ends_with('.')) || prefix.starts_with('.') {
            return Err(PrefixError);
        }
        Ok(Self { prefix: prefix.to_owned() })
    }

    /// The prefix.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// A topic of the platform.
    pub fn platform(&self, topic: PlatformTopic) -> String {
        format!("{}{}", self.prefix, topic.as_str())
    }

    /// `ingest.v1`: key facility code, value Submission.
    pub fn ingest(&self) -> String {
        self.platform(PlatformTopic::Ingest)
    }

    /// `patient.log.v1`: key patient pseudonym, value log record.
    pub fn patient_log(&self) -> String {
        self.platform(PlatformTopic::PatientLog)
    }

    /// `quarantine.v1`: key facility code, value Quarantined.
    pub fn quarantine(&self) -> String {
        self.platform(PlatformTopic::Quarantine)
    }

    /// `admission.v1`: value AdmissionLedger.
    pub fn admission(&self) -> String {
        self.platform(PlatformTopic::Admission)
    }

    /// `admit.state.v1`: admit's rows, by partition of `ingest.v1`.
    pub fn admit_state(&self) -> String {
        self.platform(PlatformTopic::AdmitState)
    }

    /// `consent.state.v1`: route's rows, by partition of `patient.log.v1`.
    pub fn consent_state(&self) -> String {
        self.platform(PlatformTopic::ConsentState)
    }

    /// `consent.revoked.v1`: revocations, for the overlay.
    pub fn consent_revoked(&self) -> String {
        self.platform(PlatformTopic::ConsentRevoked)
    }

    /// `decision.v1`: key patient pseudonym, value Decision.
    pub fn decision(&self) -> String {
        self.platform(PlatformTopic::Decision)
    }

    /// `agency.<id>.<type>.v1`: one agency's events of one type, in its contract's shape.
    pub fn agency(&self, agency: &AgencyId, event_type: EventType) -> String {
        format!("{}{agency}.{event_type}.v1", self.agency_prefix())
    }

    /// What the names of all agency topics begin with.
    pub fn agency_prefix(&self) -> String {
        format!("{}agency.", self.prefix)
    }
}

impl fmt::Display for PlatformTopic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_one_pattern() {
        let ddc: AgencyId = "ddc".parse().expect("an id");
        let names = Names::new("t1.").expect("a prefix");
        assert_eq!(names.agency(&ddc, EventType::ReferralReply), "t1.agency.ddc.referral-reply.v1");
        assert_eq!(Names::default().patient_log(), "patient.log.v1");
    }

    #[test]
    fn a_prefix_is_checked() {
        for (prefix, ok) in [
            ("", true),
            ("t1.", true),
            ("t1", false),
            ("T1.", false),
            (".", false),
            ("a/b.", false),
        ] {
            assert_eq!(Names::new(prefix).is_ok(), ok, "{prefix:?}");
        }
    }
}
