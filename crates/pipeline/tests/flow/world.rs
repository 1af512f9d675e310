//! A platform of one partition a topic, in memory.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use saphan_codec::{SchemaIds, decode_framed, decode_log};
use saphan_kafka::processor::Placed;
use saphan_kafka::{Failure, Header, Headers, Outbound, Processor, Record};
use saphan_keys::Keys;
use saphan_model::admission::{AdmissionLedger, ConsentChange, Quarantined};
use saphan_model::decision::{Decision, OutcomeKind};
use saphan_model::{LogRecord, Submission};
use saphan_pipeline::redrive::Redrive;
use saphan_pipeline::route::Overlay;
use saphan_pipeline::tally::Silent;
use saphan_pipeline::{Admit, Route, admit::Context};
use saphan_topology::{Names, Topology};

pub struct World {
    pub ids: Arc<SchemaIds>,
    pub overlay: Arc<Overlay>,
    topology: Topology,
    admit: Admit,
    route: Route,
    topics: BTreeMap<String, Vec<Entry>>,
    routed: usize,
}

#[derive(Clone)]
pub struct Entry {
    pub key: Vec<u8>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<Header>,
}

pub fn topology() -> Topology {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../topology");
    Topology::load(&dir, None).unwrap_or_else(|it| panic!("{}", it[0]))
}

pub fn keys() -> Keys {
    Keys::from_seed(&[7; 32])
}

impl World {
    pub fn new() -> Self {
        Self::of(topology())
    }

    pub fn of(topology: Topology) -> Self {
        let ids = Arc::new(SchemaIds::sequential());
        let overlay = Arc::new(Overlay::default());
        let (admit, route) = stages(&topology, &ids, &overlay);
        let topics = BTreeMap::new();
        let mut world = Self { ids, overlay, topology, admit, route, topics, routed: 0 };
        world.admit.assign(0);
        world.admit.restored(0, None).expect("an empty state");
        world.route.assign(0);
        world.route.restored(0, None).expect("an empty state");
        world
    }

    /// Sends submissions through both stages in one batch.
    pub fn send(&mut self, submissions: &[Submission]) {
        self.admit(submissions);
        self.route_rest();
    }

    /// Sends submissions through admit only.
    pub fn admit(&mut self, submissions: &[Submission]) {
        for submission in submissions {
            let mut value = Vec::new();
            saphan_codec::encode_framed(submission, &self.ids, &mut value);
            self.append(
                "ingest.v1",
                Entry { key: Vec::new(), value: Some(value), headers: Vec::new() },
            );
        }
        let first = self.topic("ingest.v1").len() - submissions.len();
        self.admit_from(first);
        self.admit.committed();
    }

    /// Tells route every change of consent; how many are ahead of it.
    pub fn learn(&self) -> usize {
        self.learn_of(self.topic("consent.revoked.v1").iter())
    }

    /// As [`World::learn`], the last first, without the newest `behind`.
    pub fn learn_backwards(&self, behind: usize) -> usize {
        self.learn_of(self.topic("consent.revoked.v1").iter().rev().skip(behind))
    }

    fn learn_of<'e>(&self, entries: impl Iterator<Item = &'e Entry>) -> usize {
        let take = |it: &Entry| self.overlay.take(&it.key, it.value.as_deref(), &self.ids);
        entries.filter_map(|it| take(it).expect("readable")).count()
    }

    pub fn consent_changes(&self) -> Vec<ConsentChange> {
        self.decoded("consent.revoked.v1")
    }

    /// Sends bytes as they are, under a key.
    pub fn send_bytes(&mut self, key: &[u8], value: Vec<u8>) {
        let (key, headers) = (key.to_vec(), Vec::new());
        self.append("ingest.v1", Entry { key, value: Some(value), headers });
        self.admit_from(self.topic("ingest.v1").len() - 1);
        self.admit.committed();
    }

    /// Admits a batch that is then rolled back.
    pub fn send_and_roll_back(&mut self, submission: &Submission) {
        let before = self.topics.clone();
        let mut value = Vec::new();
        saphan_codec::encode_framed(submission, &self.ids, &mut value);
        self.append(
            "ingest.v1",
            Entry { key: Vec::new(), value: Some(value), headers: Vec::new() },
        );
        self.admit_from(self.topic("ingest.v1").len() - 1);
        self.admit.rolled_back();
        self.topics = before;
    }

    /// New processes with the state of the old ones, from the compacted topics.
    pub fn restart(&mut self) {
        self.overlay = Arc::default();
        (self.admit, self.route) = stages(&self.topology, &self.ids, &self.overlay);
        let ingested = i64::try_from(self.topic("ingest.v1").len()).expect("small");
        let logged = i64::try_from(self.topic("patient.log.v1").len()).expect("small");
        let rows = self.topic("admit.state.v1").to_vec();
        self.admit.assign(0);
        for row in rows {
            self.admit.restore(0, &row.key, row.value.as_deref()).expect("a readable row");
        }
        self.admit.restored(0, Some(ingested)).expect("state behind the offset");
        let rows = self.topic("consent.state.v1").to_vec();
        self.route.assign(0);
        for row in rows {
            self.route.restore(0, &row.key, row.value.as_deref()).expect("a readable row");
        }
        self.route.restored(0, Some(logged)).expect("state behind the offset");
    }

    /// New processes that know the schema of submissions by this id.
    pub fn read_submissions_as(&mut self, id: u32) {
        let ids = saphan_codec::Record::ALL.iter().map(|it| {
            let is_it = *it == saphan_codec::Record::Submission;
            (it.name(), if is_it { id } else { self.ids.id(*it) })
        });
        self.ids = Arc::new(SchemaIds::new(ids).expect("every record"));
        self.restart();
    }

    /// New processes that know another topology.
    pub fn update(&mut self, topology: Topology) {
        self.topology = topology;
        self.restart();
    }

    /// Sends the submissions of every open defect once more, as a redrive does: the oldest first.
    pub fn redrive(&mut self) {
        let mut open = self.open_defects();
        open.sort_by_key(|it| self.first_place(it));
        self.redrive_of(&open);
    }

    /// Where a submission set aside first stood.
    pub fn first_place(&self, of: &Quarantined) -> i64 {
        let entry = &self.topic("ingest.v1")[usize::try_from(of.offset).expect("an offset")];
        Redrive::of(&Headers::Slice(&entry.headers)).map_or(of.offset, |it| it.origin)
    }

    /// Likewise, of these defects.
    pub fn redrive_of(&mut self, defects: &[Quarantined]) {
        let first = self.topic("ingest.v1").len();
        for it in defects.iter().cloned() {
            let entry = &self.topic("ingest.v1")[usize::try_from(it.offset).expect("an offset")];
            let origin = self.first_place(&it);
            let redrive = Redrive { origin, defect: it.event_id, code: it.defect.code };
            let entry = Entry { headers: vec![redrive.header()], ..entry.clone() };
            self.append("ingest.v1", entry);
        }
        self.admit_from(first);
        self.admit.committed();
        self.route_rest();
    }

    /// Sends a submission that says of itself that it is a redriven one.
    pub fn send_as_redriven(&mut self, submission: &Submission, redrive: &Redrive) {
        let mut value = Vec::new();
        saphan_codec::encode_framed(submission, &self.ids, &mut value);
        let headers = vec![redrive.header()];
        self.append("ingest.v1", Entry { key: Vec::new(), value: Some(value), headers });
        self.admit_from(self.topic("ingest.v1").len() - 1);
        self.admit.committed();
        self.route_rest();
    }

    /// What is in quarantine and not mended, as the newest record of each defect has it.
    pub fn open_defects(&self) -> Vec<Quarantined> {
        let mut newest = BTreeMap::new();
        for it in self.quarantined() {
            newest.insert(it.event_id, it);
        }
        let mut open: Vec<_> = newest.into_values().filter(|it| it.mended_at.is_none()).collect();
        open.sort_by_key(|it| it.offset);
        open
    }

    /// Restores admit's state against an offset; the error's text.
    pub fn restore_admit_at(&mut self, next_offset: i64) -> Result<(), String> {
        let rows = self.topic("admit.state.v1").to_vec();
        let (mut admit, _) = stages(&self.topology, &self.ids, &Arc::default());
        admit.assign(0);
        for row in rows {
            admit.restore(0, &row.key, row.value.as_deref()).expect("a readable row");
        }
        admit.restored(0, Some(next_offset)).map_err(|it| it.to_string())
    }

    fn admit_from(&mut self, first: usize) {
        let mut out = Vec::new();
        let entries = self.topic("ingest.v1")[first..].to_vec();
        for (n, entry) in entries.iter().enumerate() {
            let record = record("ingest.v1", first + n, entry);
            self.admit.apply(&record, &mut out).expect("no failure");
        }
        self.admit.before_commit(&mut out).expect("no failure");
        let places = self.keep(out);
        let mut out = Vec::new();
        self.admit.placed(&places, &mut out).expect("no failure");
        self.keep(out);
    }

    /// Routes what was admitted but not routed, in one batch.
    pub fn route_rest(&mut self) {
        self.try_route().expect("no failure");
    }

    /// The same; a failure rolls the batch back, as the loop does.
    pub fn try_route(&mut self) -> Result<(), Failure> {
        let mut out = Vec::new();
        let entries = self.topic("patient.log.v1")[self.routed..].to_vec();
        for (n, entry) in entries.iter().enumerate() {
            let record = record("patient.log.v1", self.routed + n, entry);
            if let Err(failure) = self.route.apply(&record, &mut out) {
                self.route.rolled_back();
                return Err(failure);
            }
        }
        self.routed += entries.len();
        self.route.before_commit(&mut out).expect("no failure");
        self.route.committed();
        self.keep(out);
        Ok(())
    }

    /// The whole patient log through another route that owns a partition for every patient, in the
    /// order in which `next` picks one of the partitions that have more; what it writes, in order.
    pub fn route_again(&self, mut next: impl FnMut(usize) -> usize) -> Vec<Outbound> {
        let (_, mut route) = stages(&self.topology, &self.ids, &Arc::default());
        let mut open: Vec<(i32, Vec<Entry>)> = Vec::new();
        for entry in self.topic("patient.log.v1").iter().rev() {
            match open.iter_mut().find(|(_, it)| it[0].key == entry.key) {
                Some((_, entries)) => entries.push(entry.clone()),
                None => open.push((i32::try_from(open.len()).expect("few"), vec![entry.clone()])),
            }
        }
        for (partition, _) in &open {
            route.assign(*partition);
            route.restored(*partition, None).expect("an empty state");
        }
        let (mut out, mut offset) = (Vec::new(), 0);
        while !open.is_empty() {
            let at = next(open.len());
            let (partition, entries) = &mut open[at];
            let entry = entries.pop().expect("no partition here is empty");
            let record =
                Record { partition: *partition, ..record("patient.log.v1", offset, &entry) };
            route.apply(&record, &mut out).expect("no failure");
            offset += 1;
            if entries.is_empty() {
                open.remove(at);
            }
        }
        out
    }

    /// Appends; where the marked records stand.
    fn keep(&mut self, out: Vec<Outbound>) -> Vec<Placed> {
        let mut places = Vec::new();
        for it in out {
            let offset = self.topic(&it.topic).len();
            places.extend(it.mark.map(|mark| Placed {
                mark,
                partition: 0,
                offset: i64::try_from(offset).expect("small"),
                append_time_ms: appended_at(offset),
            }));
            let key = it.key.unwrap_or_default().to_vec();
            let headers = it.headers.to_vec();
            self.append(&it.topic, Entry { key, value: it.value, headers });
        }
        places
    }

    fn append(&mut self, topic: &str, entry: Entry) {
        self.topics.entry(topic.to_owned()).or_default().push(entry);
    }

    pub fn topic(&self, name: &str) -> &[Entry] {
        self.topics.get(name).map_or(&[], Vec::as_slice)
    }

    pub fn log(&self) -> Vec<LogRecord> {
        let entries = self.topic("patient.log.v1").iter();
        entries
            .map(|it| {
                decode_log(it.value.as_deref().expect("a value"), &self.ids).expect("readable")
            })
            .collect()
    }

    pub fn ledgers(&self) -> Vec<AdmissionLedger> {
        self.decoded("admission.v1")
    }

    pub fn quarantined(&self) -> Vec<Quarantined> {
        self.decoded("quarantine.v1")
    }

    pub fn decisions(&self) -> Vec<Decision> {
        self.decoded("decision.v1")
    }

    fn decoded<T: saphan_codec::Named>(&self, topic: &str) -> Vec<T> {
        let entries = self.topic(topic).iter();
        entries
            .map(|it| {
                decode_framed(it.value.as_deref().expect("a value"), &self.ids).expect("readable")
            })
            .collect()
    }

    /// Totals of the ledger: admitted, unchanged, quarantined.
    pub fn totals(&self) -> (i64, i64, i64) {
        let counts = self.ledgers().into_iter().flat_map(|it| it.counts);
        counts.fold((0, 0, 0), |sum, it| {
            (sum.0 + it.admitted, sum.1 + it.unchanged, sum.2 + it.quarantined)
        })
    }

    /// Every submission ended once, and what the ledger says was written stands there.
    pub fn check_balance(&self) {
        let mut next = 0;
        for it in self.ledgers() {
            assert_eq!(it.first_offset, next, "ranges follow each other");
            next = it.next_offset;
        }
        let count = |topic: &str| i64::try_from(self.topic(topic).len()).expect("small");
        assert_eq!(next, count("ingest.v1"));
        let (admitted, unchanged, quarantined) = self.totals();
        assert_eq!(admitted + unchanged + quarantined, next, "each has one end");
        let appended: i64 =
            self.ledgers().iter().flat_map(|it| &it.counts).map(|it| it.appended).sum();
        assert_eq!(appended, count("patient.log.v1"));
        let told = self.quarantined().iter().filter(|it| it.mended_at.is_none()).count();
        assert_eq!(quarantined, i64::try_from(told).expect("small"));
    }

    /// What the last decision did, as `agency kind[:reason]` words.
    pub fn last_outcomes(&self) -> Vec<String> {
        let decision = self.decisions().pop().expect("a decision");
        outcomes(&decision)
    }
}

pub fn outcomes(decision: &Decision) -> Vec<String> {
    let word =
        |kind: OutcomeKind, reason: Option<saphan_model::decision::WithholdReason>| match reason {
            Some(reason) => format!("{kind}:{reason}"),
            None => kind.to_string(),
        };
    decision
        .outcomes
        .iter()
        .map(|it| format!("{} {}", it.agency, word(it.kind, it.reason)))
        .collect()
}

fn stages(topology: &Topology, ids: &Arc<SchemaIds>, overlay: &Arc<Overlay>) -> (Admit, Route) {
    let names = Names::default();
    let context = Context { keys: keys(), topology: topology.clone() };
    let rule_ids: Vec<u32> = (1_000..).take(topology.projections().len()).collect();
    let (overlay, tally) = (overlay.clone(), Arc::new(Silent));
    let route = Route::new(topology, &rule_ids, &keys(), ids.clone(), &names, overlay, tally);
    (Admit::new(context, ids.clone(), &names, Arc::new(Silent)), route)
}

/// When the broker appended the record at an offset, of any topic.
pub fn appended_at(offset: usize) -> i64 {
    1_790_000_000_000 + i64::try_from(offset).expect("small")
}

fn record<'a>(topic: &'a str, offset: usize, entry: &'a Entry) -> Record<'a> {
    Record {
        topic,
        partition: 0,
        offset: i64::try_from(offset).expect("small"),
        append_time_ms: appended_at(offset),
        key: Some(&entry.key),
        headers: Headers::Slice(&entry.headers),
        value: entry.value.as_deref(),
    }
}
