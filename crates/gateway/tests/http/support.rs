//! A gateway on a free port, with tokens for two facilities and a log in memory.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use saphan_codec::{SchemaIds, SubmissionBatch, single_object};
use saphan_gateway::counter::{Asking, Found, Untold};
use saphan_gateway::log::Appending;
use saphan_gateway::receipt::{Places, Receipt, Sent};
use saphan_gateway::routes::CONTENT_TYPE;
use saphan_gateway::{Appended, Behind, Log, Receipts, Settings, TokenStore, serve, tokens};
use saphan_kafka::{Position, Trouble};
use saphan_model::{Content, Defect, Private, Provenance, Subject, Submission, Timestamp};
use saphan_ops::{Metrics, Stop};
use serde_json::Value;

/// What the log does with the next append.
#[derive(Clone, Copy, Debug)]
pub enum Behaviour {
    Takes,
    /// Takes all but the last.
    LosesLast,
    Fails,
    /// Takes everything after a while.
    TakesAfter(Duration),
    Hangs,
}

/// Key and value of everything that was appended.
type Entries = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

struct MemoryLog {
    entries: Entries,
    behaviour: Arc<Mutex<Behaviour>>,
}

impl Log for MemoryLog {
    fn append(&self, facility: &str, values: Vec<Vec<u8>>) -> Appending {
        let behaviour = *self.behaviour.lock().expect("whole");
        let (entries, facility) = (Arc::clone(&self.entries), facility.to_owned());
        Box::pin(async move {
            match behaviour {
                Behaviour::Hangs => std::future::pending::<()>().await,
                Behaviour::TakesAfter(pause) => tokio::time::sleep(pause).await,
                Behaviour::Takes | Behaviour::LosesLast | Behaviour::Fails => {}
            }
            let taken = match behaviour {
                Behaviour::Fails => 0,
                Behaviour::LosesLast => values.len() - 1,
                _ => values.len(),
            };
            let unconfirmed = || Appended::Unconfirmed(Trouble::new("SP-1510", "no answer"));
            let mut entries = entries.lock().expect("whole");
            let at = |n: usize| Position { partition: 3, offset: (entries.len() + n) as i64 };
            let outcomes = (0..values.len())
                .map(|n| if n < taken { Appended::At(at(n)) } else { unconfirmed() })
                .collect();
            let taken = values.into_iter().take(taken).map(|it| (facility.clone(), it));
            entries.extend(taken);
            outcomes
        })
    }
}

/// What is asked about receipts, and what is answered.
pub struct MemoryReceipts {
    end: Mutex<Result<i64, Untold>>,
    answer: Mutex<Result<Found, Untold>>,
    /// Every question, in words.
    asked: Mutex<Vec<String>>,
    /// How long an answer takes.
    pause: Mutex<Duration>,
}

impl MemoryReceipts {
    fn asking<T: Send + 'static>(&self, question: String, answer: Result<T, Untold>) -> Asking<T> {
        self.asked.lock().expect("whole").push(question);
        let pause = *self.pause.lock().expect("whole");
        Box::pin(async move {
            tokio::time::sleep(pause).await;
            answer
        })
    }

    fn answer(&self) -> Result<Found, Untold> {
        self.answer.lock().expect("whole").clone()
    }
}

impl Receipts for MemoryReceipts {
    fn told_end(&self) -> Asking<i64> {
        let end = self.end.lock().expect("whole").clone();
        self.asking("end".to_owned(), end)
    }

    fn awaited(&self, sent: Sent, patience: Duration) -> Asking<Found> {
        self.asking(format!("await {sent} for {patience:?}"), self.answer())
    }

    fn sent(&self, sent: Sent, facility: &str) -> Asking<Found> {
        self.asking(format!("sent {sent} by {facility}"), self.answer())
    }

    fn at(&self, places: Places, facility: &str) -> Asking<Found> {
        self.asking(format!("at {places} of {facility}"), self.answer())
    }
}

/// A receipt with a place of its own and a second one.
pub fn receipt(in_force: bool) -> Found {
    Found::Stands(Receipt {
        places: "7-1041.3-88".parse().expect("places"),
        appended_at: Timestamp(1_767_225_600_123),
        sha256: "ab".repeat(32),
        in_force,
    })
}

pub struct Gateway {
    pub address: SocketAddr,
    pub token: String,
    pub other_token: String,
    pub revoked_token: String,
    pub metrics: Metrics,
    pub stop: Stop,
    entries: Entries,
    behaviour: Arc<Mutex<Behaviour>>,
    receipts: Arc<MemoryReceipts>,
    server: Option<JoinHandle<()>>,
    _dir: tempfile::TempDir,
}

pub fn ids() -> SchemaIds {
    SchemaIds::sequential()
}

pub fn settings() -> Settings {
    Settings {
        body_bytes_max: 100_000,
        batch_events_max: 20,
        requests_max: 8,
        connections_max: 32,
        facility_requests_per_second: 1_000,
        facility_requests_burst: 1_000,
        request_timeout: Duration::from_millis(600),
        produce_timeout: Duration::from_secs(2),
        revocations_max: 2,
        receipt_wait: Duration::from_secs(1),
    }
}

impl Gateway {
    pub fn start() -> Self {
        Self::with(settings())
    }

    pub fn with(settings: Settings) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("tokens.toml");
        let give = |code: &str| {
            let facility = code.parse().expect("a facility code");
            tokens::create(&path, &facility, Timestamp(0)).expect("made").reveal().to_owned()
        };
        let (token, other_token, revoked_token) = (give("10670"), give("10671"), give("10672"));
        let revoked = "10672".parse().expect("a facility code");
        tokens::revoke(&path, &revoked, Timestamp(1)).expect("revoked");

        let (entries, behaviour) = (Entries::default(), Arc::new(Mutex::new(Behaviour::Takes)));
        let log = MemoryLog { entries: Arc::clone(&entries), behaviour: Arc::clone(&behaviour) };
        let receipts = Arc::new(MemoryReceipts {
            end: Mutex::new(Ok(77)),
            answer: Mutex::new(Ok(receipt(false))),
            asked: Mutex::default(),
            pause: Mutex::default(),
        });
        let (metrics, stop) = (Metrics::new(), Stop::new());
        let store = TokenStore::open(&path).expect("tokens");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("set");
        let address = listener.local_addr().expect("an address");
        let server = std::thread::spawn({
            let (metrics, stop) = (metrics.clone(), stop.clone());
            let (log, receipts, ids) = (Arc::new(log), Arc::clone(&receipts), Arc::new(ids()));
            let behind = Behind { log, receipts, ids };
            move || {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .enable_all()
                    .build()
                    .expect("a runtime");
                runtime.block_on(async {
                    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                    serve(settings, listener, store, behind, metrics, stop).await.expect("served");
                });
            }
        });
        Self {
            address,
            token,
            other_token,
            revoked_token,
            metrics,
            stop,
            entries,
            behaviour,
            receipts,
            server: Some(server),
            _dir: dir,
        }
    }

    pub fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.lock().expect("whole") = behaviour;
    }

    /// What receipts are from now on.
    pub fn receipts(&self, answer: Result<Found, Untold>, pause: Duration) {
        *self.receipts.answer.lock().expect("whole") = answer;
        *self.receipts.pause.lock().expect("whole") = pause;
    }

    /// Where admit tells on from now on.
    pub fn end(&self, end: Result<i64, Untold>) {
        *self.receipts.end.lock().expect("whole") = end;
    }

    /// Every question about receipts so far.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.receipts.asked.lock().expect("whole"))
    }

    /// Asks with a facility's token.
    pub fn get(&self, token: &str, path: &str) -> Answer {
        let authorization = format!("Bearer {token}");
        self.request("GET", path, &[("authorization", authorization.as_str())], b"")
    }

    /// What was appended: key and value.
    pub fn appended(&self) -> Vec<(String, Vec<u8>)> {
        self.entries.lock().expect("whole").clone()
    }

    /// The natural keys of what was appended.
    pub fn numbers(&self) -> Vec<usize> {
        let number = |value: &[u8]| {
            let it: Submission = saphan_codec::decode(&value[5..]).expect("a submission");
            it.natural_key.reveal().parse().expect("a number")
        };
        self.appended().iter().map(|(_, value)| number(value)).collect()
    }

    pub fn send(&self, submissions: &[Vec<u8>]) -> Answer {
        self.post(&self.token, &batch(submissions))
    }

    pub fn post(&self, token: &str, body: &[u8]) -> Answer {
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str()), ("content-type", CONTENT_TYPE)];
        self.request("POST", "/v1/submissions", &headers, body)
    }

    pub fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        let mut stream = TcpStream::connect(self.address).expect("connected");
        stream.write_all(head.as_bytes()).expect("sent");
        stream.write_all(body).expect("sent");
        Answer::read(stream).expect("an answer")
    }

    /// The value of a metric's series.
    pub fn metric(&self, series: &str) -> Option<String> {
        let text = self.metrics.render();
        let line = text.lines().find_map(|it| it.strip_prefix(series)?.strip_prefix(' '));
        line.map(str::to_owned)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.stop.request();
        if let Some(server) = self.server.take() {
            let ended = server.join();
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

impl Answer {
    /// Reads to the end of the connection; `None` when nothing came.
    pub fn read(mut stream: TcpStream) -> Option<Self> {
        let limit = Some(Duration::from_secs(20));
        stream.set_read_timeout(limit).expect("set");
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8(bytes).expect("text");
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let body = serde_json::from_str(body).unwrap_or(Value::Null);
        Some(Self { status, head: head.to_ascii_lowercase(), body })
    }

    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("")
    }

    /// One word for each submission: its status, and its code when it has one.
    pub fn verdicts(&self) -> Vec<String> {
        let results = self.body["results"].as_array().expect("results");
        let word = |(n, it): (usize, &Value)| {
            assert_eq!(it["index"].as_u64(), u64::try_from(n).ok());
            let status = it["status"].as_str().expect("a status");
            it["code"].as_str().map_or_else(|| status.to_owned(), |code| format!("{status} {code}"))
        };
        results.iter().enumerate().map(word).collect()
    }
}

pub fn submission(facility: &str, n: usize) -> Submission {
    Submission {
        facility: facility.to_owned(),
        subject: Subject::default(),
        natural_key: Private::new(n.to_string()),
        occurred_at: Timestamp(0),
        recorded_at: Timestamp(0),
        provenance: Provenance { document: "canary-document".to_owned(), ..Provenance::default() },
        defaulted: vec![],
        content: Content::Defect(Defect {
            code: "SP-1101".to_owned(),
            column: String::new(),
            remedy: String::new(),
        }),
    }
}

/// Submissions of facility 10670 with these numbers, encoded.
pub fn encoded(range: std::ops::Range<usize>) -> Vec<Vec<u8>> {
    range.map(|n| single_object::wrap(&submission("10670", n))).collect()
}

pub fn batch(submissions: &[Vec<u8>]) -> Vec<u8> {
    saphan_codec::encode(&SubmissionBatch { submissions: submissions.to_vec() })
}
