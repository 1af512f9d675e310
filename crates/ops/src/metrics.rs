//! Metrics: verbs for callers, names and buckets in `names`.
//!
//! Callers never see a metric type or write a name. The conservation terms are counted after the commit
//! that made them true: `received = admitted + unchanged + quarantined`, `candidates = delivered +
//! withheld`.

mod kafka;
mod names;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use prometheus::{Registry, TextEncoder};
use saphan_model::EventType;
use saphan_model::admission::AdmissionOutcome;
use saphan_model::decision::{OutcomeKind, WithholdReason};

pub use self::kafka::LoopMetrics;
use self::names::Families;

/// All metrics of the process. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    families: Families,
}

/// How the gateway answered one submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubmissionEnd {
    /// The brokers have it.
    Accepted,
    /// It must not be sent again as it is.
    Refused,
    /// The brokers did not confirm it; the sender will try again.
    Undelivered,
}

impl Default for Metrics {
    fn default() -> Self {
        let registry = Registry::new();
        let families = Families::register(&registry);
        families.build_info.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        Self(Arc::new(Inner { registry, families }))
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// The Prometheus text format, version 0.0.4.
    pub fn render(&self) -> String {
        TextEncoder::new()
            .encode_to_string(&self.0.registry.gather())
            .expect("registered metrics have names and values")
    }

    /// What a role's loop reports.
    pub fn of_loop(&self, role: &'static str, worker: u32) -> LoopMetrics {
        LoopMetrics::new(self.clone(), role, worker)
    }

    fn families(&self) -> &Families {
        &self.0.families
    }

    /// A request to the gateway began; the guard counts it as under way until dropped.
    pub fn gateway_began(&self) -> InFlight {
        self.families().gateway_in_flight.with_label_values::<&str>(&[]).inc();
        InFlight(self.clone())
    }

    /// A request to the gateway was answered. `route` is the pattern, not the path.
    pub fn gateway_answered(&self, route: &'static str, status: u16, took: Duration) {
        let families = self.families();
        families.gateway_requests.with_label_values(&[route, status_text(status).as_str()]).inc();
        families.gateway_seconds.with_label_values(&[route]).observe(took.as_secs_f64());
    }

    /// A batch arrived that could be read.
    pub fn gateway_batch(&self, submissions: usize) {
        let histogram = self.families().gateway_batch.with_label_values::<&str>(&[]);
        histogram.observe(u32::try_from(submissions).map_or(f64::MAX, f64::from));
    }

    /// The brokers confirmed a batch.
    pub fn gateway_produced(&self, took: Duration) {
        let histogram = self.families().gateway_produce_seconds.with_label_values::<&str>(&[]);
        histogram.observe(took.as_secs_f64());
    }

    /// A withdrawal of consent reached a stage: `receipt`, since it was appended, or `in-force`, since
    /// the answer with its receipt.
    pub fn gateway_revocation(&self, stage: &'static str, took: Duration) {
        let histogram = self.families().gateway_revocation_seconds.with_label_values(&[stage]);
        histogram.observe(took.as_secs_f64());
    }

    /// Submissions ended in one way; `code` says why they were not accepted.
    pub fn gateway_events(&self, end: SubmissionEnd, code: Option<&'static str>, count: u64) {
        let outcome = match end {
            SubmissionEnd::Accepted => "accepted",
            SubmissionEnd::Refused => "refused",
            SubmissionEnd::Undelivered => "undelivered",
        };
        let labels = [outcome, code.unwrap_or("")];
        self.families().gateway_events.with_label_values(&labels).inc_by(count);
    }

    /// Submissions of one type (`None`: defects and what could not be read) were committed as ended.
    pub fn admit_ended(&self, of: Option<EventType>, outcome: AdmissionOutcome, count: u64) {
        let families = self.families();
        let event_type = of.map_or("", EventType::as_str);
        families.admit_received.with_label_values::<&str>(&[]).inc_by(count);
        families.admit_outcomes.with_label_values(&[event_type, outcome.as_str()]).inc_by(count);
    }

    /// Submissions were set aside. A code that is not of the form `SP-NNNN` counts as `other`, since
    /// adapters send codes and labels must stay few.
    pub fn admit_quarantined(&self, code: &str, count: u64) {
        let known = code.len() == 7
            && ["SP-11", "SP-13", "SP-14"].iter().any(|it| code.starts_with(it))
            && code[5..].bytes().all(|it| it.is_ascii_digit());
        let code = if known { code } else { "other" };
        self.families().admit_quarantined.with_label_values(&[code]).inc_by(count);
    }

    /// Records were appended to the patient log.
    pub fn admit_appended(&self, of: EventType, count: u64) {
        self.families().admit_appended.with_label_values(&[of.as_str()]).inc_by(count);
    }

    /// Records of the patient log were decided about.
    pub fn route_received(&self, of: EventType, count: u64) {
        self.families().route_received.with_label_values(&[of.as_str()]).inc_by(count);
    }

    /// An agency's contract asked for records.
    pub fn route_candidates(&self, agency: &str, of: EventType, count: u64) {
        self.families().route_candidates.with_label_values(&[agency, of.as_str()]).inc_by(count);
    }

    /// What was done for an agency; `reason` is told for withheld records.
    pub fn route_ended(
        &self,
        agency: &str,
        of: EventType,
        kind: OutcomeKind,
        reason: Option<WithholdReason>,
        count: u64,
    ) {
        let (families, of) = (self.families(), of.as_str());
        match kind {
            OutcomeKind::Delivered => families.route_delivered.with_label_values(&[agency, of]),
            OutcomeKind::Retracted => families.route_retracted.with_label_values(&[agency, of]),
            OutcomeKind::Withheld => {
                let reason = reason.map_or("", WithholdReason::as_str);
                families.route_withheld.with_label_values(&[agency, of, reason])
            }
        }
        .inc_by(count);
    }

    /// A change of consent of this age reached a stage: `foreseen` or `routed`.
    pub fn route_consent_change(&self, stage: &'static str, age: Duration) {
        let histogram = self.families().route_consent_seconds.with_label_values(&[stage]);
        histogram.observe(age.as_secs_f64());
    }

    /// A request for a page or the API was answered. `route` is the pattern, not the path.
    pub fn serve_answered(&self, route: &str, status: u16, took: Duration) {
        let families = self.families();
        families.serve_requests.with_label_values(&[route, status_text(status).as_str()]).inc();
        families.serve_seconds.with_label_values(&[route]).observe(took.as_secs_f64());
    }
}

/// Counts a request as under way until dropped.
#[derive(Debug)]
pub struct InFlight(Metrics);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.families().gateway_in_flight.with_label_values::<&str>(&[]).dec();
    }
}

fn gauge(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn status_text(status: u16) -> String {
    status.to_string()
}

#[cfg(test)]
mod tests;
