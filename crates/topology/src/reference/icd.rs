//! Ranges of ICD-10 codes.
//!
//! **The rule of a range.** Codes are compared without dot, in upper case, character by character. A
//! code lies in `from..to` when it is not before `from` and is not after `to`, or begins with `to`.
//! So `A060..A069` holds A0691, `J10..J119` holds J101 and J1190, and `F20..F99` holds F995. It does
//! not hold a code shorter than `from`: A06 is not in `A060..A069`, since it does not say which.

use crate::problem::Problems;
use crate::source::Source;

/// Longest code kept for comparison. ICD-10-TM codes have at most 8 characters; what is longer still
/// compares by its beginning.
const CODE_BYTES_MAX: usize = 16;

/// One range as a table gives it.
#[derive(Clone, Debug)]
pub(crate) struct Range<V> {
    /// First code.
    pub from: String,
    /// Last code, with all that begin with it.
    pub to: String,
    /// What the codes stand for.
    pub value: V,
}

/// Answers which values a code has. Ranges may overlap, so they are cut into stretches that do not.
#[derive(Clone, Debug)]
pub(crate) struct IcdMap<V> {
    /// Where each stretch begins, sorted; it ends where the next begins.
    starts: Vec<Box<[u8]>>,
    /// Beside `starts`: what holds in the stretch.
    values: Vec<V>,
}

impl<V: Clone + Default> IcdMap<V> {
    /// Builds the map; `add` puts one range's value into a stretch.
    pub fn new<R>(ranges: &[Range<R>], add: impl Fn(&mut V, &R)) -> Self {
        let ends: Vec<_> = ranges.iter().map(|it| after_all_with_prefix(&it.to)).collect();
        let mut starts: Vec<Box<[u8]>> =
            ranges.iter().map(|it| it.from.as_bytes().into()).chain(ends.iter().cloned()).collect();
        starts.sort();
        starts.dedup();
        let mut values = vec![V::default(); starts.len()];
        for (range, end) in ranges.iter().zip(&ends) {
            let first = starts.partition_point(|it| **it < *range.from.as_bytes());
            let past = starts.partition_point(|it| it < end);
            for value in &mut values[first..past] {
                add(value, &range.value);
            }
        }
        Self { starts, values }
    }

    /// The value of a code, however it is written; none outside all ranges.
    pub fn get(&self, code: &str) -> Option<&V> {
        let mut buffer = [0; CODE_BYTES_MAX];
        let code = normal(code, &mut buffer);
        let stretch = self.starts.partition_point(|it| **it <= *code).checked_sub(1)?;
        Some(&self.values[stretch])
    }
}

/// The least text greater than every text that begins with `prefix`.
fn after_all_with_prefix(prefix: &str) -> Box<[u8]> {
    let mut bytes = prefix.as_bytes().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last += 1; // Checked before: an ASCII digit or letter.
    }
    bytes.into()
}

/// Letters and digits only, upper case: `b20.1+` is `B201`.
fn normal<'b>(code: &str, buffer: &'b mut [u8; CODE_BYTES_MAX]) -> &'b [u8] {
    let mut length = 0;
    for byte in code.bytes().filter(u8::is_ascii_alphanumeric).take(CODE_BYTES_MAX) {
        buffer[length] = byte.to_ascii_uppercase();
        length += 1;
    }
    &buffer[..length]
}

/// Checks the two ends of a range as written in a table.
pub(crate) fn range<V>(
    source: &Source,
    line: usize,
    from: &str,
    to: &str,
    value: V,
    problems: &mut Problems,
) -> Option<Range<V>> {
    for code in [from, to] {
        let shaped = code.len() >= 3
            && code.len() <= 8
            && code.starts_with(|it: char| it.is_ascii_uppercase())
            && code.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit());
        if !shaped {
            problems.add(
                source
                    .problem("SP-1614", Some(line), format!("{code:?} is not an ICD-10 code"))
                    .hint("write it without dot and in upper case, like A90 or T742"),
            );
            return None;
        }
    }
    if from > to {
        problems.add(
            source
                .problem("SP-1614", Some(line), format!("the range {from}..{to} is empty"))
                .hint("swap its ends"),
        );
        return None;
    }
    Some(Range { from: from.to_owned(), to: to.to_owned(), value })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn map(ranges: &[(&str, &str, u32)]) -> IcdMap<Vec<u32>> {
        let ranges: Vec<_> = ranges
            .iter()
            .map(|(from, to, value)| Range {
                from: (*from).into(),
                to: (*to).into(),
                value: *value,
            })
            .collect();
        IcdMap::new(&ranges, |all: &mut Vec<u32>, value| all.push(*value))
    }

    #[test]
    fn a_range_holds_its_ends_and_what_begins_with_the_last() {
        let map = map(&[("A060", "A069", 6), ("J10", "J119", 15), ("F20", "F99", 1)]);
        for (code, expected) in [
            ("A060", &[6][..]),
            ("A06.9", &[6]),
            ("A0691", &[6]),
            ("a069", &[6]),
            ("A06", &[]),
            ("A07", &[]),
            ("A059", &[]),
            ("J10", &[15]),
            ("J101", &[15]),
            ("J1190", &[15]),
            ("J12", &[]),
            ("F995", &[1]),
            ("F1999", &[]),
            ("G00", &[]),
            ("", &[]),
        ] {
            assert_eq!(map.get(code).map_or(&[][..], Vec::as_slice), expected, "{code}");
        }
    }

    #[test]
    fn overlapping_ranges_all_answer() {
        let map = map(&[("A850", "A852", 28), ("A850", "A850", 90)]);
        assert_eq!(map.get("A850"), Some(&vec![28, 90]));
        assert_eq!(map.get("A851"), Some(&vec![28]));
    }

    proptest! {
        #[test]
        fn the_map_agrees_with_the_rule_as_written(
            ranges in prop::collection::vec(("[A-C][0-9]{2,4}", "[A-C][0-9]{2,4}"), 0..12),
            code in "[A-D][0-9]{2,5}",
        ) {
            let ranges: Vec<_> = ranges
                .into_iter()
                .enumerate()
                .filter(|(_, (from, to))| from <= to)
                .map(|(value, (from, to))| Range { from, to, value })
                .collect();
            let expected: Vec<_> = ranges
                .iter()
                .filter(|it| it.from <= code && (code <= it.to || code.starts_with(&it.to)))
                .map(|it| it.value)
                .collect();
            let map = IcdMap::new(&ranges, |all: &mut Vec<usize>, value| all.push(*value));
            prop_assert_eq!(map.get(&code).cloned().unwrap_or_default(), expected);
        }
    }
}
