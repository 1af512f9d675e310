//! The schema files, and the self-contained schema of each record composed from them.
//!
//! A file names the files it builds on in `uses`; composing replaces each reference to one of
//! their types by its definition at first use. Pure: the files are part of the program.

mod canonical;
mod compose;
mod print;
mod sources;

use std::sync::LazyLock;

pub use compose::{ComposeError, compose};
pub use print::print;
pub use sources::SOURCES;

use crate::record::Record;

/// A record's schema in today's version.
pub(crate) struct Composed {
    /// One line of JSON.
    pub(crate) text: String,
    /// CRC-64-AVRO of its parsing canonical form.
    pub(crate) fingerprint: u64,
    /// Parsed.
    pub(crate) json: serde_json::Value,
}

static COMPOSED: LazyLock<Vec<Composed>> = LazyLock::new(|| {
    Record::ALL
        .iter()
        .map(|record| {
            let path = latest(record.folder()).expect("every record has a schema file");
            let json = compose(path).expect("the schema files compose");
            let text = print(&json);
            let fingerprint = fingerprint(&text).expect("the schema files are Avro schemas");
            Composed { text, fingerprint, json }
        })
        .collect()
});

pub(crate) fn composed(record: Record) -> &'static Composed {
    &COMPOSED[record as usize]
}

/// Every version of a record's schema as composed text, oldest first.
pub fn versions(record: Record) -> Result<Vec<String>, ComposeError> {
    paths(record.folder()).map(|path| Ok(print(&compose(path)?))).collect()
}

/// CRC-64-AVRO of a schema in parsing canonical form, the same that Avro for Java and Python give.
/// Single-object encoding writes its lowest byte first.
pub fn fingerprint(schema: &str) -> Result<u64, NotASchema> {
    let schema = apache_avro::Schema::parse_str(schema).map_err(|_| NotASchema)?;
    Ok(canonical::crc64(canonical::canonical(&schema).as_bytes()))
}

/// A text that is no Avro schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("SP-1440: not an Avro schema; check its JSON and type names")]
pub struct NotASchema;

fn paths(folder: &str) -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|(path, _)| *path).filter(move |path| {
        path.strip_prefix(folder).and_then(|it| it.strip_prefix("/v")).is_some()
    })
}

fn latest(folder: &str) -> Option<&'static str> {
    paths(folder).last()
}
