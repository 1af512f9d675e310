//! One figure of a table, as the page and the CSV write it.

use crate::suppress::Shown;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    /// A count of people, shown as protection allows.
    People(Shown),
    /// A count of records.
    Count(u64),
    /// Words.
    Text(String),
    /// A code or place that is not broken.
    Code(String),
    /// Nothing can be here yet.
    Nothing,
    /// Words with a colour of their own; never colour alone.
    Mark(Mark, String),
}

/// How a mark looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// Neither yet.
    Open,
}

impl Figure {
    /// As the page writes it: thousands set apart by commas.
    pub fn html(&self) -> String {
        match self {
            Self::People(Shown::Exact(n)) | Self::Count(n) => thousands(*n),
            Self::People(Shown::Small) => "<5".to_owned(),
            Self::People(Shown::Hidden) => "*".to_owned(),
            Self::Text(text) | Self::Code(text) => text.clone(),
            Self::Nothing => "–".to_owned(),
            Self::Mark(mark, text) => format!("{} {text}", mark.sign()).trim_end().to_owned(),
        }
    }

    /// As the CSV writes it: plain digits.
    pub fn csv(&self) -> String {
        match self {
            Self::People(Shown::Exact(n)) | Self::Count(n) => n.to_string(),
            Self::Mark(_, text) => text.clone(),
            Self::Nothing => String::new(),
            other => other.html(),
        }
    }

    /// The class of its cell.
    pub const fn class(&self) -> &'static str {
        match self {
            Self::People(Shown::Exact(_)) | Self::Count(_) => "n",
            Self::People(_) | Self::Nothing => "n hid",
            Self::Text(_) => "t",
            Self::Code(_) => "c",
            Self::Mark(Mark::Good, _) => "m good",
            Self::Mark(Mark::Bad, _) => "m bad",
            Self::Mark(Mark::Open, _) => "m open",
        }
    }
}

impl Mark {
    /// The class of its colour.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Open => "open",
        }
    }

    /// A sign that stands without colour.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Bad => "✗",
            Self::Open => "·",
        }
    }
}

/// 1234567 as "1,234,567", in both languages.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (n, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(n), text);
        }
    }

    #[test]
    fn a_small_figure_looks_the_same_everywhere() {
        let small = Figure::People(Shown::Small);
        assert_eq!((small.html(), small.csv()), ("<5".to_owned(), "<5".to_owned()));
        let exact = Figure::People(Shown::Exact(12_000));
        assert_eq!((exact.html(), exact.csv()), ("12,000".to_owned(), "12000".to_owned()));
    }
}
