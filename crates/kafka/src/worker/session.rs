//! One life of a worker: joins the group, opens its producer, runs the loop until it is told to stop
//! or something breaks. Owns the order of things; [`Work`] does them.

use std::time::{Duration, Instant};

use super::WorkerConfig;
use super::error::{Stop, WorkerError};
use super::transaction::TxnProducer;
use super::work::Work;
use crate::config::KafkaConfig;
use crate::group::{GroupError, Hush, LogEvent, Member, MemberConfig};
use crate::observer::Observer;
use crate::probe::{Isolation, Probe};
use crate::processor::Processor;
use crate::shutdown::Shutdown;

/// Wait for records when no batch is open.
const IDLE: Duration = Duration::from_millis(100);
/// What a session borrows from its worker.
pub(super) struct Setting<'a> {
    pub kafka: &'a KafkaConfig,
    pub config: &'a WorkerConfig,
    pub observer: &'a dyn Observer,
    pub shutdown: &'a Shutdown,
}

/// Runs one session. `attempts` counts troubles without a commit in between, over all sessions.
pub(super) fn run<P: Processor + ?Sized>(
    setting: &Setting<'_>,
    processor: &mut P,
    attempts: &mut u32,
) -> Result<(), Stop> {
    check_topics(setting)?;
    let (config, identity) = (setting.config, setting.config.identity());
    // Fence a predecessor before reading anything it may still be writing.
    let producer = TxnProducer::open(setting.kafka, config)?;
    let member = Member::join(
        setting.kafka,
        &MemberConfig {
            group: config.group(),
            identity: &identity,
            topics: &[&config.input],
            session_timeout: config.session_timeout,
            poll_interval_max: config.poll_interval_max,
        },
    )
    .map_err(|it| Stop::of(it, config.group(), &config.input))?;
    let mut work = Work::new(setting, processor, producer, attempts);
    let ended = run_loop(setting, &member, &mut work);
    work.abandon();
    if !member.close(config.close_timeout) {
        setting.observer.trouble(&crate::failure::Trouble::new(
            "SP-1501",
            "the consumer did not close in time; its partitions are taken over after the session timeout",
        ));
    }
    ended
}

fn run_loop<P: Processor + ?Sized>(
    setting: &Setting<'_>,
    member: &Member,
    work: &mut Work<'_, P>,
) -> Result<(), Stop> {
    let mut hush = Hush::default();
    // Read once for each event: a backlog brings a hundred thousand a second.
    let mut now = Instant::now();
    while !setting.shutdown.requested() {
        let event = member.poll(patience(setting.config, work, now));
        now = Instant::now();
        match event {
            LogEvent::Record(message) => work.apply(member, &message, now)?,
            LogEvent::Assigned(places) => {
                work.commit(member)?;
                work.assign(member, &places)?;
            }
            LogEvent::Revoked { places, lost } => {
                if lost {
                    work.lose(member)?;
                } else {
                    work.commit(member)?;
                }
                work.revoke(member, &places)?;
            }
            LogEvent::Idle => work.commit(member)?,
            LogEvent::Error(GroupError::Passing(trouble)) => {
                if hush.is_news(&trouble, now) {
                    setting.observer.trouble(&trouble);
                }
            }
            LogEvent::Error(error) => return Err(work.stop(error)),
        }
        work.restore(member)?;
        work.report_lag(member);
    }
    work.commit(member)
}

fn patience<P: Processor + ?Sized>(
    config: &WorkerConfig,
    work: &Work<'_, P>,
    now: Instant,
) -> Duration {
    let records = if work.batch.is_open() { work.batch.patience(&config.batch, now) } else { IDLE };
    work.restore_due_in().map_or(records, |restore| restore.min(records))
}

/// State is written to the partition its input came from, so both topics need equal counts.
fn check_topics(setting: &Setting<'_>) -> Result<(), Stop> {
    let config = setting.config;
    let part = format!("{}-check", config.identity());
    let probe = Probe::open(setting.kafka, &part, Isolation::Committed)?;
    let input_partitions = probe.partitions(&config.input)?;
    let Some(state) = &config.state else { return Ok(()) };
    let state_partitions = probe.partitions(state)?;
    if input_partitions != state_partitions {
        return Err(Stop::Final(WorkerError::PartitionCounts {
            input: config.input.clone(),
            input_partitions,
            state: state.clone(),
            state_partitions,
        }));
    }
    Ok(())
}
