//! `FULL_TRANSITIVE`: every version reads every other.

use std::collections::HashMap;

use apache_avro::Schema;
use apache_avro::schema::Name;
use apache_avro::schema_compatibility::{Compatibility, SchemaCompatibility};

use super::{Finding, finding, unparsable};

/// Pairs of versions (oldest first) of which one cannot read all that the other writes. A pair
/// that can only read some ("partial") is one too.
pub fn compatible(versions: &[&str]) -> Vec<Finding> {
    let mut schemas = Vec::new();
    for (i, text) in versions.iter().enumerate() {
        match Schema::parse_str(text) {
            Ok(schema) => schemas.push(spell_out(&schema, &mut HashMap::new())),
            Err(_) => return vec![unparsable(&format!("v{}", i + 1))],
        }
    }
    let mut findings = Vec::new();
    for (w, writer) in schemas.iter().enumerate() {
        for (r, reader) in schemas.iter().enumerate() {
            let remedy = match SchemaCompatibility::can_read(writer, reader) {
                Ok(Compatibility::Full) => continue,
                Ok(Compatibility::Partial) => "some records could not be read".to_owned(),
                Err(error) => error.to_string(),
            };
            let path = format!("v{} reading v{}", r + 1, w + 1);
            let remedy = format!("{remedy}; make the change with defaults, or as a new record");
            findings.push(finding("SP-1451", &path, remedy));
        }
    }
    findings
}

/// Puts definitions in place of names, because the comparison does not look names up: a type may
/// be defined at another place in another version. A type inside itself stays a name.
fn spell_out(schema: &Schema, known: &mut HashMap<Name, Schema>) -> Schema {
    let mut out = schema.clone();
    match &mut out {
        Schema::Ref { name } => return known.get(name).cloned().unwrap_or(out),
        Schema::Record(record) => {
            for field in &mut record.fields {
                field.schema = spell_out(&field.schema, known);
            }
        }
        Schema::Array(array) => *array.items = spell_out(&array.items, known),
        Schema::Map(map) => *map.types = spell_out(&map.types, known),
        Schema::Union(union) => {
            let variants = union.variants().iter().map(|it| spell_out(it, known)).collect();
            match apache_avro::schema::UnionSchema::new(variants) {
                Ok(spelled) => *union = spelled,
                Err(_) => return out,
            }
        }
        _ => {}
    }
    if let Some(name) = out.name() {
        known.insert(name.clone(), out.clone());
    }
    out
}
