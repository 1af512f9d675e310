//! The delivery desk: turns a permission into a record of the agency's topic. It is the only code that
//! addresses an agency topic, and it takes [`Permitted`] or [`Recall`], which only `policy` can make.

use std::cell::OnceCell;
use std::sync::Arc;

use saphan_codec::projection::{Identity, Projection};
use saphan_kafka::{Failure, Header, Outbound};
use saphan_keys::{AgencyKey, Keys};
use saphan_model::contract::IdentityMode;
use saphan_model::{CitizenId, Envelope, EventId};
use saphan_policy::{Action, Permitted, Recall, RuleId};
use saphan_topology::{Names, Topology};

/// One window per contract rule, and the keys to open what a rule allows to open.
pub struct Desk {
    windows: Vec<Window>,
    keys: Keys,
}

/// One record on its way to its recipients. What several of them need is made once, when first needed; the
/// citizen id only for a recipient whose contract says so.
pub struct Parcel<'r> {
    body: &'r [u8],
    source: &'r Header,
    encoded: OnceCell<Vec<u8>>,
    citizen_id: OnceCell<Option<CitizenId>>,
}

impl<'r> Parcel<'r> {
    /// `body` as [`saphan_codec::peek`] gives it; `source` names the record.
    pub const fn new(body: &'r [u8], source: &'r Header) -> Self {
        Self { body, source, encoded: OnceCell::new(), citizen_id: OnceCell::new() }
    }

    fn encoded(&self, envelope: &Envelope) -> &[u8] {
        self.encoded.get_or_init(|| saphan_codec::encode(envelope))
    }

    /// The citizen id, opened.
    fn citizen_id(&self, envelope: &Envelope, keys: &Keys) -> Result<Option<&CitizenId>, Failure> {
        if self.citizen_id.get().is_none() {
            let sealed = envelope.sealed_citizen_id.as_ref();
            let opened = sealed.map(|it| keys.open(it, &envelope.event_id.0)).transpose();
            let opened = opened.map_err(|_| {
                Failure::fatal(
                    "SP-1335",
                    "a sealed citizen id cannot be opened with the platform's keys",
                )
            })?;
            _ = self.citizen_id.set(opened);
        }
        Ok(self.citizen_id.get().and_then(Option::as_ref))
    }
}

/// What a rule's deliveries look like.
struct Window {
    topic: Arc<str>,
    schema_id: u32,
    projection: Projection,
    identity: IdentityMode,
    agency_key: AgencyKey,
}

impl Desk {
    /// Prepares a window for every rule of every contract version. `rule_ids` holds the registry id of
    /// each rule's derived schema, by [`RuleId`], beside [`Topology::projections`].
    pub fn new(topology: &Topology, rule_ids: &[u32], keys: &Keys, names: &Names) -> Self {
        let routes = topology.routes();
        let shapes = topology.projections().iter().zip(rule_ids);
        let windows = routes
            .rules()
            .zip(shapes)
            .map(|(entry, (projection, schema_id))| {
                let agency = routes.id_of(entry.agency);
                Window {
                    topic: names.agency(agency, entry.rule.event_type).into(),
                    schema_id: *schema_id,
                    projection: projection.clone(),
                    identity: entry.rule.identity,
                    agency_key: keys.agency(agency),
                }
            })
            .collect();
        Self { windows, keys: keys.clone() }
    }

    /// Carries out one action for the parcel's record: at most one record.
    pub fn carry_out(
        &self,
        action: Action<'_>,
        parcel: &Parcel<'_>,
    ) -> Result<Option<Outbound>, Failure> {
        match action {
            Action::Deliver(permitted) => self.deliver(&permitted, parcel).map(Some),
            Action::Retract(recall) => self.retract(&recall, parcel.source).map(Some),
            Action::Withhold(_) => Ok(None),
        }
    }

    fn deliver(&self, permitted: &Permitted<'_>, parcel: &Parcel<'_>) -> Result<Outbound, Failure> {
        let window = self.window(permitted.rule());
        let envelope = permitted.envelope();
        let citizen_id = match window.identity {
            IdentityMode::CitizenId => parcel.citizen_id(envelope, &self.keys)?,
            IdentityMode::None | IdentityMode::AgencyPseudonym => None,
        };
        let pseudonym = window.agency_key.pseudonym(envelope.patient);
        let identity = window.identity(&pseudonym, citizen_id);
        let mut value = window.frame();
        window
            .projection
            .deliver_encoded(envelope, parcel.encoded(envelope), parcel.body, identity, &mut value)
            .map_err(|it| Failure::fatal("SP-1334", it.to_string()))?;
        Ok(window.record(envelope.event_id, pseudonym, value, parcel.source))
    }

    fn retract(&self, recall: &Recall, source: &Header) -> Result<Outbound, Failure> {
        let window = self.window(recall.rule());
        let event = recall.event();
        let pseudonym = window.agency_key.pseudonym(event.patient);
        let mut value = window.frame();
        window
            .projection
            .retract(event, window.identity(&pseudonym, None), &mut value)
            .map_err(|it| Failure::fatal("SP-1334", it.to_string()))?;
        Ok(window.record(event.event_id, pseudonym, value, source))
    }

    fn window(&self, rule: RuleId) -> &Window {
        &self.windows[rule.get()]
    }
}

impl Window {
    fn identity<'a>(
        &self,
        pseudonym: &'a [u8; 16],
        citizen_id: Option<&'a CitizenId>,
    ) -> Identity<'a> {
        match self.identity {
            IdentityMode::None => Identity::None,
            IdentityMode::AgencyPseudonym => Identity::Pseudonym(pseudonym),
            IdentityMode::CitizenId => Identity::CitizenId(citizen_id),
        }
    }

    fn frame(&self) -> Vec<u8> {
        let mut value = Vec::with_capacity(256);
        saphan_codec::frame::put_frame(self.schema_id, &mut value);
        value
    }

    /// The key keeps one person's records in order without naming the person: the agency's own
    /// pseudonym, or the event id where the agency may not know that two events share a patient.
    fn record(
        &self,
        event_id: EventId,
        pseudonym: [u8; 16],
        value: Vec<u8>,
        source: &Header,
    ) -> Outbound {
        let key = match self.identity {
            IdentityMode::None => event_id.0,
            IdentityMode::AgencyPseudonym | IdentityMode::CitizenId => pseudonym,
        };
        Outbound::keyed(self.topic.clone(), key, value).with(source.clone())
    }
}
