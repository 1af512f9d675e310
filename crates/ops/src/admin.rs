//! Probes and metrics on a port of their own: `/live`, `/ready`, `/metrics`, `/version`.
//!
//! `/live` says only that the process answers: a broker that is away must not get it restarted.
//! `/ready` says whether it should be sent work: all latches are set and it is not draining.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use tokio::net::TcpListener;

use crate::metrics::Metrics;
use crate::shutdown::Stop;

/// What has to hold before the process is ready. Clones share the latches.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<Mutex<Vec<(&'static str, bool)>>>);

/// One condition of being ready, unset at first.
#[derive(Clone, Debug)]
pub struct Latch {
    readiness: Readiness,
    index: usize,
}

impl Readiness {
    /// With no conditions: ready.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a condition, e.g. `state-restored`. While some are still to be added, another has to stay unset.
    pub fn latch(&self, name: &'static str) -> Latch {
        let mut latches = self.latches();
        latches.push((name, false));
        Latch { readiness: self.clone(), index: latches.len() - 1 }
    }

    /// Names of the conditions that do not hold.
    pub fn missing(&self) -> Vec<&'static str> {
        self.latches().iter().filter(|(_, set)| !set).map(|(name, _)| *name).collect()
    }

    fn latches(&self) -> std::sync::MutexGuard<'_, Vec<(&'static str, bool)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Latch {
    /// The condition holds, or no longer.
    pub fn set(&self, holds: bool) {
        self.readiness.latches()[self.index].1 = holds;
    }
}

/// The routes, for tests and for [`serve`].
pub fn router(metrics: Metrics, readiness: Readiness, stop: Stop) -> Router {
    Router::new()
        .route("/live", get(|| async { "live\n" }))
        .route("/version", get(|| async { concat!(env!("CARGO_PKG_VERSION"), "\n") }))
        .route("/ready", get(ready))
        .route("/metrics", get(scrape))
        .with_state((metrics, readiness, stop))
}

/// Answers until asked to stop. Draining is still answered with `503` on `/ready` meanwhile.
pub async fn serve(
    listener: TcpListener,
    metrics: Metrics,
    readiness: Readiness,
    stop: Stop,
    drained: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(metrics, readiness, stop)).with_graceful_shutdown(drained).await
}

type Shared = State<(Metrics, Readiness, Stop)>;

async fn ready(State((_, readiness, stop)): Shared) -> Response {
    let mut waiting_for = readiness.missing();
    if stop.requested() {
        waiting_for.push("stopping");
    }
    let status =
        if waiting_for.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(serde_json::json!({ "waiting_for": waiting_for }))).into_response()
}

async fn scrape(State((metrics, _, _)): Shared) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.render()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpStream};

    fn ask(address: SocketAddr, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(address).expect("connected");
        write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            .expect("sent");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("answered");
        let status = text.split(' ').nth(1).and_then(|it| it.parse().ok()).expect("a status");
        (status, text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn ready_only_with_all_latches_set_and_not_stopping() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (metrics, readiness, stop) = (Metrics::new(), Readiness::new(), Stop::new());
        let (a, b) = (readiness.latch("a"), readiness.latch("b"));
        let server = tokio::spawn(serve(
            listener,
            metrics,
            readiness,
            stop.clone(),
            std::future::pending::<()>(),
        ));
        let check = async |path: &'static str, status: u16, body: &str| {
            let (got, text) =
                tokio::task::spawn_blocking(move || ask(address, path)).await.expect("a thread");
            assert_eq!(got, status, "{path}");
            assert!(text.contains(body), "{path}: {text}");
        };
        check("/ready", 503, r#"{"waiting_for":["a","b"]}"#).await;
        a.set(true);
        check("/ready", 503, r#"["b"]"#).await;
        b.set(true);
        check("/ready", 200, "[]").await;
        a.set(false);
        check("/ready", 503, r#"["a"]"#).await;
        a.set(true);
        stop.request();
        check("/ready", 503, "stopping").await;
        check("/live", 200, "live").await;
        check("/metrics", 200, "saphan_build_info{").await;
        server.abort();
    }
}
