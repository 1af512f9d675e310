//! Files a reader can hold in mind: 500 lines at most, tests excluded.

use super::files::{product_sources, read};

const LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;

#[test]
fn no_source_file_is_longer_than_its_limit() {
    let long: Vec<String> = product_sources()
        .iter()
        .filter_map(|path| {
            let text = read(path)?;
            let lines = text.lines().take_while(|it| *it != "#[cfg(test)]").count();
            (lines > LINES_MAX).then(|| format!("{}: {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "split these files (limit {LINES_MAX}):\n{}", long.join("\n"));
}

#[test]
fn no_function_is_longer_than_its_limit() {
    let mut long = Vec::new();
    for path in product_sources() {
        let text = read(&path).unwrap_or_default();
        for (name, lines) in functions(&text) {
            if lines > FUNCTION_LINES_MAX {
                long.push(format!("{}: {name} has {lines} lines", path.display()));
            }
        }
    }
    assert!(
        long.is_empty(),
        "cut these functions (limit {FUNCTION_LINES_MAX}):\n{}",
        long.join("\n")
    );
}

/// Name and length of each function, by the indentation rustfmt gives its closing brace.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = line.len() - line.trim_start().len();
        let close = format!("{}}}", " ".repeat(indent));
        if let Some(length) = lines[start..].iter().position(|it| *it == close) {
            found.push((name.to_owned(), length + 1));
        }
    }
    found
}

fn function_name(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    for word in ["pub(crate) ", "pub(super) ", "pub ", "const ", "async ", "unsafe "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let name = rest.strip_prefix("fn ")?;
    name.split(['(', '<']).next()
}

#[test]
fn functions_are_measured() {
    let text =
        "fn a() {\n    1;\n}\n\nimpl B {\n    pub fn c(\n        &self,\n    ) {\n    }\n}\n";
    assert_eq!(functions(text), [("a".to_owned(), 3), ("c".to_owned(), 4)]);
}
