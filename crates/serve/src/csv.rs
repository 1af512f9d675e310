//! A table as CSV (RFC 4180), in UTF-8 with a byte order mark, which spreadsheets need for Thai.

use crate::view::Table;

/// The same figures as the page, no more.
pub fn write(table: &Table) -> String {
    let mut text = String::from("\u{feff}");
    line(&mut text, table.head.iter().map(String::as_str));
    for row in &table.rows {
        let figures: Vec<String> = row.figures.iter().map(|it| it.csv()).collect();
        let code = table.coded.then_some(row.code.as_str());
        let head = code.into_iter().chain([row.head.as_str()]);
        line(&mut text, head.chain(figures.iter().map(String::as_str)));
    }
    text
}

fn line<'a>(text: &mut String, fields: impl Iterator<Item = &'a str>) {
    for (i, it) in fields.enumerate() {
        if i > 0 {
            text.push(',');
        }
        field(text, it);
    }
    text.push_str("\r\n");
}

/// A spreadsheet takes a field that begins like a formula for one: such a field gets an apostrophe.
fn field(text: &mut String, value: &str) {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = formula || value.contains([',', '"', '\n', '\r']);
    if !quoted {
        text.push_str(value);
        return;
    }
    text.push('"');
    if formula {
        text.push('\'');
    }
    text.push_str(&value.replace('"', "\"\""));
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::field;

    #[track_caller]
    fn check(value: &str, expected: &str) {
        let mut text = String::new();
        field(&mut text, value);
        assert_eq!(text, expected);
    }

    #[test]
    fn fields_are_quoted_when_they_must_be() {
        check("plain", "plain");
        check("<5", "<5");
        check("a,b", "\"a,b\"");
        check("say \"a\"", "\"say \"\"a\"\"\"");
        check("two\nlines", "\"two\nlines\"");
    }

    #[test]
    fn formulas_are_disarmed() {
        for value in ["=1+1", "+1", "-1", "@x", "\t=1"] {
            check(value, &format!("\"'{value}\""));
        }
    }
}
