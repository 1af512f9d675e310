//! Reads SQL as far as the HTTP interface must: is it an INSERT with data to follow, and in which format.
//!
//! The engine does the real parsing; this only finds words outside quotes and comments.

/// An INSERT whose rows come in the body of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InsertHead {
    /// The statement without its FORMAT clause.
    pub(super) sql: String,
    /// Format of the rows.
    pub(super) format: String,
}

/// Reads `sql` as an INSERT that awaits rows. None when it is anything else, or brings its own rows
/// (`INSERT … SELECT`).
pub(super) fn insert_head(sql: &str) -> Option<InsertHead> {
    let words = words(sql);
    let is = |word: &Word<'_>, text: &str| word.text.eq_ignore_ascii_case(text);
    if !words.first().is_some_and(|it| is(it, "insert")) {
        return None;
    }
    if words.iter().any(|it| is(it, "select") || is(it, "with") || is(it, "watch")) {
        return None;
    }
    let head = |end: usize, format: &str| InsertHead {
        sql: sql[..end].trim_end().to_owned(),
        format: format.to_owned(),
    };
    let ends_after = |word: &Word<'_>| {
        let rest = &sql[word.start + word.text.len()..];
        rest.trim_matches(|it: char| it.is_whitespace() || it == ';').is_empty()
    };
    match &words[..] {
        [.., keyword, format] if is(keyword, "format") && ends_after(format) => {
            Some(head(keyword.start, format.text))
        }
        [.., values] if is(values, "values") && ends_after(values) => {
            Some(head(values.start, "Values"))
        }
        // `FORMAT X` further left, or `VALUES (…)`: the rows are in the statement itself.
        _ if words.iter().any(|it| is(it, "format") || is(it, "values")) => None,
        _ => Some(head(sql.trim_end().trim_end_matches(';').len(), "Values")),
    }
}

#[derive(Debug)]
struct Word<'a> {
    start: usize,
    text: &'a str,
}

/// The words of `sql` outside quotes, comments and parentheses, with their places.
fn words(sql: &str) -> Vec<Word<'_>> {
    let bytes = sql.as_bytes();
    let mut words = Vec::new();
    let mut depth = 0usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'\'' | b'"' | b'`') => at = after_quote(bytes, at + 1, quote),
            b'-' if bytes[at..].starts_with(b"--") => at = after(bytes, at, b"\n"),
            b'#' if matches!(bytes.get(at + 1), Some(b' ' | b'!')) => at = after(bytes, at, b"\n"),
            b'/' if bytes[at..].starts_with(b"/*") => at = after(bytes, at + 2, b"*/"),
            b'(' => {
                depth += 1;
                at += 1;
            }
            b')' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            it if is_word(it) => {
                let end =
                    bytes[at..].iter().position(|it| !is_word(*it)).map_or(bytes.len(), |n| at + n);
                if depth == 0 {
                    words.push(Word { start: at, text: &sql[at..end] });
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    words
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn after_quote(bytes: &[u8], mut at: usize, quote: u8) -> usize {
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            it if it == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn after(bytes: &[u8], at: usize, end: &[u8]) -> usize {
    let found = bytes[at..].windows(end.len()).position(|it| it == end);
    found.map_or(bytes.len(), |n| at + n + end.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sql: &str, expected: Option<(&str, &str)>) {
        let expected = expected
            .map(|(sql, format)| InsertHead { sql: sql.to_owned(), format: format.to_owned() });
        assert_eq!(insert_head(sql), expected);
    }

    #[test]
    fn an_insert_awaiting_rows_is_split_from_its_format() {
        check("INSERT INTO t FORMAT RowBinary", Some(("INSERT INTO t", "RowBinary")));
        check(
            "insert into t(a, b)\nformat JSONEachRow ;\n",
            Some(("insert into t(a, b)", "JSONEachRow")),
        );
        check(
            "INSERT INTO `format`(`values`) SETTINGS a = 1 FORMAT CSV",
            Some(("INSERT INTO `format`(`values`) SETTINGS a = 1", "CSV")),
        );
        check("INSERT INTO t VALUES", Some(("INSERT INTO t", "Values")));
        check(
            "/* FORMAT X */ INSERT INTO t -- c\n",
            Some(("/* FORMAT X */ INSERT INTO t -- c", "Values")),
        );
    }

    #[test]
    fn everything_else_is_left_to_the_engine() {
        check("SELECT 1 FORMAT CSV", None);
        check("INSERT INTO t SELECT 1", None);
        check("INSERT INTO t WITH 1 AS x SELECT x", None);
        check("INSERT INTO t VALUES (1)", None);
        check("INSERT INTO t VALUES ('a')", None);
        check("INSERT INTO t FORMAT JSONEachRow {\"a\":\"b\"}", None);
        check("INSERT INTO t FORMAT CSV 1,2", None);
        check("INSERT INTO t FORMAT JSONEachRow {\"a\":1}", None);
        check("", None);
    }
}
