//! The pages, with the live figures of what is in flight.

use std::sync::mpsc::SyncSender;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::Result;
use saphan_kafka::{Admin, GroupPosition, KafkaConfig};
use saphan_ops::Metrics;
use saphan_serve::{
    AgencyName, AppState, Directory, FacilityName, IngestEnds, LiveFigures, ProvinceName, Requests,
};
use saphan_topology::Topology;

use super::{Ended, House, Role, spawn};
use crate::setup;

const REFRESH: Duration = Duration::from_secs(2);

/// Answers until asked to stop.
pub fn serve(house: &House, ends: &SyncSender<Ended>) -> Result<usize> {
    let topology = setup::topology(&house.config)?;
    let names = setup::names(&house.config)?;
    let live = Arc::new(Live::default());
    let requests = Arc::new(Counted(house.metrics.clone()));
    let store = setup::store(&house.config)?;
    let state = AppState::new(store, directory(&topology), live.clone(), requests);
    let question = Question {
        kafka: setup::kafka(&house.config)?,
        admit: group(house, Role::Admit),
        route: group(house, Role::Route),
        ingest: names.ingest(),
        patient_log: names.patient_log(),
    };
    let shutdown = house.shutdown.clone();
    spawn(Role::Serve, "live-figures".to_owned(), ends, move || {
        let mut admin = None;
        while !shutdown.pause(REFRESH) {
            live.refresh(&question, &mut admin);
        }
        Ok(())
    })?;
    let listening = house.readiness.latch(Role::Serve.as_str());
    let (listen, stop) = (house.config.serve.listen, house.stop.clone());
    spawn(Role::Serve, "pages".to_owned(), ends, move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(async move {
            let listener = super::door::bind(listen, "serve.listen").await?;
            listening.set(true);
            Ok(saphan_serve::run(listener, state, async move { stop.wait().await }).await?)
        })
    })?;
    Ok(2)
}

fn group(house: &House, role: Role) -> String {
    format!("{}{}", house.config.kafka.topic_prefix, role.as_str())
}

fn directory(topology: &Topology) -> Directory {
    let facilities = topology.facilities.iter().map(|it| FacilityName {
        code: it.hospcode.clone(),
        name_th: it.name_th.clone(),
        name_en: it.name_en.clone(),
        province: it.province.clone(),
        district: it.district.clone(),
        region: u8::try_from(it.region).unwrap_or_default(),
    });
    let provinces = topology.regions.iter().map(|it| ProvinceName {
        code: it.code.clone(),
        name_th: it.name_th.clone(),
        name_en: it.name_en.clone(),
        region: u8::try_from(it.region).unwrap_or_default(),
    });
    let agencies = topology.agencies.iter().map(|it| AgencyName {
        id: it.id.to_string(),
        name_th: it.name_th.clone(),
        name_en: it.name_en.clone(),
    });
    Directory::new(facilities.collect(), provinces.collect(), agencies.collect())
}

/// What the last refresh saw; pages never wait for Kafka.
#[derive(Default)]
struct Live(RwLock<Option<Seen>>);

#[derive(Clone)]
struct Seen {
    ingest: Vec<IngestEnds>,
    route_lag: u64,
}

struct Question {
    kafka: KafkaConfig,
    admit: String,
    route: String,
    ingest: String,
    patient_log: String,
}

impl Live {
    fn refresh(&self, question: &Question, admin: &mut Option<Admin>) {
        let seen = ask(question, admin);
        if seen.is_none() {
            *admin = None;
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = seen;
    }

    fn seen(&self) -> Option<Seen> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn ask(question: &Question, admin: &mut Option<Admin>) -> Option<Seen> {
    if admin.is_none() {
        *admin = Admin::new(&question.kafka).ok();
    }
    let admin = admin.as_ref()?;
    let ingest = admin.positions(&question.admit, &[&question.ingest]).ok()?;
    let route = admin.positions(&question.route, &[&question.patient_log]).ok()?;
    Some(Seen {
        ingest: ingest.iter().map(ends).collect(),
        // The last offset of a written partition is a transaction marker, never a record.
        route_lag: route.iter().map(|it| unsigned(it.lag() - 1)).sum(),
    })
}

fn ends(it: &GroupPosition) -> IngestEnds {
    IngestEnds {
        partition: u16::try_from(it.partition).unwrap_or_default(),
        first_offset: unsigned(it.first),
        end_offset: unsigned(it.end),
    }
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

impl LiveFigures for Live {
    fn ingest(&self) -> Option<Vec<IngestEnds>> {
        self.seen().map(|it| it.ingest)
    }

    fn route_lag(&self) -> Option<u64> {
        self.seen().map(|it| it.route_lag)
    }
}

struct Counted(Metrics);

impl Requests for Counted {
    fn answered(&self, route: &str, status: u16, took: Duration) {
        self.0.serve_answered(route, status, took);
    }
}
