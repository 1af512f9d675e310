use super::*;
use saphan_kafka::Observer;

/// The value of the one line that begins with `series`.
fn value(metrics: &Metrics, series: &str) -> Option<String> {
    let text = metrics.render();
    let line =
        text.lines().find(|it| it.strip_prefix(series).is_some_and(|it| it.starts_with(' ')));
    line.map(|it| it[series.len() + 1..].to_owned())
}

#[track_caller]
fn check(act: impl Fn(&Metrics), expected: &[(&str, &str)]) {
    let metrics = Metrics::new();
    act(&metrics);
    for (series, number) in expected {
        assert_eq!(value(&metrics, series).as_deref(), Some(*number), "{series}");
    }
}

#[test]
fn submissions_add_up() {
    check(
        |it| {
            it.admit_ended(Some(EventType::Encounter), AdmissionOutcome::Admitted, 3);
            it.admit_ended(None, AdmissionOutcome::Quarantined, 2);
            it.admit_quarantined("SP-1104", 1);
            it.admit_quarantined("1234567890121", 1);
            it.admit_appended(EventType::Encounter, 4);
        },
        &[
            ("saphan_admit_received_total", "5"),
            (r#"saphan_admit_outcomes_total{outcome="admitted",type="encounter"}"#, "3"),
            (r#"saphan_admit_outcomes_total{outcome="quarantined",type=""}"#, "2"),
            (r#"saphan_admit_quarantined_total{code="SP-1104"}"#, "1"),
            (r#"saphan_admit_quarantined_total{code="other"}"#, "1"),
            (r#"saphan_admit_appended_total{type="encounter"}"#, "4"),
        ],
    );
}

#[test]
fn deliveries_are_told_by_agency_type_and_reason() {
    check(
        |it| {
            it.route_received(EventType::Death, 2);
            it.route_candidates("ddc", EventType::Death, 2);
            it.route_ended("ddc", EventType::Death, OutcomeKind::Delivered, None, 1);
            let reason = Some(WithholdReason::LabelCeiling);
            it.route_ended("ddc", EventType::Death, OutcomeKind::Withheld, reason, 1);
            it.route_ended("nhso", EventType::Death, OutcomeKind::Retracted, reason, 1);
        },
        &[
            (r#"saphan_route_candidates_total{agency="ddc",type="death"}"#, "2"),
            (r#"saphan_route_delivered_total{agency="ddc",type="death"}"#, "1"),
            (
                r#"saphan_route_withheld_total{agency="ddc",reason="label-ceiling",type="death"}"#,
                "1",
            ),
            (r#"saphan_route_retracted_total{agency="nhso",type="death"}"#, "1"),
        ],
    );
}

#[test]
fn requests_are_counted_while_under_way_and_after() {
    check(
        |it| {
            let first = it.gateway_began();
            let second = it.gateway_began();
            drop(first);
            it.gateway_answered("/v1/submissions", 200, Duration::from_millis(3));
            it.gateway_events(SubmissionEnd::Refused, Some("SP-1205"), 2);
            assert_eq!(value(it, "saphan_gateway_requests_in_flight").as_deref(), Some("1"));
            drop(second);
        },
        &[
            ("saphan_gateway_requests_in_flight", "0"),
            (r#"saphan_gateway_requests_total{route="/v1/submissions",status="200"}"#, "1"),
            (r#"saphan_gateway_events_total{code="SP-1205",outcome="refused"}"#, "2"),
        ],
    );
}

#[test]
fn loops_report_under_their_role() {
    check(
        |it| {
            let admit = it.of_loop("admit", 1);
            admit.consumed("ingest.v1", 3, 10);
            admit.committed(10, Duration::from_millis(20));
            admit.aborted(saphan_kafka::AbortCause::Processor);
            admit.producer_recycled(saphan_kafka::RecycleReason::SlowCommit);
            admit.lag("ingest.v1", 3, 42);
            admit.owned(4);
            it.of_loop("timeline", 0).range_written("t", 0, 9, Duration::from_millis(1), 2);
        },
        &[
            (r#"saphan_loop_records_consumed_total{role="admit",topic="ingest.v1"}"#, "10"),
            (r#"saphan_loop_records_committed_total{role="admit"}"#, "10"),
            (r#"saphan_loop_batch_records_sum{role="admit"}"#, "10"),
            (r#"saphan_loop_aborts_total{cause="processor",role="admit"}"#, "1"),
            (r#"saphan_loop_producer_recycled_total{reason="slow-commit",role="admit"}"#, "1"),
            (r#"saphan_loop_lag_records{partition="3",role="admit",topic="ingest.v1"}"#, "42"),
            (r#"saphan_loop_partitions_owned{role="admit",worker="1"}"#, "4"),
            (r#"saphan_sink_retries_total{sink="timeline"}"#, "2"),
            (r#"saphan_sink_records_total{sink="timeline",topic="t"}"#, "9"),
        ],
    );
}
