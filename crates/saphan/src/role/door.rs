//! What listens: the admin port of every process, and the gateway.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use anyhow::{Context, Result};
use saphan_gateway::{Behind, Counter, KafkaLog, Settings, TokenStore};
use saphan_kafka::{ProducerLimits, Renewing};
use saphan_model::limits::SUBMISSION_BYTES_MAX;
use saphan_ops::config::required;
use tokio::net::TcpListener;

use super::{Ended, House, Role, spawn};
use crate::setup;

/// Probes and metrics.
pub fn admin(house: &House) -> Result<()> {
    let House { metrics, readiness, stop, .. } = house.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(bind(house.config.admin.listen, "admin.listen"))?;
    std::thread::Builder::new().name("admin".to_owned()).spawn(move || {
        let drained = stop.clone();
        let served = saphan_ops::admin::serve(listener, metrics, readiness, stop, async move {
            drained.wait().await;
        });
        if let Err(error) = runtime.block_on(served) {
            tracing::warn!(%error, "the admin port closed");
        }
    })?;
    Ok(())
}

/// Receives submissions.
pub fn gateway(house: &House, ends: &SyncSender<Ended>) -> Result<usize> {
    let config = &house.config;
    let tokens_file = required("gateway.tokens-file", &config.gateway.tokens_file)?;
    let tokens = TokenStore::open(&tokens_file)?;
    let ids = setup::schema_ids(config)?;
    let limits = ProducerLimits {
        delivery_timeout: Duration::from_millis(config.gateway.produce_timeout_ms),
        record_bytes_max: u32::try_from(SUBMISSION_BYTES_MAX * 2)?,
        ..ProducerLimits::default()
    };
    let observer = Arc::new(house.metrics.of_loop(Role::Gateway.as_str(), 0));
    let kafka = setup::kafka(config)?;
    let producer = Renewing::new(&kafka, "gateway", &limits, observer)?;
    let log = Arc::new(KafkaLog::new(producer, setup::names(config)?.ingest()));
    let names = setup::desk_names(config)?;
    let receipts = Counter::start(&kafka, names, Arc::clone(&ids), house.metrics.clone())?;
    let behind = Behind { log, receipts: Arc::new(receipts), ids };
    let settings = Settings::from(&config.gateway);
    let House { metrics, stop, .. } = house.clone();
    let listen = config.gateway.listen;
    let listening = house.readiness.latch(Role::Gateway.as_str());
    spawn(Role::Gateway, "gateway".to_owned(), ends, move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(async move {
            let listener = bind(listen, "gateway.listen").await?;
            listening.set(true);
            saphan_gateway::serve(settings, listener, tokens, behind, metrics, stop).await?;
            Ok(())
        })
    })?;
    Ok(1)
}

/// Listens, or says what is in the way.
pub async fn bind(address: SocketAddr, key: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("{key}: cannot listen on {address}; choose another with --set {key}=HOST:PORT")
    })
}
