//! `saphan quarantine redrive`: reads what was set aside from `ingest.v1` and appends it there again,
//! with its first position beside it. Admit does the rest.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use saphan_codec::SchemaIds;
use saphan_kafka::{Admin, Isolation, Key, Outbound, Producer, ProducerLimits, Reader, Record};
use saphan_model::admission::Quarantined;
use saphan_model::{Content, Submission};
use saphan_ops::config::Config;
use saphan_pipeline::redrive::Redrive;
use saphan_topology::Names;

use super::open::Open;
use crate::cli::QuarantineRedrive;
use crate::{output, setup};

const BATCH: usize = 500;
const SEND: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(200);

/// What there is to send, and what cannot be.
#[derive(Default)]
struct Plan {
    records: Vec<Again>,
    /// Reports of the sender's adapter: the rows themselves never came.
    reports: usize,
    /// No longer in the log.
    gone: usize,
}

/// One submission, to be sent again.
struct Again {
    redrive: Redrive,
    partition: i32,
    outbound: Outbound,
}

/// Redrives what the options choose.
pub fn run(options: &QuarantineRedrive, config: &Config) -> Result<()> {
    let desk = Desk::open(config)?;
    let position = options.position.as_deref().map(position).transpose()?;
    let open = desk.open_defects()?;
    let chosen = open.choose(|it| {
        options.choice.takes(&it.facility, &it.defect.code)
            && position.is_none_or(|at| at == (it.partition, it.offset))
    });
    let plan = desk.plan(&chosen)?;
    plan.tell(options.dry_run);
    if options.dry_run || plan.records.is_empty() {
        return Ok(());
    }
    let last = desk.send(&plan)?;
    if options.wait {
        desk.wait(&last, Duration::from_secs(options.timeout))?;
        let mended = desk.open_defects()?.mended(plan.records.iter().map(|it| &it.redrive.defect));
        let again = plan.records.len() - mended;
        output::line(&format_args!("{mended} mended, {again} set aside again"));
    }
    Ok(())
}

fn position(text: &str) -> Result<(i32, i64)> {
    let parsed = text
        .split_once(':')
        .and_then(|(partition, offset)| Some((partition.parse().ok()?, offset.parse().ok()?)));
    parsed.context("--position: write PARTITION:OFFSET, for example 3:1204")
}

struct Desk {
    reader: Reader,
    admin: Admin,
    producer: Producer,
    names: Names,
    ids: Arc<SchemaIds>,
}

impl Desk {
    fn open(config: &Config) -> Result<Self> {
        let kafka = setup::kafka(config)?;
        Ok(Self {
            reader: Reader::new(&kafka, "redrive", Isolation::Committed)?,
            admin: Admin::new(&kafka)?,
            producer: Producer::new(&kafka, "redrive", &ProducerLimits::default())?,
            names: setup::names(config)?,
            ids: setup::schema_ids(config)?,
        })
    }

    fn open_defects(&self) -> Result<Open> {
        let (mut open, mut unread) = (Open::default(), None);
        self.reader.read_to_end(&self.names.quarantine(), |record| {
            let value = record.value.unwrap_or_default();
            match saphan_codec::decode_framed::<Quarantined>(value, &self.ids) {
                Ok(it) => open.take(it),
                Err(why) => unread = Some(why),
            }
        })?;
        match unread {
            None => Ok(open),
            Some(why) => bail!("{}: a record of quarantine cannot be read: {why}", why.code()),
        }
    }

    fn plan(&self, chosen: &BTreeMap<i32, Vec<&Quarantined>>) -> Result<Plan> {
        let (topic, mut plan) = (Arc::from(self.names.ingest()), Plan::default());
        for (partition, defects) in chosen {
            let first = self.reader.bounds(&topic, *partition)?.first;
            let there = defects.iter().filter(|it| it.offset >= first);
            let there: BTreeMap<i64, &Quarantined> = there.map(|it| (it.offset, *it)).collect();
            plan.gone += defects.len() - there.len();
            let Some((from, to)) = there.keys().next().zip(there.keys().next_back()) else {
                continue;
            };
            self.reader.read_range(&topic, *partition, *from, *to, |record| {
                if let Some(defect) = there.get(&record.offset) {
                    plan.add(defect, record, &topic, &self.ids);
                }
            })?;
        }
        plan.oldest_first();
        Ok(plan)
    }

    /// Appends everything; the last position of each partition.
    fn send(&self, plan: &Plan) -> Result<BTreeMap<i32, i64>> {
        let (mut last, mut sent) = (BTreeMap::new(), 0);
        for batch in plan.records.chunks(BATCH) {
            let batch = batch.iter().map(|it| it.outbound.clone()).collect();
            for result in self.producer.send(batch).wait(SEND) {
                let at = result.with_context(|| {
                    format!(
                        "{sent} of {} were sent; the same command sends the rest",
                        plan.records.len()
                    )
                })?;
                let offset = last.entry(at.partition).or_insert(at.offset);
                *offset = at.offset.max(*offset);
                sent += 1;
            }
        }
        Ok(last)
    }

    fn wait(&self, last: &BTreeMap<i32, i64>, limit: Duration) -> Result<()> {
        let (until, topic) = (Instant::now() + limit, self.names.ingest());
        let group = format!("{}admit", self.names.prefix());
        loop {
            let positions = self.admin.positions(&group, &[&topic])?;
            let passed = |(partition, offset): (&i32, &i64)| {
                let at = positions.iter().find(|it| it.partition == *partition);
                at.and_then(|it| it.committed).is_some_and(|next| next > *offset)
            };
            if last.iter().all(passed) {
                return Ok(());
            }
            ensure!(
                Instant::now() < until,
                "SP-2043: everything was sent, but admit has not passed it yet; see docs/errors/SP-2043.md"
            );
            std::thread::sleep(POLL);
        }
    }
}

impl Plan {
    fn add(
        &mut self,
        defect: &Quarantined,
        record: &Record<'_>,
        topic: &Arc<str>,
        ids: &SchemaIds,
    ) {
        let value = record.value.unwrap_or_default();
        let read = saphan_codec::decode_framed::<Submission>(value, ids);
        if read.is_ok_and(|it| matches!(it.content, Content::Defect(_))) {
            self.reports += 1;
            return;
        }
        // A redrive that was set aside again still has its first place.
        let origin = Redrive::of(&record.headers).map_or(record.offset, |it| it.origin);
        let code = defect.defect.code.clone();
        let redrive = Redrive { origin, defect: defect.event_id, code };
        let outbound = Outbound {
            topic: topic.clone(),
            partition: Some(record.partition),
            key: record.key.map(Key::from_slice),
            headers: [redrive.header()].into(),
            value: record.value.map(<[u8]>::to_vec),
            mark: None,
        };
        self.records.push(Again { redrive, partition: record.partition, outbound });
    }

    /// By first places: what was refused once more stands further back in the log than where it was sent.
    /// Any order ends the same, but only in this one a deletion comes after what it deletes.
    fn oldest_first(&mut self) {
        self.records.sort_by_key(|it| (it.partition, it.redrive.origin));
    }

    fn tell(&self, dry_run: bool) {
        let Self { records, reports, gone } = self;
        let verb = if dry_run { "would be redriven" } else { "redriven" };
        output::line(&format_args!("{} {verb}", records.len()));
        if *reports > 0 {
            output::progress(&format_args!(
                "{reports} are reports of a sender's adapter: the facility sends those rows again"
            ));
        }
        if *gone > 0 {
            output::progress(&format_args!(
                "{gone} are no longer in the log: the facility sends them again"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use saphan_model::EventId;

    use super::*;

    #[test]
    fn what_was_sent_first_is_sent_first_again() {
        let again = |partition, origin| {
            let defect = EventId([0; 16]);
            let redrive = Redrive { origin, defect, code: "SP-1302".to_owned() };
            let outbound = Outbound::keyed(Arc::from("ingest.v1"), b"99001", Vec::new());
            Again { redrive, partition, outbound }
        };
        let records = vec![again(0, 12), again(0, 7), again(1, 3), again(0, 9)];
        let mut plan = Plan { records, ..Plan::default() };
        plan.oldest_first();
        let places = plan.records.iter().map(|it| (it.partition, it.redrive.origin));
        assert_eq!(places.collect::<Vec<_>>(), [(0, 7), (0, 9), (0, 12), (1, 3)]);
    }
}
