//! Watches a program drain a backlog. All contenders are judged alike: by what stands committed in their
//! decision topic, between the first look that saw something and the last look that saw more.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use saphan_kafka::{Isolation, KafkaConfig, Reader};

use super::process;
use crate::child::Running;
use crate::interrupt;
use crate::terminal::tell;

/// Between two looks: each asks the broker once for each partition.
const LOOK: Duration = Duration::from_millis(50);
/// A drained topic has not moved for so long.
const STILL: Duration = Duration::from_secs(2);
/// A contender that brings nothing for so long has failed.
const STALLED: Duration = Duration::from_secs(90);

/// How a backlog was drained.
#[derive(Clone, Copy, Debug)]
pub struct Drained {
    /// Input records a second.
    pub rate: f64,
    /// Processor seconds for a million input records, start-up not counted.
    pub cpu_per_million: f64,
    /// The most memory it ever had, megabytes.
    pub peak_megabytes: f64,
    /// Length of the measurement, seconds.
    pub seconds: f64,
}

impl Drained {
    /// Two measurements as one.
    pub fn and(self, other: Self) -> Self {
        let both = [self, other];
        let records: f64 = both.iter().map(|it| it.rate * it.seconds).sum();
        let cpu: f64 = both.iter().map(|it| it.cpu_per_million * it.rate * it.seconds).sum();
        let seconds = self.seconds + other.seconds;
        Self {
            rate: records / seconds,
            cpu_per_million: cpu / records,
            peak_megabytes: self.peak_megabytes.max(other.peak_megabytes),
            seconds,
        }
    }

    /// Input records for each second of processor time.
    pub fn events_per_cpu_second(&self) -> f64 {
        1e6 / self.cpu_per_million
    }
}

/// One look.
#[derive(Clone, Copy, Debug)]
struct Look {
    at: Instant,
    records: i64,
    cpu: f64,
}

/// Waits until `topic` holds `total` records, one for each input record, and moves no more, and until the
/// contender is `done` with everything else: one without transactions may have written its decisions
/// before its deliveries.
pub fn watch(
    kafka: &KafkaConfig,
    topic: &str,
    total: i64,
    contender: &mut Running,
    done: impl Fn(&Running) -> bool,
) -> Result<Drained> {
    let reader = Reader::new(kafka, "bench-watch", Isolation::Committed)?;
    let partitions = i32::try_from(reader.partitions(topic)?)?;
    let (mut first, mut last): (Option<Look>, Option<Look>) = (None, None);
    let mut finished = false;
    let (mut moved, mut told) = (Instant::now(), Instant::now());
    loop {
        interrupt::check()?;
        if let Some(status) = contender.ended()? {
            bail!("{} ended ({status}); see {}", contender.name(), contender.log().display());
        }
        // A topic just made may have no leader yet.
        let Ok(look) = look(&reader, topic, partitions, contender.pid()) else {
            ensure!(moved.elapsed() < STALLED, "the broker does not tell the ends of {topic}");
            std::thread::sleep(LOOK);
            continue;
        };
        let ended = !finished && done(contender);
        finished |= ended;
        if ended || look.records > last.map_or(0, |it| it.records) {
            first = first.or(Some(look));
            last = Some(look);
            moved = look.at;
        }
        let records = last.map_or(0, |it| it.records);
        if finished && records >= total && moved.elapsed() > STILL {
            break;
        }
        if moved.elapsed() > STALLED {
            bail!(
                "{} stopped at {records} of {total} records; see {}",
                contender.name(),
                contender.log().display()
            );
        }
        if told.elapsed() > Duration::from_secs(5) {
            told = Instant::now();
            tell(&format_args!("        {} has decided {records} of {total}", contender.name()));
        }
        std::thread::sleep(LOOK);
    }
    let (Some(first), Some(last)) = (first, last) else { bail!("nothing was drained") };
    judge(first, last, process::peak_megabytes(contender.pid())?)
}

/// Transaction markers take offsets too, less than one in three hundred.
fn look(reader: &Reader, topic: &str, partitions: i32, pid: u32) -> Result<Look> {
    let mut records = 0;
    for partition in 0..partitions {
        let bounds = reader.bounds(topic, partition)?;
        records += bounds.end - bounds.first;
    }
    Ok(Look { at: Instant::now(), records, cpu: process::cpu_seconds(pid)? })
}

fn judge(first: Look, last: Look, peak_megabytes: f64) -> Result<Drained> {
    let records = (last.records - first.records) as f64;
    let seconds = (last.at - first.at).as_secs_f64();
    if records <= 0.0 || seconds <= 0.0 {
        bail!("the backlog was drained between two looks; it is too small to be measured");
    }
    let cpu_per_million = (last.cpu - first.cpu) * 1e6 / records;
    Ok(Drained { rate: records / seconds, cpu_per_million, peak_megabytes, seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_measurements_weigh_by_their_records() {
        let of = |rate, cpu_per_million, peak_megabytes, seconds| Drained {
            rate,
            cpu_per_million,
            peak_megabytes,
            seconds,
        };
        let both = of(100.0, 4.0, 7.0, 1.0).and(of(300.0, 8.0, 5.0, 1.0));
        assert!((both.rate - 200.0).abs() < 1e-9);
        assert!((both.cpu_per_million - 7.0).abs() < 1e-9);
        assert!((both.peak_megabytes - 7.0).abs() < 1e-9);
        assert!((both.seconds - 2.0).abs() < 1e-9);
    }

    #[test]
    fn only_what_lies_between_two_looks_counts() {
        let at = Instant::now();
        let first = Look { at, records: 500, cpu: 3.0 };
        let last = Look { at: at + Duration::from_secs(2), records: 1_000_500, cpu: 8.0 };
        let drained = judge(first, last, 100.0).expect("a measurement");
        assert!((drained.rate - 500_000.0).abs() < 1e-6);
        assert!((drained.cpu_per_million - 5.0).abs() < 1e-9);
        assert!((drained.events_per_cpu_second() - 200_000.0).abs() < 1e-6);
        assert!(judge(first, first, 100.0).is_err());
    }
}
