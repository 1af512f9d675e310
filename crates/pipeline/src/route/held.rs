//! Who holds one event, as a row of route's state.

use saphan_codec::SchemaIds;
use saphan_kafka::Failure;
use saphan_model::admission::{self, Holding};
use saphan_model::envelope::Retracted;
use saphan_model::label::Labels;
use saphan_model::{Envelope, EventId, EventType, PatientId, Revision, Timestamp};
use saphan_policy::{AgencySet, HeldEvent, RouteTable};

use super::state::unreadable;

/// Who holds one event.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) applied_offset: i64,
    pub(super) event_type: EventType,
    pub(super) agencies: AgencySet,
    /// Boxed: most events are held by statute only.
    pub(super) recallable: Option<Box<Recallable>>,
}

/// What it takes to call the event back without its body.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Recallable {
    pub(super) agencies: AgencySet,
    pub(super) facility: Box<str>,
    revision: Revision,
    sequence: i64,
    occurred_at: Timestamp,
    labels: Labels,
}

impl Recallable {
    /// Of an event just delivered to `agencies`, among others; none without one of them.
    pub(super) fn of(envelope: &Envelope, agencies: AgencySet) -> Option<Self> {
        (!agencies.is_empty()).then(|| Self {
            agencies,
            facility: envelope.facility.as_str().into(),
            revision: envelope.revision,
            sequence: envelope.sequence,
            occurred_at: envelope.occurred_at,
            labels: envelope.labels,
        })
    }
}

impl Held {
    /// The event as policy asks about it; none when no holder's contract calls it back.
    pub(super) fn event(&self, patient: PatientId, event_id: EventId) -> Option<HeldEvent<'_>> {
        let it = self.recallable.as_deref()?;
        Some(HeldEvent {
            event: Retracted::after(event_id, it.revision, it.sequence, patient),
            event_type: self.event_type,
            facility: &it.facility,
            occurred_at: it.occurred_at,
            labels: it.labels,
            recallable: it.agencies,
        })
    }

    /// After some holders were told to drop it.
    pub(super) fn without(mut self, gone: AgencySet, offset: i64) -> Self {
        self.applied_offset = offset;
        self.agencies = gone.iter().fold(self.agencies, AgencySet::without);
        self.recallable = self.recallable.and_then(|mut it| {
            it.agencies = gone.iter().fold(it.agencies, AgencySet::without);
            (!it.agencies.is_empty()).then_some(it)
        });
        self
    }

    /// As it is kept.
    pub(super) fn row(&self, table: &RouteTable) -> Holding {
        Holding {
            applied_offset: self.applied_offset,
            event_type: self.event_type,
            agencies: table.ids_of(self.agencies),
            recallable: self.recallable.as_ref().map(|it| admission::Recallable {
                agencies: table.ids_of(it.agencies),
                revision: it.revision,
                sequence: it.sequence,
                facility: it.facility.to_string(),
                occurred_at: it.occurred_at,
                labels: it.labels,
            }),
        }
    }

    /// From how it is kept. A row from before holdings knew of recalls names none.
    pub(super) fn read(value: &[u8], ids: &SchemaIds, table: &RouteTable) -> Result<Self, Failure> {
        let row = saphan_codec::decode_framed::<Holding>(value, ids)
            .map_err(|it| unreadable(&it.to_string()))?;
        let holders = |of: &[String]| {
            let set = table.holders(row.event_type, of.iter().map(String::as_str));
            set.map_err(|it| unreadable(&it.to_string()))
        };
        let recallable = |it: &admission::Recallable| {
            Ok::<_, Failure>(Box::new(Recallable {
                agencies: holders(&it.agencies)?,
                facility: it.facility.as_str().into(),
                revision: it.revision,
                sequence: it.sequence,
                occurred_at: it.occurred_at,
                labels: it.labels,
            }))
        };
        Ok(Self {
            applied_offset: row.applied_offset,
            event_type: row.event_type,
            agencies: holders(&row.agencies)?,
            recallable: row.recallable.as_ref().map(recallable).transpose()?,
        })
    }
}
