//! REFER_HISTORY with CLINICAL_REFER and DRUG_REFER, and the receiver's REFER_RESULT.
//! No referral file carries a citizen id.

use super::{Desk, Row, Statement, Stream, Table, key, stay};
use crate::calendar::stamp;
use crate::feed::EventType;
use crate::names::COMPLAINTS;
use crate::plan::Referral;
use crate::reference::{DRUGS, Kind};

/// REFERID: year of the Buddhist era and running number, 8 digits.
pub fn refer_id(desk: &Desk<'_>, referral: &Referral) -> String {
    let year = (desk.world.calendar.date(referral.day).year() + 543) % 100;
    format!("{year:02}{:06}", referral.number)
}

/// A referral with what the sender found and gave.
pub fn referral(desk: &Desk<'_>, at: u32) -> Statement {
    let referral = &desk.plan.referrals[at as usize];
    let visit = desk.visit(referral.visit);
    let mut random = desk.details(Stream::ReferralDetails, at);
    let date = desk.world.calendar.date(referral.day);
    let id = refer_id(desk, referral);
    let referred = stamp(date, visit.second + 1_200);
    let updated = stamp(date, visit.second + 1_500);
    let origin = referral.origin.map(|it| &desk.plan.referrals[it as usize]);
    let urgency = if visit.kind == Kind::Injury { 2 } else { random.between(3, 5) };
    let history = desk
        .row(Table::ReferHistory)
        .text(&id)
        .blank()
        .text(desk.pid(visit.registration))
        .text(&desk.seq(visit))
        .text(&stay::an(desk, visit).unwrap_or_default())
        .text(&origin.map(|it| refer_id(desk, it)).unwrap_or_default())
        .text(origin.map(|it| desk.code(it.from)).unwrap_or_default())
        .text(&stamp(desk.date(visit), visit.second))
        .blank()
        .text(&referred)
        .text("00100")
        .text(desk.code(referral.to))
        .text(random.pick(COMPLAINTS))
        .blanks(2)
        .text("ส่งต่อเพื่อการรักษา")
        .text("รู้สึกตัวดี")
        .text(if visit.kind == Kind::Injury { "2" } else { "1" })
        .number(urgency)
        .text(if visit.kind == Kind::Injury { "03" } else { "99" })
        .number(referral.cause)
        .text("ขอตรวจรักษาต่อ")
        .text(&desk.provider(&mut random))
        .text(&updated);
    let mut rows = vec![history];
    for (code, value) in [("000001", random.between(90, 170)), ("000002", random.between(60, 120))]
    {
        rows.push(
            desk.row(Table::ClinicalRefer)
                .text(&id)
                .blank()
                .text(&referred)
                .text(code)
                .blank()
                .number(value)
                .blank()
                .text(&updated),
        );
    }
    if random.chance(5_000) {
        rows.push(drug(desk, &id, &referred, &updated));
    }
    let mut put = desk.fact(EventType::Referral, id, visit.registration, date);
    put.cid = None;
    put.destination = Some(referral.to);
    put.uncoded = true; // DIAGLAST
    Statement::put(put, rows)
}

fn drug(desk: &Desk<'_>, id: &str, referred: &str, updated: &str) -> Row {
    let drug = &DRUGS[0];
    desk.row(Table::DrugRefer)
        .text(id)
        .blank()
        .text(referred)
        .blank()
        .text(drug.code)
        .text(drug.name)
        .blank()
        .text(updated)
}

/// The answer of the facility a patient was referred to.
pub fn reply(desk: &Desk<'_>, at: u32) -> Statement {
    let referral = &desk.plan.referrals[at as usize];
    let reply = referral.reply.expect("reply tasks are made for referrals with a reply");
    let date = desk.world.calendar.date(reply.day);
    let id = refer_id(desk, referral);
    let arrival = referral.arrival.map(|it| desk.visit(it));
    let second = arrival.map_or(61_200, |it| it.second);
    let accepted = reply.result == '1';
    let row = desk
        .row(Table::ReferResult)
        .text(&id)
        .blank()
        .text(desk.code(referral.from))
        .number(reply.result)
        .text(&if accepted { stamp(date, second) } else { String::new() })
        .text(desk.pid(reply.registration))
        .text(&arrival.and_then(|it| stay::an(desk, it)).unwrap_or_default())
        .text(if accepted { "" } else { "ไม่พบผู้ป่วย" })
        .text(&stamp(date, second + 600));
    let source = &desk.world.facilities[usize::from(referral.from)].hospcode;
    let key = key::reply(source, &id);
    let mut put = desk.fact(EventType::ReferralReply, key, reply.registration, date);
    put.cid = None;
    put.destination = Some(referral.from);
    put.uncoded = !accepted; // REASON
    Statement::put(put, vec![row])
}
