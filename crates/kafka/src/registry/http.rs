//! One request to the registry: time limit, size limit, statuses turned into errors.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use super::{RegistryConfig, RegistryError};
use crate::config::Secret;

const CONTENT_TYPE: &str = "application/vnd.schemaregistry.v1+json";
const ANSWER_BYTES_MAX: u64 = 8 << 20;

pub(super) struct Http {
    agent: Agent,
    url: String,
    token: Option<Secret>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Method {
    Get,
    Post,
    Put,
}

impl Http {
    pub fn new(config: &RegistryConfig) -> Self {
        let timeout = Duration::from_millis(config.timeout_ms);
        let settings = Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Self {
            agent: settings.into(),
            url: config.url.trim_end_matches('/').to_owned(),
            token: config.token.clone(),
        }
    }

    /// The answer's JSON; `None` when the registry says that the thing does not exist.
    pub fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Option<Value>, RegistryError> {
        let mut answer = self.send(method, path, body).map_err(unreachable)?;
        let status = answer.status();
        let text = answer
            .body_mut()
            .with_config()
            .limit(ANSWER_BYTES_MAX)
            .read_to_string()
            .map_err(unreachable)?;
        if status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(RegistryError::Unreachable(format!("status {}", status.as_u16())));
        }
        if !status.is_success() {
            let message =
                serde_json::from_str::<Refusal>(&text).map_or_else(|_| text, |it| it.message);
            return Err(RegistryError::Refused { status: status.as_u16(), message });
        }
        let json = serde_json::from_str(&text);
        json.map(Some).map_err(|it| RegistryError::Unreadable(it.to_string()))
    }

    fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Response<Body>, ureq::Error> {
        let url = format!("{}{path}", self.url);
        let body = body.map_or_else(String::new, |it| it.to_string());
        match method {
            Method::Get => {
                let mut request = self.agent.get(&url).header("Accept", CONTENT_TYPE);
                if let Some(token) = &self.token {
                    request = request.header("Authorization", format!("Bearer {}", token.expose()));
                }
                request.call()
            }
            Method::Post | Method::Put => {
                let mut request = match method {
                    Method::Put => self.agent.put(&url),
                    _ => self.agent.post(&url),
                };
                request = request.header("Accept", CONTENT_TYPE).content_type(CONTENT_TYPE);
                if let Some(token) = &self.token {
                    request = request.header("Authorization", format!("Bearer {}", token.expose()));
                }
                request.send(body)
            }
        }
    }
}

#[derive(Deserialize)]
struct Refusal {
    message: String,
}

fn unreachable(error: ureq::Error) -> RegistryError {
    RegistryError::Unreachable(error.to_string())
}
