//! Which zip tells what. Within a facility the order of names is the order of time.

use std::collections::HashSet;

use jiff::civil::Date;

use crate::calendar::{clock, compact, shift};
use crate::plan::mess::Mess;
use crate::plan::{Breakage, Plan, Target, Task};
use crate::random::{Random, Stream};
use crate::world::{Identity, World};

/// What a facility knows of late and mistaken identities when it writes a zip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Nothing yet.
    Before,
    /// The truth.
    After,
}

/// One zip.
pub struct Zip {
    pub facility: u16,
    /// 2 or 4.
    pub phase: u8,
    /// Name without extension.
    pub stem: String,
    /// The day it was made.
    pub made: Date,
    pub stage: Stage,
    pub tasks: Vec<Task>,
}

/// Plans of the four zips of phase 4.
const RESEND: usize = 0;
const LINK: usize = 1;
const MEND: usize = 2;
const REST: usize = 3;

/// All zips: phase 2 of every facility, then phase 4 of every facility.
pub fn zips(world: &World, plan: &Plan, mess: &Mess) -> Vec<Zip> {
    let mut first: Vec<Vec<Zip>> = Vec::new();
    let mut second: Vec<Vec<Zip>> = Vec::new();
    let mut n_visits = vec![0; world.facilities.len()];
    for visit in &plan.visits {
        n_visits[usize::from(visit.facility)] += 1;
    }
    for (facility, n) in (0u16..).zip(n_visits) {
        first.push(phase_two(world, facility, (n / 1_500 + 2).min(12)));
        second.push(phase_four(world, facility));
    }
    let skip = avoid(plan, mess);
    for task in originals(plan) {
        let registration = plan.registration(task.0);
        let facility = usize::from(world.facility_of(registration));
        let certain = certain(world, registration);
        let split = world.calendar.split;
        if task.1 >= split || task.2 {
            let zip = match (task.1 >= split, task.1 < split + (world.calendar.days() - split) / 2)
            {
                (true, true) if certain => LINK,
                (true, false) => REST,
                _ => MEND,
            };
            second[facility][zip].tasks.push(task.0);
            continue;
        }
        let n = first[facility].len();
        first[facility][usize::from(task.1) * n / usize::from(split)].tasks.push(task.0);
        if task.1 + 30 >= split && !skip.first.contains(&task.0) {
            second[facility][RESEND].tasks.push(task.0);
            if !certain && !skip.second.contains(&task.0) {
                second[facility][MEND].tasks.push(task.0);
            }
        }
    }
    mend(world, plan, mess, &mut second);
    let mut zips: Vec<Zip> =
        first.into_iter().flatten().chain(second.into_iter().flatten()).collect();
    register(world, plan, &mut zips);
    spoil(world, plan, &mut zips);
    zips.retain(|it| !it.tasks.is_empty());
    zips
}

fn certain(world: &World, registration: u32) -> bool {
    let identity = world.people.registrations[registration as usize].identity;
    matches!(identity, Identity::Known | Identity::Never)
}

fn zip(world: &World, facility: u16, phase: u8, made: Date, stage: Stage) -> Zip {
    let hospcode = &world.facilities[usize::from(facility)].hospcode;
    let time = clock(64_800 + u32::from(facility) % 3_600);
    let stem = format!("F43_{hospcode}_{}{time}{:02}", compact(made), facility % 100);
    Zip { facility, phase, stem, made, stage, tasks: Vec::new() }
}

/// Zips of equal length in time; each is made when the last stay it tells of has ended.
fn phase_two(world: &World, facility: u16, n: u16) -> Vec<Zip> {
    (1..=n)
        .map(|it| {
            let end = u32::from(world.calendar.split) * u32::from(it) / u32::from(n);
            let made = shift(world.calendar.date(0), end.cast_signed() + 8);
            zip(world, facility, 2, made, Stage::Before)
        })
        .collect()
}

fn phase_four(world: &World, facility: u16) -> Vec<Zip> {
    let (split, end) = (i32::from(world.calendar.split), i32::from(world.calendar.days()));
    [
        (split + 9, Stage::Before),
        (end + 9, Stage::After),
        (end + 10, Stage::After),
        (end + 11, Stage::After),
    ]
    .map(|(day, stage)| zip(world, facility, 4, shift(world.calendar.date(0), day), stage))
    .into()
}

/// Every original with its day and whether it is sent late, in order of time inside a facility.
fn originals(plan: &Plan) -> Vec<(Task, u16, bool)> {
    let mut all: Vec<(u16, u32, Task, bool)> = Vec::new();
    for (at, visit) in (0u32..).zip(&plan.visits) {
        all.push((visit.day, visit.second, Task::Visit(at), visit.late));
        if visit.died {
            all.push((visit.day, visit.second, Task::Death(at), visit.late));
        }
    }
    for (at, referral) in (0u32..).zip(&plan.referrals) {
        let second = plan.visits[referral.visit as usize].second;
        all.push((referral.day, second, Task::Referral(at), referral.late));
        if let Some(reply) = referral.reply {
            all.push((reply.day, second + 1, Task::Reply(at), false));
        }
    }
    all.sort_by_key(|it| (it.0, it.1));
    all.into_iter().map(|(day, _, task, late)| (task, day, late)).collect()
}

/// Tasks that may not stand beside a deletion or correction of the same event in one zip.
struct Avoid {
    first: HashSet<Task>,
    second: HashSet<Task>,
}

fn avoid(plan: &Plan, mess: &Mess) -> Avoid {
    let first = mess.early.iter().copied().map(Task::Visit).collect();
    let mut second: HashSet<Task> = mess.early.iter().copied().map(Task::Visit).collect();
    for target in &mess.retracted {
        match *target {
            Target::Visit(it)
            | Target::Stay(it)
            | Target::Surveillance(it)
            | Target::Vaccination(it)
            | Target::Screening(it)
            | Target::Antenatal(it)
            | Target::Appointment(it) => second.insert(Task::Visit(it)),
            Target::Referral(it) => second.insert(Task::Referral(it)),
            Target::Chronic(_) | Target::Nothing(..) => false,
        };
    }
    let corrected = (0u32..).zip(&plan.visits).filter(|(_, it)| it.correction.is_some());
    second.extend(corrected.map(|(at, _)| Task::Visit(at)));
    Avoid { first, second }
}

/// Links, corrections and deletions of phase 4.
fn mend(world: &World, plan: &Plan, mess: &Mess, second: &mut [Vec<Zip>]) {
    let mut put = |zip: usize, task: Task| {
        let facility = world.facility_of(plan.registration(task));
        second[usize::from(facility)][zip].tasks.push(task);
    };
    for (at, registration) in (0u32..).zip(&world.people.registrations) {
        if matches!(registration.identity, Identity::Late | Identity::Wrong(_)) {
            put(LINK, Task::Link(at));
        }
    }
    for (at, visit) in (0u32..).zip(&plan.visits) {
        if visit.correction.is_some() {
            put(MEND, Task::Corrected(at));
        }
    }
    for visit in &mess.early {
        put(RESEND, Task::Retract(Target::Visit(*visit)));
    }
    for visit in &mess.revived {
        put(REST, Task::Visit(*visit));
    }
    for target in &mess.retracted {
        put(MEND, Task::Retract(*target));
    }
}

/// A registration's lasting diseases go into the first zip that tells of it.
fn register(world: &World, plan: &Plan, zips: &mut [Zip]) {
    let mut known = vec![false; world.people.registrations.len()];
    for zip in zips {
        let mut new: Vec<u32> = Vec::new();
        for task in &zip.tasks {
            let registration = plan.registration(*task);
            if !matches!(task, Task::Link(_)) && !known[registration as usize] {
                known[registration as usize] = true;
                new.push(registration);
            }
        }
        zip.tasks.extend(new.into_iter().map(Task::Register));
    }
}

/// Adds broken rows to zips that have visits, all kinds in turn. They come last, so that they
/// are never the first row of a file.
fn spoil(world: &World, plan: &Plan, zips: &mut [Zip]) {
    let mut random = Random::of(world.seed, Stream::Mess, 4);
    let with_visits: Vec<usize> = zips
        .iter()
        .enumerate()
        .filter(|(_, zip)| zip.tasks.iter().any(|it| matches!(it, Task::Visit(_))))
        .map(|(at, _)| at)
        .collect();
    let count = (plan.visits.len() / 400).max(30);
    for n in 0..count {
        let zip = &mut zips[with_visits[random.index(with_visits.len())]];
        let visits: Vec<Task> =
            zip.tasks.iter().copied().filter(|it| matches!(it, Task::Visit(_))).collect();
        let registration = plan.registration(random.pick(&visits));
        let breakage = Breakage::ALL[n % Breakage::ALL.len()];
        zip.tasks.push(Task::Broken(breakage, registration));
    }
}
