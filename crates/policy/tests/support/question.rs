//! What the property tests ask.

use saphan_model::directive::Purpose;
use saphan_model::{Envelope, Timestamp};
use saphan_policy::Question;

/// May the recipient have the event, for treatment?
pub fn question<'q>(recipient: &'q str, envelope: &'q Envelope, now: Timestamp) -> Question<'q> {
    Question {
        recipient,
        purpose: Purpose::Treatment,
        event_type: envelope.event_type,
        labels: envelope.labels,
        facility: &envelope.facility,
        occurred_on: envelope.occurred_at.thai_date(),
        now,
    }
}
