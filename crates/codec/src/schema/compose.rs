//! One self-contained schema out of the files that make it up.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::sources::SOURCES;

/// Why the schema files do not fit together. Found by tests, not in the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// A path in `uses` names no file.
    #[error("SP-1441: no schema file {0}; add it to the list of sources")]
    NoFile(String),
    /// A file is not JSON.
    #[error("SP-1441: schema file {0} is not JSON")]
    NotJson(String),
    /// Two files define one name.
    #[error("SP-1441: {0} is defined twice; use one version of its file")]
    Twice(String),
    /// A type is referred to that no used file defines.
    #[error("SP-1441: {name} is not defined; add its file to `uses` of {path}")]
    Undefined {
        /// The type.
        name: String,
        /// The file composed.
        path: String,
    },
}

const PRIMITIVES: &[&str] =
    &["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

/// The schema of a file with every named type inlined at its first use.
pub fn compose(path: &str) -> Result<Value, ComposeError> {
    let mut library = BTreeMap::new();
    let root = load(path, &mut library, &mut BTreeSet::new())?;
    let mut composer = Composer { path, library, defined: BTreeSet::new() };
    composer.inline(&root, "")
}

/// Reads a file and, into the library, the definitions of all files below it.
fn load(
    path: &str,
    library: &mut BTreeMap<String, Value>,
    seen: &mut BTreeSet<String>,
) -> Result<Value, ComposeError> {
    let (_, text) = SOURCES
        .iter()
        .find(|(it, _)| *it == path)
        .ok_or_else(|| ComposeError::NoFile(path.to_owned()))?;
    let json: Value =
        serde_json::from_str(text).map_err(|_| ComposeError::NotJson(path.to_owned()))?;
    for used in json["uses"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !seen.insert(used.to_owned()) {
            continue;
        }
        let definitions = match load(used, library, seen)? {
            Value::Array(several) => several,
            one => vec![one],
        };
        for definition in definitions {
            let name = full_name(&definition, "");
            if library.insert(name.clone(), definition).is_some() {
                return Err(ComposeError::Twice(name));
            }
        }
    }
    Ok(json)
}

fn full_name(definition: &Value, namespace: &str) -> String {
    let namespace = definition["namespace"].as_str().unwrap_or(namespace);
    format!("{namespace}.{}", definition["name"].as_str().unwrap_or_default())
}

struct Composer<'a> {
    path: &'a str,
    library: BTreeMap<String, Value>,
    defined: BTreeSet<String>,
}

impl Composer<'_> {
    /// A type with references replaced; `namespace` is the enclosing one.
    fn inline(&mut self, schema: &Value, namespace: &str) -> Result<Value, ComposeError> {
        match schema {
            Value::String(name) => self.inline_name(name),
            Value::Array(branches) => {
                branches.iter().map(|it| self.inline(it, namespace)).collect()
            }
            Value::Object(map) => self.inline_object(schema, map, namespace),
            other => Ok(other.clone()),
        }
    }

    fn inline_name(&mut self, name: &str) -> Result<Value, ComposeError> {
        if PRIMITIVES.contains(&name) || self.defined.contains(name) {
            return Ok(Value::from(name));
        }
        match self.library.get(name).cloned() {
            Some(definition) => self.inline(&definition, ""),
            None => {
                Err(ComposeError::Undefined { name: name.to_owned(), path: self.path.to_owned() })
            }
        }
    }

    fn inline_object(
        &mut self,
        schema: &Value,
        map: &Map<String, Value>,
        namespace: &str,
    ) -> Result<Value, ComposeError> {
        let mut out = map.clone();
        out.remove("uses");
        let namespace = map.get("namespace").and_then(Value::as_str).unwrap_or(namespace);
        if map.contains_key("name") {
            self.defined.insert(full_name(schema, namespace));
        }
        if let Some(items) = map.get("items") {
            out.insert("items".into(), self.inline(items, namespace)?);
        }
        if let Some(Value::Array(fields)) = map.get("fields") {
            let fields = fields.iter().map(|it| self.inline_field(it, namespace));
            out.insert("fields".into(), Value::Array(fields.collect::<Result<_, _>>()?));
        }
        Ok(Value::Object(out))
    }

    fn inline_field(&mut self, field: &Value, namespace: &str) -> Result<Value, ComposeError> {
        let mut out = field.clone();
        out["type"] = self.inline(&field["type"], namespace)?;
        Ok(out)
    }
}
