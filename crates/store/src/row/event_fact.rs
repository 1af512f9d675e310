//! What statistics count: one row per event, without the person.
//!
//! An event id is a hash over facility, type and natural key, so type and facility never change for
//! it: they may stand before it in the order key, and a move between patients changes no row count.

use saphan_model::{Body, Date, Event, EventId, EventType, LogRecord};

use super::{LogPosition, Row, RowBuf, partition, region, unsigned, version};

/// A row of `event_fact`.
#[derive(Clone, Debug, PartialEq)]
pub struct EventFactRow {
    /// The event's type; for a retraction the one taken back.
    pub event_type: EventType,
    /// Reporting facility.
    pub facility: String,
    /// The event.
    pub event_id: EventId,
    /// Orders the states of the event; the highest holds.
    pub ver: u64,
    /// The event is no longer so.
    pub deleted: bool,
    /// Thai calendar day it happened.
    pub occurred_on: Date,
    /// Health region of the facility, 0 when not known.
    pub region: u8,
    /// Province, 2 digits.
    pub province: String,
    /// District, 4 digits.
    pub district: String,
    /// Encounters: `ambulatory` or `inpatient`.
    pub class: &'static str,
    /// Encounters: who pays.
    pub scheme: &'static str,
    /// Principal code, empty when there is none.
    pub main_code: String,
    /// Every ICD-10 code.
    pub codes: Vec<String>,
    /// The other facility of a referral or reply.
    pub counterpart: String,
    /// Its health region, 0 when not known.
    pub counterpart_region: u8,
    /// Referrals: CAUSEOUT.
    pub cause: String,
    /// Partition of the patient log.
    pub src_partition: u16,
    /// Offset in it.
    pub src_offset: u64,
}

impl EventFactRow {
    pub(super) fn from_log(record: &LogRecord, at: LogPosition) -> Option<Self> {
        let envelope = &record.envelope;
        let (event_type, body) = match &record.event {
            Event::Put(body) => (envelope.event_type, Some(body)),
            Event::Retract { retracted_type, .. } => (*retracted_type, None),
            Event::Link { .. } => return None,
        };
        if !EventType::DELIVERABLE.contains(&event_type) {
            return None;
        }
        let facets = &envelope.facets;
        let (class, scheme, cause) = match body {
            Some(Body::Encounter(it)) => (it.class.as_str(), facets.scheme.as_str(), ""),
            Some(Body::Referral(it)) => ("", "", it.cause_out.as_str()),
            _ => ("", "", ""),
        };
        let codes = body.map(Body::icd10_codes).unwrap_or_default();
        Some(Self {
            event_type,
            facility: envelope.facility.clone(),
            event_id: envelope.event_id,
            ver: version(envelope, &record.event),
            deleted: body.is_none(),
            occurred_on: envelope.occurred_at.thai_date(),
            region: region(facets.region),
            province: facets.province.clone(),
            district: facets.district.clone(),
            class,
            scheme,
            main_code: facets.main_code.clone().unwrap_or_default(),
            codes: codes.into_iter().map(str::to_owned).collect(),
            counterpart: facets.counterpart.clone().unwrap_or_default(),
            counterpart_region: region(facets.counterpart_region.unwrap_or(0)),
            cause: cause.to_owned(),
            src_partition: partition(at.partition),
            src_offset: unsigned(at.offset),
        })
    }
}

impl Row for EventFactRow {
    const TABLE: &'static str = "event_fact";
    const COLUMNS: &'static str = "event_type, facility, event_id, ver, is_deleted, occurred_on, \
        region, province, district, class, scheme, main_code, codes, counterpart, \
        counterpart_region, cause, src_partition, src_offset";

    fn put(&self, out: &mut RowBuf) {
        out.text(self.event_type.as_str());
        out.text(&self.facility);
        out.fixed16(&self.event_id.0);
        out.u64(self.ver);
        out.u8(u8::from(self.deleted));
        out.day(self.occurred_on);
        out.u8(self.region);
        out.text(&self.province);
        out.text(&self.district);
        out.text(self.class);
        out.text(self.scheme);
        out.text(&self.main_code);
        out.texts(self.codes.iter().map(String::as_str));
        out.text(&self.counterpart);
        out.u8(self.counterpart_region);
        out.text(&self.cause);
        out.u16(self.src_partition);
        out.u64(self.src_offset);
    }
}
