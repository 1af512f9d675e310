//! Addresses, headers, limits: the edge of the crate. Every answer leaves through [`answer`].

use std::future::Future;
use std::io;
use std::time::Instant;

use askama::Template;
use axum::Router;
use axum::extract::{MatchedPath, Path, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use crate::context::{Context, Question};
use crate::csv;
use crate::error::PageError;
use crate::pages::place::Place;
use crate::pages::{agencies, conservation, home, place, quarantine};
use crate::state::AppState;
use crate::view::{Page, Section};

const STYLE: &str = include_str!("../assets/style.css");
/// Nothing but our own style sheet; no script, no frame, no foreign address.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// All pages.
pub fn router(state: AppState) -> Router {
    Router::new()
        .route("/", get(home_page))
        .route("/regions", get(country_page))
        .route("/regions/{region}", get(region_page))
        .route("/provinces/{code}", get(province_page))
        .route("/facilities/{code}", get(facility_page))
        .route("/conservation", get(conservation_page))
        .route("/agencies", get(agencies_page))
        .route("/quarantine", get(quarantine_page))
        .route("/quarantine/{code}", get(quarantine_facility_page))
        .route("/assets/style.css", get(style))
        .fallback(missing)
        .layer(middleware::from_fn_with_state(state.clone(), observe))
        .with_state(state)
}

/// Serves until `shutdown` is done, then finishes what is under way.
pub async fn run(
    listener: TcpListener,
    state: AppState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router(state)).with_graceful_shutdown(shutdown).await
}

type Asked = (State<AppState>, Uri, Query<Question>);

async fn home_page((State(state), uri, Query(question)): Asked) -> Response {
    answer(state, &uri, &question, async |ctx| Ok(home::page(&ctx))).await
}

async fn country_page((State(state), uri, Query(question)): Asked) -> Response {
    answer(state, &uri, &question, async |ctx| place::page(&ctx, &Place::Country).await).await
}

async fn region_page(
    (State(state), uri, Query(question)): Asked,
    Path(number): Path<String>,
) -> Response {
    let page = async |ctx| place::page(&ctx, &Place::region(&number)?).await;
    answer(state, &uri, &question, page).await
}

async fn province_page(
    (State(state), uri, Query(question)): Asked,
    Path(code): Path<String>,
) -> Response {
    let page = async |ctx: Context| {
        let place = Place::province(&code, ctx.directory())?;
        place::page(&ctx, &place).await
    };
    answer(state, &uri, &question, page).await
}

async fn facility_page(
    (State(state), uri, Query(question)): Asked,
    Path(code): Path<String>,
) -> Response {
    let page = async |ctx: Context| {
        let place = Place::facility(&code, ctx.directory())?;
        place::page(&ctx, &place).await
    };
    answer(state, &uri, &question, page).await
}

async fn conservation_page((State(state), uri, Query(question)): Asked) -> Response {
    answer(state, &uri, &question, async |ctx| conservation::page(&ctx).await).await
}

async fn agencies_page((State(state), uri, Query(question)): Asked) -> Response {
    answer(state, &uri, &question, async |ctx| agencies::page(&ctx).await).await
}

async fn quarantine_page((State(state), uri, Query(question)): Asked) -> Response {
    answer(state, &uri, &question, async |ctx| quarantine::overview(&ctx).await).await
}

async fn quarantine_facility_page(
    (State(state), uri, Query(question)): Asked,
    Path(code): Path<String>,
) -> Response {
    answer(state, &uri, &question, async |ctx| quarantine::facility(&ctx, &code).await).await
}

async fn missing((State(state), uri, Query(question)): Asked) -> Response {
    answer(state, &uri, &question, async |_| Err(PageError::Missing)).await
}

async fn style() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")];
    (headers, STYLE).into_response()
}

/// Builds a page within the limits, as HTML or one of its tables as CSV; tells what went wrong.
async fn answer(
    state: AppState,
    uri: &Uri,
    question: &Question,
    page: impl AsyncFnOnce(Context) -> Result<Page, PageError>,
) -> Response {
    let built = async {
        let ctx = question.read(&state, uri.path())?;
        let name = file_name(&ctx, question);
        let turn = tokio::time::timeout(AppState::PATIENCE, state.pages.acquire()).await;
        let _permit =
            turn.map_err(|_elapsed| PageError::Busy)?.map_err(|_closed| PageError::Busy)?;
        let page = page(ctx).await?;
        match (question.format.as_deref(), &question.table) {
            (None, None) => Ok(html(StatusCode::OK, &page)),
            (Some("csv"), Some(id)) => {
                let table = page.table(id).ok_or(PageError::Question)?;
                Ok(as_csv(csv::write(table), &name))
            }
            _ => Err(PageError::Question),
        }
    };
    match built.await {
        Ok(response) => response,
        Err(error) => refuse(state.clone(), question, &error),
    }
}

/// `saphan-regions-3-visits-2569.csv`: plain ASCII, since the table's id is checked before it is sent.
fn file_name(ctx: &Context, question: &Question) -> String {
    let path = ctx.path.trim_matches('/').replace('/', "-");
    let table = question.table.as_deref().unwrap_or_default();
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let name = format!("saphan-{path}-{table}-{}", ctx.year.label(ctx.lang));
    name.chars().map(plain).collect()
}

fn as_csv(text: String, name: &str) -> Response {
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, text).into_response()
}

fn html(status: StatusCode, page: &Page) -> Response {
    match page.render() {
        Ok(text) => {
            (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "page not written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn refuse(state: AppState, question: &Question, error: &PageError) -> Response {
    match error {
        PageError::Down(_) | PageError::Fault(_) => {
            tracing::warn!(code = error.code(), %error, "page not shown");
        }
        PageError::Missing | PageError::Question | PageError::Busy => {}
    }
    let lang = question.lang();
    let t = lang.texts();
    let now = (state.now)();
    let year = crate::calendar::FiscalYear::of(now);
    let ctx = Context { state, lang, year, refresh: false, path: "/".to_owned(), now };
    let section = Section {
        id: "error",
        intro: vec![error.sentence(t).to_owned(), format!("{}: {}", t.error_code, error.code())],
        links: vec![ctx.link(t.back_home, "/")],
        ..Section::default()
    };
    let page = ctx.page(t.error_title.to_owned(), Vec::new(), vec![section]);
    let mut response = html(error.status(), &page);
    if error.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
    }
    response
}

/// Counts every answer and gives it the headers all share.
async fn observe(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map(|it| it.as_str().to_owned());
    let mut response = next.run(request).await;
    let route = route.as_deref().unwrap_or("other");
    state.requests.answered(route, response.status().as_u16(), begun.elapsed());
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
