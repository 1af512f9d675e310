//! `POST /v1/revocations` withdraws one directive and answers with a receipt; `GET /v1/revocations/…` and
//! `GET /v1/receipts/…` tell later what became of it. Addresses hold positions and nobody's number.

use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use saphan_model::Timestamp;
use saphan_ops::metrics::SubmissionEnd;
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;

use super::{Door, Started, finish, read, refuse, speaks};
use crate::counter::{Found, Untold};
use crate::log::Appended;
use crate::receipt::{Places, Receipt, Sent};
use crate::refusal::{OfConsent, Refusal};
use crate::withdrawal::{self, Fault, Through, Withdrawal};

pub(super) const REVOCATIONS: &str = "/v1/revocations";
pub(super) const REVOCATION: &str = "/v1/revocations/{revocation}";
pub(super) const RECEIPT: &str = "/v1/receipts/{receipt}";

/// A withdrawal is a few short fields.
const BODY_BYTES_MAX: usize = 16 * 1024;
/// When to ask again about a withdrawal that has no receipt yet.
const ASK_AGAIN_SECONDS: u64 = 2;
const THROUGH: Through = Through {
    source: "gateway-revocation",
    adapter: concat!("saphan-gateway/", env!("CARGO_PKG_VERSION")),
};

#[derive(Serialize)]
struct ReceiptAnswer<'a> {
    receipt: String,
    partition: i32,
    offset: i64,
    appended_at_ms: i64,
    sha256: &'a str,
    in_force: bool,
    request_id: &'a str,
}

#[derive(Serialize)]
struct NotYetAnswer<'a> {
    revocation: String,
    request_id: &'a str,
}

type Name = Result<Path<String>, PathRejection>;

pub(super) async fn withdraw(State(door): State<Arc<Door>>, request: Request) -> Response {
    let started = Started::now();
    let _under_way = door.metrics.gateway_began();
    let taken = take(&door, &started, request).await;
    answer(&door, REVOCATIONS, &started, StatusCode::CREATED, taken)
}

/// The receipt with this status, or that it is not known yet.
fn answer(
    door: &Door,
    route: &'static str,
    started: &Started,
    status: StatusCode,
    found: Result<(Sent, Option<Receipt>), Refusal>,
) -> Response {
    match found {
        Err(refusal) => refuse(door, route, started, refusal),
        Ok((_, Some(receipt))) => finish(door, route, started, told(status, &receipt, started)),
        Ok((sent, None)) => finish(door, route, started, not_yet(sent, started)),
    }
}

pub(super) async fn sent(
    State(door): State<Arc<Door>>,
    headers: HeaderMap,
    name: Name,
) -> Response {
    let started = Started::now();
    let ask = async {
        let (facility, _place) = enter(&door, &headers)?;
        let sent: Sent = named(name)?;
        Ok((sent, found(door.behind.receipts.sent(sent, &facility).await)?))
    };
    answer(&door, REVOCATION, &started, StatusCode::OK, ask.await)
}

pub(super) async fn receipt(
    State(door): State<Arc<Door>>,
    headers: HeaderMap,
    name: Name,
) -> Response {
    let started = Started::now();
    let ask = async {
        let (facility, _place) = enter(&door, &headers)?;
        let places: Places = named(name)?;
        found(door.behind.receipts.at(places, &facility).await)?
            .ok_or(Refusal::from(OfConsent::NoReceipt))
    };
    match ask.await {
        Err(refusal) => refuse(&door, RECEIPT, &started, refusal),
        Ok(it) => finish(&door, RECEIPT, &started, told(StatusCode::OK, &it, &started)),
    }
}

/// Who asks, and a place among those who may.
fn enter(door: &Door, headers: &HeaderMap) -> Result<(String, OwnedSemaphorePermit), Refusal> {
    let facility = door.enter(headers)?;
    let place = Arc::clone(&door.revocations).try_acquire_owned().map_err(|_| Refusal::Busy)?;
    Ok((facility, place))
}

/// What the end of the address names.
fn named<T: FromStr>(name: Name) -> Result<T, Refusal> {
    let Path(text) = name.map_err(|_| OfConsent::NoReceipt)?;
    text.parse().map_err(|_| OfConsent::NoReceipt.into())
}

/// Appends a withdrawal; where it was sent, and its receipt if that is known in time.
async fn take(
    door: &Arc<Door>,
    started: &Started,
    request: Request,
) -> Result<(Sent, Option<Receipt>), Refusal> {
    let (head, body) = request.into_parts();
    let (facility, place) = enter(door, &head.headers)?;
    if !speaks(&head.headers, "application/json") {
        return Err(OfConsent::NotJson.into());
    }
    let body = tokio::time::timeout(door.request_timeout, read(body, BODY_BYTES_MAX))
        .await
        .map_err(|_| Refusal::TooSlow)?
        .map_err(|_| OfConsent::Withdrawal(Fault::Form))?;
    let now = now();
    let withdrawal = withdrawal::read(&body, now.thai_date()).map_err(OfConsent::Withdrawal)?;

    // A task of its own: what was begun is finished and counted even when the client hangs up.
    let (door, request_id) = (Arc::clone(door), started.request_id.clone());
    let task = tokio::spawn(async move {
        let appended = append(&door, &facility, &withdrawal, now).await;
        count(&door, &facility, &request_id, &appended);
        let sent = appended?;
        let awaited = door.behind.receipts.awaited(sent, door.receipt_wait).await;
        drop(place);
        match awaited {
            Ok(Found::Stands(receipt)) => Ok((sent, Some(receipt))),
            // It stands in the ingest topic, whatever cannot be told now.
            _ => Ok((sent, None)),
        }
    });
    task.await.map_err(|_| Refusal::Undelivered)?
}

/// The place is noted before, so that what admit tells about it is found without a search.
async fn append(
    door: &Door,
    facility: &str,
    withdrawal: &Withdrawal,
    now: Timestamp,
) -> Result<Sent, Refusal> {
    let told_from = door.behind.receipts.told_end().await.map_err(|it| match it {
        Untold::Busy => Refusal::Busy,
        untold => {
            tell(&untold);
            Refusal::Undelivered
        }
    })?;
    let mut value = Vec::with_capacity(512);
    let submission = withdrawal.submission(facility, THROUGH, now);
    saphan_codec::encode_framed(&submission, &door.behind.ids, &mut value);
    let began = Instant::now();
    let appending = door.behind.log.append(facility, vec![value]);
    let outcomes = tokio::time::timeout(door.produce_timeout, appending).await;
    match outcomes.ok().and_then(|it| it.into_iter().next()) {
        Some(Appended::At(at)) => {
            door.metrics.gateway_produced(began.elapsed());
            Ok(Sent { at, told_from })
        }
        Some(Appended::Unconfirmed(it)) => {
            tracing::error!(
                code = it.code,
                reason = it.reason,
                "the brokers did not confirm a withdrawal"
            );
            Err(Refusal::Undelivered)
        }
        None => {
            tracing::error!(code = "SP-1213", "the brokers did not answer in time");
            Err(Refusal::Undelivered)
        }
    }
}

fn count(door: &Door, facility: &str, request_id: &str, appended: &Result<Sent, Refusal>) {
    let undelivered = Refusal::Undelivered;
    match appended {
        Ok(_) => door.metrics.gateway_events(SubmissionEnd::Accepted, None, 1),
        Err(it) if *it == undelivered => {
            let code = Some(undelivered.code());
            door.metrics.gateway_events(SubmissionEnd::Undelivered, code, 1);
        }
        Err(_) => {}
    }
    let accepted = appended.is_ok();
    tracing::debug!(facility, request_id, accepted, "withdrawal taken");
}

/// The receipt, none while there is none.
fn found(answer: Result<Found, Untold>) -> Result<Option<Receipt>, Refusal> {
    match answer {
        Ok(Found::Stands(receipt)) => Ok(Some(receipt)),
        Ok(Found::NotYet) => Ok(None),
        Ok(Found::SetAside) => Err(OfConsent::SetAside.into()),
        Ok(Found::Unknown) => Err(OfConsent::NoReceipt.into()),
        Err(Untold::Busy) => Err(Refusal::Busy),
        Err(untold) => {
            tell(&untold);
            Err(OfConsent::Untold.into())
        }
    }
}

fn tell(untold: &Untold) {
    match untold {
        Untold::Trouble(it) => {
            tracing::warn!(code = it.code, reason = it.reason, "the log does not tell of receipts");
        }
        Untold::Busy | Untold::Late => {
            tracing::warn!(code = "SP-1247", "the log does not tell of receipts in time");
        }
    }
}

fn told(status: StatusCode, receipt: &Receipt, started: &Started) -> Response {
    let own = receipt.places.own();
    let answer = ReceiptAnswer {
        receipt: receipt.places.to_string(),
        partition: own.partition,
        offset: own.offset,
        appended_at_ms: receipt.appended_at.0,
        sha256: &receipt.sha256,
        in_force: receipt.in_force,
        request_id: &started.request_id,
    };
    let location = format!("/v1/receipts/{}", receipt.places);
    located(status, location, Json(answer).into_response())
}

fn not_yet(sent: Sent, started: &Started) -> Response {
    let answer = NotYetAnswer { revocation: sent.to_string(), request_id: &started.request_id };
    let answer = Json(answer).into_response();
    let mut response = located(StatusCode::ACCEPTED, format!("{REVOCATIONS}/{sent}"), answer);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(ASK_AGAIN_SECONDS));
    response
}

fn located(status: StatusCode, location: String, mut response: Response) -> Response {
    *response.status_mut() = status;
    let location = HeaderValue::try_from(location).expect("digits, letters and slashes");
    response.headers_mut().insert(header::LOCATION, location);
    response
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
