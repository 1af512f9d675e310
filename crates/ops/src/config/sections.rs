//! Every setting of the program. Defaults suit one machine with the development stack.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use saphan_model::limits;

use super::secret::Secret;
use super::section::{section, sections};
use super::value::words;

const fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

sections! {
    /// The configuration of the whole binary. Each role reads its own sections.
    Config {
        /// The brokers.
        kafka: Kafka,
        /// The schema registry.
        registry: Registry,
        /// The analytical store.
        clickhouse: Clickhouse,
        /// The platform's keys.
        keys: KeysFile,
        /// Where facilities send to.
        gateway: Gateway,
        /// Pages and API.
        serve: Serve,
        /// Probes and metrics.
        admin: Admin,
        /// Topics, contracts, facilities.
        topology: Topology,
        /// The loops.
        pipeline: Pipeline,
        /// Outbox and sender of a facility.
        edge: Edge,
        /// What is told, and how.
        log: Log,
    }
}

words! {
    /// How connections to the brokers are protected.
    KafkaSecurity {
        /// Not at all: loopback only.
        Plaintext = "plaintext",
        /// TLS; the client is known by its certificate, when one is given.
        Tls = "tls",
        /// SCRAM-SHA-512 inside TLS.
        ScramTls = "scram-tls",
    }
}

words! {
    /// How log lines are written.
    LogFormat {
        /// For people.
        Text = "text",
        /// For machines: one JSON object a line.
        Json = "json",
    }
}

words! {
    /// The least severe line that is written.
    LogLevel {
        /// A person must act.
        Error = "error",
        /// Unexpected; the program carried on.
        Warn = "warn",
        /// Starts, stops, changes of state.
        Info = "info",
        /// Why a rule did not apply.
        Debug = "debug",
    }
}

section! {
    /// How to reach the brokers.
    Kafka {
        /// Some brokers, `host:port`, separated by commas.
        bootstrap: String = "127.0.0.1:9092".to_owned(),
        /// Prefix of every client id, by which brokers and quotas tell programs apart.
        client_id: String = "saphan".to_owned(),
        /// Put before every topic and group name, so that several platforms can share brokers.
        topic_prefix: String = String::new(),
        /// How connections are protected.
        security: KafkaSecurity = KafkaSecurity::Plaintext,
        /// PEM file of the authority that signed the brokers' certificates.
        ca_file: Option<PathBuf> = None,
        /// PEM file of this client's certificate chain (`tls`).
        certificate_file: Option<PathBuf> = None,
        /// PEM file of this client's private key (`tls`).
        key_file: Option<PathBuf> = None,
        /// The principal (`scram-tls`).
        username: Option<String> = None,
        /// Its password.
        password: Option<Secret> = None,
        /// File that holds its password.
        password_file: Option<PathBuf> = None,
    }
}

section! {
    /// How to reach the schema registry.
    Registry {
        /// Base address of its Confluent-compatible interface.
        url: String = "http://127.0.0.1:8081/apis/ccompat/v7".to_owned(),
        /// Longest wait for one answer.
        timeout_ms: u64 = 10_000,
        /// Longest wait, when a role starts, for a registry that does not answer yet.
        start_wait_ms: u64 = 60_000,
    }
}

section! {
    /// How to reach the analytical store.
    Clickhouse {
        /// Address of its HTTP interface.
        url: String = "http://127.0.0.1:8123".to_owned(),
        /// The user.
        user: String = "default".to_owned(),
        /// Its password.
        password: Option<Secret> = None,
        /// File that holds its password.
        password_file: Option<PathBuf> = None,
        /// The database all tables are in.
        database: String = "saphan".to_owned(),
        /// Longest wait, when a sink starts, for a store that does not answer yet.
        start_wait_ms: u64 = 60_000,
    }
}

section! {
    /// The platform's keys: pseudonyms, event names, sealed citizen ids.
    KeysFile {
        /// The key file made by `saphan keys generate`.
        file: Option<PathBuf> = None,
    }
}

section! {
    /// The door facilities send through.
    Gateway {
        /// Where it listens. TLS ends in front of it.
        listen: SocketAddr = loopback(8470),
        /// The file of token hashes made by `saphan token create`.
        tokens_file: Option<PathBuf> = None,
        /// Largest body of a request.
        body_bytes_max: u64 = limits::GATEWAY_BODY_BYTES_MAX as u64,
        /// Most submissions in one batch.
        batch_events_max: u64 = limits::GATEWAY_BATCH_EVENTS_MAX as u64,
        /// Most requests under way at once; more are told to come back.
        requests_max: u64 = 64,
        /// Most open connections; more wait to be accepted.
        connections_max: u64 = 1_024,
        /// Requests a facility may send each second in the long run.
        facility_requests_per_second: u64 = 10,
        /// Requests a facility may send at once after a silence.
        facility_requests_burst: u64 = 40,
        /// Longest time for reading one request.
        request_timeout_ms: u64 = 30_000,
        /// Longest wait for the brokers to confirm a batch.
        produce_timeout_ms: u64 = 20_000,
        /// Most withdrawals of consent, and questions about them, under way at once; more are told to come back.
        revocations_max: u64 = 32,
        /// Longest wait for the receipt of a withdrawal; who has none by then is told how to ask again.
        receipt_wait_ms: u64 = 5_000,
    }
}

section! {
    /// Pages and API for people.
    Serve {
        /// Where it listens. TLS ends in front of it.
        listen: SocketAddr = loopback(8480),
    }
}

section! {
    /// Probes and metrics, for the operator's network only.
    Admin {
        /// Where it listens.
        listen: SocketAddr = loopback(9470),
    }
}

section! {
    /// Topics, contracts and facilities.
    Topology {
        /// The folder of `topics.toml`, `agencies/` and the reference tables.
        dir: PathBuf = PathBuf::from("topology"),
        /// The facilities; `facilities.csv` of the folder when not set.
        facilities: Option<PathBuf> = None,
    }
}

section! {
    /// The loops that admit, route and sink.
    Pipeline {
        /// Worker threads of each role.
        workers: u64 = 2,
        /// Which replica of the role this process is, from 0; no two may share a number.
        ordinal: u64 = 0,
        /// Most records in one transaction.
        batch_records_max: u64 = 20_000,
        /// Most records written in one transaction.
        batch_outbound_max: u64 = 200_000,
        /// Longest time a transaction takes records; under light load it ends much sooner.
        batch_age_ms_max: u64 = 300,
        /// Most rows in one insert.
        sink_rows_max: u64 = 50_000,
        /// Longest wait for an insert to fill.
        sink_age_ms_max: u64 = 1_000,
        /// Longest time for finishing what is under way after a signal to stop.
        drain_timeout_ms: u64 = 25_000,
    }
}

section! {
    /// Outbox and sender beside a hospital system.
    Edge {
        /// The folder of the outbox and the person index.
        dir: PathBuf = PathBuf::from("outbox"),
        /// The gateway.
        gateway_url: String = "http://127.0.0.1:8470".to_owned(),
        /// File that holds the facility's token.
        token_file: Option<PathBuf> = None,
        /// PEM file of the authority that signed the gateway's certificate; the public ones when not set.
        ca_file: Option<PathBuf> = None,
        /// Most submissions in one request.
        batch_events_max: u64 = 1_000,
        /// Most bytes in one request.
        batch_bytes_max: u64 = 2 * 1024 * 1024,
        /// The outbox takes nothing new above this size; it never drops what it took.
        outbox_bytes_max: u64 = 8 * 1024 * 1024 * 1024,
    }
}

section! {
    /// What is told, and how.
    Log {
        /// How lines are written.
        format: LogFormat = LogFormat::Text,
        /// The least severe line that is written.
        level: LogLevel = LogLevel::Info,
    }
}
