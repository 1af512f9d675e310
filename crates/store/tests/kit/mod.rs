//! A database of one's own on the stack, and rows made of few words.

use std::future::Future;

use clickhouse::Client;
use saphan_devstack::Stack;
use saphan_model::{Date, EventId, EventType, PatientId, Timestamp};
use saphan_store::query::{Level, Period, Scope};
use saphan_store::row::{EventFactRow, TimelineRow};
use saphan_store::{Inserts, Store, StoreConfig};
use tokio::runtime::Runtime;

/// Migrated tables in a new database; dropped with it.
pub struct Tables {
    pub store: Store,
    pub inserts: Inserts,
    client: Client,
    database: String,
    runtime: Runtime,
}

impl Tables {
    pub fn new() -> Self {
        let stack = Stack::shared().expect("a stack; see the error");
        let tables = Self::at(stack.clickhouse_url(), &stack.unique_prefix());
        tables.block_on(tables.store.migrate()).expect("migrate");
        tables
    }

    /// A store whose server is not there.
    pub fn nowhere() -> Self {
        Self::at("http://127.0.0.1:9", "nowhere")
    }

    fn at(url: &str, database: &str) -> Self {
        let store = Store::new(&StoreConfig::new(url, database)).expect("a configuration");
        Self {
            inserts: Inserts::new(store.clone()).expect("a thread"),
            store,
            client: Client::default().with_url(url).with_database(database),
            database: database.to_owned(),
            runtime: Runtime::new().expect("a runtime"),
        }
    }

    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    pub fn run(&self, sql: &str) {
        self.block_on(self.client.query(sql).execute()).expect(sql);
    }

    pub fn number(&self, sql: &str) -> u64 {
        self.block_on(self.client.query(sql).fetch_one::<u64>()).expect(sql)
    }

    /// Visits of the fiscal year 2026 in the whole country.
    pub fn visits(&self) -> u64 {
        let year = Period::fiscal_year(2026).expect("a year");
        let ask = self.store.visits(&Scope::Country, year, Level::Region);
        self.block_on(ask).expect("read").iter().map(|it| it.n).sum()
    }
}

impl Drop for Tables {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {}", self.database);
        let gone = self.block_on(self.client.query(&sql).execute());
        assert!(gone.is_ok() || self.database == "nowhere" || std::thread::panicking());
    }
}

pub fn day(year: i32, month: u32, day: u32) -> Date {
    Date::from_ymd(year, month, day).expect("a day")
}

/// One state of one event, in the words of a test.
#[derive(Clone)]
pub struct Fact {
    n: u8,
    patient: u8,
    sequence: u64,
    deleted: bool,
    on: Date,
    fact: EventFactRow,
}

impl Fact {
    pub fn visit(n: u8) -> Self {
        let fact = EventFactRow {
            event_type: EventType::Encounter,
            facility: "10670".into(),
            event_id: EventId([n; 16]),
            ver: 0,
            deleted: false,
            occurred_on: day(2026, 1, 15),
            region: 7,
            province: "40".into(),
            district: "4001".into(),
            class: "ambulatory",
            scheme: "uc",
            main_code: "J459".into(),
            codes: vec!["J459".into()],
            counterpart: String::new(),
            counterpart_region: 0,
            cause: String::new(),
            src_partition: 0,
            src_offset: 0,
        };
        Self { n, patient: 1, sequence: 1, deleted: false, on: fact.occurred_on, fact }
    }

    pub fn referral(n: u8, to: &str, region: u8) -> Self {
        let mut it = Self::visit(n).cause("1");
        it.fact.event_type = EventType::Referral;
        it.fact.counterpart = to.into();
        it.fact.counterpart_region = region;
        it
    }

    pub fn of(mut self, patient: u8) -> Self {
        self.patient = patient;
        self
    }

    pub fn at(mut self, sequence: u64) -> Self {
        self.sequence = sequence;
        self
    }

    pub fn retracted(mut self) -> Self {
        self.deleted = true;
        self
    }

    pub fn on(mut self, day: Date) -> Self {
        self.on = day;
        self
    }

    pub fn code(mut self, code: &str) -> Self {
        self.fact.main_code = code.into();
        self
    }

    pub fn cause(mut self, cause: &str) -> Self {
        self.fact.cause = cause.into();
        self
    }

    pub fn stay(mut self) -> Self {
        self.fact.class = "inpatient";
        self
    }

    pub fn at_facility(mut self, code: &str, region: u8, province: &str, district: &str) -> Self {
        self.fact.facility = code.into();
        self.fact.region = region;
        self.fact.province = province.into();
        self.fact.district = district.into();
        self
    }

    pub fn event_id(&self) -> EventId {
        self.fact.event_id
    }

    fn ver(&self) -> u64 {
        self.sequence * 2 + u64::from(!self.deleted)
    }

    pub fn fact(&self) -> EventFactRow {
        let (ver, deleted, occurred_on) = (self.ver(), self.deleted, self.on);
        EventFactRow { ver, deleted, occurred_on, ..self.fact.clone() }
    }

    pub fn timeline(&self) -> TimelineRow {
        TimelineRow {
            patient: PatientId([self.patient; 16]),
            event_id: self.fact.event_id,
            ver: self.ver(),
            deleted: self.deleted,
            event_type: self.fact.event_type,
            facility: self.fact.facility.clone(),
            occurred_at: self.on.thai_midnight(),
            recorded_at: Timestamp(0),
            appended_at: Timestamp(0),
            main_code: self.fact.main_code.clone(),
            labels: Vec::new(),
            source: "f43".into(),
            document: "a.zip".into(),
            file: "SERVICE.txt".into(),
            line: u32::from(self.n),
            src_partition: 0,
            src_offset: u64::from(self.n),
            body: vec![0, 255, self.n].into(),
        }
    }
}
