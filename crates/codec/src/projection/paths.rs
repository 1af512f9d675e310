//! Field paths of a rule: which exist, which are meant, and the nearest to one that does not.

use std::collections::BTreeMap;

use saphan_model::EventType;

use super::ProjectionError;
use super::library::{Form, Library, Typed};

/// Which parts of a record are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Select {
    /// All of it.
    All,
    /// Some fields, each in part or whole.
    Some(BTreeMap<String, Select>),
}

impl Select {
    /// Nothing yet.
    pub(super) const fn none() -> Self {
        Self::Some(BTreeMap::new())
    }

    /// Is nothing selected?
    pub(super) fn is_none(&self) -> bool {
        matches!(self, Self::Some(fields) if fields.is_empty())
    }

    /// The part of a field that is taken.
    pub(super) fn of(&self, field: &str) -> Option<&Self> {
        match self {
            Self::All => Some(&Self::All),
            Self::Some(fields) => fields.get(field),
        }
    }

    /// Adds a path; false if it, or something over or under it, is there already.
    pub(super) fn add(&mut self, path: &str) -> bool {
        let Self::Some(fields) = self else { return false };
        let Some((first, rest)) = path.split_once('.') else {
            return fields.insert(path.to_owned(), Self::All).is_none();
        };
        fields.entry(first.to_owned()).or_insert_with(Self::none).add(rest)
    }
}

/// Every path there is below a record, itself excluded.
pub(super) fn all(library: &Library<'_>, root: Typed<'_>, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut todo = vec![(root, prefix.to_owned(), 0)];
    while let Some((schema, prefix, depth)) = todo.pop() {
        match library.form(schema) {
            Some(Form::Nullable(inner) | Form::Array(inner)) => todo.push((inner, prefix, depth)),
            Some(Form::Record(fields)) if depth < 8 => {
                for field in fields {
                    let path = format!("{prefix}{}", field.name);
                    todo.push((field.schema, format!("{path}."), depth + 1));
                    found.push(path);
                }
            }
            _ => {}
        }
    }
    found
}

/// The error for a path that is not among those there are.
pub(super) fn unknown(event_type: EventType, path: &str, existing: &[String]) -> ProjectionError {
    let last = |path: &str| path.rsplit('.').next().map(str::to_owned);
    let nearest = existing.iter().min_by_key(|it| (last(path) != last(it), distance(path, it)));
    ProjectionError::UnknownField {
        event_type,
        path: path.to_owned(),
        nearest: nearest.cloned().unwrap_or_default(),
    }
}

/// Edit distance (Levenshtein), over bytes.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == y { diagonal } else { 1 + diagonal.min(above).min(row[j]) };
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_of_words() {
        for (a, b, n) in [("", "abc", 3), ("kitten", "sitting", 3), ("code", "code", 0)] {
            assert_eq!(distance(a, b), n, "{a} {b}");
        }
    }

    #[test]
    fn a_path_over_or_under_another_is_a_repeat() {
        for (first, second, ok) in [
            ("a", "b", true),
            ("a.b", "a.c", true),
            ("a", "a", false),
            ("a", "a.b", false),
            ("a.b", "a", false),
        ] {
            let mut select = Select::none();
            assert!(select.add(first));
            assert_eq!(select.add(second), ok, "{first} {second}");
        }
    }
}
