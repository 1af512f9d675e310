//! What a client asks: statement, rows, parameters, settings, database, format.
//!
//! Pure: from the head and body of an HTTP request to a [`Asked`], or to a refusal.

use std::borrow::Cow;

use bytes::Bytes;
use hyper::Method;
use hyper::header::{CONTENT_TYPE, ORIGIN};
use hyper::http::request::Parts;

use super::framing;
use super::reply::Refusal;
use super::statement::{InsertHead, insert_head};
use crate::chdb::Param;

/// Largest body once unpacked.
const PLAIN_BYTES_MAX: usize = 1 << 30;

/// Names in the URL that are neither settings nor parameters, and that this server may ignore: credentials
/// (there are no users) and ways of writing the reply that make no difference here.
const IGNORED: &[&str] = &[
    "user",
    "password",
    "quota_key",
    "role",
    "session_check",
    "session_timeout",
    "close_session",
    "stacktrace",
    "buffer_size",
    "wait_end_of_query",
    "send_progress_in_http_headers",
    "http_headers_progress_interval_ms",
    "enable_http_compression",
    "http_zlib_compression_level",
    "add_http_cors_header",
    "cancel_http_readonly_queries_on_client_close",
    "http_write_exception_in_output_format",
    "client_protocol_version",
];

/// A request as the engine can run it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) work: Work,
    pub(super) format: String,
    pub(super) database: Option<String>,
    pub(super) query_id: Option<String>,
    pub(super) params: Vec<Param>,
    pub(super) settings: Vec<(String, String)>,
    /// May change nothing (a GET).
    pub(super) read_only: bool,
    /// The reply is wanted in compressed blocks.
    pub(super) compress: bool,
}

/// What to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Work {
    /// A statement, complete in itself.
    Statement(Bytes),
    /// An INSERT and its rows.
    Insert(InsertHead, Bytes),
}

/// Reads a request. None when it only asks whether the server is there.
pub(super) fn parse(head: &Parts, body: Bytes) -> Result<Option<Asked>, Refusal> {
    if !matches!(head.method, Method::GET | Method::HEAD | Method::POST | Method::PUT) {
        return Err(Refusal::bad_request("use GET or POST"));
    }
    let from_page = |it: &str| !matches!(it, "none" | "same-origin");
    if head.headers.contains_key(ORIGIN)
        || header(head, "Sec-Fetch-Site").is_some_and(|it| from_page(&it))
    {
        return Err(Refusal::browser());
    }
    let mut fields = Fields { format: "TabSeparated".to_owned(), ..Fields::default() };
    if let Some(database) = header(head, "X-ClickHouse-Database") {
        fields.database = Some(database);
    }
    if let Some(format) = header(head, "X-ClickHouse-Format") {
        fields.format = format;
    }
    let in_url = head.uri.query().unwrap_or_default();
    for (name, value) in form_urlencoded::parse(in_url.as_bytes()) {
        fields.take(name, value)?;
    }
    let mut body = body;
    if let Some(boundary) = multipart_boundary(head) {
        for (name, value) in multipart_fields(&body, &boundary)? {
            fields.take(Cow::Owned(name), Cow::Owned(value))?;
        }
        body = Bytes::new();
    }
    if fields.decompress {
        let plain = framing::unpack(&body, PLAIN_BYTES_MAX);
        body = plain.map_err(|it| Refusal::bad_request(&it.to_string()))?.into();
    }
    let Some(work) = work(&fields.query, body) else {
        return Ok(None);
    };
    Ok(Some(Asked {
        work,
        format: fields.format,
        database: fields.database,
        query_id: fields.query_id,
        params: fields.params,
        settings: fields.settings,
        read_only: matches!(head.method, Method::GET | Method::HEAD),
        compress: fields.compress,
    }))
}

/// Statement in the URL and rows in the body, or all of it in the body; none when there is no statement.
fn work(query: &str, body: Bytes) -> Option<Work> {
    if query.trim().is_empty() {
        return (!body.trim_ascii().is_empty()).then_some(Work::Statement(body));
    }
    match insert_head(query) {
        Some(head) => Some(Work::Insert(head, body)),
        None if body.is_empty() => Some(Work::Statement(query.to_owned().into())),
        None => Some(Work::Statement([query.as_bytes(), b"\n", &body].concat().into())),
    }
}

#[derive(Default)]
struct Fields {
    query: String,
    format: String,
    database: Option<String>,
    query_id: Option<String>,
    params: Vec<Param>,
    settings: Vec<(String, String)>,
    compress: bool,
    decompress: bool,
}

impl Fields {
    fn take(&mut self, name: Cow<'_, str>, value: Cow<'_, str>) -> Result<(), Refusal> {
        let value = value.into_owned();
        match name.as_ref() {
            "query" => self.query.push_str(&value),
            "database" => self.database = Some(value),
            "default_format" => self.format = value,
            "query_id" => self.query_id = Some(value),
            "compress" => self.compress = is_on(&value),
            "decompress" => self.decompress = is_on(&value),
            "session_id" => {
                let text = "the embedded engine keeps no sessions; leave session_id out";
                return Err(Refusal::bad_request(text));
            }
            ignored if IGNORED.contains(&ignored) => {}
            other => match other.strip_prefix("param_") {
                Some(param) => self.params.push((param.to_owned(), value)),
                None if is_name(other) => self.settings.push((other.to_owned(), value)),
                None => {
                    return Err(Refusal::bad_request("a setting has a name that cannot be one"));
                }
            },
        }
        Ok(())
    }
}

fn is_on(value: &str) -> bool {
    matches!(value, "1" | "true")
}

/// Settings are put into a SET statement by name, so the name must be nothing but a name.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

fn header(head: &Parts, name: &str) -> Option<String> {
    head.headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn multipart_boundary(head: &Parts) -> Option<String> {
    let kind = head.headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let rest = kind.strip_prefix("multipart/form-data")?;
    let boundary = rest.split(';').find_map(|it| it.trim().strip_prefix("boundary="))?;
    Some(boundary.trim_matches('"').to_owned())
}

/// The fields of a multipart form: each a name and a text.
fn multipart_fields(body: &[u8], boundary: &str) -> Result<Vec<(String, String)>, Refusal> {
    let malformed = || Refusal::bad_request("the multipart form is malformed");
    let delimiter = format!("--{boundary}");
    let mut rest = body.strip_prefix(delimiter.as_bytes()).ok_or_else(malformed)?;
    let delimiter = format!("\r\n{delimiter}");
    let mut fields = Vec::new();
    while let Some(field) = rest.strip_prefix(b"\r\n") {
        let (field, next) = split_at(field, delimiter.as_bytes()).ok_or_else(malformed)?;
        let (head, value) = split_at(field, b"\r\n\r\n").ok_or_else(malformed)?;
        let head = std::str::from_utf8(head).map_err(|_| malformed())?;
        let name = head.split(';').find_map(|it| it.trim().strip_prefix("name=\""));
        let name = name.and_then(|it| it.split('"').next()).ok_or_else(malformed)?;
        let value = String::from_utf8(value.to_vec()).map_err(|_| malformed())?;
        fields.push((name.to_owned(), value));
        rest = next;
    }
    if rest.starts_with(b"--") { Ok(fields) } else { Err(malformed()) }
}

/// What lies before and after the first `separator`.
fn split_at<'a>(bytes: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(separator.len()).position(|it| it == separator)?;
    Some((&bytes[..at], &bytes[at + separator.len()..]))
}

#[cfg(test)]
mod tests;
