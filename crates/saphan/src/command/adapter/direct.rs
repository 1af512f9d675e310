//! Straight to `ingest.v1`, for adapters the ministry runs inside its own network. The same outbox, the
//! same order, the same `acks=all`; only the gateway's door is not needed.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use saphan_codec::{Record, frame, peek_submission_facility, single_object};
use saphan_edge::Outbox;
use saphan_edge::outbox::Waiting;
use saphan_kafka::{Outbound, Producer, ProducerLimits, Shutdown, backoff};
use saphan_model::Submission;
use saphan_ops::config::Config;

use crate::{output, setup};

const BATCH_EVENTS: usize = 1_000;
const BATCH_BYTES: usize = 4 * 1024 * 1024;
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// Sends until the outbox is empty or a stop is asked for; the number sent.
pub fn drain(outbox: &mut Outbox, config: &Config, shutdown: &Shutdown) -> Result<u64> {
    let ids = setup::schema_ids(config)?;
    let topic = setup::names(config)?.ingest().into();
    let producer = Producer::new(&setup::kafka(config)?, "adapter", &ProducerLimits::default())?;
    let (mut sent, mut failures) = (0, 0);
    while !shutdown.requested() {
        let batch = outbox.peek(BATCH_EVENTS, BATCH_BYTES)?;
        if batch.is_empty() {
            break;
        }
        let schema_id = ids.id(Record::Submission);
        let records =
            batch.iter().map(|it| outbound(it, schema_id, &topic)).collect::<Result<Vec<_>>>()?;
        let answers = producer.send(records).wait(ANSWER_TIMEOUT);
        // Only the unbroken front of the batch is done: what follows a gap is sent again, in order.
        let done: Vec<i64> =
            batch.iter().zip(&answers).take_while(|it| it.1.is_ok()).map(|it| it.0.id).collect();
        outbox.acknowledge(&done)?;
        sent += done.len() as u64;
        let Some(Err(error)) = answers.into_iter().nth(done.len()) else {
            failures = 0;
            continue;
        };
        if !error.is_retriable() {
            bail!("{error}");
        }
        failures += 1;
        let pause =
            backoff::backoff(failures, Duration::from_millis(500), Duration::from_secs(30), 0.5);
        output::progress(&format_args!("{error}; trying again in {:.0} s", pause.as_secs_f64()));
        shutdown.pause(pause);
    }
    Ok(sent)
}

fn outbound(waiting: &Waiting, schema_id: u32, topic: &std::sync::Arc<str>) -> Result<Outbound> {
    let payload = single_object::payload_of::<Submission>(waiting.submission.as_bytes())
        .context("the outbox holds a submission of another version")?;
    let facility = peek_submission_facility(payload)?;
    let mut value = Vec::with_capacity(payload.len() + frame::FRAME_BYTES);
    frame::put_frame(schema_id, &mut value);
    value.extend_from_slice(payload);
    Ok(Outbound::keyed(topic.clone(), facility.as_bytes(), value))
}
