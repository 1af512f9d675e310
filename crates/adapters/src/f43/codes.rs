//! Code sets: which values a coded column may hold.

use std::sync::LazyLock;

/// The allowed values of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codes {
    /// Any text.
    Any,
    /// One ASCII character each, as bits.
    Single(u128),
    /// Sorted.
    Listed(Vec<&'static str>),
}

/// `set,code` lines.
static SETS: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    include_str!("../../data/f43_codes.csv")
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .collect()
});

impl Codes {
    /// Reads the `codes` cell of the column list: empty, codes parted by blanks, or `@SET`.
    pub fn parse(cell: &'static str) -> Self {
        let mut codes: Vec<_> = match cell.strip_prefix('@') {
            Some(set) => SETS.iter().filter(|it| it.0 == set).map(|it| it.1).collect(),
            None => cell.split_whitespace().collect(),
        };
        if codes.is_empty() {
            return Self::Any;
        }
        let single = codes.iter().try_fold(0u128, |bits, code| match code.as_bytes() {
            [byte] if byte.is_ascii() => Some(bits | 1 << byte),
            _ => None,
        });
        codes.sort_unstable();
        single.map_or(Self::Listed(codes), Self::Single)
    }

    /// Is the value allowed?
    pub fn allow(&self, value: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Single(bits) => match value.as_bytes() {
                [byte] => byte.is_ascii() && bits & (1 << byte) != 0,
                _ => false,
            },
            Self::Listed(codes) => codes.binary_search(&value).is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Codes;

    #[track_caller]
    fn check(cell: &'static str, allowed: &[&str], refused: &[&str]) {
        let codes = Codes::parse(cell);
        for value in allowed {
            assert!(codes.allow(value), "{cell}: {value}");
        }
        for value in refused {
            assert!(!codes.allow(value), "{cell}: {value}");
        }
    }

    #[test]
    fn sets_allow_their_codes_only() {
        check("", &["", "anything"], &[]);
        check("1 2 9", &["1", "9"], &["3", "01", "", "ก", "12"]);
        check("01 02 99", &["01", "99"], &["1", "03"]);
        check("@INSTYPE", &["0100", "9100", "3909"], &["100", "0101"]);
        check("@CHARGEITEM", &["1", "01", "16"], &["17", "001"]);
    }
}
