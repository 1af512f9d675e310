//! Questions to ClickHouse in plain SQL over HTTP: the check must not use the platform's own queries.

use anyhow::{Context, Result};

use crate::platform::Site;

/// Runs a statement to its end; its answer as text.
pub fn run(site: &Site, sql: &str) -> Result<String> {
    let url = format!("{}/?database={}", site.parts.clickhouse_url, site.database);
    let mut answer = ureq::post(&url)
        .config()
        .http_status_as_error(false)
        .build()
        .send(sql)
        .context("ask ClickHouse")?;
    let text = answer.body_mut().with_config().limit(256 << 20).read_to_string()?;
    anyhow::ensure!(answer.status().is_success(), "ClickHouse refused a statement: {text}");
    Ok(text)
}

/// Rows of tab-separated text.
pub fn rows(site: &Site, sql: &str) -> Result<Vec<Vec<String>>> {
    let text = run(site, &format!("{sql} FORMAT TSV"))?;
    Ok(text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}

/// The single number a question answers with.
pub fn number(site: &Site, sql: &str) -> Result<i64> {
    let rows = rows(site, sql)?;
    let cell = rows.first().and_then(|it| it.first()).context("an answer with one number")?;
    cell.parse().context("a number")
}
