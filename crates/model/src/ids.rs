//! Identifiers: what names a person, a facility, an event, an agency.

use std::fmt;
use std::str::FromStr;

/// A word that is none of the values allowed in its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a known {kind}; use one of: {allowed}")]
pub struct UnknownName {
    kind: &'static str,
    allowed: String,
}

impl UnknownName {
    pub(crate) fn new(kind: &'static str, allowed: impl Iterator<Item = &'static str>) -> Self {
        Self { kind, allowed: allowed.collect::<Vec<_>>().join(", ") }
    }
}

macro_rules! bytes16 {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// Lower-case hexadecimal, 32 characters.
            pub fn to_hex(self) -> String {
                let mut text = String::with_capacity(32);
                for byte in self.0 {
                    text.push(char::from_digit(u32::from(byte >> 4), 16).expect("a nibble is a digit"));
                    text.push(char::from_digit(u32::from(byte & 15), 16).expect("a nibble is a digit"));
                }
                text
            }

            /// Reads 32 hexadecimal characters.
            pub fn from_hex(text: &str) -> Option<Self> {
                if text.len() != 32 || !text.is_ascii() {
                    return None;
                }
                let mut bytes = [0u8; 16];
                for (i, byte) in bytes.iter_mut().enumerate() {
                    *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
                }
                Some(Self(bytes))
            }
        }
    };
}

bytes16! {
    /// Names one event for ever: a keyed hash over facility, type and natural key. Safe to log.
    EventId
}
bytes16! {
    /// Names one content of an event: a keyed hash over its body. A correction has another one.
    Revision
}
bytes16! {
    /// A person's pseudonym: HMAC-SHA-256 over the citizen id (or, without one, over facility and
    /// local number) with a platform key, cut to 16 bytes. Never logged, though it names nobody.
    PatientId
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}
impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}
impl fmt::Debug for PatientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PatientId(…)")
    }
}

/// A 13-digit Thai citizen id whose check digit holds. Never printed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CitizenId([u8; 13]);

/// Why a text is not a citizen id. Carries no part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CitizenIdError {
    /// Not exactly 13 digits.
    #[error("a citizen id has 13 digits")]
    Shape,
    /// The 13th digit does not follow from the first twelve.
    #[error("the check digit of the citizen id is wrong")]
    Checksum,
}

impl CitizenId {
    /// Checks shape and check digit: weights 13 down to 2, `(11 - sum mod 11) mod 10`.
    /// The check is weak (the third digit's weight is 11), so it is a filter, not a proof.
    pub fn parse(text: &str) -> Result<Self, CitizenIdError> {
        let digits: [u8; 13] = text.as_bytes().try_into().map_err(|_| CitizenIdError::Shape)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(CitizenIdError::Shape);
        }
        let sum: u32 = digits[..12]
            .iter()
            .zip((2..=13).rev())
            .map(|(d, weight)| u32::from(d - b'0') * weight)
            .sum();
        let check = (11 - sum % 11) % 10;
        if u32::from(digits[12] - b'0') != check {
            return Err(CitizenIdError::Checksum);
        }
        Ok(Self(digits))
    }

    /// The 13 digits. Call this only where the id itself must go (sealing, keyed hashing).
    pub fn reveal(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits are ASCII")
    }
}

impl fmt::Debug for CitizenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CitizenId(…)")
    }
}

/// A health facility's code: 5 digits, or the 9-character code `[A-Z0-9]{9}` paired with it
/// (Thai MOPH facility code registry). Topology maps the long form to the short one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FacilityCode(String);

/// A text that cannot be a facility code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a facility code is 5 digits or 9 characters of A-Z and 0-9")]
pub struct FacilityCodeError;

impl FacilityCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FacilityCode {
    type Err = FacilityCodeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let short = text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit());
        let long =
            text.len() == 9 && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        if short || long { Ok(Self(text.to_owned())) } else { Err(FacilityCodeError) }
    }
}

impl fmt::Display for FacilityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A registered recipient: `[a-z][a-z0-9-]{1,30}`, the name of its contract file and topics.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AgencyId(String);

/// A text that cannot be an agency id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an agency id is 2 to 31 characters of a-z, 0-9 and -, starting with a letter")]
pub struct AgencyIdError;

impl AgencyId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AgencyId {
    type Err = AgencyIdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let first = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        let rest = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if first && rest && (2..=31).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(AgencyIdError)
        }
    }
}

impl fmt::Display for AgencyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citizen_ids_with_a_right_check_digit_pass() {
        for text in ["1234567890121", "1100000000008", "0000000000019", "6099123456786"] {
            assert!(CitizenId::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_wrong_check_digit_or_shape_is_named() {
        assert_eq!(CitizenId::parse("1234567890122"), Err(CitizenIdError::Checksum));
        assert_eq!(CitizenId::parse("123456789012"), Err(CitizenIdError::Shape));
        assert_eq!(CitizenId::parse("12345678901a1"), Err(CitizenIdError::Shape));
    }

    #[test]
    fn a_citizen_id_is_not_printed() {
        let id = CitizenId::parse("1234567890121").expect("valid");
        assert!(!format!("{id:?}").contains('1'));
    }

    #[test]
    fn hex_reads_back() {
        let id = EventId([0xab; 16]);
        assert_eq!(EventId::from_hex(&id.to_hex()), Some(id));
        assert_eq!(EventId::from_hex("zz"), None);
    }

    #[test]
    fn facility_codes_are_short_or_long() {
        for (text, ok) in
            [("10670", true), ("AA0010670", true), ("1067", false), ("aa0010670", false)]
        {
            assert_eq!(text.parse::<FacilityCode>().is_ok(), ok, "{text}");
        }
    }
}
