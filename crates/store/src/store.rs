//! The connection: one HTTP client, its database and its limits.

use clickhouse::Client;
use clickhouse::query::Query;

use crate::config::{StoreConfig, StoreConfigError};
use crate::failure::{Failure, QueryError};

/// A handle on the tables. Cheap to clone; connections are shared.
#[derive(Clone)]
pub struct Store {
    client: Client,
    config: StoreConfig,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Store {
    /// Prepares a client; nothing is sent yet.
    pub fn new(config: &StoreConfig) -> Result<Self, StoreConfigError> {
        config.check()?;
        let mut client = Client::default().with_url(&config.url);
        if let Some(user) = &config.user {
            client = client.with_user(user);
        }
        if let Some(password) = &config.password {
            client = client.with_password(password.reveal());
        }
        Ok(Self { client, config: config.clone() })
    }

    /// Does the server answer?
    pub async fn ping(&self) -> Result<(), Failure> {
        self.execute(self.client.query("SELECT 1")).await
    }

    pub(crate) fn config(&self) -> &StoreConfig {
        &self.config
    }

    /// A client that stands in no database, for the one statement that makes it.
    pub(crate) fn outside(&self) -> &Client {
        &self.client
    }

    /// A client that stands in our database.
    pub(crate) fn inside(&self) -> Client {
        self.client.clone().with_database(&self.config.database)
    }

    /// A statement in our database that reads, stopped by the server when it takes too long.
    pub(crate) fn read(&self, sql: &str) -> Query {
        let seconds = self.config.query_timeout().as_secs().max(1);
        self.inside().query(sql).with_setting("max_execution_time", seconds.to_string())
    }

    /// Runs a statement without an answer, within the query timeout.
    pub(crate) async fn execute(&self, query: Query) -> Result<(), Failure> {
        match tokio::time::timeout(self.config.query_timeout(), query.execute()).await {
            Ok(done) => Ok(done?),
            Err(_elapsed) => Err(Failure::Unreachable),
        }
    }

    /// Runs a statement and reads all its rows, within the query timeout.
    pub(crate) async fn rows<T>(
        &self,
        name: &'static str,
        query: Query,
    ) -> Result<Vec<T>, QueryError>
    where
        T: clickhouse::RowOwned + clickhouse::RowRead,
    {
        let failed = |failure| QueryError { query: name, failure };
        match tokio::time::timeout(self.config.query_timeout(), query.fetch_all::<T>()).await {
            Ok(rows) => rows.map_err(|error| failed(Failure::of(&error))),
            Err(_elapsed) => Err(failed(Failure::Unreachable)),
        }
    }

    /// Runs a statement without parameters that always answers one row.
    pub(crate) async fn one<T>(&self, name: &'static str, sql: &str) -> Result<T, QueryError>
    where
        T: clickhouse::RowOwned + clickhouse::RowRead,
    {
        let mut rows = self.rows::<T>(name, self.read(sql)).await?;
        rows.pop().ok_or(QueryError { query: name, failure: Failure::Answer })
    }
}
