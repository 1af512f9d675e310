//! Checks of schemas that registries miss, and `FULL_TRANSITIVE` compatibility of all versions.
//!
//! A registry compares what Avro resolution can bridge. Saphan also reads bytes by position, and
//! means what a logical type says; so symbols keep their places, logical types stay, records keep
//! their names, and the envelope only grows at its end.

mod change;
mod compatible;
mod single;

use apache_avro::Schema;
use apache_avro::schema::{Name, ResolvedSchema};

pub use compatible::compatible;

/// The record every log record begins with.
const ENVELOPE: &str = "th.saphan.Envelope";

/// Something wrong with a schema: where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable code, `SP-144x` or `SP-145x`.
    pub code: &'static str,
    /// The place in the schema, fields joined by dots, or the versions compared.
    pub path: String,
    /// What to do, one sentence.
    pub remedy: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}: {}", self.code, self.path, self.remedy)
    }
}

/// What is wrong with a schema by itself.
pub fn lint_one(schema: &str) -> Vec<Finding> {
    match Schema::parse_str(schema) {
        Ok(schema) => with_names(&schema, |names| single::check(&schema, names)),
        Err(_) => vec![unparsable("the schema")],
    }
}

/// What is wrong with a schema as the successor of another. Findings of [`lint_one`] included.
pub fn lint(old: &str, new: &str) -> Vec<Finding> {
    let Ok(old) = Schema::parse_str(old) else { return vec![unparsable("the old schema")] };
    let Ok(new) = Schema::parse_str(new) else { return vec![unparsable("the new schema")] };
    let mut findings = with_names(&new, |names| single::check(&new, names));
    let changes = with_names(&old, |old_names| {
        with_names(&new, |new_names| change::check((&old, old_names), (&new, new_names)))
    });
    findings.extend(changes);
    findings
}

/// Definitions by name.
struct Names<'s>(ResolvedSchema<'s>);

impl<'s> Names<'s> {
    /// The definition where a name stands for it.
    fn resolve(&self, schema: &'s Schema) -> &'s Schema {
        match schema {
            Schema::Ref { name } => self.0.get_names().get(name).copied().unwrap_or(schema),
            _ => schema,
        }
    }
}

fn with_names<'s>(
    schema: &'s Schema,
    then: impl FnOnce(&Names<'s>) -> Vec<Finding>,
) -> Vec<Finding> {
    match ResolvedSchema::try_from(schema) {
        Ok(names) => then(&Names(names)),
        Err(_) => vec![unparsable("the schema")],
    }
}

fn unparsable(path: &str) -> Finding {
    finding("SP-1440", path, "this is not an Avro schema; check its JSON and type names")
}

fn finding(code: &'static str, path: &str, remedy: impl Into<String>) -> Finding {
    Finding { code, path: path.to_owned(), remedy: remedy.into() }
}

fn full_name(name: &Name) -> String {
    name.fullname(None)
}
