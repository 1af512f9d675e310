//! Which submissions of a batch may be appended, and why the others may not. Pure.
//!
//! Only the head of a submission is read: marker, fingerprint, facility. What it says is not judged.

use saphan_codec::{Malformed, Record, SchemaIds, frame, peek_submission_facility, single_object};
use saphan_model::limits::SUBMISSION_BYTES_MAX;

/// Why one submission is refused. Sending it again as it is would not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Larger than one submission may be.
    TooLarge,
    /// Not in single-object encoding.
    Unmarked,
    /// In a schema this gateway does not know.
    UnknownSchema,
    /// Its first field, the facility, cannot be read.
    Unreadable,
    /// It speaks for another facility than the token's.
    OtherFacility,
}

impl Fault {
    /// Code and sentence.
    pub const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::TooLarge => {
                ("SP-1206", "the submission is larger than 256 KiB; send documents by reference")
            }
            Self::Unmarked => (
                "SP-1205",
                "the submission is not in Avro single-object encoding; see the API description",
            ),
            Self::UnknownSchema => (
                "SP-1204",
                "the submission is in a schema this gateway does not know; update the adapter, or \
                 put the submission back in line once the centre has updated",
            ),
            Self::Unreadable => (
                "SP-1205",
                "the submission does not begin with a facility code; see the API description",
            ),
            Self::OtherFacility => (
                "SP-1203",
                "the submission is of another facility than the token; use that facility's token",
            ),
        }
    }
}

/// The value to append for one submission of `facility`: its bytes, unchanged, behind the registry
/// id of their schema, which may be an older version's. `facility` is the first field of every version.
pub fn frame_submission(
    single_object: &[u8],
    facility: &str,
    ids: &SchemaIds,
) -> Result<Vec<u8>, Fault> {
    if single_object.len() > SUBMISSION_BYTES_MAX {
        return Err(Fault::TooLarge);
    }
    let (fingerprint, payload) =
        single_object::split(single_object).map_err(|_: Malformed| Fault::Unmarked)?;
    let (record, schema_id) = ids.of_fingerprint(fingerprint).ok_or(Fault::UnknownSchema)?;
    if record != Record::Submission {
        return Err(Fault::UnknownSchema);
    }
    let named = peek_submission_facility(payload).map_err(|_: Malformed| Fault::Unreadable)?;
    if named != facility {
        return Err(Fault::OtherFacility);
    }
    let mut value = Vec::with_capacity(payload.len() + 5);
    frame::put_frame(schema_id, &mut value);
    value.extend_from_slice(payload);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use saphan_model::Submission;
    use saphan_model::{Content, Defect, Private, Provenance, Subject, Timestamp};

    fn encoded(padding: usize) -> Vec<u8> {
        single_object::wrap(&Submission {
            facility: "10670".to_owned(),
            subject: Subject::default(),
            natural_key: Private::new("1".to_owned()),
            occurred_at: Timestamp(0),
            recorded_at: Timestamp(0),
            provenance: Provenance { document: "x".repeat(padding), ..Provenance::default() },
            defaulted: vec![],
            content: Content::Defect(Defect {
                code: "SP-1101".to_owned(),
                column: String::new(),
                remedy: String::new(),
            }),
        })
    }

    fn changed(at: usize, to: u8) -> Vec<u8> {
        let mut bytes = encoded(0);
        bytes[at] = to;
        bytes
    }

    fn of_another_record() -> Vec<u8> {
        let mut bytes = encoded(0);
        bytes[2..10].copy_from_slice(&Record::Decision.fingerprint().to_le_bytes());
        bytes
    }

    #[track_caller]
    fn check(bytes: &[u8], facility: &str, expected: Result<(), &str>) {
        let got = frame_submission(bytes, facility, &SchemaIds::sequential())
            .map(|_| ())
            .map_err(|it| it.told().0);
        assert_eq!(got, expected);
    }

    #[test]
    fn a_submission_keeps_its_bytes_behind_the_registry_id() {
        let bytes = encoded(3);
        let ids = SchemaIds::sequential();
        let value = frame_submission(&bytes, "10670", &ids).expect("good");
        assert_eq!(value[0], 0);
        assert_eq!(value[1..5], ids.id(Record::Submission).to_be_bytes());
        assert_eq!(value[5..], bytes[10..]);
        let read: Submission = saphan_codec::decode(&value[5..]).expect("a submission");
        assert_eq!(read.facility, "10670");
    }

    #[test]
    fn each_fault_has_its_code() {
        check(&encoded(0), "10670", Ok(()));
        check(&encoded(0), "10671", Err("SP-1203"));
        check(&changed(5, 0), "10670", Err("SP-1204"));
        check(&of_another_record(), "10670", Err("SP-1204"));
        check(&changed(0, 0), "10670", Err("SP-1205"));
        check(&[], "10670", Err("SP-1205"));
        check(&encoded(0)[..10], "10670", Err("SP-1205"));
        check(&encoded(SUBMISSION_BYTES_MAX), "10670", Err("SP-1206"));
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_refused_quietly(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            prop_assert!(frame_submission(&bytes, "10670", &SchemaIds::sequential()).is_err());
        }

        #[test]
        fn a_flipped_byte_never_reaches_another_facility(at in 0usize..40, to: u8) {
            if let Ok(value) = frame_submission(&changed(at, to), "10670", &SchemaIds::sequential()) {
                prop_assert_eq!(peek_submission_facility(&value[5..]).ok(), Some("10670"));
            }
        }
    }
}
