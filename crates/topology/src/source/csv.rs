//! Comma-separated tables with a header line, `#` comments and quoted cells (RFC 4180, without line
//! breaks inside a cell).

use super::Source;
use crate::problem::{Problem, Problems};

/// One row, in the order of the header asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row<const N: usize> {
    /// The line it stands on, from 1.
    pub line: usize,
    /// Its cells, without surrounding blanks.
    pub cells: [String; N],
}

/// Reads every row that has the right number of cells; the others become problems.
pub(crate) fn rows<const N: usize>(
    source: &Source,
    header: [&str; N],
    problems: &mut Problems,
) -> Vec<Row<N>> {
    let text = source.text().trim_start_matches('\u{feff}');
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(place, line)| (place + 1, line))
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let found = lines.next().map(|(line, text)| (line, cells(text)));
    let expected = header.map(str::to_owned);
    if found.as_ref().is_none_or(|(_, it)| it.as_deref() != Some(&expected)) {
        let line = found.map(|(line, _)| line);
        problems.add(malformed(source, line, "the header line is missing or different", &header));
        return Vec::new();
    }
    let mut rows = Vec::new();
    for (line, text) in lines {
        match cells(text).map(<[String; N]>::try_from) {
            Some(Ok(cells)) => rows.push(Row { line, cells }),
            Some(Err(cells)) => {
                let message = format!("the row has {} cells instead of {N}", cells.len());
                problems.add(malformed(source, Some(line), &message, &header));
            }
            None => problems.add(malformed(source, Some(line), "a quote is not closed", &header)),
        }
    }
    rows
}

fn malformed(source: &Source, line: Option<usize>, message: &str, header: &[&str]) -> Problem {
    source
        .problem("SP-1603", line, message)
        .hint(format!("the columns are {}; put cells with a comma in quotes", header.join(",")))
}

/// Splits a line; none when a quote stays open.
fn cells(line: &str) -> Option<Vec<String>> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(it) = characters.next() {
        match it {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            _ => cell.push(it),
        }
    }
    cells.push(cell);
    (!quoted).then(|| cells.iter().map(|it| it.trim().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::cells;

    #[test]
    fn cells_split_outside_quotes_only() {
        for (line, expected) in [
            ("a,b", Some(vec!["a", "b"])),
            (
                "21,\"measles, uncomplicated\",B059",
                Some(vec!["21", "measles, uncomplicated", "B059"]),
            ),
            ("\"say \"\"no\"\"\", ,", Some(vec!["say \"no\"", "", ""])),
            ("5\" wide,b", Some(vec!["5\" wide", "b"])),
            ("\"open,b", None),
        ] {
            let expected = expected.map(|it| it.into_iter().map(str::to_owned).collect());
            assert_eq!(cells(line), expected, "{line}");
        }
    }
}
