//! The envelope as it stands in the bytes: for readers that look at every record and keep few.

use saphan_model::facets::SchemeGroup;
use saphan_model::label::Labels;
use saphan_model::limits::{SUBMISSION_BYTES_MAX, TEXT_BYTES_MAX};
use saphan_model::{EventId, EventType, PatientId, Revision, Timestamp};

use crate::cursor::Cursor;
use crate::malformed::{Fault, Malformed};
use crate::wire::Wire;

/// The envelope's fields up to the facets, borrowed from the bytes. Provenance and defaulted
/// fields are not read, nor is the body; [`crate::peek`] reads the envelope whole.
#[derive(Clone)]
pub struct EnvelopeView<'a> {
    /// See [`saphan_model::Envelope::event_id`].
    pub event_id: EventId,
    /// The content of the event.
    pub revision: Revision,
    /// Grows with every change of the event.
    pub sequence: i64,
    /// Whose event it is.
    pub patient: PatientId,
    /// The citizen id under AEAD.
    pub sealed_citizen_id: Option<&'a [u8]>,
    /// The reporting facility.
    pub facility: &'a str,
    /// What the record is.
    pub event_type: EventType,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When the source last edited it.
    pub recorded_at: Timestamp,
    /// Sensitivity labels.
    pub labels: Labels,
    /// Routing facts.
    pub facets: FacetsView<'a>,
}

/// The facets, borrowed.
#[derive(Clone, Copy, Debug)]
pub struct FacetsView<'a> {
    /// Health region of the reporting facility.
    pub region: i32,
    /// Province, 2 digits.
    pub province: &'a str,
    /// District, 4 digits.
    pub district: &'a str,
    /// Who pays.
    pub scheme: SchemeGroup,
    notifiable: &'a [u8],
    /// The facility a referral or reply is about.
    pub counterpart: Option<&'a str>,
    /// Its health region.
    pub counterpart_region: Option<i32>,
    /// Principal diagnosis or main code.
    pub main_code: Option<&'a str>,
}

impl<'a> FacetsView<'a> {
    /// Report-506 codes of the notifiable diseases the event shows.
    pub fn notifiable(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        Texts { cursor: Cursor::new(self.notifiable), left: 0 }
    }
}

impl<'a> EnvelopeView<'a> {
    /// Reads from the start of a record's value.
    pub fn read(payload: &'a [u8]) -> Result<Self, Malformed> {
        let cursor = &mut Cursor::new(payload);
        Ok(Self {
            event_id: Wire::get(cursor)?,
            revision: Wire::get(cursor)?,
            sequence: Wire::get(cursor)?,
            patient: Wire::get(cursor)?,
            sealed_citizen_id: maybe_bytes(cursor)?,
            facility: cursor.text(TEXT_BYTES_MAX)?,
            event_type: Wire::get(cursor)?,
            occurred_at: Wire::get(cursor)?,
            recorded_at: Wire::get(cursor)?,
            labels: Wire::get(cursor)?,
            facets: facets(cursor)?,
        })
    }
}

impl std::fmt::Debug for EnvelopeView<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnvelopeView")
            .field("event_id", &self.event_id)
            .field("event_type", &self.event_type)
            .finish_non_exhaustive()
    }
}

fn facets<'a>(cursor: &mut Cursor<'a>) -> Result<FacetsView<'a>, Malformed> {
    Ok(FacetsView {
        region: Wire::get(cursor)?,
        province: cursor.text(TEXT_BYTES_MAX)?,
        district: cursor.text(TEXT_BYTES_MAX)?,
        scheme: Wire::get(cursor)?,
        notifiable: texts(cursor)?,
        counterpart: maybe_text(cursor)?,
        counterpart_region: Wire::get(cursor)?,
        main_code: maybe_text(cursor)?,
    })
}

fn maybe_bytes<'a>(cursor: &mut Cursor<'a>) -> Result<Option<&'a [u8]>, Malformed> {
    if !cursor.present()? {
        return Ok(None);
    }
    let n = cursor.length(SUBMISSION_BYTES_MAX)?;
    cursor.take(n).map(Some)
}

fn maybe_text<'a>(cursor: &mut Cursor<'a>) -> Result<Option<&'a str>, Malformed> {
    if cursor.present()? { cursor.text(TEXT_BYTES_MAX).map(Some) } else { Ok(None) }
}

/// The bytes of an array of texts, checked.
fn texts<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], Malformed> {
    let start = cursor.at();
    let mut had = 0;
    while let Some(block) = cursor.block(had, 1)? {
        for _ in 0..block.items {
            cursor.text(TEXT_BYTES_MAX)?;
        }
        had += block.items;
        cursor.close(block)?;
    }
    Ok(cursor.since(start))
}

/// Walks an array of texts that was checked before.
struct Texts<'a> {
    cursor: Cursor<'a>,
    left: usize,
}

impl<'a> Iterator for Texts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.left == 0 {
            self.left = self.cursor.block(0, 1).ok()??.items;
        }
        self.left -= 1;
        self.cursor.text(TEXT_BYTES_MAX).ok()
    }
}

/// A view of a record, checked to be of the type its schema id says.
pub(crate) fn of_type(
    payload: &[u8],
    event_type: EventType,
) -> Result<EnvelopeView<'_>, Malformed> {
    let view = EnvelopeView::read(payload)?;
    if view.event_type == event_type {
        Ok(view)
    } else {
        Err(Malformed::new(Fault::TypeMismatch, 0))
    }
}
