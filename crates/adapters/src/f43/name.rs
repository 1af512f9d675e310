//! What the name of a document says: whose it is and when it was made.

use std::path::Path;

use saphan_model::{FacilityCode, Timestamp};

use super::error::F43Error;
use super::outlet::Document;
use super::row::LongCodes;
use super::value;

/// `…F43_<hospcode>_<YYYYMMDD><digits>…`, parts divided by `_`, any case.
struct Parts<'a> {
    facility: Option<&'a str>,
    made_at: Option<Timestamp>,
}

impl<'a> Parts<'a> {
    fn of(name: &'a str) -> Self {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let mut parts = stem.split('_').skip_while(|it| !it.eq_ignore_ascii_case("F43")).skip(1);
        let facility = parts.next().filter(|it| !it.is_empty());
        Self { facility, made_at: parts.next().and_then(made_at) }
    }
}

/// A date, and the time of day where the next six digits are one.
fn made_at(text: &str) -> Option<Timestamp> {
    let day = value::date(text.get(..8)?).ok()?;
    let seconds = text.get(8..14).and_then(|it| value::time(it).ok()).unwrap_or(0);
    Some(day.thai_midnight().plus_seconds(seconds))
}

/// The 5-digit code of a code in either form.
fn short(code: &str, long_codes: &LongCodes) -> Option<String> {
    let code = code.to_ascii_uppercase();
    let short = long_codes.get(&code).unwrap_or(&code);
    let known = short.len() == 5 && short.parse::<FacilityCode>().is_ok();
    known.then(|| short.clone())
}

/// Names the document and settles whose it is: the facility given, which the name must not
/// contradict, or the one in the name. The inner result is the fault of a document that can still
/// be reported, since the facility given is known.
///
/// # Errors
/// The facility is not known at all.
pub fn settle(
    source: &Path,
    given: Option<&str>,
    long_codes: &LongCodes,
) -> Result<(Document, Result<(), F43Error>), F43Error> {
    let name = source.file_name().unwrap_or(source.as_os_str()).to_string_lossy().into_owned();
    let parts = Parts::of(&name);
    let named = parts.facility.map(|it| short(it, long_codes));
    let made_at = parts.made_at;
    let given =
        given.map(|it| short(it, long_codes).ok_or(F43Error::UnknownFacility)).transpose()?;
    let (facility, verdict) = match (given, named) {
        (None, None) => return Err(F43Error::NoFacility),
        (None, Some(named)) => (named.ok_or(F43Error::UnknownFacility)?, Ok(())),
        (Some(given), None) => (given, Ok(())),
        (Some(given), Some(named)) => {
            let same = named.as_deref() == Some(given.as_str());
            (given, if same { Ok(()) } else { Err(F43Error::OtherFacility) })
        }
    };
    Ok((Document { name, facility, made_at }, verdict))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::settle;
    use crate::f43::row::LongCodes;

    #[track_caller]
    fn check(name: &str, given: Option<&str>, expected: &str) {
        let long_codes = LongCodes::from([("AA0010670".to_owned(), "10670".to_owned())]);
        let got = match settle(Path::new(name), given, &long_codes) {
            Err(error) => format!("{error:?}"),
            Ok((document, verdict)) => {
                let made = document.made_at.map_or("-".to_owned(), |it| it.to_string());
                let verdict = verdict.err().map_or(String::new(), |it| format!(" {it:?}"));
                format!("{} {} {made}{verdict}", document.name, document.facility)
            }
        };
        assert_eq!(got, expected);
    }

    #[test]
    fn names_say_facility_and_time() {
        check(
            "/x/F43_10670_2026010208300012.zip",
            None,
            "F43_10670_2026010208300012.zip 10670 2026-01-02T01:30:00.000Z",
        );
        check(
            "QOF_f43_10670_20260102.zip",
            None,
            "QOF_f43_10670_20260102.zip 10670 2026-01-01T17:00:00.000Z",
        );
        check("F43_AA0010670_x.zip", None, "F43_AA0010670_x.zip 10670 -");
        check("F43_10670.zip", None, "F43_10670.zip 10670 -");
    }

    #[test]
    fn the_facility_is_named_or_given() {
        check("export.zip", Some("10670"), "export.zip 10670 -");
        check("export.zip", Some("aa0010670"), "export.zip 10670 -");
        check("F43_10670_1.zip", Some("AA0010670"), "F43_10670_1.zip 10670 -");
        check("F43_10671_1.zip", Some("10670"), "F43_10671_1.zip 10670 - OtherFacility");
        check("export.zip", None, "NoFacility");
        check("F43__1.zip", None, "NoFacility");
        check("F43_BB0010670_1.zip", None, "UnknownFacility");
        check("export.zip", Some("1067"), "UnknownFacility");
    }
}
