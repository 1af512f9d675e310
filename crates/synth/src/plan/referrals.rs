//! Referrals up the chain, arrivals, replies and return legs.

use crate::plan::{Plan, Referral, Reply, Visit, visits};
use crate::random::{Random, Stream};
use crate::reference::Kind;
use crate::world::{FacilityKind, World};

/// Adds this many referrals, with at most `arrivals` visits at the receiving facilities.
pub fn add(world: &mut World, plan: &mut Plan, count: u32, arrivals: u32) {
    let mut random = Random::of(world.seed, Stream::Referrals, 0);
    let mut pool: Vec<u32> =
        (0u32..).zip(&plan.visits).filter(|(_, it)| suits(world, it)).map(|(at, _)| at).collect();
    random.shuffle(&mut pool);
    let limit = plan.visits.len() + arrivals as usize;
    while plan.referrals.len() < count as usize {
        let Some(visit) = pool.pop() else { break };
        let from = plan.visits[visit as usize].facility;
        let Some(to) = destination(world, from, &mut random) else { continue };
        let referral = refer(world, plan, visit, to, limit, &mut random);
        let Some(arrival) = plan.referrals[referral as usize].arrival else { continue };
        if suits(world, &plan.visits[arrival as usize]) && random.chance(1_200) {
            pool.push(arrival);
        } else if random.chance(1_000) && plan.referrals.len() < count as usize {
            give_back(plan, referral, arrival, &mut random);
        }
    }
    number(world, plan);
}

/// Only acute and chronic visits early enough for the patient to arrive.
fn suits(world: &World, visit: &Visit) -> bool {
    let kind = matches!(
        visit.kind,
        Kind::General | Kind::Injury | Kind::Notifiable | Kind::Sensitive | Kind::Chronic
    );
    kind && visit.stay.is_none() && visit.day + 6 < world.calendar.days()
}

/// One step up the chain, sometimes two; a regional hospital refers to another region's.
fn destination(world: &World, from: u16, random: &mut Random) -> Option<u16> {
    let up = |it: u16| world.facilities[usize::from(it)].upstream;
    let Some(next) = up(from) else {
        let others: Vec<u16> = (0u16..)
            .zip(&world.facilities)
            .filter(|(at, it)| it.kind == FacilityKind::Regional && *at != from)
            .map(|(at, _)| at)
            .collect();
        return (!others.is_empty() && random.chance(400)).then(|| random.pick(&others));
    };
    if random.chance(1_500) { Some(up(next).unwrap_or(next)) } else { Some(next) }
}

/// Refers the patient of a visit: they may come, and the receiver may answer.
fn refer(
    world: &mut World,
    plan: &mut Plan,
    visit: u32,
    to: u16,
    limit: usize,
    random: &mut Random,
) -> u32 {
    let at = u32::try_from(plan.referrals.len()).expect("options limit referrals");
    let comes = random.chance(8_700) && plan.visits.len() < limit;
    let answers = random.chance(if comes { 8_500 } else { 4_000 });
    let later = random.weighted(&[(60, 0), (25, 1), (10, 2), (5, 5)]);
    let sender = &mut plan.visits[visit as usize];
    sender.referred_out = Some(at);
    let (from, day, sender_registration) = (sender.facility, sender.day, sender.registration);
    let mut arrival = None;
    let mut reply = None;
    if comes || answers {
        let kind = world.facilities[usize::from(to)].kind;
        let person = world.people.registrations[sender_registration as usize].person;
        let registration = world.people.register(world.seed, kind, person, to);
        if comes {
            let arriving = arrive(&plan.visits[visit as usize], registration, to, later, random);
            arrival = Some(u32::try_from(plan.visits.len()).expect("options limit visits"));
            plan.visits.push(arriving);
        }
        let result = if comes { '1' } else { random.pick(&['2', '2', '4', '5']) };
        reply = answers.then_some(Reply { registration, day: day + later, result });
    }
    let cause = random.weighted(&[(70, '1'), (10, '2'), (10, '3'), (4, '4'), (6, '5')]);
    let late = day < world.calendar.split && random.chance(800);
    let (number, origin) = (0, None);
    plan.referrals.push(Referral {
        visit,
        from,
        to,
        day,
        number,
        cause,
        origin,
        arrival,
        reply,
        late,
    });
    at
}

/// The visit of a referred patient at the receiver, for the same reason.
fn arrive(sender: &Visit, registration: u32, to: u16, later: u16, random: &mut Random) -> Visit {
    let kind = if sender.kind == Kind::Chronic { Kind::Return } else { sender.kind };
    Visit {
        registration,
        facility: to,
        day: sender.day + later,
        second: (sender.second + 5_400).min(80_000),
        number: 0,
        kind,
        code: sender.code,
        comorbidity: None,
        stay: random.chance(4_000).then(|| visits::stay(random)),
        referred_out: None,
        referred_from: Some(sender.facility),
        reported: kind == Kind::Notifiable,
        died: false,
        late: false,
        correction: None,
    }
}

/// The receiver sends the patient back (6) or only writes (7).
fn give_back(plan: &mut Plan, origin: u32, arrival: u32, random: &mut Random) {
    let at = u32::try_from(plan.referrals.len()).expect("options limit referrals");
    let referral = &plan.referrals[origin as usize];
    let (from, to) = (referral.to, referral.from);
    let registration = plan.visits[referral.visit as usize].registration;
    let visit = &mut plan.visits[arrival as usize];
    let (cause, day) = (if random.chance(6_000) { '6' } else { '7' }, visit.day);
    if cause == '6' {
        visit.referred_out = Some(at);
    }
    let reply = random.chance(5_000).then_some(Reply { registration, day, result: '1' });
    plan.referrals.push(Referral {
        visit: arrival,
        from,
        to,
        day,
        number: 0,
        cause,
        origin: Some(origin),
        arrival: None,
        reply,
        late: false,
    });
}

/// Numbers the referrals of each facility in order of time.
fn number(world: &World, plan: &mut Plan) {
    let mut order: Vec<usize> = (0..plan.referrals.len()).collect();
    order.sort_by_key(|at| (plan.referrals[*at].from, plan.referrals[*at].day, *at));
    let mut numbers = vec![0; world.facilities.len()];
    for at in order {
        let referral = &mut plan.referrals[at];
        numbers[usize::from(referral.from)] += 1;
        referral.number = numbers[usize::from(referral.from)];
    }
}
