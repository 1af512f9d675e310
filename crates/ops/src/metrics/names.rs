//! Every metric of the program: name, labels, buckets, meaning.
//!
//! Names are `saphan_<role>_<thing>_<unit>[_total]`; `loop` stands for whichever role's loop reports.
//! Labels come from closed sets and from the topology, never from a record's content.

use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry};

/// Seconds from half a millisecond to a minute.
const SECONDS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    60.0,
];
/// Seconds from ten milliseconds to a day: how old an event is, or how long much work takes.
const AGE_SECONDS: &[f64] =
    &[0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 1_800.0, 7_200.0, 86_400.0];
/// Records of one batch.
const RECORDS: &[f64] =
    &[1.0, 5.0, 20.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 5_000.0, 10_000.0, 50_000.0];

macro_rules! families {
    ($($field:ident: $kind:ident $name:literal $labels:tt $(in $buckets:ident)?, $help:literal;)+) => {
        /// One handle for each metric.
        pub(super) struct Families { $(pub $field: families!(@type $kind),)+ }

        impl Families {
            pub(super) fn register(registry: &Registry) -> Self {
                Self {
                    $($field: {
                        let family = families!(@make $kind $name $labels $help $($buckets)?)
                            .expect("the name and labels are valid: a test makes them all");
                        registry.register(Box::new(family.clone())).expect("names are unique");
                        family
                    },)+
                }
            }
        }

        /// Name and labels of every metric, for tests and documents.
        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str, &[&str])] =
            &[$(($name, stringify!($kind), &$labels)),+];
    };
    (@type counter) => { IntCounterVec };
    (@type gauge) => { IntGaugeVec };
    (@type histogram) => { HistogramVec };
    (@make counter $name:literal $labels:tt $help:literal) => {
        IntCounterVec::new(Opts::new($name, $help), &$labels)
    };
    (@make gauge $name:literal $labels:tt $help:literal) => {
        IntGaugeVec::new(Opts::new($name, $help), &$labels)
    };
    (@make histogram $name:literal $labels:tt $help:literal $buckets:ident) => {
        HistogramVec::new(HistogramOpts::new($name, $help).buckets($buckets.to_vec()), &$labels)
    };
}

families! {
    build_info: gauge "saphan_build_info" ["version"], "Always 1; carries the version.";

    gateway_requests: counter "saphan_gateway_requests_total" ["route", "status"],
        "Requests answered.";
    gateway_seconds: histogram "saphan_gateway_request_duration_seconds" ["route"] in SECONDS,
        "Time from the head of a request to its answer.";
    gateway_in_flight: gauge "saphan_gateway_requests_in_flight" [], "Requests under way.";
    gateway_events: counter "saphan_gateway_events_total" ["outcome", "code"],
        "Submissions received, by outcome: accepted, refused, undelivered.";
    gateway_batch: histogram "saphan_gateway_batch_events" [] in RECORDS, "Submissions of one batch.";
    gateway_produce_seconds: histogram "saphan_gateway_produce_duration_seconds" [] in SECONDS,
        "Time the brokers took to confirm a batch.";
    gateway_revocation_seconds: histogram "saphan_gateway_revocation_seconds" ["stage"] in AGE_SECONDS,
        "A withdrawal of consent, from the brokers' word until its receipt was known (receipt), and from then, \
         when it can be answered, until route had passed it (in-force).";

    admit_received: counter "saphan_admit_received_total" [],
        "Submissions taken from the ingest topic and committed.";
    admit_outcomes: counter "saphan_admit_outcomes_total" ["type", "outcome"],
        "How they ended: admitted, unchanged, quarantined. Adds up to received.";
    admit_quarantined: counter "saphan_admit_quarantined_total" ["code"],
        "Submissions set aside, by code.";
    admit_appended: counter "saphan_admit_appended_total" ["type"],
        "Records appended to the patient log; a link can append many.";

    route_received: counter "saphan_route_received_total" ["type"],
        "Records taken from the patient log and committed.";
    route_candidates: counter "saphan_route_candidates_total" ["agency", "type"],
        "Agencies a record concerned. Equals delivered plus withheld plus retracted.";
    route_delivered: counter "saphan_route_delivered_total" ["agency", "type"],
        "Records written to an agency's topic.";
    route_withheld: counter "saphan_route_withheld_total" ["agency", "type", "reason"],
        "Records an agency asked for and did not get, by reason.";
    route_retracted: counter "saphan_route_retracted_total" ["agency", "type"],
        "Retractions sent to agencies that held a record and no longer may.";

    route_consent_seconds: histogram "saphan_route_consent_change_seconds" ["stage"] in AGE_SECONDS,
        "Age of a change of consent, since its append: when route learnt of it (foreseen), and when its \
         own record was routed (routed). From the first on it withholds.";

    sink_records: counter "saphan_sink_records_total" ["sink", "topic"],
        "Records of a topic whose rows are in the store.";
    sink_seconds: histogram "saphan_sink_insert_duration_seconds" ["sink"] in SECONDS,
        "Time one insert took, its retries included.";
    sink_retries: counter "saphan_sink_retries_total" ["sink"], "Inserts that were tried again.";

    serve_requests: counter "saphan_serve_requests_total" ["route", "status"], "Requests answered.";
    serve_seconds: histogram "saphan_serve_request_duration_seconds" ["route"] in SECONDS,
        "Time from the head of a request to its answer.";
    loop_consumed: counter "saphan_loop_records_consumed_total" ["role", "topic"],
        "Records handed to a role, those of rolled-back batches included.";
    loop_produced: counter "saphan_loop_records_produced_total" ["role", "topic"],
        "Records handed to the producer, those of rolled-back batches included.";
    loop_committed: counter "saphan_loop_records_committed_total" ["role"],
        "Input records whose batch was committed.";
    loop_batch: histogram "saphan_loop_batch_records" ["role"] in RECORDS,
        "Input records of a committed batch.";
    loop_commit_seconds: histogram "saphan_loop_commit_duration_seconds" ["role"] in SECONDS,
        "Time from the last record sent to the end of the commit.";
    loop_aborts: counter "saphan_loop_aborts_total" ["role", "cause"], "Batches rolled back.";
    loop_recycled: counter "saphan_loop_producer_recycled_total" ["role", "reason"],
        "Transactional producers replaced.";
    loop_restored: counter "saphan_loop_state_rows_restored_total" ["role"],
        "Rows of state read back before a partition started.";
    loop_restore_seconds: histogram "saphan_loop_restore_duration_seconds" ["role"] in AGE_SECONDS,
        "Time a partition took to read its state back.";
    loop_lag: gauge "saphan_loop_lag_records" ["role", "topic", "partition"],
        "Records between the group's position and the end of the partition.";
    loop_owned: gauge "saphan_loop_partitions_owned" ["role", "worker"], "Partitions a worker owns.";
    loop_trouble: counter "saphan_loop_trouble_total" ["role", "code"],
        "Failures the loop overcame, by code.";
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNITS: &[&str] = &["seconds", "records", "events", "bytes", "info", "owned", "flight"];

    #[test]
    fn names_follow_the_habit() {
        for (name, kind, labels) in ALL {
            let role = name.split('_').nth(1).unwrap_or_default();
            assert!(name.starts_with("saphan_"), "{name}");
            assert!(
                ["build", "gateway", "admit", "route", "sink", "serve", "loop"].contains(&role),
                "{name}: {role}"
            );
            assert_eq!(*kind == "counter", name.ends_with("_total"), "{name}");
            if *kind != "counter" {
                assert!(UNITS.iter().any(|it| name.ends_with(it)), "{name} ends in no unit");
            }
            for label in *labels {
                assert!(!["patient", "citizen", "event_id", "facility"].contains(label), "{name}");
            }
        }
    }
}
