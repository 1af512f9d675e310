//! Synthetic citizen ids: valid by check digit, impossible by registration office.

use std::fmt;

/// A 13-digit citizen id, made up. Digits 2-5 of a real one name the office of registration
/// (province and district); these carry 99 as the province, which does not exist.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cid(u64);

/// How many ids [`Cid::synthetic`] can tell apart.
const SERIALS: u64 = 1_000_000_000;

impl Cid {
    /// The id number `serial` of the world with this seed; different serials give different ids.
    pub fn synthetic(seed: u64, serial: u64) -> Self {
        // 736_338_717 is coprime to 10^9, so the map is one-to-one.
        let scattered = (serial.wrapping_mul(736_338_717) + seed % SERIALS) % SERIALS;
        let class = 1 + serial % 8;
        Self::complete(class * 100_000_000_000 + 99_000_000_000 + scattered)
    }

    /// Adds the check digit to 12 digits.
    fn complete(twelve: u64) -> Self {
        let sum: u64 = (0..12).map(|at| (twelve / 10u64.pow(at) % 10) * (u64::from(at) + 2)).sum();
        Self(twelve * 10 + (11 - sum % 11) % 10)
    }

    /// Is it 13 digits with the right check digit?
    pub fn valid(text: &str) -> bool {
        text.len() == 13
            && text.bytes().all(|it| it.is_ascii_digit())
            && text.parse::<u64>().is_ok_and(|it| Self::complete(it / 10).0 == it)
    }

    /// The same id with a check digit that fails.
    pub fn spoiled(self) -> String {
        let wrong = (self.0 % 10 + 4) % 10;
        format!("{:013}", self.0 / 10 * 10 + wrong)
    }

    /// Reads an id as written.
    pub fn parse(text: &str) -> Option<Self> {
        Self::valid(text).then(|| Self(text.parse().expect("13 digits")))
    }
}

impl fmt::Display for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:013}", self.0)
    }
}

impl fmt::Debug for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cid(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Cid;

    #[test]
    fn the_check_digit_agrees_with_published_examples() {
        for (text, valid) in [
            ("1234567890121", true),
            ("1100000000008", true),
            ("0000000000019", true),
            ("6099123456786", true),
            ("7100100000017", true),
            ("1234567890122", false),
            ("123456789012", false),
            ("12345678901 1", false),
        ] {
            assert_eq!(Cid::valid(text), valid, "{text}");
        }
    }

    #[test]
    fn synthetic_ids_are_valid_distinct_and_of_no_real_office() {
        let ids: HashSet<String> =
            (0..20_000).map(|it| Cid::synthetic(7, it).to_string()).collect();
        assert_eq!(ids.len(), 20_000);
        for id in &ids {
            assert!(Cid::valid(id), "{id}");
            assert_eq!(&id[1..3], "99", "{id}");
        }
        assert!((0..20_000).all(|it| !Cid::valid(&Cid::synthetic(7, it).spoiled())));
    }
}
