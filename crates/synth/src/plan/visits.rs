//! Out-patient visits: who comes where, when, and for what.

use std::collections::HashSet;

use crate::calendar::{age, days_between};
use crate::plan::{Plan, Stay, Visit};
use crate::random::{Random, Stream};
use crate::reference::{DIAGNOSES, Kind};
use crate::world::people::CHRONIC;
use crate::world::{FacilityKind, Person, World};

const COMORBID: &[&str] = &["I10", "E119", "E785", "D649", "K297"];
const COMORBID_SENSITIVE: &[&str] = &["F329", "F102", "B24", "F411"];

/// Adds this many visits, spread over facilities by size.
pub fn add(world: &World, plan: &mut Plan, count: u32) {
    let mut random = Random::of(world.seed, Stream::Planning, plan.visits.len() as u64);
    let weights: Vec<u64> = world.facilities.iter().map(|it| u64::from(it.kind.weight())).collect();
    let total: u64 = weights.iter().sum();
    let mut taken: HashSet<(u32, u16)> =
        plan.visits.iter().map(|it| (it.registration, it.day)).collect();
    let mut weight_so_far = 0;
    let mut done = 0;
    for (facility, weight) in (0u16..).zip(weights) {
        weight_so_far += weight;
        let until = u64::from(count) * weight_so_far / total;
        while done < until {
            let visit = visit(world, facility, &mut taken, &mut random);
            plan.visits.push(visit);
            done += 1;
        }
    }
}

/// Gives visits and stays their running numbers inside the facility, in order of time.
pub fn number(world: &World, plan: &mut Plan) {
    let mut order: Vec<usize> = (0..plan.visits.len()).collect();
    order.sort_by_key(|at| {
        let it = &plan.visits[*at];
        (it.facility, it.day, it.second, *at)
    });
    let mut visits = vec![0; world.facilities.len()];
    let mut stays = vec![0; world.facilities.len()];
    for at in order {
        let it = &mut plan.visits[at];
        let facility = usize::from(it.facility);
        visits[facility] += 1;
        it.number = visits[facility];
        if let Some(stay) = &mut it.stay {
            stays[facility] += 1;
            stay.number = stays[facility];
        }
    }
}

fn visit(
    world: &World,
    facility: u16,
    taken: &mut HashSet<(u32, u16)>,
    random: &mut Random,
) -> Visit {
    let kind = world.facilities[usize::from(facility)].kind;
    let registration = registration(world, facility, random);
    let mut day = day(world, kind, random);
    for _ in 0..8 {
        if taken.insert((registration, day)) {
            break;
        }
        day = self::day(world, kind, random);
    }
    let person = world.person_of(registration);
    let (reason, code) = reason(world, kind, person, day, random);
    let comorbidity = comorbidity(world, reason, code, person, day, random);
    let acute = matches!(reason, Kind::General | Kind::Injury | Kind::Notifiable | Kind::Sensitive);
    let admits = match kind {
        FacilityKind::Regional => 1_400,
        FacilityKind::General => 1_200,
        FacilityKind::Community => 500,
        FacilityKind::HealthCentre => 0,
    };
    let stay = (acute && random.chance(admits)).then(|| stay(random));
    let second = 8 * 3_600 + random.below(if kind.hospital() { 12 } else { 8 } * 3_600);
    let reported = reason == Kind::Notifiable && random.chance(8_500);
    Visit {
        registration,
        facility,
        day,
        second,
        number: 0,
        kind: reason,
        code,
        comorbidity,
        stay,
        referred_out: None,
        referred_from: None,
        reported,
        died: false,
        late: false,
        correction: None,
    }
}

/// A stay of a few nights, not yet numbered.
pub fn stay(random: &mut Random) -> Stay {
    Stay { number: 0, nights: u8::try_from(1 + random.below(7)).expect("below 8") }
}

/// A patient of the facility; the old and the chronically ill come more often.
fn registration(world: &World, facility: u16, random: &mut Random) -> u32 {
    let local = &world.people.by_facility[usize::from(facility)];
    let mut chosen = local[random.index(local.len())];
    for _ in 0..6 {
        let person = world.person_of(chosen);
        let years = age(person.birth, world.calendar.date(0));
        let chronic = if person.chronic == 0 { 0 } else { 4_000 };
        let odds = chronic
            + match years {
                ..5 => 4_500,
                5..15 => 2_000,
                15..60 => 2_500,
                _ => 5_500,
            };
        if person.canary || random.chance(odds) {
            break;
        }
        chosen = local[random.index(local.len())];
    }
    chosen
}

/// A day; health centres rarely open at weekends, hospitals see fewer then.
fn day(world: &World, kind: FacilityKind, random: &mut Random) -> u16 {
    let mut day = 0;
    for _ in 0..4 {
        day = u16::try_from(random.below(u32::from(world.calendar.days()))).expect("below u16");
        let weekend = world.calendar.date(day).weekday().to_monday_one_offset() > 5;
        let open = if kind.hospital() { 4_000 } else { 400 };
        if !weekend || random.chance(open) {
            break;
        }
    }
    day
}

fn reason(
    world: &World,
    kind: FacilityKind,
    person: &Person,
    day: u16,
    random: &mut Random,
) -> (Kind, &'static str) {
    let date = world.calendar.date(day);
    let years = age(person.birth, date);
    let hospital = kind.hospital();
    let pregnant =
        person.pregnancy.is_some_and(|it| (28..=280).contains(&days_between(it.lmp, date)));
    if pregnant && random.chance(6_000) {
        return (Kind::Antenatal, "Z349");
    }
    if years < 5 && random.chance(if hospital { 800 } else { 4_500 }) {
        return (Kind::Vaccination, "Z278");
    }
    if years >= 60 && !hospital && random.chance(300) {
        return (Kind::Vaccination, "Z278");
    }
    if person.chronic != 0 && random.chance(5_500) {
        let own: Vec<&'static str> =
            CHRONIC.iter().filter(|it| person.chronic & it.0 != 0).map(|it| it.1).collect();
        return (Kind::Chronic, random.pick(&own));
    }
    if years >= 35 && person.chronic & 3 == 0 && !hospital && random.chance(1_800) {
        return (Kind::Screening, "Z138");
    }
    let kind = random.weighted(&[
        (8_700, Kind::General),
        (750, Kind::Injury),
        (430, Kind::Notifiable),
        (120, Kind::Sensitive),
    ]);
    diagnosis(kind, person.sex, years, hospital, random)
}

/// A diagnosis of the kind that suits age, sex and facility; a cold when none is found quickly.
fn diagnosis(
    kind: Kind,
    sex: char,
    years: i32,
    hospital: bool,
    random: &mut Random,
) -> (Kind, &'static str) {
    let suits = DIAGNOSES.iter().filter(|it| {
        it.kind == kind
            && it.ages.contains(&years)
            && it.sex.is_none_or(|wanted| wanted == sex)
            && (hospital || !it.hospital_only)
    });
    let weighted: Vec<(u32, &'static str)> = suits.map(|it| (it.weight, it.code)).collect();
    if weighted.is_empty() {
        return (Kind::General, "J069");
    }
    (kind, random.weighted(&weighted))
}

/// A second diagnosis. No visit carries two sensitivity labels.
fn comorbidity(
    world: &World,
    kind: Kind,
    code: &str,
    person: &Person,
    day: u16,
    random: &mut Random,
) -> Option<&'static str> {
    if kind == Kind::Chronic {
        let own: Vec<&'static str> = CHRONIC
            .iter()
            .filter(|it| person.chronic & it.0 != 0 && it.1 != code)
            .map(|it| it.1)
            .collect();
        return (!own.is_empty() && random.chance(6_000)).then(|| random.pick(&own));
    }
    let acute = matches!(kind, Kind::General | Kind::Injury | Kind::Notifiable);
    let years = age(person.birth, world.calendar.date(day));
    if acute && years >= 18 && random.chance(200) {
        return Some(random.pick(COMORBID_SENSITIVE));
    }
    let usual = random.pick(COMORBID);
    (acute && years >= 40 && usual != code && random.chance(2_500)).then_some(usual)
}
