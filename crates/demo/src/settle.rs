//! Waits until the platform is quiet: everything received has ended, and every sink has seen it.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use saphan_kafka::{Admin, GroupPosition, Isolation, KafkaConfig, Reader};

use crate::clickhouse;
use crate::platform::{Platform, Site};

/// What is in flight, by the terms of the conservation law.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Submissions in `ingest.v1`.
    pub received: i64,
    /// Of them, ended: admitted, unchanged or quarantined.
    pub ended: i64,
    /// Records admit appended to the patient log.
    pub appended: i64,
    /// Of them, decided.
    pub decided: i64,
    /// Sum of what the sinks over the patient log and the quarantine have still to read.
    pub sink_lag: i64,
}

impl Figures {
    /// Reads them from Kafka and ClickHouse.
    pub fn read(site: &Site) -> Result<Self> {
        let admin = Admin::new(&KafkaConfig::plaintext(site.parts.kafka_bootstrap.clone()))?;
        let ingest = site.name("ingest.v1");
        let log = site.name("patient.log.v1");
        let received = admin
            .positions(&site.name("admit"), &[&ingest])?
            .iter()
            .map(|it| it.end - it.first)
            .sum();
        let mut sink_lag = 0;
        for group in ["timeline", "statistics"] {
            for it in admin.positions(&site.name(group), &[&log])? {
                sink_lag += unread(site, &it)?;
            }
        }
        let ledger = |column: &str| {
            clickhouse::number(site, &format!("SELECT toInt64(sum({column})) FROM admission FINAL"))
        };
        Ok(Self {
            received,
            ended: ledger("admitted + unchanged + quarantined")?,
            appended: ledger("appended")?,
            decided: clickhouse::number(
                site,
                "SELECT toInt64(uniqExact(log_partition, log_offset)) FROM decision",
            )?,
            sink_lag,
        })
    }

    /// Is nothing in flight?
    pub fn quiet(&self) -> bool {
        self.received == self.ended && self.appended == self.decided && self.sink_lag == 0
    }
}

/// Most offsets that are looked into, rather than counted.
const FEW: i64 = 64;

/// Records between a position and the end of its partition. The last offset of a partition is a marker of a
/// transaction, and where some were rolled back the last few are: they are read to see what they hold.
fn unread(site: &Site, it: &GroupPosition) -> Result<i64> {
    if it.lag() <= 1 {
        return Ok(0);
    }
    if it.lag() > FEW {
        return Ok(it.lag());
    }
    let kafka = KafkaConfig::plaintext(site.parts.kafka_bootstrap.clone());
    let reader = Reader::new(&kafka, "settle", Isolation::Committed)?;
    let from = it.committed.unwrap_or(it.first);
    let n = reader.read_range(&it.topic, it.partition, from, it.end - 1, |_| {})?;
    Ok(i64::try_from(n)?)
}

/// Waits for quiet; tells every change to `progress`.
pub fn settle(
    platform: &Mutex<Platform>,
    patience: Duration,
    mut progress: impl FnMut(&Figures),
) -> Result<Figures> {
    let deadline = Instant::now() + patience;
    let mut last = Figures::default();
    let mut unread: Option<anyhow::Error> = None;
    let site = platform.lock().expect("no holder panics").site.clone();
    loop {
        crate::interrupt::check()?;
        platform.lock().expect("no holder panics").tend()?;
        match Figures::read(&site) {
            Ok(figures) => {
                if figures != last {
                    progress(&figures);
                }
                // Twice the same, so that no commit was under way between two questions.
                if figures.quiet() && figures == last {
                    return Ok(figures);
                }
                last = figures;
            }
            // A part may be down for a moment when parts are being killed.
            Err(error) => unread = Some(error),
        }
        if Instant::now() > deadline {
            let unread =
                unread.map(|it| format!(" (last question failed: {it:#})")).unwrap_or_default();
            bail!(
                "still in flight after {patience:?}: {last:?}{unread}; see {}/logs",
                site.dir.display()
            );
        }
        std::thread::sleep(Duration::from_millis(400));
    }
}
