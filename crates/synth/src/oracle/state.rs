//! What is so at one moment of the feed, and how each item changes it.

use std::collections::HashMap;

use crate::citizen::Cid;
use crate::consent::Directive;
use crate::feed::{EventType, FeedFile, Item, Put};
use crate::oracle::agencies::Agency;
use crate::oracle::consent::{Question, permits};
use crate::oracle::tally::{Refusal, Tally};
use crate::oracle::{AGENCIES, Site, labels};

/// Whose an event is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner<'f> {
    /// A citizen.
    Citizen(Cid),
    /// A local number at a facility.
    Local(u16, &'f str),
}

/// An event ever put.
struct Slot<'f> {
    facility: u16,
    /// None once deleted.
    live: Option<&'f Put>,
    owner: Owner<'f>,
    /// Bits of [`AGENCIES`].
    holders: u32,
}

/// What a facility's local number stands for.
#[derive(Default)]
struct Local {
    cid: Option<Cid>,
    events: Vec<usize>,
}

/// The state.
pub struct Oracle<'f> {
    sites: &'f [Site],
    slots: Vec<Slot<'f>>,
    names: HashMap<(u16, EventType, &'f str), usize>,
    locals: HashMap<(u16, &'f str), Local>,
    directives: HashMap<Cid, Vec<(u16, &'f Directive)>>,
    /// Slots that are or were a citizen's.
    of_citizen: HashMap<Cid, Vec<usize>>,
    /// The counts so far.
    pub tally: Tally<'f>,
}

impl<'f> Oracle<'f> {
    /// Nothing has been sent yet.
    pub fn new(sites: &'f [Site]) -> Self {
        Self {
            sites,
            slots: Vec::new(),
            names: HashMap::new(),
            locals: HashMap::new(),
            directives: HashMap::new(),
            of_citizen: HashMap::new(),
            tally: Tally::default(),
        }
    }

    /// Applies one file.
    pub fn apply(&mut self, file: &'f FeedFile) {
        for item in &file.items {
            match item {
                Item::Put(put) => self.put(file.facility, put),
                Item::Retract { event_type, key, place } => {
                    let refusal = (file.name.as_str(), place.file, place.line, "SP-1310");
                    self.retract(file.facility, *event_type, key, refusal);
                }
                Item::Defect { code, place } => {
                    let refusal = (file.name.as_str(), place.file, place.line, *code);
                    let repeated = !self.tally.refused.insert(refusal);
                    self.tally.defects += 1;
                    self.tally.defects_repeated += u64::from(repeated);
                }
                Item::Directive(directive) => self.direct(file.facility, directive),
            }
        }
    }

    /// The live events with facility and owner.
    pub fn live(&self) -> impl Iterator<Item = (u16, Owner<'f>, &'f Put)> {
        self.slots.iter().filter_map(|it| it.live.map(|put| (it.facility, it.owner, put)))
    }

    /// The site of a facility.
    pub fn site(&self, facility: u16) -> &'f Site {
        &self.sites[usize::from(facility)]
    }

    fn put(&mut self, facility: u16, put: &'f Put) {
        if put.event_type == EventType::Person {
            self.identify(facility, &put.pid, put.cid);
        }
        self.tally.of(put.event_type).sent += 1;
        let owner = self.owner(facility, put);
        let name = (facility, put.event_type, &*put.key);
        let at = match self.names.get(&name) {
            Some(at) => *at,
            None => {
                let at = self.slots.len();
                self.names.insert(name, at);
                self.slots.push(Slot { facility, live: None, owner, holders: 0 });
                self.locals.entry((facility, &put.pid)).or_default().events.push(at);
                at
            }
        };
        let slot = &mut self.slots[at];
        let moves = slot.live.is_some() && slot.owner != owner;
        let same = slot.live.is_some_and(|it| it.content == put.content);
        slot.owner = owner;
        slot.live = Some(put);
        if same && !moves {
            self.tally.of(put.event_type).unchanged += 1;
            return;
        }
        self.tally.of(put.event_type).admitted += 1;
        if moves {
            self.take_back(at);
        }
        self.decide(at);
    }

    /// A deletion; refused when there never was such an event.
    fn retract(
        &mut self,
        facility: u16,
        event_type: EventType,
        key: &'f str,
        refusal: Refusal<'f>,
    ) {
        self.tally.of(event_type).retractions_sent += 1;
        let known = self.names.get(&(facility, event_type, key)).copied();
        let new = match known {
            Some(at) if self.slots[at].live.is_some() => {
                self.tally.of(event_type).retractions_admitted += 1;
                self.take_back(at);
                self.slots[at].live = None;
                return;
            }
            Some(_) => false,
            None => self.tally.refused.insert(refusal),
        };
        self.tally.of(event_type).retractions_quarantined += u64::from(new);
        self.tally.of(event_type).retractions_unchanged += u64::from(!new);
    }

    fn direct(&mut self, facility: u16, directive: &'f Directive) {
        let given = self.directives.entry(directive.cid).or_default();
        let known = given.iter_mut().find(|it| it.0 == facility && it.1.id == directive.id);
        let unchanged = known.as_ref().is_some_and(|it| it.1 == directive);
        match known {
            Some(it) => it.1 = directive,
            None => given.push((facility, directive)),
        }
        let totals = self.tally.of(EventType::Directive);
        totals.sent += 1;
        totals.unchanged += u64::from(unchanged);
        totals.admitted += u64::from(!unchanged);
        if !unchanged {
            self.ask_again(directive.cid);
        }
    }

    /// After a change of consent: what an agency that takes back could no longer get, it loses.
    fn ask_again(&mut self, cid: Cid) {
        let mut slots = self.of_citizen.get(&cid).cloned().unwrap_or_default();
        slots.sort_unstable();
        slots.dedup();
        for at in slots {
            let slot = &self.slots[at];
            let (holders, Some(put)) = (slot.holders, slot.live) else { continue };
            if slot.owner != Owner::Citizen(cid) {
                continue;
            }
            for (place, agency) in AGENCIES.iter().enumerate() {
                let holds = holders & (1 << place) != 0;
                if holds && agency.takes_back && !self.permitted(at, put, agency) {
                    self.tally.to(place, put.event_type).retracted += 1;
                    self.slots[at].holders &= !(1 << place);
                }
            }
        }
    }

    /// May the agency have the event as it now is?
    fn permitted(&self, at: usize, put: &Put, agency: &Agency) -> bool {
        let labels = labels(put);
        let question = Question {
            recipient: agency.id,
            purpose: agency.purpose,
            event_type: put.event_type,
            labels: &labels,
        };
        agency.may_see(&labels)
            && (!agency.by_consent || self.consents(self.slots[at].owner, &question))
    }

    /// Whose a put is.
    fn owner(&self, facility: u16, put: &'f Put) -> Owner<'f> {
        let known = self.locals.get(&(facility, &*put.pid)).and_then(|it| it.cid);
        match put.cid.or(known) {
            Some(cid) => Owner::Citizen(cid),
            None => Owner::Local(facility, &put.pid),
        }
    }

    /// A person row: the local number gets a citizen id, and its live events move to it.
    fn identify(&mut self, facility: u16, pid: &'f str, cid: Option<Cid>) {
        let local = self.locals.entry((facility, pid)).or_default();
        let Some(cid) = cid.filter(|it| local.cid != Some(*it)) else { return };
        local.cid = Some(cid);
        let events = local.events.clone();
        let owner = Owner::Citizen(cid);
        self.tally.links += u64::from(!events.is_empty());
        for at in events {
            let slot = &mut self.slots[at];
            let Some(put) = slot.live else { continue };
            if slot.owner == owner {
                continue;
            }
            slot.owner = owner;
            self.tally.of(put.event_type).moved += 1;
            self.take_back(at);
            self.decide(at);
        }
    }

    /// Every holder gets a retraction.
    fn take_back(&mut self, at: usize) {
        let slot = &mut self.slots[at];
        let Some(put) = slot.live else { return };
        let holders = std::mem::take(&mut slot.holders);
        for agency in (0..AGENCIES.len()).filter(|it| holders & (1 << it) != 0) {
            self.tally.to(agency, put.event_type).retracted += 1;
        }
    }

    /// Each agency's outcome for the event as it now is.
    fn decide(&mut self, at: usize) {
        let Some(put) = self.slots[at].live else { return };
        let (owner, held) = (self.slots[at].owner, self.slots[at].holders);
        if let Owner::Citizen(cid) = owner {
            self.of_citizen.entry(cid).or_default().push(at);
        }
        let region = self.site(self.slots[at].facility).region;
        let mut holders = 0;
        for (place, agency) in AGENCIES.iter().enumerate() {
            let candidate = agency.candidate(put, region);
            let permitted = candidate && self.permitted(at, put, agency);
            let held = held & (1 << place) != 0;
            if !candidate && !held {
                continue;
            }
            let counts = self.tally.to(place, put.event_type);
            counts.delivered += u64::from(permitted);
            counts.withheld += u64::from(candidate && !permitted);
            counts.retracted += u64::from(held && !permitted);
            holders |= u32::from(permitted) << place;
        }
        self.slots[at].holders = holders;
    }

    fn consents(&self, owner: Owner<'f>, question: &Question<'_>) -> bool {
        let Owner::Citizen(cid) = owner else { return false };
        let given = self.directives.get(&cid).into_iter().flatten();
        permits(given.map(|it| it.1), question)
    }
}
