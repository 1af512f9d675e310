//! The gateway's interface as a client sees it. Owns the connection; [`super::reply`] reads answers.

use std::net::IpAddr;
use std::time::Duration;

use saphan_codec::SubmissionBatch;
use serde::Deserialize;
use ureq::http::Uri;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

use super::reply::{self, Reply, Trouble};
use super::{SenderConfig, SenderError, TokenSource};

/// Largest answer that is read: one line for each submission of the largest batch, with room.
const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const CONTENT_TYPE: &str = "application/vnd.saphan.batch+avro";

/// Whose token it is, as the gateway says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct WhoAmI {
    /// The facility the token sends for.
    pub facility: String,
    /// The gateway's version.
    pub version: String,
}

pub(super) struct Gateway {
    agent: Agent,
    base: String,
    token: TokenSource,
}

impl Gateway {
    pub(super) fn new(config: &SenderConfig, token: TokenSource) -> Result<Self, SenderError> {
        let base = config.gateway_url.trim_end_matches('/').to_owned();
        check_address(&base)
            .map_err(|reason| SenderError::Address { url: base.clone(), reason: reason.into() })?;
        let mut builder = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("saphan-edge/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(config.request_timeout));
        if let Some(path) = &config.ca_file {
            let roots = read_authorities(path)?;
            builder = builder.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        Ok(Self { agent: builder.build().new_agent(), base, token })
    }

    /// Sends one batch, oldest first. Trouble that may pass is a [`Reply`], not an error.
    pub(super) fn submit(&self, submissions: Vec<Vec<u8>>) -> Result<Reply, SenderError> {
        let count = submissions.len();
        let body = saphan_codec::encode(&SubmissionBatch { submissions });
        let answer = self
            .agent
            .post(format!("{}/v1/submissions", self.base))
            .header("authorization", self.authorization()?)
            .content_type(CONTENT_TYPE)
            .send(&body);
        match answer.and_then(read) {
            Err(error) if cut_off(&error) => {
                Ok(Reply::TooSlow(Trouble::unreachable(error.to_string())))
            }
            Err(error) => Ok(Reply::Later(Trouble::unreachable(error.to_string()))),
            Ok(answer) => reply::of(&self.base, &answer, count),
        }
    }

    pub(super) fn whoami(&self) -> Result<WhoAmI, SenderError> {
        let answer = self
            .agent
            .get(format!("{}/v1/whoami", self.base))
            .header("authorization", self.authorization()?)
            .call()
            .and_then(read)
            .map_err(|it| SenderError::Unreachable(it.to_string()))?;
        match reply::of(&self.base, &answer, 0)? {
            Reply::Later(trouble) | Reply::TooSlow(trouble) => {
                Err(SenderError::Unreachable(trouble.reason))
            }
            Reply::Stranger { status } => Err(self.stranger(status)),
            Reply::TooMuch | Reply::Answered(_) => {
                serde_json::from_slice(&answer.body).map_err(|_| self.stranger(answer.status))
            }
        }
    }

    /// Something answers at the address that never answered as the gateway.
    pub(super) fn stranger(&self, status: u16) -> SenderError {
        let reason = format!("what answers there is not a gateway (status {status})");
        SenderError::Address { url: self.base.clone(), reason }
    }

    fn authorization(&self) -> Result<String, SenderError> {
        let token = (self.token)().map_err(SenderError::Credentials)?;
        if token.is_empty() || !token.bytes().all(|it| it.is_ascii_graphic()) {
            let what = "the token file does not hold a token: one line of letters, digits, - and _";
            return Err(SenderError::Credentials(what.to_owned()));
        }
        Ok(format!("Bearer {token}"))
    }
}

/// An answer as far as the sender reads it.
pub(super) struct HttpAnswer {
    pub status: u16,
    pub retry_after: Option<Duration>,
    pub body: Vec<u8>,
}

/// True when the request may have been too much for the line: our time was up, or the other side hung up
/// on it, which is all that a sender still writing sees of status 408.
fn cut_off(error: &ureq::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    match error {
        ureq::Error::Timeout(of) => !matches!(of, ureq::Timeout::Connect | ureq::Timeout::Resolve),
        ureq::Error::Io(it) => {
            matches!(it.kind(), BrokenPipe | ConnectionReset | ConnectionAborted)
        }
        _ => false,
    }
}

fn read(mut response: ureq::http::Response<Body>) -> Result<HttpAnswer, ureq::Error> {
    let retry_after = response
        .headers()
        .get("retry-after")
        .and_then(|it| it.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec()?;
    Ok(HttpAnswer { status, retry_after, body })
}

/// A token must not cross a network in the clear.
fn check_address(base: &str) -> Result<(), &'static str> {
    let uri: Uri = base.parse().map_err(|_| "it is not an address like https://gateway.example")?;
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        return Err("leave out everything after the host and port");
    }
    let host = uri.host().ok_or("it names no host")?.trim_matches(['[', ']']);
    let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback());
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if here => Ok(()),
        Some("http") => Err("http would show the token to the network; use https"),
        _ => Err("it must begin with https://"),
    }
}

fn read_authorities(path: &std::path::Path) -> Result<RootCerts, SenderError> {
    let failed = |reason: String| {
        SenderError::Credentials(format!("cannot use {} as ca-file: {reason}", path.display()))
    };
    let pem = std::fs::read(path).map_err(|it| failed(it.to_string()))?;
    let certificates: Vec<_> = parse_pem(&pem)
        .filter_map(|it| match it {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(failed("it holds no PEM certificate".to_owned()));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_crosses_no_network_in_the_clear() {
        for (address, good) in [
            ("https://gateway.example", true),
            ("https://gateway.example:8443", true),
            ("http://127.0.0.1:8470", true),
            ("http://localhost:8470", true),
            ("http://[::1]:8470", true),
            ("http://gateway.example", false),
            ("http://192.168.1.4:8470", false),
            ("https://gateway.example/v1/submissions", false),
            ("ftp://gateway.example", false),
            ("gateway.example", false),
            ("", false),
        ] {
            assert_eq!(check_address(address).is_ok(), good, "{address}");
        }
    }
}
