//! A composed schema with its named types at hand, read as the few forms projections know.

use std::collections::HashMap;

use serde_json::Value;

use super::program::Kind;

/// Named types of one composed schema.
pub(super) struct Library<'a> {
    types: HashMap<String, Typed<'a>>,
}

/// A schema with the namespace it stands in.
#[derive(Clone, Copy)]
pub(super) struct Typed<'a> {
    pub(super) json: &'a Value,
    namespace: &'a str,
}

/// The forms of a schema.
pub(super) enum Form<'a> {
    Leaf(Kind),
    Nullable(Typed<'a>),
    Array(Typed<'a>),
    Record(Vec<Field<'a>>),
}

/// A field of a record.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    pub(super) json: &'a Value,
    pub(super) schema: Typed<'a>,
}

impl<'a> Typed<'a> {
    /// A whole schema, outside any namespace.
    pub(super) const fn root(json: &'a Value) -> Self {
        Self { json, namespace: "" }
    }

    fn inside(self, json: &'a Value) -> Self {
        Self { json, namespace: self.json["namespace"].as_str().unwrap_or(self.namespace) }
    }

    fn children(self) -> Vec<Self> {
        match self.json {
            Value::Array(branches) => branches.iter().map(|it| self.inside(it)).collect(),
            Value::Object(map) => {
                let fields = map.get("fields").and_then(Value::as_array).into_iter().flatten();
                let fields = fields.map(|it| self.inside(&it["type"]));
                map.get("items").map(|it| self.inside(it)).into_iter().chain(fields).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl<'a> Library<'a> {
    pub(super) fn new(root: Typed<'a>) -> Self {
        let mut types = HashMap::new();
        let mut todo = vec![root];
        while let Some(it) = todo.pop() {
            if let Some(name) = it.json["name"].as_str() {
                let namespace = it.json["namespace"].as_str().unwrap_or(it.namespace);
                types.insert(format!("{namespace}.{name}"), it);
            }
            todo.extend(it.children());
        }
        Self { types }
    }

    /// The schema itself where a name stands for it.
    pub(super) fn resolve(&self, schema: Typed<'a>) -> Typed<'a> {
        match schema.json.as_str().and_then(|name| self.types.get(name)) {
            Some(definition) => *definition,
            None => schema,
        }
    }

    /// The fields of a record schema.
    pub(super) fn fields(&self, schema: Typed<'a>) -> Option<Vec<Field<'a>>> {
        match self.form(schema)? {
            Form::Record(fields) => Some(fields),
            _ => None,
        }
    }

    /// The form of a schema; none if it is one projections do not know.
    pub(super) fn form(&self, schema: Typed<'a>) -> Option<Form<'a>> {
        let schema = self.resolve(schema);
        if let Value::Array(branches) = schema.json {
            let [null, value] = branches.as_slice() else { return None };
            return (null == "null").then(|| Form::Nullable(schema.inside(value)));
        }
        let name = schema.json.as_str().or_else(|| schema.json["type"].as_str())?;
        Some(match name {
            "array" => Form::Array(schema.inside(&schema.json["items"])),
            "record" => {
                let fields = schema.json["fields"].as_array()?.iter();
                let field = |json: &'a Value| {
                    let name = json["name"].as_str()?;
                    Some(Field { name, json, schema: schema.inside(&json["type"]) })
                };
                Form::Record(fields.map(field).collect::<Option<_>>()?)
            }
            "boolean" => Form::Leaf(Kind::Bool),
            "int" => Form::Leaf(Kind::Int),
            "long" => Form::Leaf(Kind::Long),
            "double" => Form::Leaf(Kind::Fixed(8)),
            "string" => Form::Leaf(Kind::Text),
            "bytes" => Form::Leaf(Kind::Bytes),
            "fixed" => {
                Form::Leaf(Kind::Fixed(usize::try_from(schema.json["size"].as_u64()?).ok()?))
            }
            "enum" => Form::Leaf(Kind::Enum(schema.json["symbols"].as_array()?.len())),
            _ => return None,
        })
    }

    /// The wire kind of a whole schema; none for forms unknown or without end.
    pub(super) fn kind(&self, schema: Typed<'a>) -> Option<Kind> {
        self.kind_within(schema, 16)
    }

    fn kind_within(&self, schema: Typed<'a>, levels: usize) -> Option<Kind> {
        let levels = levels.checked_sub(1)?;
        Some(match self.form(schema)? {
            Form::Leaf(kind) => kind,
            Form::Nullable(inner) => Kind::Nullable(Box::new(self.kind_within(inner, levels)?)),
            Form::Array(items) => Kind::Array(Box::new(self.kind_within(items, levels)?)),
            Form::Record(fields) => {
                let kinds = fields.iter().map(|it| self.kind_within(it.schema, levels));
                Kind::Record(kinds.collect::<Option<_>>()?)
            }
        })
    }
}
