//! A JSON value that knows where it stands.

use serde_json::Value;

use super::fault::{Code, Fault};

/// A value and its path from the resource.
#[derive(Clone)]
pub struct Node<'a> {
    value: &'a Value,
    path: String,
}

impl<'a> Node<'a> {
    /// The resource itself.
    pub const fn root(value: &'a Value) -> Self {
        Self { value, path: String::new() }
    }

    /// A fault here.
    pub fn fault(&self, code: Code) -> Fault {
        Fault { code, path: self.path.clone() }
    }

    /// A fault at an element below, there or missing.
    pub fn fault_at(&self, name: &str, code: Code) -> Fault {
        Fault { code, path: self.below(name) }
    }

    fn below(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// An element below; `None` when missing or null.
    pub fn get(&self, name: &str) -> Option<Node<'a>> {
        let value = self.value.get(name).filter(|it| !it.is_null())?;
        Some(Node { value, path: self.below(name) })
    }

    /// The items of an array below; none when missing.
    ///
    /// # Errors
    /// It is no array.
    pub fn items(&self, name: &str) -> Result<Vec<Node<'a>>, Fault> {
        let Some(node) = self.get(name) else { return Ok(Vec::new()) };
        let array = node.value.as_array().ok_or_else(|| node.fault(Code::Resource))?;
        let item = |(i, value)| Node { value, path: format!("{}[{i}]", node.path) };
        Ok(array.iter().enumerate().map(item).collect())
    }

    /// The value as text.
    pub fn text(&self) -> Option<&'a str> {
        self.value.as_str()
    }

    /// A text below; `None` when missing or of another type.
    pub fn text_at(&self, name: &str) -> Option<&'a str> {
        self.get(name)?.text()
    }

    /// Is the value `true`?
    pub fn truth(&self) -> bool {
        self.value == &Value::Bool(true)
    }

    /// Refuses elements that are not in the list.
    ///
    /// # Errors
    /// SP-1125 at the first other one, SP-1120 when this is no object.
    pub fn only(&self, known: &[&str]) -> Result<(), Fault> {
        let object = self.value.as_object().ok_or_else(|| self.fault(Code::Resource))?;
        match object.keys().find(|it| !known.contains(&it.as_str())) {
            None => Ok(()),
            Some(other) => Err(self.fault_at(shown(other), Code::Unsupported)),
        }
    }

    /// The code of a Coding whose system is the one given, or left out.
    ///
    /// # Errors
    /// SP-1126: no code, or a code of another system.
    pub fn code(&self, system: &str) -> Result<&'a str, Fault> {
        let same = self.text_at("system").is_none_or(|it| it == system);
        let code = self.text_at("code").filter(|_| same);
        code.ok_or_else(|| self.fault_at("code", Code::UnknownCode))
    }
}

/// An element name fit to be repeated; anything else could be a value in the wrong place.
fn shown(name: &str) -> &str {
    let plain = name.len() <= 40 && name.bytes().all(|it| it.is_ascii_alphabetic() || it == b'_');
    if plain { name } else { "?" }
}
