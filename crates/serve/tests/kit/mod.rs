//! A small invented country on a real ClickHouse, and the pages over it at a fixed time.

mod rows;

use std::path::Path;
use std::sync::Arc;

use saphan_devstack::Stack;
use saphan_model::{Date, Timestamp};
use saphan_serve::{
    AgencyName, AppState, Directory, FacilityName, IngestEnds, LiveFigures, NoRequests,
    ProvinceName,
};
use saphan_store::{Inserts, Store, StoreConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

/// Pages on a free port, with a database of their own.
pub struct Site {
    runtime: Runtime,
    address: String,
    store: Store,
    /// ClickHouse's address and the database to drop at the end.
    database: Option<(String, String)>,
}

/// What Kafka is said to know.
#[derive(Clone, Copy)]
pub enum Log {
    /// Two partitions, a few records not yet admitted.
    Moving,
    /// Nothing.
    Silent,
}

impl LiveFigures for Log {
    fn ingest(&self) -> Option<Vec<IngestEnds>> {
        let ends = |partition, end_offset| IngestEnds { partition, first_offset: 0, end_offset };
        match self {
            Self::Moving => Some(vec![ends(0, 1_200), ends(1, 310), ends(2, 0)]),
            Self::Silent => None,
        }
    }

    fn route_lag(&self) -> Option<u64> {
        match self {
            Self::Moving => Some(0),
            Self::Silent => None,
        }
    }
}

/// An answer, taken apart.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// 10 February 2026, 10 o'clock in Thailand.
fn now() -> Timestamp {
    let midnight = Date::from_ymd(2026, 2, 10).expect("a day").thai_midnight();
    Timestamp(midnight.0 + 10 * 3_600_000)
}

impl Site {
    /// With the invented country's data.
    pub fn full(log: Log) -> Self {
        let site = Self::empty(log);
        let inserts = Inserts::new(site.store.clone()).expect("a thread");
        inserts.write(&rows::facts(), "facts").expect("insert");
        inserts.write(&rows::ledger(), "ledger").expect("insert");
        inserts.write(&rows::decisions(), "decisions").expect("insert");
        inserts.write(&rows::quarantined(), "quarantine").expect("insert");
        site
    }

    /// With tables and nothing in them.
    pub fn empty(log: Log) -> Self {
        let stack = Stack::shared().expect("a stack; see the error");
        let (url, database) = (stack.clickhouse_url(), stack.unique_prefix());
        let mut site = Self::at(url, &database, log);
        site.runtime.block_on(site.store.migrate()).expect("migrate");
        site.database = Some((url.trim_start_matches("http://").to_owned(), database));
        site
    }

    /// With a ClickHouse that is not there.
    pub fn down() -> Self {
        Self::at("http://127.0.0.1:9", "nowhere", Log::Silent)
    }

    fn at(url: &str, database: &str, log: Log) -> Self {
        let store = Store::new(&StoreConfig::new(url, database)).expect("a configuration");
        let mut state =
            AppState::new(store.clone(), directory(), Arc::new(log), Arc::new(NoRequests));
        state.now = now;
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        runtime.spawn(saphan_serve::run(listener, state, std::future::pending()));
        Self { runtime, address, store, database: None }
    }

    pub fn get(&self, path: &str) -> Answer {
        let request = format!("GET {path} HTTP/1.1");
        let text = self.runtime.block_on(exchange(&self.address, &request, ""));
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).expect("a status");
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    /// Compares an answer with its golden file; `UPDATE_GOLDEN=1` writes it instead.
    #[track_caller]
    pub fn check(&self, path: &str, status: u16, golden: &str) {
        let answer = self.get(path);
        assert_eq!(answer.status, status, "{path}");
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(golden);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&file, &answer.body).expect("write the golden file");
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        let differs = expected.lines().zip(answer.body.lines()).find(|(a, b)| a != b);
        assert!(
            expected == answer.body,
            "{path} differs from {golden}, first at {differs:?}; look at it, then run with UPDATE_GOLDEN=1"
        );
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some((address, database)) = &self.database {
            let sql = format!("DROP DATABASE {database}");
            self.runtime.block_on(exchange(address, "POST / HTTP/1.1", &sql));
        }
    }
}

/// One request and its whole answer.
async fn exchange(address: &str, request: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connect");
    let head = format!(
        "{request}\r\nHost: localhost\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all((head + body).as_bytes()).await.expect("ask");
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("an answer in UTF-8");
    text
}

fn directory() -> Directory {
    let facility = |code: &str, th: &str, en: &str, province: &str, district: &str, region| {
        let (code, name_th, name_en) = (code.to_owned(), th.to_owned(), en.to_owned());
        let (province, district) = (province.to_owned(), district.to_owned());
        FacilityName { code, name_th, name_en, province, district, region }
    };
    let province = |code: &str, th: &str, en: &str, region| {
        let (code, name_th, name_en) = (code.to_owned(), th.to_owned(), en.to_owned());
        ProvinceName { code, name_th, name_en, region }
    };
    let agency = |id: &str, th: &str, en: &str| {
        let (id, name_th, name_en) = (id.to_owned(), th.to_owned(), en.to_owned());
        AgencyName { id, name_th, name_en }
    };
    Directory::new(
        vec![
            facility(
                "99001",
                "โรงพยาบาลศูนย์บ้านสมมุติ",
                "Ban Sommut Regional Hospital",
                "30",
                "3001",
                9,
            ),
            facility("99002", "โรงพยาบาลทุ่งทดลอง", "Thung Thotlong Hospital", "30", "3002", 9),
            facility("99003", "รพ.สต.หนองตัวอย่าง", "Nong Tuayang Health Centre", "30", "3002", 9),
            facility("99009", "โรงพยาบาลลำลอง", "Lam Long Hospital", "31", "3101", 9),
            facility("99004", "โรงพยาบาลดอยจำลอง", "Doi Chamlong Hospital", "52", "5201", 1),
            facility("99006", "โรงพยาบาลคลองสมมุติ", "Khlong Sommut Hospital", "10", "1001", 13),
        ],
        vec![
            province("10", "กรุงเทพมหานคร", "Bangkok", 13),
            province("30", "นครราชสีมา", "Nakhon Ratchasima", 9),
            province("31", "บุรีรัมย์", "Buri Ram", 9),
            province("52", "ลำปาง", "Lampang", 1),
        ],
        vec![
            agency("ddc", "กรมควบคุมโรค", "Department of Disease Control"),
            agency("nhso", "สำนักงานหลักประกันสุขภาพแห่งชาติ", "National Health Security Office"),
        ],
    )
}
