//! A patient's history: one row per event and patient.

use saphan_model::{Event, EventId, EventType, Label, LogRecord, PatientId, Private, Timestamp};

use super::{LogPosition, Row, RowBuf, line, partition, unsigned, version};

/// A row of `timeline`.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineRow {
    /// Whose event it is.
    pub patient: PatientId,
    /// The event.
    pub event_id: EventId,
    /// Orders the states of the event; the highest holds.
    pub ver: u64,
    /// The event is no longer so for this patient.
    pub deleted: bool,
    /// The event's type; for a retraction the one taken back.
    pub event_type: EventType,
    /// Reporting facility.
    pub facility: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When the source last edited it.
    pub recorded_at: Timestamp,
    /// When it entered the patient log.
    pub appended_at: Timestamp,
    /// Principal code, empty when there is none.
    pub main_code: String,
    /// Sensitivity labels.
    pub labels: Vec<Label>,
    /// Source system.
    pub source: String,
    /// File or message it came in.
    pub document: String,
    /// Inner file.
    pub file: String,
    /// Line, 0 when there is none.
    pub line: u32,
    /// Partition of the patient log.
    pub src_partition: u16,
    /// Offset in it.
    pub src_offset: u64,
    /// The framed log record; empty for a retraction.
    pub body: Private<Vec<u8>>,
}

impl TimelineRow {
    pub(super) fn from_log(record: &LogRecord, at: LogPosition, value: &[u8]) -> Option<Self> {
        let envelope = &record.envelope;
        let (event_type, body) = match &record.event {
            Event::Put(_) => (envelope.event_type, value.to_vec()),
            Event::Retract { retracted_type, .. } => (*retracted_type, Vec::new()),
            Event::Link { .. } => return None,
        };
        let provenance = &envelope.provenance;
        Some(Self {
            patient: envelope.patient,
            event_id: envelope.event_id,
            ver: version(envelope, &record.event),
            deleted: !matches!(record.event, Event::Put(_)),
            event_type,
            facility: envelope.facility.clone(),
            occurred_at: envelope.occurred_at,
            recorded_at: envelope.recorded_at,
            appended_at: at.appended_at,
            main_code: envelope.facets.main_code.clone().unwrap_or_default(),
            labels: envelope.labels.iter().collect(),
            source: provenance.source.clone(),
            document: provenance.document.clone(),
            file: provenance.file.clone(),
            line: line(provenance.line),
            src_partition: partition(at.partition),
            src_offset: unsigned(at.offset),
            body: Private::new(body),
        })
    }
}

impl Row for TimelineRow {
    const TABLE: &'static str = "timeline";
    const COLUMNS: &'static str = "patient, event_id, ver, is_deleted, event_type, facility, \
        occurred_at, recorded_at, appended_at, main_code, labels, source, document, file, line, \
        src_partition, src_offset, body";

    fn put(&self, out: &mut RowBuf) {
        out.fixed16(&self.patient.0);
        out.fixed16(&self.event_id.0);
        out.u64(self.ver);
        out.u8(u8::from(self.deleted));
        out.text(self.event_type.as_str());
        out.text(&self.facility);
        out.instant(self.occurred_at);
        out.instant(self.recorded_at);
        out.instant(self.appended_at);
        out.text(&self.main_code);
        out.texts(self.labels.iter().map(|it| it.as_str()));
        out.text(&self.source);
        out.text(&self.document);
        out.text(&self.file);
        out.u32(self.line);
        out.u16(self.src_partition);
        out.u64(self.src_offset);
        out.bytes(self.body.reveal());
    }
}
