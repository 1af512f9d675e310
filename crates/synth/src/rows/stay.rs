//! ADMISSION and its children: the stay that follows a visit.

use super::{Desk, Random, Row, Statement, Stream, Table, key};
use crate::calendar::{shift, stamp};
use crate::feed::EventType;
use crate::plan::Visit;
use crate::reference::DRUGS;

/// AN of a visit's stay: year of the Buddhist era and running number, 8 digits.
pub fn an(desk: &Desk<'_>, visit: &Visit) -> Option<String> {
    let year = (desk.date(visit).year() + 543) % 100;
    visit.stay.map(|it| format!("{year:02}{:06}", it.number))
}

/// The stay after a visit, if there was one.
pub fn stay(desk: &Desk<'_>, at: u32) -> Option<Statement> {
    let visit = desk.visit(at);
    let (an, stay) = (an(desk, visit)?, visit.stay?);
    let mut random = desk.details(Stream::Stays, at);
    let date = desk.date(visit);
    let admitted = stamp(date, visit.second + 1_800);
    let left = shift(date, i32::from(stay.nights));
    let scheme = desk.world.person_of(visit.registration).scheme;
    let (pid, cid) = (desk.pid(visit.registration), desk.cid(visit.registration));
    let ward = format!("{:05}", 100 * random.between(1, 8));
    let provider = desk.provider(&mut random);
    let updated = stamp(left, 43_200);
    let child = |table: Table| desk.row(table).text(pid).text(&an).text(&admitted).text(&ward);
    let satang = i64::from(stay.nights) * 120_000;

    let mut rows = vec![admission(desk, visit, &an, &ward, satang, &updated, &mut random)];
    let mut codes = vec![(visit.code, "1")];
    codes.extend(visit.comorbidity.map(|it| (it, "2")));
    rows.extend(codes.iter().map(|(code, role)| {
        let row = child(Table::DiagnosisIpd).text(role).text(code);
        row.text(&provider).text(&updated).cid(cid)
    }));
    if random.chance(3_000) {
        let start = stamp(shift(date, 1), 36_000);
        let row = child(Table::ProcedureIpd).text("9904").text(&start);
        let row = row.text(&stamp(shift(date, 1), 39_600)).money(250_000);
        rows.push(row.text(&provider).text(&updated).cid(cid));
    }
    rows.extend(DRUGS.iter().filter(|it| it.usage == "ward").take(1 + random.index(3)).map(
        |drug| {
            let amount = i64::from(stay.nights) * 2;
            let row = child(Table::DrugIpd).text("1").text(drug.code).text(drug.name);
            let row = row.date(date).date(left).number(amount).text(drug.unit).blank();
            let row = row.money(drug.price_satang * amount).money(drug.price_satang * amount / 2);
            row.text(&provider).text(&updated).cid(cid)
        },
    ));
    for (group, item, share) in [("01", "010001", 4), ("03", "030001", 3), ("12", "120001", 3)] {
        let part = satang * share / 10;
        let row = child(Table::ChargeIpd).text(group).text(item).number(stay.nights).text(scheme);
        let row = row.money(part * 7 / 10).money(part).money(0);
        rows.push(row.text(&updated).cid(cid));
    }

    let mut put = desk.fact(EventType::Encounter, key::stay(&an), visit.registration, date);
    put.scheme = scheme;
    put.main = visit.code.into();
    put.icd10 = codes.iter().map(|it| it.0).collect::<Vec<_>>().join(" ").into();
    Some(Statement::put(put, rows))
}

fn admission(
    desk: &Desk<'_>,
    visit: &Visit,
    an: &str,
    ward: &str,
    satang: i64,
    updated: &str,
    random: &mut Random,
) -> Row {
    let nights = visit.stay.map_or(1, |it| it.nights);
    let left = shift(desk.date(visit), i32::from(nights));
    let weight = random.between(420, 900);
    desk.row(Table::Admission)
        .text(desk.pid(visit.registration))
        .text(&desk.seq(visit))
        .text(an)
        .text(&stamp(desk.date(visit), visit.second + 1_800))
        .text(ward)
        .text(desk.world.person_of(visit.registration).scheme)
        .text(if visit.referred_from.is_some() { "3" } else { "1" })
        .text(visit.referred_from.map(|it| desk.code(it)).unwrap_or_default())
        .text(if visit.referred_from.is_some() { "1" } else { "" })
        .tenths(weight)
        .number(random.between(140, 182))
        .text(&stamp(left, 39_600))
        .text(ward)
        .text("2")
        .text("1")
        .blanks(2)
        .money(satang * 7 / 10)
        .money(satang)
        .money(0)
        .money(0)
        .text(&desk.provider(random))
        .text(updated)
        .text("05529")
        .text("0.5432")
        .text("0.5432")
        .blanks(2)
        .number(nights)
        .text("TDRG 6.3")
        .cid(desk.cid(visit.registration))
}
