//! ClickHouse's HTTP interface over the embedded engine, as much of it as clients use.
//!
//! Owns listening, limits and shutdown. `request` understands what is asked, `statement` reads SQL as far as
//! needed, `pool` runs it on the engine, `reply` says what came of it, `framing` is ClickHouse's compressed
//! block format. Loopback only, no users: a development server.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;

use crate::error::DevstackError;

pub mod framing;
mod pool;
mod reply;
mod request;
mod statement;

use pool::Pool;
use reply::Refusal;

/// Connections served at a time; more wait in the listen queue.
const CONNECTIONS_MAX: usize = 256;
/// Longest body, as sent.
const BODY_BYTES_MAX: usize = 512 << 20;
/// A client must send its header within this time.
const HEADER_PATIENCE: Duration = Duration::from_secs(30);
/// A client must send its body within this time; an insert may trickle in while rows gather.
const BODY_PATIENCE: Duration = Duration::from_secs(600);
/// Statements still running at shutdown get this long.
const DRAIN_PATIENCE: Duration = Duration::from_secs(10);

/// Where and what to serve.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Port on loopback.
    pub port: u16,
    /// Data folder, made when absent.
    pub data: PathBuf,
    /// The engine's library.
    pub library: PathBuf,
}

/// Serves until SIGTERM or SIGINT. The engine takes its time zone from the variable `TZ`, which the caller
/// has set to UTC before this process began.
pub fn serve(options: &ServerOptions) -> Result<(), DevstackError> {
    let engine = |it: std::io::Error| DevstackError::Engine(it.to_string());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(pool::STATEMENTS_MAX * 2)
        .enable_all()
        .build()
        .map_err(engine)?;
    runtime.block_on(async {
        let listener = listen(options.port).await?;
        let pool = Arc::new(open(&options.library, &options.data)?);
        let ended = accept(listener, Arc::clone(&pool)).await.map_err(engine);
        if let Some(pool) = Arc::into_inner(pool) {
            pool.close();
        }
        ended
    })
}

async fn listen(port: u16) -> Result<TcpListener, DevstackError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|_| DevstackError::PortTaken {
        port,
        part: "clickhouse".to_owned(),
        holder: crate::ports::holder(port),
        remedy: "stop that, or choose another --port".to_owned(),
    })
}

fn open(library: &Path, data: &Path) -> Result<Pool, DevstackError> {
    std::fs::create_dir_all(data).map_err(DevstackError::folder("make", data))?;
    Pool::open(library, data).map_err(|it| DevstackError::Engine(it.to_string()))
}

/// Accepts connections until a signal, then waits for the running ones.
async fn accept(listener: TcpListener, pool: Arc<Pool>) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let draining = hyper_util::server::graceful::GracefulShutdown::new();
    loop {
        let place = Arc::clone(&places).acquire_owned().await.expect("never closed");
        let stream = tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => {
                    // Out of file descriptors, or the client is gone already: try the next one.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let _unsupported = stream.set_nodelay(true);
        let pool = Arc::clone(&pool);
        let service = service_fn(move |request| answer(request, Arc::clone(&pool)));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_PATIENCE)
            .serve_connection(TokioIo::new(stream), service);
        let connection = draining.watch(connection);
        tokio::spawn(async move {
            let _client_went_away = connection.await;
            drop(place);
        });
    }
    let _still_running = tokio::time::timeout(DRAIN_PATIENCE, draining.shutdown()).await;
    Ok(())
}

async fn answer(
    request: Request<Incoming>,
    pool: Arc<Pool>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    match parts.uri.path() {
        "/" => {}
        "/ping" | "/replicas_status" => return Ok(reply::alive()),
        _ => return Ok(reply::refused(&Refusal::no_such_path())),
    }
    let body = Limited::new(body, BODY_BYTES_MAX).collect();
    let body = match tokio::time::timeout(BODY_PATIENCE, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return Ok(reply::refused(&Refusal::too_large(BODY_BYTES_MAX))),
        Err(_) => return Ok(reply::refused(&Refusal::bad_request("the body took too long"))),
    };
    let asked = match request::parse(&parts, body) {
        Ok(Some(asked)) => asked,
        Ok(None) => return Ok(reply::alive()),
        Err(refusal) => return Ok(reply::refused(&refusal)),
    };
    let echo = reply::Echo::of(&asked);
    Ok(match pool.run(asked).await {
        Ok(output) => reply::result(&echo, output),
        Err(refusal) => reply::refused(&refusal),
    })
}
