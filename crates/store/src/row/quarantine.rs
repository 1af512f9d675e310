//! What could not be accepted, where it stands in its source and how to mend it.

use saphan_model::admission::Quarantined;
use saphan_model::{EventId, Timestamp};

use super::{Row, RowBuf, line, partition, unsigned};

/// A row of `quarantine`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineRow {
    /// Facility, empty when it could not be read.
    pub facility: String,
    /// Names the defect.
    pub event_id: EventId,
    /// `SP-11xx` or `SP-13xx`.
    pub code: String,
    /// Source system.
    pub source: String,
    /// File or message it came in.
    pub document: String,
    /// Inner file.
    pub file: String,
    /// Line, 0 when there is none.
    pub line: u32,
    /// Column at fault, empty when it is the whole row.
    pub column: String,
    /// What to do.
    pub remedy: String,
    /// Name and version of the adapter.
    pub adapter: String,
    /// When it was appended to `ingest.v1`.
    pub appended_at: Timestamp,
    /// Partition of `ingest.v1`.
    pub src_partition: u16,
    /// Offset in it; the newest report of one defect holds.
    pub src_offset: u64,
    /// A redrive settled it.
    pub mended: bool,
}

impl QuarantineRow {
    /// The row of one record of `quarantine.v1`.
    pub fn from_quarantined(record: &Quarantined) -> Self {
        let provenance = &record.provenance;
        Self {
            facility: record.facility.clone(),
            event_id: record.event_id,
            code: record.defect.code.clone(),
            source: provenance.source.clone(),
            document: provenance.document.clone(),
            file: provenance.file.clone(),
            line: line(provenance.line),
            column: record.defect.column.clone(),
            remedy: record.defect.remedy.clone(),
            adapter: provenance.adapter.clone(),
            appended_at: record.appended_at,
            src_partition: partition(record.partition),
            src_offset: unsigned(record.offset),
            mended: record.mended_at.is_some(),
        }
    }
}

impl Row for QuarantineRow {
    const TABLE: &'static str = "quarantine";
    const COLUMNS: &'static str = "facility, event_id, ver, code, source, document, file, line, \
        column_name, remedy, adapter, appended_at, src_partition, src_offset, \
        mended";

    fn put(&self, out: &mut RowBuf) {
        out.text(&self.facility);
        out.fixed16(&self.event_id.0);
        out.u64(self.src_offset);
        out.text(&self.code);
        out.text(&self.source);
        out.text(&self.document);
        out.text(&self.file);
        out.u32(self.line);
        out.text(&self.column);
        out.text(&self.remedy);
        out.text(&self.adapter);
        out.instant(self.appended_at);
        out.u16(self.src_partition);
        out.u64(self.src_offset);
        out.u8(u8::from(self.mended));
    }
}
