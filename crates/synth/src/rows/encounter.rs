//! SERVICE and its children: one out-patient encounter.

use super::{Desk, Random, Row, Statement, Stream, Table, key};
use crate::calendar::{age, clock, compact, shift, stamp};
use crate::citizen::Cid;
use crate::feed::EventType;
use crate::names::COMPLAINTS;
use crate::plan::{Correction, Visit};
use crate::reference::{DRUGS, Drug, Kind};

/// What every child row repeats.
struct Parent<'a> {
    desk: &'a Desk<'a>,
    pid: &'a str,
    seq: String,
    date: String,
    clinic: &'static str,
    scheme: &'static str,
    provider: String,
    updated: String,
    cid: Option<Cid>,
}

impl Parent<'_> {
    /// HOSPCODE, PID, SEQ, DATE_SERV.
    fn child(&self, table: Table) -> Row {
        self.desk.row(table).text(self.pid).text(&self.seq).text(&self.date)
    }
}

/// A line of a bill.
struct Line {
    group: &'static str,
    item: &'static str,
    quantity: i64,
    satang: i64,
}

/// The encounter, as first sent or as corrected.
pub fn visit(desk: &Desk<'_>, at: u32, corrected: bool) -> Statement {
    let visit = desk.visit(at);
    let mut random = desk.details(Stream::Details, at);
    let correction = if corrected { visit.correction } else { None };
    let scheme = match correction {
        Some(Correction::Scheme(other)) => other,
        _ => desk.world.person_of(visit.registration).scheme,
    };
    let date = desk.date(visit);
    let parent = Parent {
        desk,
        pid: desk.pid(visit.registration),
        seq: desk.seq(visit),
        date: compact(date),
        clinic: clinic(visit.kind),
        scheme,
        provider: desk.provider(&mut random),
        updated: match correction {
            Some(_) => stamp(shift(desk.made, -1), 40_000),
            None => desk.updated(visit),
        },
        cid: desk.cid(visit.registration),
    };
    let diagnoses = diagnoses(visit, correction);
    let drugs = drugs(visit, &mut random);
    let labs = labs(visit, &mut random);
    let markup = if correction == Some(Correction::Charges) { 3 } else { 2 };
    let bill = bill(desk, visit, &drugs, labs.len(), markup);
    let mut rows = vec![service(&parent, visit, &bill, &mut random)];
    rows.extend(diagnoses.iter().map(|(code, role)| diagnosis(&parent, code, role)));
    rows.extend(procedure(&parent, visit));
    rows.extend(drugs.iter().map(|(drug, amount)| medication(&parent, drug, *amount)));
    rows.extend(bill.iter().map(|line| charge(&parent, line)));
    rows.extend(labs.iter().map(|(code, result)| lab(&parent, code, result)));
    rows.extend(follow_up(&parent, visit, &mut random));
    rows.extend(accident(&parent, visit, &mut random));
    let key = key::visit(&parent.seq, date);
    let mut put = desk.fact(EventType::Encounter, key, visit.registration, date);
    put.scheme = scheme;
    put.main = diagnoses[0].0.into();
    put.icd10 = diagnoses.iter().map(|it| it.0).collect::<Vec<_>>().join(" ").into();
    put.ambulatory = true;
    Statement::put(put, rows)
}

/// The five-digit clinic of a visit.
fn clinic(kind: Kind) -> &'static str {
    match kind {
        Kind::Injury => "01200",
        Kind::Antenatal => "00300",
        Kind::Vaccination => "00500",
        Kind::Sensitive => "00900",
        _ => "00100",
    }
}

/// Codes with DIAGTYPE, the principal first. No code stands twice.
pub fn diagnoses(
    visit: &Visit,
    correction: Option<Correction>,
) -> Vec<(&'static str, &'static str)> {
    let principal = match correction {
        Some(Correction::Principal(code)) => code,
        _ => visit.code,
    };
    let mut all = vec![(principal, "1")];
    all.extend(visit.comorbidity.filter(|it| *it != principal).map(|it| (it, "2")));
    if let Some(Correction::Comorbidity(code)) = correction {
        all.push((code, "2"));
    }
    let external = match principal {
        "T742" => Some("Y059"),
        code if code.starts_with('S') || code == "T149" => Some("W199"),
        _ => None,
    };
    all.extend(external.map(|it| (it, "5")));
    all
}

fn drugs(visit: &Visit, random: &mut Random) -> Vec<(&'static Drug, i64)> {
    let fitting = |usage: &'static str| DRUGS.iter().filter(move |it| it.usage == usage);
    let codes: Vec<&str> = std::iter::once(visit.code).chain(visit.comorbidity).collect();
    if visit.kind == Kind::Chronic {
        let uses = [("E119", "diabetes"), ("I10", "pressure"), ("E785", "lipid"), ("J449", "lung")];
        let own = uses.iter().filter(|(code, _)| codes.contains(code));
        return own.flat_map(|(_, usage)| fitting(usage)).map(|it| (it, 60)).collect();
    }
    match visit.kind {
        Kind::Antenatal => fitting("antenatal").map(|it| (it, 30)).collect(),
        Kind::Vaccination | Kind::Screening => Vec::new(),
        _ => {
            let usual: Vec<&'static Drug> = fitting("any").collect();
            let mut first = random.index(usual.len());
            let n = random.below(4);
            let mut chosen = Vec::new();
            for _ in 0..n {
                chosen.push((usual[first % usual.len()], i64::from(10 * random.between(1, 3))));
                first += 1 + random.index(2);
            }
            chosen
        }
    }
}

/// LABTEST with LABRESULT.
fn labs(visit: &Visit, random: &mut Random) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if visit.kind != Kind::Chronic {
        return found;
    }
    for code in std::iter::once(visit.code).chain(visit.comorbidity) {
        let tests: &[(&str, i32, i32)] = match code {
            "E119" => &[("0531002", 900, 2_300), ("0531601", 55, 115)],
            "I10" => &[("0581902", 6, 17)],
            "E785" => &[("0541602", 1_400, 2_800), ("0541402", 700, 1_900)],
            "N183" => &[("0581904", 300, 590)],
            _ => &[],
        };
        for (test, low, high) in tests {
            let (due, tenths) = (random.chance(6_000), random.between(*low, *high));
            if due {
                found.push((*test, format!("{}.{}", tenths / 10, tenths % 10)));
            }
        }
    }
    found
}

fn bill(
    desk: &Desk<'_>,
    visit: &Visit,
    drugs: &[(&'static Drug, i64)],
    labs: usize,
    markup: i64,
) -> Vec<Line> {
    let mut lines = Vec::new();
    let drug_cost: i64 = drugs.iter().map(|(drug, amount)| drug.price_satang * amount).sum();
    if drug_cost > 0 {
        let satang = drug_cost * markup / 2;
        lines.push(Line { group: "04", item: "040001", quantity: 1, satang });
    }
    if labs > 0 {
        let quantity = i64::try_from(labs).expect("few");
        let satang = quantity * 4_000 * markup / 2;
        lines.push(Line { group: "07", item: "070001", quantity, satang });
    }
    if visit.kind == Kind::Injury {
        lines.push(Line { group: "11", item: "110001", quantity: 1, satang: 15_000 * markup / 2 });
    }
    let fee = if desk.own().kind.hospital() { 5_000 } else { 3_000 };
    lines.push(Line { group: "12", item: "120001", quantity: 1, satang: fee * markup / 2 });
    lines
}

fn service(parent: &Parent<'_>, visit: &Visit, bill: &[Line], random: &mut Random) -> Row {
    let desk = parent.desk;
    let person = desk.world.person_of(visit.registration);
    let total: i64 = bill.iter().map(|it| it.satang).sum();
    let paid = if parent.scheme == "9100" { total } else { 0 };
    let type_in = match (visit.referred_from, visit.kind) {
        (Some(_), _) => "3",
        (None, Kind::Chronic | Kind::Antenatal) => "2",
        _ => "1",
    };
    let destination = visit.referred_out.map(|it| desk.plan.referrals[it as usize].to);
    let type_out = match (visit.died, visit.stay.is_some(), destination.is_some()) {
        (true, ..) => "4",
        (_, true, _) => "2",
        (_, _, true) => "3",
        _ => "1",
    };
    let destination = destination.filter(|_| type_out == "3");
    let fever = if visit.kind == Kind::Notifiable { 15 } else { 5 };
    desk.row(Table::Service)
        .text(parent.pid)
        .text(if desk.own().kind.hospital() { parent.pid } else { "" })
        .text(&parent.seq)
        .text(&parent.date)
        .text(&clock(visit.second))
        .text(if person.home == desk.facility { "1" } else { "2" })
        .text(if visit.second < 57_600 { "1" } else { "2" })
        .text(parent.scheme)
        .blank()
        .text(desk.code(person.home))
        .text(type_in)
        .text(visit.referred_from.map(|it| desk.code(it)).unwrap_or_default())
        .text(if visit.referred_from.is_some() { "1" } else { "" })
        .text(random.pick(COMPLAINTS))
        .text("1")
        .tenths(365 + random.between(0, fever))
        .number(random.between(95, 165))
        .number(random.between(55, 95))
        .number(random.between(58, 110))
        .number(random.between(14, 24))
        .text(type_out)
        .text(destination.map(|it| desk.code(it)).unwrap_or_default())
        .text(if destination.is_some() { "1" } else { "" })
        .money(total * 7 / 10)
        .money(total)
        .money(paid)
        .money(paid)
        .text(&parent.updated)
        .text(if desk.own().format.nine { "" } else { desk.code(person.home) })
        .cid(parent.cid)
}

fn diagnosis(parent: &Parent<'_>, code: &str, role: &str) -> Row {
    parent
        .child(Table::DiagnosisOpd)
        .text(role)
        .text(code)
        .text(parent.clinic)
        .text(&parent.provider)
        .text(&parent.updated)
        .cid(parent.cid)
}

fn procedure(parent: &Parent<'_>, visit: &Visit) -> Option<Row> {
    let code = match (visit.kind, visit.code) {
        (Kind::Injury, _) => "8659",
        (_, "K021" | "K040") => "232",
        (Kind::Antenatal, _) => "8926",
        _ => return None,
    };
    let row = parent
        .child(Table::ProcedureOpd)
        .text(parent.clinic)
        .text(code)
        .money(15_000)
        .text(&parent.provider)
        .text(&parent.updated)
        .cid(parent.cid);
    Some(row)
}

fn medication(parent: &Parent<'_>, drug: &Drug, amount: i64) -> Row {
    parent
        .child(Table::DrugOpd)
        .text(parent.clinic)
        .text(drug.code)
        .text(drug.name)
        .number(amount)
        .text(drug.unit)
        .blank()
        .money(drug.price_satang * amount)
        .money(drug.price_satang * amount * 6 / 10)
        .text(&parent.provider)
        .text(&parent.updated)
        .cid(parent.cid)
}

fn charge(parent: &Parent<'_>, line: &Line) -> Row {
    parent
        .child(Table::ChargeOpd)
        .text(parent.clinic)
        .text(line.group)
        .text(line.item)
        .number(line.quantity)
        .text(parent.scheme)
        .money(line.satang * 7 / 10)
        .money(line.satang)
        .money(if parent.scheme == "9100" { line.satang } else { 0 })
        .text(&parent.updated)
        .cid(parent.cid)
}

fn lab(parent: &Parent<'_>, code: &str, result: &str) -> Row {
    parent
        .child(Table::LabFu)
        .text(code)
        .text(result)
        .text(&parent.updated)
        .text(parent.desk.code(parent.desk.facility))
        .cid(parent.cid)
        .text(&parent.provider)
}

fn follow_up(parent: &Parent<'_>, visit: &Visit, random: &mut Random) -> Option<Row> {
    let followed = visit.kind == Kind::Chronic && matches!(visit.code, "I10" | "E119");
    followed.then(|| {
        parent
            .child(Table::ChronicFu)
            .tenths(random.between(420, 980))
            .number(random.between(145, 182))
            .number(random.between(68, 112))
            .number(random.between(105, 172))
            .number(random.between(60, 98))
            .text(if visit.code == "E119" { "1" } else { "2" })
            .text(if visit.code == "E119" { "2" } else { "8" })
            .text(&parent.provider)
            .text(&parent.updated)
            .text(parent.desk.code(parent.desk.facility))
            .cid(parent.cid)
    })
}

fn accident(parent: &Parent<'_>, visit: &Visit, random: &mut Random) -> Option<Row> {
    let desk = parent.desk;
    let years = age(desk.world.person_of(visit.registration).birth, desk.date(visit));
    let row = || {
        desk.row(Table::Accident)
            .text(parent.pid)
            .text(&parent.seq)
            .text(&stamp(desk.date(visit), visit.second))
            .text(&stamp(desk.date(visit), visit.second.saturating_sub(5_400)))
            .text("01")
            .number(format_args!("{:02}", random.between(1, 9)))
            .text(if visit.referred_from.is_some() { "6" } else { "1" })
            .text(if years < 15 { "2" } else { "1" })
            .text("03")
            .text(if random.chance(1_200) { "1" } else { "2" })
            .text("2")
            .text("9")
            .text("2")
            .text("3")
            .text("1")
            .text("3")
            .text("3")
            .number(random.between(2, 5))
            .text("4")
            .text("5")
            .text("6")
            .text(&parent.updated)
            .cid(parent.cid)
    };
    (visit.kind == Kind::Injury).then(row)
}

/// The fields of a visit without children, for rows that are then broken.
pub fn bare(desk: &Desk<'_>, registration: u32, seq: &str, date: &str) -> Vec<String> {
    let person = desk.world.person_of(registration);
    let row = desk
        .row(Table::Service)
        .text(desk.pid(registration))
        .blank()
        .text(seq)
        .text(date)
        .text("100000")
        .text("1")
        .text("1")
        .text(person.scheme)
        .blanks(2)
        .text("1")
        .blanks(2)
        .text(COMPLAINTS[0])
        .text("1")
        .blanks(5)
        .text("1")
        .blanks(3)
        .money(5_000)
        .money(0)
        .money(0)
        .number(format_args!("{date}103000"))
        .blank()
        .cid(desk.cid(registration));
    row.fields()
}
