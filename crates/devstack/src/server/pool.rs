//! Runs statements on the engine: at most so many at a time, each on a connection of its own.
//!
//! Connections are kept for reuse, except after an error (a connection goes on holding the failed statement's
//! tables) and after anything that changed its session. One keeper connection is never used: the engine
//! would stop when the last one closes.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::reply::Refusal;
use super::request::{Asked, Work};
use crate::chdb::{Connection, Engine, EngineError, Kind, Output};

/// Statements that run at a time.
pub(super) const STATEMENTS_MAX: usize = 32;
/// A statement waits this long for a place before the client is told that the server is busy.
const PLACE_PATIENCE: Duration = Duration::from_secs(30);
/// Idle connections kept.
const IDLE_MAX: usize = 8;

/// Settings every connection begins with; what a request changes is set back to these.
///
/// `max_execution_time`: a statement whose client has gone away would otherwise run on for ever.
const DEFAULTS: &[(&str, &str)] =
    &[("max_execution_time", "120"), ("max_memory_usage", "2000000000")];

/// Database of requests that name none. `default` of the embedded engine also shows the files of the working
/// folder as tables, so a database of our own stands in for it.
const DATABASE: &str = "main";

/// The engine and its connections.
pub(super) struct Pool {
    engine: Engine,
    keeper: Mutex<Connection>,
    idle: Mutex<Vec<Session>>,
    places: Arc<Semaphore>,
}

struct Session {
    connection: Connection,
    database: String,
}

impl Pool {
    /// Loads the engine on a data folder.
    pub(super) fn open(library: &Path, data: &Path) -> Result<Self, EngineError> {
        let engine = Engine::open(library, data)?;
        let mut keeper = engine.connect()?;
        let create = format!("CREATE DATABASE IF NOT EXISTS {DATABASE}");
        keeper.query(create.as_bytes(), "Null", &[])?;
        let places = Arc::new(Semaphore::new(STATEMENTS_MAX));
        Ok(Self { engine, keeper: Mutex::new(keeper), idle: Mutex::default(), places })
    }

    /// Closes every connection and stops the engine.
    pub(super) fn close(self) {
        let Self { engine, keeper, idle, .. } = self;
        drop(idle);
        drop(keeper);
        engine.shutdown();
    }

    /// Runs what was asked.
    pub(super) async fn run(self: Arc<Self>, asked: Asked) -> Result<Output, Refusal> {
        let place = Arc::clone(&self.places).acquire_owned();
        let place = tokio::time::timeout(PLACE_PATIENCE, place)
            .await
            .map_err(|_| Refusal::busy(STATEMENTS_MAX))?
            .expect("the semaphore is never closed");
        let work = tokio::task::spawn_blocking(move || {
            let _place = place;
            self.run_blocking(&asked)
        });
        work.await.map_err(|_| Refusal::engine("the statement ended abnormally"))?
    }

    fn run_blocking(&self, asked: &Asked) -> Result<Output, Refusal> {
        let mut session = self.session(asked.database.as_deref().unwrap_or(DATABASE))?;
        let statement = match &asked.work {
            Work::Statement(sql) => &sql[..],
            Work::Insert(head, _) => head.sql.as_bytes(),
        };
        let connection = &mut session.connection;
        let analysis = connection.classify(statement).map_err(refusal)?;
        if analysis.n_statements > 1 {
            return Err(Refusal::several_statements());
        }
        if asked.read_only && matches!(analysis.kind, Kind::Write | Kind::Control) {
            return Err(Refusal::read_only());
        }
        for (name, value) in &asked.settings {
            set(connection, name, &quoted(value)).map_err(refusal)?;
        }
        let output = match &asked.work {
            Work::Statement(sql) => connection.query(sql, &asked.format, &asked.params),
            Work::Insert(head, rows) => {
                connection.insert(head.sql.as_bytes(), &head.format, &asked.params, rows)
            }
        };
        // Only a connection whose statement succeeded is used again.
        let output = output.map_err(refusal)?;
        if matches!(analysis.kind, Kind::Read | Kind::Write) && restored(connection, asked) {
            self.keep(session);
        }
        Ok(output)
    }

    /// A connection whose current database is `database`.
    fn session(&self, database: &str) -> Result<Session, Refusal> {
        let mut session = match self.take_idle(database) {
            Some(session) => session,
            None => self.new_session().map_err(refusal)?,
        };
        if session.database != database {
            let sql = format!("USE {}", identifier(database));
            session.connection.query(sql.as_bytes(), "Null", &[]).map_err(refusal)?;
            session.database = database.to_owned();
        }
        Ok(session)
    }

    fn new_session(&self) -> Result<Session, EngineError> {
        let mut connection = self.engine.connect()?;
        for (name, value) in DEFAULTS {
            set(&mut connection, name, value)?;
        }
        Ok(Session { connection, database: String::new() })
    }

    /// An idle connection, best one that already is in `database`.
    fn take_idle(&self, database: &str) -> Option<Session> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        match idle.iter().rposition(|it| it.database == database) {
            Some(index) => Some(idle.swap_remove(index)),
            None => idle.pop(),
        }
    }

    fn keep(&self, session: Session) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(session);
        }
    }
}

/// Sets back what the request changed; false when that failed.
fn restored(connection: &mut Connection, asked: &Asked) -> bool {
    asked.settings.iter().all(|(name, _)| {
        let ours = DEFAULTS.iter().find(|(it, _)| it == name).map(|(_, value)| *value);
        set(connection, name, ours.unwrap_or("DEFAULT")).is_ok()
    })
}

/// `name` consists of letters, digits and underscores; `value` is a literal.
fn set(connection: &mut Connection, name: &str, value: &str) -> Result<(), EngineError> {
    connection.query(format!("SET {name} = {value}").as_bytes(), "Null", &[]).map(|_| ())
}

fn refusal(error: EngineError) -> Refusal {
    Refusal::engine(&error.0)
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn identifier(name: &str) -> String {
    format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_names_cannot_break_out_of_their_quotes() {
        assert_eq!(quoted(r"a'b\"), r"'a\'b\\'");
        assert_eq!(identifier("a`b"), r"`a\`b`");
    }
}
