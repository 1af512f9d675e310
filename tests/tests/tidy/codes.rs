//! Every error code has a page and every page a code; the project speaks of itself alone.

use std::collections::BTreeSet;

use super::files::{product_sources, read, tracked};

fn codes_in(text: &str) -> impl Iterator<Item = String> + '_ {
    text.match_indices("SP-").filter_map(|(at, _)| {
        let digits: String = text[at + 3..].chars().take_while(char::is_ascii_digit).collect();
        (digits.len() == 4).then(|| format!("SP-{digits}"))
    })
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let used: BTreeSet<String> = product_sources()
        .iter()
        .filter_map(|it| read(it))
        .flat_map(|it| codes_in(&it).collect::<Vec<_>>())
        .collect();
    let pages: BTreeSet<String> = tracked()
        .iter()
        .filter(|it| it.starts_with("docs/errors"))
        .filter_map(|it| it.file_stem()?.to_str().map(str::to_owned))
        .filter(|it| it.starts_with("SP-"))
        .collect();
    let missing: Vec<_> = used.difference(&pages).collect();
    let orphans: Vec<_> = pages.difference(&used).collect();
    assert!(missing.is_empty(), "write docs/errors/<code>.md for {missing:?}");
    assert!(orphans.is_empty(), "no source names these codes any more: {orphans:?}");
}

#[test]
fn no_personal_value_is_formatted_into_text() {
    for path in product_sources() {
        let text = read(&path).unwrap_or_default();
        for (number, line) in text.lines().enumerate() {
            let prints = ["format!(", "info!(", "warn!(", "error!(", "debug!(", "#[error("]
                .iter()
                .any(|it| line.contains(it));
            assert!(
                !(prints && line.contains(".reveal()")),
                "{}:{} puts a revealed value into text",
                path.display(),
                number + 1
            );
        }
    }
}
