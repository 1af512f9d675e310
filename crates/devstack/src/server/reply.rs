//! What the client hears: results with ClickHouse's headers, and errors with its codes.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};

use super::framing;
use super::request::Asked;
use crate::chdb::Output;

/// ClickHouse's numbers for what this server itself refuses.
const BAD_ARGUMENTS: u32 = 36;
const SYNTAX_ERROR: u32 = 62;
const READONLY: u32 = 164;
const TOO_MANY_SIMULTANEOUS_QUERIES: u32 = 202;
const TOO_LARGE: u32 = 307;
const ACCESS_DENIED: u32 = 497;
const UNKNOWN_EXCEPTION: u32 = 1002;

/// Why a request failed, as the client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    code: u32,
    text: String,
}

impl Refusal {
    /// The request itself is wrong.
    pub(super) fn bad_request(text: &str) -> Self {
        Self::own(BAD_ARGUMENTS, "BAD_ARGUMENTS", text)
    }

    /// A web page in a browser asks; there are no users here, so any page could.
    pub(super) fn browser() -> Self {
        let text = "requests from web pages are refused; use a program";
        Self { status: StatusCode::FORBIDDEN, ..Self::own(ACCESS_DENIED, "ACCESS_DENIED", text) }
    }

    /// Nothing is served under this path.
    pub(super) fn no_such_path() -> Self {
        let refusal = Self::bad_request("there is only / and /ping");
        Self { status: StatusCode::NOT_FOUND, ..refusal }
    }

    /// The body is longer than allowed.
    pub(super) fn too_large(limit: usize) -> Self {
        let text = format!("the body is longer than {limit} bytes; send smaller batches");
        let refusal = Self::own(TOO_LARGE, "TOO_MANY_BYTES", &text);
        Self { status: StatusCode::PAYLOAD_TOO_LARGE, ..refusal }
    }

    /// More than one statement in one request.
    pub(super) fn several_statements() -> Self {
        Self::own(SYNTAX_ERROR, "SYNTAX_ERROR", "Multi-statements are not allowed")
    }

    /// A GET that would write.
    pub(super) fn read_only() -> Self {
        let text = "Cannot execute query in readonly mode. For queries over HTTP, method GET implies \
                    readonly. You should use method POST for modifying queries";
        Self::own(READONLY, "READONLY", text)
    }

    /// All places for statements are taken.
    pub(super) fn busy(limit: usize) -> Self {
        let text = format!("Too many simultaneous queries. Maximum: {limit}");
        Self::own(TOO_MANY_SIMULTANEOUS_QUERIES, "TOO_MANY_SIMULTANEOUS_QUERIES", &text)
    }

    /// The engine's own words, `Code: 62. DB::Exception: …`.
    pub(super) fn engine(said: &str) -> Self {
        let code = exception_code(said).unwrap_or(UNKNOWN_EXCEPTION);
        let text = match exception_code(said) {
            Some(_) => said.trim().to_owned(),
            None => format!("Code: {code}. DB::Exception: {}", said.trim()),
        };
        Self { status: status_of(code), code, text }
    }

    fn own(code: u32, name: &str, text: &str) -> Self {
        let text = format!("Code: {code}. DB::Exception: {text}. ({name})");
        Self { status: status_of(code), code, text }
    }
}

/// The number in `Code: 62. DB::Exception…`, wherever it begins.
fn exception_code(said: &str) -> Option<u32> {
    let rest = said.split("Code: ").nth(1)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest[..digits].parse().ok()
}

/// The HTTP status ClickHouse gives an exception.
fn status_of(code: u32) -> StatusCode {
    match code {
        // Parsing, types, arguments.
        6 | 26 | 27 | 36 | 38 | 41 | 43 | 53 | 62 | 69 | 70 | 72 | 117 | 130 | 131 | 321 | 456 => {
            StatusCode::BAD_REQUEST
        }
        // Unknown table, function, identifier, type, storage, aggregate, format, type of query, database,
        // setting.
        46 | 47 | 50 | 56 | 60 | 63 | 73 | 78 | 81 | 115 => StatusCode::NOT_FOUND,
        48 => StatusCode::NOT_IMPLEMENTED,
        159 => StatusCode::REQUEST_TIMEOUT,
        202 | 209 | 439 => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// What the reply repeats of the request.
pub(super) struct Echo {
    format: String,
    query_id: Option<String>,
    compress: bool,
}

impl Echo {
    pub(super) fn of(asked: &Asked) -> Self {
        Self {
            format: asked.format.clone(),
            query_id: asked.query_id.clone(),
            compress: asked.compress,
        }
    }
}

/// The answer to `/ping` and to a request without a statement.
pub(super) fn alive() -> Response<Full<Bytes>> {
    response(StatusCode::OK, "text/html; charset=UTF-8", Bytes::from_static(b"Ok.\n"))
}

/// A result.
pub(super) fn result(echo: &Echo, output: Output) -> Response<Full<Bytes>> {
    let summary = format!(
        "{{\"read_rows\":\"{}\",\"read_bytes\":\"{}\",\"written_rows\":\"{}\",\"written_bytes\":\"{}\"}}",
        output.rows_read, output.bytes_read, output.rows_written, output.bytes_written,
    );
    let body = if echo.compress { framing::pack(&output.bytes) } else { output.bytes };
    let mut response = response(StatusCode::OK, content_type(&echo.format), body.into());
    let headers = response.headers_mut();
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put("x-clickhouse-summary", &summary);
    put("x-clickhouse-format", &echo.format);
    put("x-clickhouse-timezone", "UTC");
    if let Some(id) = &echo.query_id {
        put("x-clickhouse-query-id", id);
    }
    response
}

/// An error.
pub(super) fn refused(refusal: &Refusal) -> Response<Full<Bytes>> {
    let body = format!("{}\n", refusal.text);
    let mut response = response(refusal.status, "text/plain; charset=UTF-8", body.into());
    response.headers_mut().insert("x-clickhouse-exception-code", refusal.code.into());
    response
}

fn response(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn content_type(format: &str) -> &'static str {
    match format {
        "JSON" | "JSONCompact" => "application/json; charset=UTF-8",
        "JSONEachRow" => "application/x-ndjson; charset=UTF-8",
        "CSV" | "CSVWithNames" => "text/csv; charset=UTF-8",
        it if it.starts_with("TabSeparated") || it.starts_with("TSV") => {
            "text/tab-separated-values; charset=UTF-8"
        }
        it if it.starts_with("RowBinary") || it == "Native" => "application/octet-stream",
        _ => "text/plain; charset=UTF-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_engine(said: &str, status: u16, code: u32) {
        let refusal = Refusal::engine(said);
        assert_eq!((refusal.status.as_u16(), refusal.code), (status, code), "{said}");
        assert!(refusal.text.starts_with("Code: "), "{}", refusal.text);
    }

    #[test]
    fn exceptions_keep_their_code_and_get_clickhouses_status() {
        check_engine("Code: 62. DB::Exception: Syntax error", 400, 62);
        check_engine("Code: 60. DB::Exception: Unknown table", 404, 60);
        check_engine("Code: 241. DB::Exception: Memory limit", 500, 241);
        check_engine("something odd", 500, UNKNOWN_EXCEPTION);
    }
}
