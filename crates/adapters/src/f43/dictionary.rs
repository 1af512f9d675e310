//! The dictionary text of DATA_CORRECT: `{'HOSPCODE':'10670','PID':'1'}`.
//!
//! Read as exporters write it: single or double quotes, bare digits, blanks, a comma at the end.
//! Anything else is refused whole.

use std::collections::BTreeMap;

/// Longest dictionary and most pairs read.
const PAIRS_MAX: usize = 32;

/// Names (upper case) and values (trimmed).
#[derive(Default, PartialEq, Eq)]
pub struct Dictionary(BTreeMap<String, String>);

impl Dictionary {
    /// Reads a text; `None` when it is no dictionary, or names a key twice.
    pub fn read(text: &str) -> Option<Self> {
        let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
        let mut pairs = BTreeMap::new();
        while !rest.is_empty() && pairs.len() < PAIRS_MAX {
            let (name, after) = word(rest)?;
            let (value, after) = word(after.trim_start().strip_prefix(':')?.trim_start())?;
            let twice = pairs.insert(name.to_ascii_uppercase(), value.to_owned());
            let after = after.trim_start();
            rest = match after.strip_prefix(',') {
                Some(next) => next.trim_start(),
                None if after.is_empty() => after,
                None => return None,
            };
            if twice.is_some() {
                return None;
            }
        }
        rest.is_empty().then_some(Self(pairs))
    }

    /// A value by name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// A quoted text or a bare run of letters and digits, and what follows it.
fn word(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next()?;
    if quote == '\'' || quote == '"' {
        let (word, rest) = text[1..].split_once(quote)?;
        return Some((word.trim(), rest));
    }
    let end = text.find(|it: char| !it.is_ascii_alphanumeric() && it != '_').unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::Dictionary;

    #[track_caller]
    fn check(text: &str, expected: Option<&[(&str, &str)]>) {
        let got = Dictionary::read(text);
        match expected {
            None => assert!(got.is_none(), "{text}"),
            Some(pairs) => {
                let got = got.unwrap_or_else(|| panic!("no dictionary: {text}"));
                let want = pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
                assert!(got == Dictionary(want), "{text}");
            }
        }
    }

    #[test]
    fn the_spellings_of_exporters_are_read() {
        let both = Some(&[("PID", "1"), ("SEQ", "a b")][..]);
        check("{'PID':'1','SEQ':'a b'}", both);
        check("{\"PID\": \"1\", \"SEQ\": \"a b\"}", both);
        check(" { pid : 1 , 'seq' : ' a b ', } ", both);
        check("{}", Some(&[]));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "PID=1",
            "{'PID':'1'",
            "{'PID' '1'}",
            "{'PID':'1' 'SEQ':'2'}",
            "{'PID':}",
            "{'PID",
            "{'PID':'1','PID':'2'}",
            "{,}",
            "{'ก':ก}",
        ] {
            check(text, None);
        }
    }
}
