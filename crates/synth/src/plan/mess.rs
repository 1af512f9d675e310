//! What goes wrong: deaths, unknown and mistaken identities, corrections, deletions, late files.

use crate::calendar::age;
use crate::plan::{Correction, Plan, Target};
use crate::random::{Random, Stream};
use crate::reference::Kind;
use crate::world::{Identity, World};

/// Deletions and resends, by when they are sent.
pub struct Mess {
    /// Visits deleted in the first zip of phase 4.
    pub early: Vec<u32>,
    /// Of these, the ones sent again in the last.
    pub revived: Vec<u32>,
    /// Deleted in the third zip of phase 4.
    pub retracted: Vec<Target>,
}

fn at(index: usize) -> u32 {
    u32::try_from(index).expect("options limit how much there is")
}

/// Some last visits of the old end in death.
pub fn deaths(world: &mut World, plan: &mut Plan) {
    let mut random = Random::of(world.seed, Stream::Mess, 1);
    let mut last: Vec<Option<usize>> = vec![None; world.people.persons.len()];
    for (at, visit) in plan.visits.iter().enumerate() {
        let person = world.people.registrations[visit.registration as usize].person as usize;
        let later = |it: usize| (plan.visits[it].day, plan.visits[it].second);
        if last[person].is_none_or(|it| later(it) < (visit.day, visit.second)) {
            last[person] = Some(at);
        }
    }
    for visit in last.into_iter().flatten() {
        let visit = &mut plan.visits[visit];
        let person = world.person_of(visit.registration);
        let odds = match age(person.birth, world.calendar.date(visit.day)) {
            80.. => 500,
            60..80 => 150,
            _ => 10,
        };
        let acute = matches!(visit.kind, Kind::General | Kind::Injury | Kind::Chronic);
        let moved = visit.referred_out.is_some() || visit.stay.is_some();
        if acute && !moved && random.chance(odds) {
            visit.died = true;
            world.people.registrations[visit.registration as usize].died = Some(visit.day);
        }
    }
}

/// Makes some registrations seen before the split uncertain.
pub fn identities(world: &mut World, plan: &Plan, mistaken: bool) {
    let mut random = Random::of(world.seed, Stream::Mess, 2);
    let mut seen: Vec<u32> = plan
        .visits
        .iter()
        .filter(|it| it.day < world.calendar.split)
        .map(|it| it.registration)
        .filter(|it| {
            let person = world.person_of(*it);
            !person.unknown && !person.canary
        })
        .collect();
    seen.sort_unstable();
    seen.dedup();
    random.shuffle(&mut seen);
    let n_late = (seen.len() / 60).max(6);
    let n_wrong = if mistaken { (seen.len() / 900).max(2) } else { 0 };
    let others: Vec<_> = seen.iter().rev().map(|it| world.person_of(*it).cid).collect();
    for (order, registration) in seen.into_iter().take(n_late + n_wrong).enumerate() {
        let own = world.person_of(registration).cid;
        let it = &mut world.people.registrations[registration as usize];
        it.identity = if order < n_late {
            Identity::Late
        } else if others[order] == own {
            continue;
        } else {
            Identity::Wrong(others[order])
        };
    }
}

/// Chooses corrections and late files (noted on the visits) and deletions.
pub fn choose(world: &World, plan: &mut Plan) -> Mess {
    let mut random = Random::of(world.seed, Stream::Mess, 3);
    let split = world.calendar.split;
    let mut pool: Vec<u32> =
        (0..at(plan.visits.len())).filter(|it| plan.visits[*it as usize].day < split).collect();
    random.shuffle(&mut pool);
    let n = pool.len();
    let corrected = correct(world, plan, &pool, &mut random);
    pool.retain(|it| plan.visits[*it as usize].correction.is_none());
    let late: Vec<u32> = pool.drain(..n / 100).collect();
    for visit in late {
        plan.visits[visit as usize].late = true;
    }
    let early: Vec<u32> = pool.drain(..(n / 1_500).max(4)).collect();
    let revived = early.iter().copied().step_by(2).collect();
    let mut retracted: Vec<Target> = pool.drain(..(n / 400).max(4)).map(Target::Visit).collect();
    retracted.extend(beside(plan, &pool, (n / 2_500).max(2)));
    retracted.extend(corrected);
    retracted.extend(unrelated(world, plan, &pool, (n / 2_500).max(2)));
    Mess { early, revived, retracted }
}

/// Corrects some visits; gives the surveillance rows that no longer hold.
fn correct(world: &World, plan: &mut Plan, pool: &[u32], random: &mut Random) -> Vec<Target> {
    let n = pool.len();
    let mut no_longer = Vec::new();
    let mut left = [n / 400, n / 300, n / 200, n / 800, n / 800].map(|it| it.max(3));
    for visit in pool {
        let it = &mut plan.visits[*visit as usize];
        let years = age(world.person_of(it.registration).birth, world.calendar.date(it.day));
        let plain = it.kind == Kind::General && it.comorbidity.is_none();
        let (class, correction) = if it.code == "A90" && left[0] > 0 {
            let code = if random.chance(7_000) { "J069" } else { "J101" };
            (0, Correction::Principal(code))
        } else if it.kind == Kind::Sensitive && it.comorbidity.is_none() && left[4] > 0 {
            (4, Correction::Principal("R51"))
        } else if plain && years >= 18 && left[3] > 0 {
            (3, Correction::Comorbidity("F329"))
        } else if left[1] > 0 && it.kind != Kind::Sensitive {
            let own = world.person_of(it.registration).scheme;
            (1, Correction::Scheme(if own == "0100" { "4200" } else { "0100" }))
        } else if left[2] > 0 {
            (2, Correction::Charges)
        } else {
            continue;
        };
        left[class] -= 1;
        it.correction = Some(correction);
        if class == 0 && it.reported {
            no_longer.push(Target::Surveillance(*visit));
        }
    }
    no_longer
}

/// Deletions of what was recorded beside a visit, some of each kind.
fn beside(plan: &Plan, pool: &[u32], each: usize) -> Vec<Target> {
    let of = |wanted: fn(&crate::plan::Visit) -> bool, target: fn(u32) -> Target| {
        pool.iter().copied().filter(move |it| wanted(&plan.visits[*it as usize])).map(target)
    };
    let mut targets: Vec<Target> = Vec::new();
    targets.extend(of(|it| it.stay.is_some(), Target::Stay).take(each));
    targets.extend(of(|it| it.kind == Kind::Vaccination, Target::Vaccination).take(each));
    targets.extend(of(|it| it.kind == Kind::Screening, Target::Screening).take(each));
    targets.extend(of(|it| it.kind == Kind::Antenatal, Target::Antenatal).take(each));
    targets.extend(of(|it| it.kind == Kind::Chronic, Target::Appointment).take(each));
    targets
}

/// Deletions of referrals and lasting diseases, and of visits that never were.
fn unrelated(world: &World, plan: &Plan, pool: &[u32], each: usize) -> Vec<Target> {
    let split = world.calendar.split;
    let referrals = (0..at(plan.referrals.len())).rev().filter(|it| {
        let referral = &plan.referrals[*it as usize];
        referral.day < split && !referral.late
    });
    let mut targets: Vec<Target> = referrals.take(each).map(Target::Referral).collect();
    let registrations = pool.iter().map(|it| plan.visits[*it as usize].registration);
    let mut chronic: Vec<u32> = registrations
        .clone()
        .filter(|it| !crate::rows::conditions(world, *it).is_empty())
        .take(each)
        .collect();
    chronic.sort_unstable();
    chronic.dedup();
    targets.extend(chronic.into_iter().map(Target::Chronic));
    targets.extend((0..).zip(registrations.rev()).take(each).map(|(n, it)| Target::Nothing(it, n)));
    targets
}
