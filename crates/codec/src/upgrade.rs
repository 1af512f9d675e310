//! Records written under an older version of their schema, brought to today's bytes. Slow (Avro
//! schema resolution over values), which is right: old records are read once, in replays.

use std::io::Cursor as Reader;

use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::schema_compatibility::{Compatibility, SchemaCompatibility};
use apache_avro::writer::datum::GenericDatumWriter;

use crate::malformed::{Fault, Malformed};
use crate::record::Record;
use crate::schema::NotASchema;

/// From one older schema of a record to today's.
#[derive(Clone, Debug)]
pub(crate) struct Upgrade {
    writer: Schema,
    reader: Schema,
}

/// Why an older schema cannot be read under today's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpgradeError {
    /// It is no schema at all.
    #[error(transparent)]
    NotASchema(#[from] NotASchema),
    /// Today's schema cannot read all of it.
    #[error("SP-1427: today's schema of {0} cannot read this version; restore compatibility")]
    Incompatible(&'static str),
}

impl Upgrade {
    /// From an older schema of a record.
    pub(crate) fn new(record: Record, older: &str) -> Result<Self, UpgradeError> {
        let writer = Schema::parse_str(older).map_err(|_| NotASchema)?;
        let reader = Schema::parse_str(record.schema()).map_err(|_| NotASchema)?;
        match SchemaCompatibility::can_read(&writer, &reader) {
            Ok(Compatibility::Full) => Ok(Self { writer, reader }),
            _ => Err(UpgradeError::Incompatible(record.name())),
        }
    }

    /// Today's bytes of a value in the older schema.
    pub(crate) fn apply(&self, payload: &[u8]) -> Result<Vec<u8>, Malformed> {
        let fault = Malformed::new(Fault::Upgrade, 0);
        let mut input = Reader::new(payload);
        let value = GenericDatumReader::builder(&self.writer)
            .reader_schema(&self.reader)
            .build()
            .and_then(|it| it.read_value(&mut input))
            .map_err(|_| fault)?;
        if input.position() != payload.len() as u64 {
            return Err(Malformed::new(Fault::LeftOver, payload.len()));
        }
        GenericDatumWriter::builder(&self.reader)
            .build()
            .and_then(|it| it.write_value_to_vec(value))
            .map_err(|_| fault)
    }
}
