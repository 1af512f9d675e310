//! Rules for a schema by itself.

use apache_avro::Schema;
use apache_avro::schema::EnumSchema;

use super::{ENVELOPE, Finding, Names, finding, full_name};

/// Enums without a default symbol, and why no symbol is a safe reading of one not yet known. To
/// add a symbol to one of these, every reader must be updated first.
pub(super) const WITHOUT_DEFAULT: &[(&str, &str)] = &[
    ("Label", "a label not known must stop the reader, or sensitive data would pass as ordinary"),
    ("Purpose", "a purpose not known must not be read as one that a directive permits or denies"),
    ("Grantor", "who gave a directive must not be guessed"),
    ("Method", "how a directive was given must not be guessed"),
    ("BasisKind", "a legal basis must not be guessed"),
    ("OutcomeKind", "whether data left the platform must not be guessed"),
    ("Action", "an action not known must neither store nor remove"),
];

pub(super) fn check(schema: &Schema, names: &Names<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut walk = Walk { names, seen: Vec::new(), findings: &mut findings };
    walk.visit(schema, &root_path(schema));
    if let Schema::Record(record) = schema
        && full_name(&record.name).starts_with("th.saphan.log.")
    {
        let first = record.fields.first();
        let is_envelope = first.is_some_and(|it| match names.resolve(&it.schema) {
            Schema::Record(inner) => it.name == "envelope" && full_name(&inner.name) == ENVELOPE,
            _ => false,
        });
        if !is_envelope {
            let remedy = "make `envelope` the first field; routing reads it and stops";
            findings.push(finding("SP-1448", &root_path(schema), remedy));
        }
    }
    findings
}

pub(super) fn root_path(schema: &Schema) -> String {
    schema.name().map(full_name).unwrap_or_default()
}

struct Walk<'w, 's> {
    names: &'w Names<'s>,
    seen: Vec<String>,
    findings: &'w mut Vec<Finding>,
}

impl Walk<'_, '_> {
    fn visit(&mut self, schema: &Schema, path: &str) {
        match schema {
            Schema::Record(record) => {
                self.seen.push(full_name(&record.name));
                for field in &record.fields {
                    self.visit(&field.schema, &format!("{path}.{}", field.name));
                }
            }
            Schema::Array(array) => {
                if self.is_empty(&array.items, 0) {
                    let remedy = "give the items at least one byte; a count alone could claim \
                                  billions of them";
                    self.findings.push(finding("SP-1447", path, remedy));
                }
                self.visit(&array.items, path);
            }
            Schema::Map(map) => self.visit(&map.types, path),
            Schema::Union(union) => {
                for branch in union.variants() {
                    self.visit(branch, path);
                }
            }
            Schema::Enum(it) => self.default_of(it, path),
            _ => {}
        }
    }

    fn default_of(&mut self, it: &EnumSchema, path: &str) {
        let simple = it.name.name();
        let simple = simple.trim_end_matches(|c: char| c.is_ascii_digit());
        let excused = WITHOUT_DEFAULT.iter().any(|(name, _)| *name == simple);
        if it.default.is_none() && !excused {
            let remedy = "name a default symbol that is a safe reading of one not yet known, or \
                          list the enum with the reason why there is none";
            self.findings.push(finding("SP-1449", path, remedy));
        }
    }

    /// Can a value take no byte at all?
    fn is_empty(&self, schema: &Schema, depth: usize) -> bool {
        match schema {
            Schema::Null => true,
            Schema::Fixed(fixed) => fixed.size == 0,
            Schema::Record(record) => {
                depth < 32 && record.fields.iter().all(|it| self.is_empty(&it.schema, depth + 1))
            }
            Schema::Ref { name } => match self.names.0.get_names().get(name) {
                Some(definition) if depth < 32 => self.is_empty(definition, depth + 1),
                _ => false,
            },
            _ => false,
        }
    }
}
