//! Connections: how many, how slow, and how they end.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use saphan_codec::SchemaIds;
use saphan_ops::{Metrics, Stop};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::counter::Receipts;
use crate::log::Log;
use crate::rate::Rates;
use crate::routes::{Door, router};
use crate::tokens::{TokenStore, reload_every};

/// Longest head of a request; also what is read ahead of a body.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// Pause after the system could not hand over a connection, e.g. for want of file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Limits of the door; see the `[gateway]` section of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Largest body of a request.
    pub body_bytes_max: usize,
    /// Most submissions in one batch.
    pub batch_events_max: usize,
    /// Most requests under way.
    pub requests_max: usize,
    /// Most open connections.
    pub connections_max: usize,
    /// Requests a facility may send each second.
    pub facility_requests_per_second: u64,
    /// Requests a facility may send at once after a silence.
    pub facility_requests_burst: u64,
    /// Longest time for reading one request.
    pub request_timeout: Duration,
    /// Longest wait for the brokers.
    pub produce_timeout: Duration,
    /// Most withdrawals of consent, and questions about them, under way.
    pub revocations_max: usize,
    /// Longest wait for the receipt of a withdrawal.
    pub receipt_wait: Duration,
}

/// What the gateway sends to and asks.
pub struct Behind {
    /// Where submissions go.
    pub log: Arc<dyn Log>,
    /// Who tells what became of withdrawals.
    pub receipts: Arc<dyn Receipts>,
    /// Under which registry id a submission is appended.
    pub ids: Arc<SchemaIds>,
}

impl From<&saphan_ops::config::Gateway> for Settings {
    fn from(it: &saphan_ops::config::Gateway) -> Self {
        let size = |it: u64| usize::try_from(it).unwrap_or(usize::MAX);
        let places = |it| size(it).clamp(1, Semaphore::MAX_PERMITS);
        Self {
            body_bytes_max: size(it.body_bytes_max),
            batch_events_max: size(it.batch_events_max),
            requests_max: places(it.requests_max),
            connections_max: places(it.connections_max),
            facility_requests_per_second: it.facility_requests_per_second,
            facility_requests_burst: it.facility_requests_burst,
            request_timeout: Duration::from_millis(it.request_timeout_ms),
            produce_timeout: Duration::from_millis(it.produce_timeout_ms),
            revocations_max: places(it.revocations_max),
            receipt_wait: Duration::from_millis(it.receipt_wait_ms),
        }
    }
}

/// Answers facilities until asked to stop, then finishes the requests under way.
///
/// The listener's address decides who can reach it: TLS ends in front of the gateway, so it belongs on
/// loopback or a private network.
pub async fn serve(
    settings: Settings,
    listener: TcpListener,
    tokens: TokenStore,
    behind: Behind,
    metrics: Metrics,
    stop: Stop,
) -> io::Result<()> {
    let rates = Rates::new(
        settings.facility_requests_per_second,
        settings.facility_requests_burst,
        Instant::now(),
    );
    let door = Arc::new(Door {
        tokens: tokens.clone(),
        behind,
        metrics,
        rates: Mutex::new(rates),
        places: Arc::new(Semaphore::new(settings.requests_max)),
        body_bytes_max: settings.body_bytes_max,
        batch_events_max: settings.batch_events_max,
        request_timeout: settings.request_timeout,
        produce_timeout: settings.produce_timeout,
        revocations: Arc::new(Semaphore::new(settings.revocations_max)),
        receipt_wait: settings.receipt_wait,
    });
    let service = TowerToHyperService::new(router(door));
    let reloading = tokio::spawn(reload_every(tokens));

    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(settings.request_timeout)
        .max_buf_size(BUFFER_BYTES_MAX);
    let connections = Arc::new(Semaphore::new(settings.connections_max));
    let graceful = GracefulShutdown::new();
    loop {
        let place = Arc::clone(&connections).acquire_owned();
        let accepted = tokio::select! {
            () = stop.wait() => break,
            it = async { (place.await, listener.accept().await) } => it,
        };
        let stream = match accepted {
            (Ok(place), Ok((stream, _))) => (stream, place),
            (Err(_), _) => break,
            (_, Err(error)) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let (stream, place): (TcpStream, _) = stream;
        let connection = http.serve_connection(TokioIo::new(stream), service.clone());
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A connection that breaks is the client's affair; its requests were counted.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    reloading.abort();
    let answered = settings.produce_timeout + settings.receipt_wait;
    let longest = settings.request_timeout.max(answered);
    if tokio::time::timeout(longest, graceful.shutdown()).await.is_err() {
        tracing::warn!("connections were cut that did not end in time");
    }
    Ok(())
}
