//! Texts of the 43 files to values: dates, instants, money, numbers, ICD-10 codes.
//!
//! Pure. Each function takes one trimmed, non-empty text and says which code applies when it is not
//! what it should be.

use saphan_model::{Date, Timestamp};

use super::defect::Code;

/// Years from here on are Buddhist-era years (2400 BE is 1857).
const BUDDHIST_FROM: i32 = 2400;
/// No person in a register was born before.
const YEAR_MIN: i32 = 1800;

/// `YYYYMMDD`, Gregorian.
pub fn date(text: &str) -> Result<Date, Code> {
    let digits: &[u8; 8] = text.as_bytes().try_into().map_err(|_| Code::NotADate)?;
    ymd(digits)
}

/// `YYYYMMDDHHMMSS`, Thai local time, Gregorian.
pub fn instant(text: &str) -> Result<Timestamp, Code> {
    let bytes: &[u8; 14] = text.as_bytes().try_into().map_err(|_| Code::NotADate)?;
    let (day, time) = bytes.split_at(8);
    let day = ymd(day.try_into().expect("8 of 14 bytes"))?;
    let seconds = hms(time.try_into().expect("6 of 14 bytes"))?;
    Ok(day.thai_midnight().plus_seconds(seconds))
}

/// `HHMMSS`, seconds since midnight.
pub fn time(text: &str) -> Result<i64, Code> {
    hms(text.as_bytes().try_into().map_err(|_| Code::NotADate)?)
}

/// Is it a date of zeros only (`00000000`, `0000-00-00`, also with a time), as databases print "none"?
pub fn zero_date(text: &str) -> bool {
    text.len() >= 8 && text.bytes().all(|it| matches!(it, b'0' | b'-' | b':' | b' '))
}

fn ymd(digits: &[u8; 8]) -> Result<Date, Code> {
    let year = number(&digits[..4]).ok_or(Code::NotADate)?;
    let month = number(&digits[4..6]).ok_or(Code::NotADate)?;
    let day = number(&digits[6..]).ok_or(Code::NotADate)?;
    if year >= BUDDHIST_FROM {
        return Err(Code::BuddhistEra);
    }
    let date = Date::from_ymd(year, month.unsigned_abs(), day.unsigned_abs());
    date.filter(|_| year >= YEAR_MIN).ok_or(Code::NotADate)
}

fn hms(digits: &[u8; 6]) -> Result<i64, Code> {
    let part = |at: usize, below: i32| {
        number(&digits[at..at + 2]).filter(|it| *it < below).ok_or(Code::NotADate)
    };
    Ok(i64::from(part(0, 24)? * 3600 + part(2, 60)? * 60 + part(4, 60)?))
}

/// Up to nine digits.
fn number(digits: &[u8]) -> Option<i32> {
    digits.iter().try_fold(0, |sum, digit| {
        digit.is_ascii_digit().then(|| sum * 10 + i32::from(digit - b'0'))
    })
}

/// A decimal number as its parts: sign, whole digits, digits after the point without trailing zeros.
struct Parts<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
}

fn parts(text: &str, whole_width: usize) -> Result<Parts<'_>, Code> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let point = memchr::memchr(b'.', digits);
    let whole = &digits[..point.unwrap_or(digits.len())];
    let mut fraction = point.map_or(&[][..], |it| &digits[it + 1..]);
    let all_digits = |it: &[u8]| it.iter().all(u8::is_ascii_digit);
    if whole.is_empty() && fraction.is_empty()
        || !all_digits(whole)
        || !all_digits(fraction)
        || whole.len() > whole_width
    {
        return Err(Code::NotANumber);
    }
    while let [rest @ .., b'0'] = fraction {
        fraction = rest;
    }
    Ok(Parts { negative, whole, fraction })
}

fn accumulate(digits: &[u8]) -> Option<i64> {
    digits
        .iter()
        .try_fold(0i64, |sum, digit| sum.checked_mul(10)?.checked_add(i64::from(digit - b'0')))
}

/// A whole number of at most `width` digits; `120.0` is one, `120.5` is not.
pub fn integer(text: &str, width: usize) -> Result<i64, Code> {
    let it = parts(text, width)?;
    if !it.fraction.is_empty() {
        return Err(Code::NotANumber);
    }
    let value = accumulate(it.whole).ok_or(Code::NotANumber)?;
    Ok(if it.negative { -value } else { value })
}

/// Baht to satang, exactly: a third decimal other than zero is refused, not rounded.
pub fn satang(text: &str, whole_width: usize) -> Result<i64, Code> {
    let it = parts(text, whole_width)?;
    let hundredths = match *it.fraction {
        [] => 0,
        [tenths] => i64::from(tenths - b'0') * 10,
        [tenths, hundredths] => i64::from(tenths - b'0') * 10 + i64::from(hundredths - b'0'),
        _ => return Err(Code::NotANumber),
    };
    let baht = accumulate(it.whole).ok_or(Code::NotANumber)?;
    let satang = baht.checked_mul(100).and_then(|it| it.checked_add(hundredths));
    let satang = satang.ok_or(Code::NotANumber)?;
    Ok(if it.negative { -satang } else { satang })
}

/// A measure such as a weight; decimals beyond the column's scale are kept.
pub fn decimal(text: &str, whole_width: usize) -> Result<f64, Code> {
    parts(text, whole_width)?;
    text.parse().map_err(|_| Code::NotANumber)
}

/// An ICD-10 code without dot, upper case: a letter, a digit, 1 to 5 letters or digits. Some
/// hospital systems keep the dot (`E11.9`); it carries no meaning and is taken out.
pub fn icd10(text: &str) -> Result<String, Code> {
    let mut code = String::with_capacity(text.len());
    let dot = text.as_bytes().get(3) == Some(&b'.');
    for (i, byte) in text.bytes().enumerate() {
        match byte {
            b'.' if dot && i == 3 => {}
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                code.push(char::from(byte.to_ascii_uppercase()));
            }
            _ => return Err(Code::UnknownCode),
        }
    }
    match code.as_bytes() {
        [b'A'..=b'Z', b'0'..=b'9', rest @ ..] if (1..=5).contains(&rest.len()) => Ok(code),
        _ => Err(Code::UnknownCode),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    #[track_caller]
    fn check<T: Debug>(
        read: impl Fn(&str) -> Result<T, Code>,
        show: impl Fn(T) -> String,
        cases: &[(&str, &str)],
    ) {
        for (text, expected) in cases {
            let got = read(text).map_or_else(|code| code.as_str().to_owned(), &show);
            assert_eq!(got, *expected, "{text:?}");
        }
    }

    #[test]
    fn dates_are_gregorian_and_exist() {
        let cases = [
            ("20260102", "2026-01-02"),
            ("20240229", "2024-02-29"),
            ("20230229", "SP-1103"),
            ("25690102", "SP-1104"),
            ("25690231", "SP-1104"),
            ("17991231", "SP-1103"),
            ("2026-01-02", "SP-1103"),
            ("2026010", "SP-1103"),
            ("2026010a", "SP-1103"),
            ("๒๕๖", "SP-1103"),
        ];
        check(date, |it| it.to_string(), &cases);
    }

    #[test]
    fn instants_are_thai_local_time() {
        let cases = [
            ("20260102000000", "2026-01-01T17:00:00.000Z"),
            ("20260102235959", "2026-01-02T16:59:59.000Z"),
            ("20260102240000", "SP-1103"),
            ("25690102000000", "SP-1104"),
            ("20260102", "SP-1103"),
        ];
        check(instant, |it| it.to_string(), &cases);
        check(time, |it| it.to_string(), &[("000001", "1"), ("90500", "SP-1103")]);
    }

    #[test]
    fn money_is_exact() {
        let cases = [
            ("0", "0"),
            ("1.5", "150"),
            (".05", "5"),
            ("5.", "500"),
            ("123456789.99", "12345678999"),
            ("100.0000", "10000"),
            ("-20.25", "-2025"),
            ("0.005", "SP-1105"),
            ("1234567890", "SP-1105"),
            ("1,000", "SP-1105"),
            ("1e3", "SP-1105"),
            (".", "SP-1105"),
            ("-", "SP-1105"),
        ];
        check(|it| satang(it, 9), |it| it.to_string(), &cases);
    }

    #[test]
    fn numbers_keep_to_their_width() {
        let whole = [("120", "120"), ("120.00", "120"), ("120.5", "SP-1105"), ("1200", "SP-1105")];
        check(|it| integer(it, 3), |it| it.to_string(), &whole);
        let measure = [("36.55", "36.55"), ("365", "365"), ("3655", "SP-1105"), ("nan", "SP-1105")];
        check(|it| decimal(it, 3), |it| it.to_string(), &measure);
    }

    #[test]
    fn icd10_codes_lose_dot_and_case_only() {
        let cases = [
            ("E119", "E119"),
            ("e11.9", "E119"),
            ("U5677", "U5677"),
            ("I10", "I10"),
            ("E1", "SP-1106"),
            ("E.119", "SP-1106"),
            ("119", "SP-1106"),
            ("E1234567", "SP-1106"),
            ("E11 9", "SP-1106"),
        ];
        check(icd10, |it| it, &cases);
    }
}
