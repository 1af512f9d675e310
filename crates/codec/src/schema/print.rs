//! A schema as one line of JSON with attributes in a fixed order, so that the same schema is the
//! same text in every build.

use serde_json::{Map, Value};

const ORDER: &[&str] = &[
    "name",
    "type",
    "namespace",
    "doc",
    "logicalType",
    "symbols",
    "size",
    "items",
    "fields",
    "personal",
    "default",
];

/// The text of a schema.
pub fn print(schema: &Value) -> String {
    let mut out = String::new();
    put(schema, &mut out);
    out
}

fn put(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => put_object(map, out),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                put(item, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

fn put_object(map: &Map<String, Value>, out: &mut String) {
    let known = ORDER.iter().filter_map(|key| map.get_key_value(*key));
    let mut others: Vec<_> = map.iter().filter(|(key, _)| !ORDER.contains(&key.as_str())).collect();
    others.sort_by_key(|(key, _)| *key);
    out.push('{');
    for (i, (key, value)) in known.chain(others).enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push_str(&Value::from(key.as_str()).to_string());
        out.push(':');
        put(value, out);
    }
    out.push('}');
}
