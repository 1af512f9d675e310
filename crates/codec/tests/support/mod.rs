//! Synthetic values of every record, made from a seed. Only made-up people.

#![allow(dead_code, reason = "each test binary uses its part")]

mod bodies;

use saphan_codec::{Record, SchemaIds, SubmissionBatch, encode, encode_log};
use saphan_model::admission::{
    AdmissionCount, AdmissionLedger, ConsentChange, ConsentState, EventState, HeldDirective,
    Holding, LinkState, Quarantined, Recallable, RefusalState,
};
use saphan_model::decision::{Decision, Outcome, Recalled};
use saphan_model::facets::Facets;
use saphan_model::label::Labels;
use saphan_model::{
    Body, CitizenId, Content, Date, Defect, Envelope, Event, EventId, EventType, Label, LogRecord,
    PatientId, Private, Provenance, Revision, Subject, Submission, Timestamp,
};

/// A small generator (splitmix64): same seed, same values, everywhere.
pub struct Seed(pub u64);

impl Seed {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).expect("below n")
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// A value from a seed.
pub trait Make: Sized {
    fn make(seed: &mut Seed) -> Self;
}

pub fn make<T: Make>(seed: u64) -> T {
    T::make(&mut Seed(seed))
}

macro_rules! makes {
    ($($name:ident { $($field:ident),+ $(,)? })+) => {$(
        impl $crate::support::Make for $name {
            fn make(seed: &mut $crate::support::Seed) -> Self {
                Self { $($field: $crate::support::Make::make(seed)),+ }
            }
        }
    )+};
    (enums $($name:ident),+ $(,)?) => {$(
        impl $crate::support::Make for $name {
            fn make(seed: &mut $crate::support::Seed) -> Self {
                seed.pick(Self::ALL)
            }
        }
    )+};
}
pub(crate) use makes;

const WORDS: &[&str] = &[
    "",
    "1",
    "10670",
    "E119",
    "A90",
    "0100",
    "Paracetamol 500 mg",
    "ไข้ 3 วัน",
    "สมมติ",
    "OPD",
    "2",
    "1090523",
    "99",
    "ก",
    "a longer text, made up, to give the length prefix more than one byte: \
     0123456789012345678901234567890123456789",
];

impl Make for String {
    fn make(seed: &mut Seed) -> Self {
        seed.pick(WORDS).to_owned()
    }
}

impl Make for i32 {
    fn make(seed: &mut Seed) -> Self {
        let wide = seed.next() as Self;
        seed.pick(&[0, 1, -1, 63, 64, -65, 120, 8192, Self::MAX, Self::MIN, wide])
    }
}

impl Make for i64 {
    fn make(seed: &mut Seed) -> Self {
        let wide = seed.next() as Self;
        seed.pick(&[0, 1, -1, 50_000, Self::MAX, Self::MIN, wide, wide >> 20, wide >> 40])
    }
}

impl Make for f64 {
    fn make(seed: &mut Seed) -> Self {
        seed.pick(&[0.0, 36.5, -0.25, 1e300, f64::MIN_POSITIVE, 62.4])
    }
}

impl Make for bool {
    fn make(seed: &mut Seed) -> Self {
        seed.below(2) == 1
    }
}

impl Make for u8 {
    fn make(seed: &mut Seed) -> Self {
        seed.next() as Self
    }
}

impl<T: Make> Make for Option<T> {
    fn make(seed: &mut Seed) -> Self {
        if seed.below(2) == 1 { Some(T::make(seed)) } else { None }
    }
}

impl<T: Make> Make for Vec<T> {
    fn make(seed: &mut Seed) -> Self {
        let n = seed.pick(&[0, 0, 1, 2, 3, 5]);
        (0..n).map(|_| T::make(seed)).collect()
    }
}

impl<T: Make> Make for Box<T> {
    fn make(seed: &mut Seed) -> Self {
        Self::new(T::make(seed))
    }
}

impl<T: Make> Make for Private<T> {
    fn make(seed: &mut Seed) -> Self {
        Self::new(T::make(seed))
    }
}

fn make16(seed: &mut Seed) -> [u8; 16] {
    (u128::from(seed.next()) << 64 | u128::from(seed.next())).to_le_bytes()
}

impl Make for EventId {
    fn make(seed: &mut Seed) -> Self {
        Self(make16(seed))
    }
}

impl Make for Revision {
    fn make(seed: &mut Seed) -> Self {
        Self(make16(seed))
    }
}

impl Make for PatientId {
    fn make(seed: &mut Seed) -> Self {
        Self(make16(seed))
    }
}

impl Make for Date {
    fn make(seed: &mut Seed) -> Self {
        Self(i32::try_from(seed.below(30_000)).expect("small") - 5_000)
    }
}

impl Make for Timestamp {
    fn make(seed: &mut Seed) -> Self {
        Self(1_700_000_000_000 + i64::try_from(seed.below(100_000_000_000)).expect("small"))
    }
}

impl Make for CitizenId {
    fn make(seed: &mut Seed) -> Self {
        Self::parse(seed.pick(&["1234567890121", "1100000000008", "0000000000019"])).expect("valid")
    }
}

impl Make for Labels {
    fn make(seed: &mut Seed) -> Self {
        Label::ALL.iter().copied().filter(|_| seed.below(4) == 0).collect()
    }
}

makes! {
    Provenance { source, document, file, line, adapter }
    Defect { code, column, remedy }
    Facets {
        region, province, district, scheme, notifiable, counterpart, counterpart_region, main_code,
    }
    Envelope {
        event_id, revision, sequence, patient, sealed_citizen_id, facility, event_type,
        occurred_at, recorded_at, labels, facets, provenance, defaulted,
    }
    Subject { citizen_id, local_id }
    Submission {
        facility, subject, natural_key, occurred_at, recorded_at, provenance, defaulted, content,
    }
    SubmissionBatch { submissions }
    Decision {
        partition, offset, appended_at, event_id, revision, event_type, facility, outcomes, recalls,
    }
    Outcome { agency, kind, reason, basis, directive_id, contract_version }
    Recalled { event_id, event_type, facility, agency, reason, directive_id, contract_version }
    AdmissionLedger { partition, first_offset, next_offset, appended_at, counts }
    AdmissionCount { facility, event_type, admitted, unchanged, quarantined, appended }
    Quarantined { facility, defect, provenance, event_id, partition, offset, appended_at, mended_at }
    EventState { revision, patient, sequence, event_type, held, origin }
    RefusalState { sequence, origin, content, deletion }
    LinkState { patient, sequence, sealed_citizen_id, events }
    ConsentState { applied_offset, directives }
    HeldDirective { event_id, directive }
    Holding { applied_offset, event_type, agencies, recallable }
    Recallable { agencies, revision, sequence, facility, occurred_at, labels }
    ConsentChange { partition, offset, appended_at, event_id, directive }
}

impl Make for Content {
    fn make(seed: &mut Seed) -> Self {
        match seed.below(13) {
            0 => Self::Retract(EventType::make(seed)),
            1 => Self::Defect(Defect::make(seed)),
            _ => Self::Put(Body::make(seed)),
        }
    }
}

/// A log record of a type.
pub fn log_record(event_type: EventType, seed: u64) -> LogRecord {
    let seed = &mut Seed(seed);
    let event = match event_type {
        EventType::Link => Event::Link { former: Make::make(seed) },
        EventType::Retraction => {
            Event::Retract { retracted_type: Make::make(seed), reason: Make::make(seed) }
        }
        clinical => Event::Put(bodies::body(clinical, seed)),
    };
    LogRecord { envelope: Envelope { event_type, ..Envelope::make(seed) }, event }
}

/// The value bytes, unframed, of some value of a record.
pub fn bytes_of(record: Record, seed: u64) -> Vec<u8> {
    if let Some(event_type) = record.event_type() {
        let mut framed = Vec::new();
        encode_log(&log_record(event_type, seed), &SchemaIds::sequential(), &mut framed);
        return framed.split_off(5);
    }
    match record {
        Record::Submission => encode(&make::<Submission>(seed)),
        Record::SubmissionBatch => encode(&make::<SubmissionBatch>(seed)),
        Record::Decision => encode(&make::<Decision>(seed)),
        Record::Quarantined => encode(&make::<Quarantined>(seed)),
        Record::AdmissionLedger => encode(&make::<AdmissionLedger>(seed)),
        Record::EventState => encode(&make::<EventState>(seed)),
        Record::LinkState => encode(&make::<LinkState>(seed)),
        Record::RefusalState => encode(&make::<RefusalState>(seed)),
        Record::ConsentState => encode(&make::<ConsentState>(seed)),
        Record::Holding => encode(&make::<Holding>(seed)),
        Record::ConsentChange => encode(&make::<ConsentChange>(seed)),
        log => unreachable!("{log:?} is a log record"),
    }
}

/// Decodes value bytes of a record and encodes them again.
pub fn again(record: Record, bytes: &[u8]) -> Result<Vec<u8>, saphan_codec::Malformed> {
    fn it<T: saphan_codec::Wire>(bytes: &[u8]) -> Result<Vec<u8>, saphan_codec::Malformed> {
        saphan_codec::decode::<T>(bytes).map(|it| encode(&it))
    }
    match record {
        Record::Submission => it::<Submission>(bytes),
        Record::SubmissionBatch => it::<SubmissionBatch>(bytes),
        Record::Decision => it::<Decision>(bytes),
        Record::Quarantined => it::<Quarantined>(bytes),
        Record::AdmissionLedger => it::<AdmissionLedger>(bytes),
        Record::EventState => it::<EventState>(bytes),
        Record::LinkState => it::<LinkState>(bytes),
        Record::RefusalState => it::<RefusalState>(bytes),
        Record::ConsentState => it::<ConsentState>(bytes),
        Record::Holding => it::<Holding>(bytes),
        Record::ConsentChange => it::<ConsentChange>(bytes),
        log => {
            let ids = SchemaIds::sequential();
            let mut framed = Vec::new();
            saphan_codec::frame::put_frame(ids.id(log), &mut framed);
            framed.extend_from_slice(bytes);
            let record = saphan_codec::decode_log(&framed, &ids)?;
            let mut out = Vec::new();
            encode_log(&record, &ids, &mut out);
            Ok(out.split_off(5))
        }
    }
}
