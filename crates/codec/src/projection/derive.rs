//! From a rule to a projection: checks the paths, then walks the schema of the log record once,
//! writing the derived schema and the program side by side.

use std::collections::BTreeSet;

use saphan_model::contract::{IdentityMode, Rule};
use saphan_model::{AgencyId, EventType};
use serde_json::{Map, Value, json};

use super::library::{Field, Form, Library, Typed};
use super::paths::{self, Select};
use super::program::{Kind, Op, stop_early, tighten};
use super::{Projection, ProjectionError};
use crate::record::Record;
use crate::schema::{composed, print};

const ENVELOPE: &str = "envelope.";

/// An event that moves between patients is put and retracted through different partitions, which are
/// read in any order: this is what a reader goes by.
const VERSION: &str = "Grows with every change of this event, whoever's it was; of two records of an \
    event the one with the greater version holds.";

/// Envelope fields a rule cannot name, and why.
const RESERVED: &[(&str, &str)] = &[
    ("envelope.event_id", "it is always delivered; remove it"),
    ("envelope.revision", "it is always delivered; remove it"),
    ("envelope.sequence", "it is delivered as `version`; remove it"),
    ("envelope.patient", "an agency knows the patient by `identity` only; remove it"),
    ("envelope.sealed_citizen_id", "an agency knows the patient by `identity` only; remove it"),
];

pub(super) fn derive(agency: &AgencyId, rule: &Rule) -> Result<Projection, ProjectionError> {
    if !EventType::DELIVERABLE.contains(&rule.event_type) {
        return Err(ProjectionError::Undeliverable(rule.event_type));
    }
    let record = Record::of_log(rule.event_type);
    let root = Typed::root(&composed(record).json);
    let library = Library::new(root);
    let unsupported = || ProjectionError::Unsupported(record.name().to_owned());
    let [envelope, body] =
        library.fields(root).and_then(|fields| fields.try_into().ok()).ok_or_else(unsupported)?;
    let (of_envelope, of_body) = select(rule)?;

    let agency_part = agency.as_str().replace('-', "_");
    let type_name = record.name().rsplit('.').next().unwrap_or_default();
    let namespace = format!("th.saphan.agency.{agency_part}");
    let inner = format!("{namespace}.{}", rule.event_type.as_str().replace('-', "_"));
    let mut walk = Walk { library: &library, rule, namespace: inner, names: BTreeSet::new() };

    let mut fields = walk.head();
    let mut envelope_ops = None;
    if !of_envelope.is_none() {
        let (schema, ops) = walk.value(envelope.schema, &of_envelope, ENVELOPE)?;
        fields.push(nullable("envelope", &schema, "Facts about the event; null in a retraction."));
        envelope_ops = Some(stop_early(tighten(ops)));
    }
    let (schema, ops) = walk.value(body.schema, &of_body, "")?;
    fields.push(nullable("body", &schema, "What the event says; null in a retraction."));
    let schema = json!({
        "type": "record",
        "name": type_name,
        "namespace": namespace,
        "doc": format!("What {agency} receives of events of type {}.", rule.event_type),
        "fields": fields,
    });
    Ok(Projection {
        name: format!("{namespace}.{type_name}"),
        schema: print(&schema),
        event_type: rule.event_type,
        identity: rule.identity,
        envelope: envelope_ops,
        body: stop_early(tighten(ops)),
    })
}

/// Every path a rule for a type may name, sorted.
pub(super) fn existing_paths(event_type: EventType) -> Vec<String> {
    if !EventType::DELIVERABLE.contains(&event_type) {
        return Vec::new();
    }
    let root = Typed::root(&composed(Record::of_log(event_type)).json);
    let library = Library::new(root);
    let fields = library.fields(root).unwrap_or_default();
    let prefixes = [ENVELOPE, ""];
    let mut existing: Vec<String> = fields
        .iter()
        .zip(prefixes)
        .flat_map(|(field, prefix)| paths::all(&library, field.schema, prefix))
        .filter(|path| !RESERVED.iter().any(|(it, _)| it == path))
        .collect();
    existing.sort();
    existing
}

/// What the rule's paths select of envelope and body.
fn select(rule: &Rule) -> Result<(Select, Select), ProjectionError> {
    let existing = existing_paths(rule.event_type);
    let (mut of_envelope, mut of_body) = (Select::none(), Select::none());
    for path in &rule.fields {
        if let Some((_, reason)) = RESERVED.iter().find(|(it, _)| it == path) {
            return Err(ProjectionError::Reserved { path: path.clone(), reason });
        }
        if !existing.contains(path) {
            return Err(paths::unknown(rule.event_type, path, &existing));
        }
        let added = match path.strip_prefix(ENVELOPE) {
            Some(path) => of_envelope.add(path),
            None => of_body.add(path),
        };
        if !added {
            return Err(ProjectionError::Repeated(path.clone()));
        }
    }
    if of_body.is_none() {
        return Err(ProjectionError::NoFields(rule.event_type));
    }
    Ok((of_envelope, of_body))
}

fn nullable(name: &str, schema: &Value, doc: &str) -> Value {
    json!({"name": name, "type": ["null", schema], "doc": doc, "default": null})
}

struct Walk<'a> {
    library: &'a Library<'a>,
    rule: &'a Rule,
    /// Namespace of all types inside the derived record.
    namespace: String,
    /// Names given in it so far.
    names: BTreeSet<String>,
}

impl Walk<'_> {
    /// The fields every delivery begins with.
    fn head(&mut self) -> Vec<Value> {
        let event_id = self.define(json!({"type": "fixed", "name": "EventId", "size": 16}));
        let revision = self.define(json!({"type": "fixed", "name": "Revision", "size": 16}));
        let action = self.define(json!({
            "type": "enum", "name": "Action", "symbols": ["upsert", "retract"],
            "doc": "Put the event in place of any earlier revision, or remove it.",
        }));
        let mut fields = vec![
            json!({"name": "event_id", "type": event_id, "doc": "The event's name for ever."}),
            json!({"name": "revision", "type": revision, "doc": "This content of the event."}),
            json!({"name": "action", "type": action, "doc": "What to do with the event."}),
            // The default lets it follow schemas that were registered without it.
            json!({"name": "version", "type": "long", "doc": VERSION, "default": 0}),
        ];
        match self.rule.identity {
            IdentityMode::None => {}
            IdentityMode::AgencyPseudonym => {
                let patient = self.define(json!({"type": "fixed", "name": "Patient", "size": 16}));
                let doc = "The patient's pseudonym for this agency; shared with no other.";
                fields.push(nullable("patient", &patient, doc));
            }
            IdentityMode::CitizenId => {
                let doc = "Citizen id, 13 digits; null for a person known by local number only.";
                fields.push(nullable("citizen_id", &json!("string"), doc));
            }
        }
        fields
    }

    /// Gives a named type its place in the derived namespace.
    fn define(&mut self, mut definition: Value) -> Value {
        let name = definition["name"].as_str().unwrap_or_default().to_owned();
        let taken = |it: &String| self.names.contains(it);
        let free = std::iter::once(name.clone())
            .chain((2..).map(|n| format!("{name}{n}")))
            .find(|it| !taken(it))
            .expect("the numbers do not end");
        definition["name"] = json!(free);
        definition["namespace"] = json!(self.namespace);
        self.names.insert(free);
        definition
    }

    /// Derived schema and program of the selected part of a value.
    fn value(
        &mut self,
        schema: Typed<'_>,
        select: &Select,
        path: &str,
    ) -> Result<(Value, Vec<Op>), ProjectionError> {
        let schema = self.library.resolve(schema);
        let form = self.library.form(schema);
        match form.ok_or_else(|| ProjectionError::Unsupported(path.to_owned()))? {
            Form::Leaf(kind) => {
                let named = schema.json.get("name").is_some();
                let json = schema.json.clone();
                let json = if named { self.define(json) } else { json };
                Ok((json, vec![Op::Copy(kind)]))
            }
            Form::Nullable(inner) => {
                let (json, ops) = self.value(inner, select, path)?;
                let op = match <[Op; 1]>::try_from(ops) {
                    Ok([Op::Copy(kind)]) => Op::Copy(Kind::Nullable(Box::new(kind))),
                    Ok([op]) => Op::Nullable(vec![op]),
                    Err(ops) => Op::Nullable(ops),
                };
                Ok((json!(["null", json]), vec![op]))
            }
            Form::Array(items) => {
                let unsupported = || ProjectionError::Unsupported(path.to_owned());
                let least = self.library.kind(items).ok_or_else(unsupported)?.least_bytes();
                let (json, ops) = self.value(items, select, path)?;
                let op = match <[Op; 1]>::try_from(ops) {
                    Ok([Op::Copy(kind)]) => Op::Copy(Kind::Array(Box::new(kind))),
                    Ok([op]) => Op::Array(vec![op], least),
                    Err(ops) => Op::Array(ops, least),
                };
                Ok((json!({"type": "array", "items": json}), vec![op]))
            }
            Form::Record(fields) => self.record(schema, &fields, select, path),
        }
    }

    fn record(
        &mut self,
        schema: Typed<'_>,
        fields: &[Field<'_>],
        select: &Select,
        path: &str,
    ) -> Result<(Value, Vec<Op>), ProjectionError> {
        let (mut kept, mut ops) = (Vec::new(), Vec::new());
        for field in fields {
            let path = format!("{path}{}", field.name);
            let Some(select) = select.of(field.name) else {
                let kind = self.library.kind(field.schema);
                ops.push(Op::Skip(kind.ok_or(ProjectionError::Unsupported(path))?));
                continue;
            };
            self.allow(field, &path)?;
            let (json, steps) = self.value(field.schema, select, &format!("{path}."))?;
            let (json, default) = match json {
                Value::Array(_) => (json, Value::Null),
                Value::Object(ref it) if it["type"] == "array" => (json, json!([])),
                _ => {
                    ops.push(Op::Mark);
                    (json!(["null", json]), Value::Null)
                }
            };
            ops.extend(steps);
            kept.push(kept_field(field, &json, &default));
        }
        let definition = json!({
            "type": "record",
            "name": schema.json["name"],
            "doc": schema.json["doc"],
            "fields": kept,
        });
        Ok((self.define(definition), tighten(ops)))
    }

    /// Refuses a personal field where the identity must not let the person be known.
    fn allow(&self, field: &Field<'_>, path: &str) -> Result<(), ProjectionError> {
        let refused = match (self.rule.identity, field.json["personal"].as_str()) {
            (_, None) | (IdentityMode::CitizenId, _) => false,
            (IdentityMode::None, Some(_)) => true,
            (IdentityMode::AgencyPseudonym, Some(kind)) => kind == "identifier",
        };
        if refused {
            let path = path.to_owned();
            return Err(ProjectionError::Identifying { path, identity: self.rule.identity });
        }
        Ok(())
    }
}

fn kept_field(field: &Field<'_>, schema: &Value, default: &Value) -> Value {
    let mut kept = Map::new();
    kept.insert("name".into(), json!(field.name));
    kept.insert("type".into(), schema.clone());
    for key in ["doc", "personal"] {
        if let Some(value) = field.json.get(key) {
            kept.insert(key.into(), value.clone());
        }
    }
    kept.insert("default".into(), default.clone());
    Value::Object(kept)
}
