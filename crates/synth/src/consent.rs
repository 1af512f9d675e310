//! Consent directives people gave, as values. `json` writes them as FHIR, `oracle` obeys them.
//!
//! A person has one directive, from one of a few templates, so that what it permits is beyond
//! dispute. Phase 3 replaces some by a newer version under the same id.

pub mod json;

use std::collections::BTreeMap;

use crate::citizen::Cid;
use crate::feed::EventType;
use crate::options::Options;
use crate::random::{Random, Stream};
use crate::reference::SENSITIVE;
use crate::world::{Identity, World};

/// What a directive or provision does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Allows.
    Permit,
    /// Forbids.
    Deny,
}

/// Who gave it and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grantor {
    /// The person, in an application.
    Patient,
    /// Someone with authority over the person.
    Guardian,
    /// The person, on paper before a witness.
    WitnessedPaper,
}

/// One rule. An empty list means "any".
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Provision {
    /// What it does.
    pub effect: Effect,
    /// Agency ids.
    pub recipients: Vec<&'static str>,
    /// Purposes of use.
    pub purposes: Vec<&'static str>,
    /// Event types.
    pub types: Vec<EventType>,
    /// Sensitivity labels.
    pub labels: Vec<&'static str>,
    /// Exceptions inside it.
    pub exceptions: Vec<Provision>,
}

/// Validity: always, for many years around the days covered, or long over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Validity {
    /// No period.
    Always,
    /// 2025 to 2045.
    Years,
    /// 2022 to 2024.
    Over,
}

/// A directive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Directive {
    /// Whose.
    pub cid: Cid,
    /// Its own name.
    pub id: String,
    /// False once withdrawn.
    pub active: bool,
    /// Holds where no provision reaches.
    pub base: Effect,
    /// Rules.
    pub provisions: Vec<Provision>,
    /// When it is in force.
    pub validity: Validity,
    /// Who gave it.
    pub grantor: Grantor,
    /// FHIR `dateTime`.
    pub given_at: String,
}

/// What people may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Template {
    /// Nothing, but treatment through the hospital exchange.
    Exchange,
    /// Everything not sensitive.
    Open,
    /// Nothing.
    Closed,
    /// Nothing, but my own health-record app.
    App,
    /// The exchange, without my lasting conditions.
    ExchangeWithoutConditions,
    /// The exchange, my mental health included.
    ExchangeWithMentalHealth,
    /// The exchange, with every sensitive category: the only one that opens referrals.
    ExchangeWithSensitive,
    /// Everything not sensitive, but not the app.
    OpenWithoutApp,
}

fn permit(recipient: &'static str, purpose: &'static str) -> Provision {
    Provision {
        effect: Effect::Permit,
        recipients: vec![recipient],
        purposes: vec![purpose],
        types: Vec::new(),
        labels: Vec::new(),
        exceptions: Vec::new(),
    }
}

impl Template {
    fn rules(self) -> (Effect, Vec<Provision>) {
        let exchange = permit("health-link", "TREAT");
        match self {
            Self::Exchange => (Effect::Deny, vec![exchange]),
            Self::Open => (Effect::Permit, Vec::new()),
            Self::Closed => (Effect::Deny, Vec::new()),
            Self::App => (Effect::Deny, vec![permit("phr", "PATRQT")]),
            Self::ExchangeWithoutConditions => {
                let exception = Provision {
                    effect: Effect::Deny,
                    recipients: Vec::new(),
                    purposes: Vec::new(),
                    types: vec![EventType::Condition],
                    labels: Vec::new(),
                    exceptions: Vec::new(),
                };
                (Effect::Deny, vec![Provision { exceptions: vec![exception], ..exchange }])
            }
            Self::ExchangeWithMentalHealth => {
                let named = Provision { labels: vec!["mental-health"], ..exchange.clone() };
                (Effect::Deny, vec![exchange, named])
            }
            Self::ExchangeWithSensitive => {
                let mut labels: Vec<_> = SENSITIVE.iter().map(|it| it.label).collect();
                labels.sort_unstable();
                labels.dedup();
                (Effect::Deny, vec![exchange.clone(), Provision { labels, ..exchange }])
            }
            Self::OpenWithoutApp => {
                let denied = Provision { effect: Effect::Deny, ..permit("phr", "PATRQT") };
                (Effect::Permit, vec![denied])
            }
        }
    }
}

/// A directive and the facility that recorded it, by index.
pub type Recorded = (u16, Directive);

/// The directives of phase 1 and of phase 3, each in order of facility and id.
pub fn make(options: &Options, world: &World) -> (Vec<Recorded>, Vec<Recorded>) {
    let mut random = Random::of(world.seed, Stream::Directives, 0);
    let mut first = Vec::new();
    let mut second = Vec::new();
    for person in givers(options, world, &mut random) {
        let it = &world.people.persons[person as usize];
        let registration = random.pick(&it.registrations);
        let facility = world.facility_of(registration);
        let directive = directive(world, person, &mut random);
        if random.chance(2_000) {
            let given_at = later(&mut random);
            second.push((facility, Directive { given_at, ..directive }));
            continue;
        }
        first.push((facility, directive.clone()));
        if random.chance(500) {
            second.push((facility, directive));
        } else if random.chance(2_000) {
            second.push((facility, replace(directive, &mut random)));
        }
    }
    for recorded in [&mut first, &mut second] {
        recorded.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
    }
    (first, second)
}

/// Who gives one: some of those not yet recognised everywhere, then anybody with a citizen id.
fn givers(options: &Options, world: &World, random: &mut Random) -> Vec<u32> {
    let wanted = options.directives as usize;
    let mut rank: BTreeMap<u32, u64> = BTreeMap::new();
    for (at, person) in (0u32..).zip(&world.people.persons) {
        let uncertain = person.registrations.iter().any(|it| {
            let identity = world.people.registrations[*it as usize].identity;
            matches!(identity, Identity::Late | Identity::Wrong(_))
        });
        let first = person.canary || (uncertain && random.chance(5_000));
        if !person.unknown {
            rank.insert(at, if first { 0 } else { 1 + random.next() / 2 });
        }
    }
    let mut people: Vec<(u64, u32)> = rank.into_iter().map(|(at, rank)| (rank, at)).collect();
    people.sort_unstable();
    people.truncate(wanted);
    people.into_iter().map(|(_, at)| at).collect()
}

fn directive(world: &World, person: u32, random: &mut Random) -> Directive {
    let template = random.weighted(&[
        (30, Template::Exchange),
        (20, Template::Open),
        (12, Template::Closed),
        (12, Template::App),
        (10, Template::ExchangeWithoutConditions),
        (10, Template::ExchangeWithMentalHealth),
        (10, Template::ExchangeWithSensitive),
        (6, Template::OpenWithoutApp),
    ]);
    let (base, provisions) = template.rules();
    Directive {
        cid: world.people.persons[person as usize].cid,
        id: uuid(random),
        active: random.chance(9_800),
        base,
        provisions,
        validity: random.weighted(&[
            (80, Validity::Always),
            (15, Validity::Years),
            (5, Validity::Over),
        ]),
        grantor: random.weighted(&[
            (80, Grantor::Patient),
            (10, Grantor::Guardian),
            (10, Grantor::WitnessedPaper),
        ]),
        given_at: format!(
            "2025-09-{:02}T{:02}:15:00+07:00",
            random.between(1, 28),
            random.between(8, 18)
        ),
    }
}

/// A newer version: withdrawn, or turned into its opposite.
fn replace(old: Directive, random: &mut Random) -> Directive {
    let given_at = later(random);
    if random.chance(4_000) {
        return Directive { active: false, given_at, ..old };
    }
    let denied = old.base == Effect::Deny && old.provisions.is_empty();
    let template = if denied { Template::Exchange } else { Template::Closed };
    let (base, provisions) = template.rules();
    Directive { base, provisions, given_at, active: true, ..old }
}

/// A newer version of some directives, chosen at random: what was withdrawn holds again, what holds is
/// withdrawn or turned into its opposite. `current` remembers; what changed is returned in order of
/// facility and id.
pub fn toggle(seed: u64, wave: u32, current: &mut [Recorded], directives: usize) -> Vec<Recorded> {
    let mut random = Random::of(seed, Stream::Directives, 1 + u64::from(wave));
    let mut places: Vec<usize> = (0..current.len()).collect();
    random.shuffle(&mut places);
    places.truncate(directives);
    places.sort_unstable();
    let mut changed = Vec::with_capacity(places.len());
    for at in places {
        let (facility, old) = &current[at];
        let new = if old.active {
            replace(old.clone(), &mut random)
        } else {
            Directive { active: true, given_at: later(&mut random), ..old.clone() }
        };
        current[at] = (*facility, new);
        changed.push(current[at].clone());
    }
    changed
}

fn later(random: &mut Random) -> String {
    format!("2026-08-{:02}T{:02}:40:00+07:00", random.between(1, 28), random.between(8, 18))
}

fn uuid(random: &mut Random) -> String {
    let (high, low) = (random.next(), random.next());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 48 & 0x3fff),
        low & 0xffff_ffff_ffff
    )
}
