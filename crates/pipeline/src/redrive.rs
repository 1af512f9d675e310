//! What a redriven submission carries beside its bytes: where it first stood and which defect it may
//! mend. `saphan quarantine redrive` writes it, admit reads it.

use saphan_kafka::{Header, Headers};
use saphan_model::EventId;

/// Name of the header.
const HEADER: &str = "redrive";

/// The past of a redriven submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// Offset in the same partition of `ingest.v1` at which it first stood. What later submissions say of
    /// the event is newer, whenever this one comes again.
    pub origin: i64,
    /// Names the defect it was quarantined with. Admit believes it only where it works out the same name.
    pub defect: EventId,
    /// The defect's code.
    pub code: String,
}

impl Redrive {
    /// As a header: `origin/defect/code`.
    pub fn header(&self) -> Header {
        Header::new(HEADER, format!("{}/{}/{}", self.origin, self.defect.to_hex(), self.code))
    }

    /// From a record's headers. What cannot be read is no redrive: the submission is then as good as any.
    pub fn of(headers: &Headers<'_>) -> Option<Self> {
        let text = std::str::from_utf8(headers.get(HEADER)?).ok()?;
        let mut parts = text.splitn(3, '/');
        let origin = parts.next()?.parse().ok().filter(|it| *it >= 0)?;
        let defect = EventId::from_hex(parts.next()?)?;
        let code = parts.next().filter(|it| is_code(it))?.to_owned();
        Some(Self { origin, defect, code })
    }
}

/// `SP-` and four digits.
fn is_code(text: &str) -> bool {
    let digits = text.strip_prefix("SP-").unwrap_or_default();
    digits.len() == 4 && digits.bytes().all(|it| it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_comes_back_and_nonsense_does_not() {
        let it = Redrive { origin: 7, defect: EventId([0xab; 16]), code: "SP-1302".to_owned() };
        assert_eq!(Redrive::of(&Headers::Slice(&[it.header()])), Some(it));
        let hex = EventId([1; 16]).to_hex();
        for bad in ["", "7", "-1/x/SP-1302", &format!("x/{hex}/SP-1302"), &format!("7/{hex}/any")] {
            let header = Header::new(HEADER, bad.as_bytes());
            assert_eq!(Redrive::of(&Headers::Slice(&[header])), None, "{bad}");
        }
        assert_eq!(Redrive::of(&Headers::NONE), None);
    }
}
