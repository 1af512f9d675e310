//! Rules for a schema as the successor of another.

use apache_avro::Schema;
use apache_avro::schema::{EnumSchema, RecordSchema};

use super::single::root_path;
use super::{ENVELOPE, Finding, Names, finding, full_name};

pub(super) fn check<'s>(
    (old, old_names): (&'s Schema, &Names<'s>),
    (new, new_names): (&'s Schema, &Names<'s>),
) -> Vec<Finding> {
    let mut walk = Walk { old_names, new_names, seen: Vec::new(), findings: Vec::new() };
    walk.compare(old, new, &root_path(old));
    walk.findings
}

struct Walk<'w, 's> {
    old_names: &'w Names<'s>,
    new_names: &'w Names<'s>,
    seen: Vec<String>,
    findings: Vec<Finding>,
}

impl<'s> Walk<'_, 's> {
    fn add(&mut self, code: &'static str, path: &str, remedy: impl Into<String>) {
        self.findings.push(finding(code, path, remedy));
    }

    fn compare(&mut self, old: &'s Schema, new: &'s Schema, path: &str) {
        let old = self.old_names.resolve(old);
        let new = self.new_names.resolve(new);
        if let (Some(before), Some(after)) = (old.name(), new.name()) {
            let (before, after) = (full_name(before), full_name(after));
            if before != after {
                self.add(
                    "SP-1442",
                    path,
                    format!("keep the name {before}; {after} is another type"),
                );
                return;
            }
        }
        match (old, new) {
            (Schema::Record(old), Schema::Record(new)) => self.records(old, new, path),
            (Schema::Enum(old), Schema::Enum(new)) => self.enums(old, new, path),
            (Schema::Array(old), Schema::Array(new)) => self.compare(&old.items, &new.items, path),
            (Schema::Map(old), Schema::Map(new)) => self.compare(&old.types, &new.types, path),
            (Schema::Fixed(old), Schema::Fixed(new)) if old.size == new.size => {}
            (Schema::Union(old), Schema::Union(new))
                if old.variants().len() == new.variants().len() =>
            {
                for (old, new) in old.variants().iter().zip(new.variants()) {
                    self.compare(old, new, path);
                }
            }
            (Schema::Fixed(_), Schema::Fixed(_)) | (Schema::Union(_), Schema::Union(_)) => {
                self.type_changed(path);
            }
            _ => self.leaves(old, new, path),
        }
    }

    fn leaves(&mut self, old: &Schema, new: &Schema, path: &str) {
        let same = std::mem::discriminant(old) == std::mem::discriminant(new);
        if same && !matches!(old, Schema::Decimal(_)) || old == new {
            return;
        }
        if base(old) == base(new) {
            let remedy = "keep the logical type; readers would take the same number for another \
                          day or instant. Add a new field instead";
            self.add("SP-1444", path, remedy);
        } else {
            self.type_changed(path);
        }
    }

    fn type_changed(&mut self, path: &str) {
        self.add("SP-1443", path, "keep the type; add a new field with a default instead");
    }

    fn records(&mut self, old: &'s RecordSchema, new: &'s RecordSchema, path: &str) {
        let name = full_name(&old.name);
        if self.seen.contains(&name) {
            return;
        }
        if name == ENVELOPE
            && !old.fields.iter().map(|it| &it.name).eq(new
                .fields
                .iter()
                .take(old.fields.len())
                .map(|it| &it.name))
        {
            let remedy = "keep the envelope's fields where they are and add new ones at its end";
            self.add("SP-1448", path, remedy);
        }
        self.seen.push(name);
        for field in &old.fields {
            let path = format!("{path}.{}", field.name);
            let Some(after) = new.fields.iter().find(|it| it.name == field.name) else {
                if field.default.is_none() {
                    self.add(
                        "SP-1450",
                        &path,
                        "keep the field; older readers have no default for it",
                    );
                }
                continue;
            };
            let personal = |it: &apache_avro::schema::RecordField| {
                it.custom_attributes.get("personal").cloned()
            };
            if personal(field).is_some() && personal(field) != personal(after) {
                let remedy = "keep the `personal` mark; contracts rely on it to refuse the field";
                self.add("SP-1452", &path, remedy);
            }
            self.compare(&field.schema, &after.schema, &path);
        }
        for field in &new.fields {
            if !old.fields.iter().any(|it| it.name == field.name) && field.default.is_none() {
                let path = format!("{path}.{}", field.name);
                self.add("SP-1446", &path, "give the new field a default; old records lack it");
            }
        }
    }

    fn enums(&mut self, old: &EnumSchema, new: &EnumSchema, path: &str) {
        if !new.symbols.starts_with(&old.symbols) {
            let remedy = "keep every symbol in its place and add new ones at the end";
            self.add("SP-1445", path, remedy);
        }
    }
}

/// The type under a logical type.
fn base(schema: &Schema) -> &'static str {
    match schema {
        Schema::Int | Schema::Date | Schema::TimeMillis => "int",
        Schema::Long
        | Schema::TimeMicros
        | Schema::TimestampMillis
        | Schema::TimestampMicros
        | Schema::TimestampNanos
        | Schema::LocalTimestampMillis
        | Schema::LocalTimestampMicros
        | Schema::LocalTimestampNanos => "long",
        Schema::Bytes | Schema::BigDecimal | Schema::Decimal(_) => "bytes",
        Schema::String | Schema::Uuid(_) => "string",
        Schema::Fixed(_) | Schema::Duration(_) => "fixed",
        Schema::Null => "null",
        Schema::Boolean => "boolean",
        Schema::Float => "float",
        Schema::Double => "double",
        Schema::Array(_) => "array",
        Schema::Map(_) => "map",
        Schema::Union(_) => "union",
        Schema::Record(_) => "record",
        Schema::Enum(_) => "enum",
        Schema::Ref { .. } => "name",
    }
}
