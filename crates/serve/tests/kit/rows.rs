//! The invented country's data: always the same.

use saphan_model::{Date, EventId, EventType, PatientId, Timestamp};
use saphan_store::row::{AdmissionRow, DecisionRow, EventFactRow, QuarantineRow};

/// Code, region, province, district, visits a month.
const FACILITIES: [(&str, u8, &str, &str, u32); 5] = [
    ("99001", 9, "30", "3001", 60),
    ("99002", 9, "30", "3002", 22),
    ("99003", 9, "30", "3002", 3),
    ("99009", 9, "31", "3101", 9),
    ("99004", 1, "52", "5201", 30),
];

const CODES: [&str; 8] = ["J00", "I10", "E119", "J00", "K30", "I10", "M545", "Q99"];

/// October to January; the health centre missed December.
const MONTHS: [(i32, u32); 4] = [(2025, 10), (2025, 11), (2025, 12), (2026, 1)];

pub fn facts() -> Vec<EventFactRow> {
    let mut facts = Vec::new();
    for (code, region, province, district, n) in FACILITIES {
        for (i, (year, month)) in MONTHS.into_iter().enumerate() {
            if code == "99003" && month == 12 {
                continue;
            }
            for visit in 0..n + 2 * i as u32 {
                let day = Date::from_ymd(year, month, 1 + visit % 28).expect("a day");
                let mut fact = fact(facts.len(), EventType::Encounter, day);
                fact.facility = code.into();
                (fact.region, fact.province, fact.district) =
                    (region, province.into(), district.into());
                fact.class = if visit % 10 == 9 { "inpatient" } else { "ambulatory" };
                fact.main_code = CODES[(visit as usize * 5 + i) % CODES.len()].into();
                facts.push(fact);
            }
        }
    }
    for (from, to, to_region, n) in [
        ("99003", "99002", 9, 7),
        ("99002", "99001", 9, 18),
        ("99001", "99006", 13, 12),
        ("99001", "99004", 1, 3),
        ("99009", "99001", 9, 6),
        ("99004", "99006", 13, 8),
    ] {
        let home = FACILITIES.iter().find(|it| it.0 == from).expect("a facility");
        for i in 0..n {
            let day = Date::from_ymd(2026, 1, 1 + i).expect("a day");
            let mut fact = fact(facts.len(), EventType::Referral, day);
            fact.facility = from.into();
            (fact.region, fact.province, fact.district) = (home.1, home.2.into(), home.3.into());
            fact.counterpart = to.into();
            fact.counterpart_region = to_region;
            fact.cause = "1".into();
            facts.push(fact);
        }
    }
    facts
}

fn fact(n: usize, event_type: EventType, occurred_on: Date) -> EventFactRow {
    EventFactRow {
        event_type,
        facility: String::new(),
        event_id: EventId((n as u128 + 1).to_be_bytes()),
        ver: 3,
        deleted: false,
        occurred_on,
        region: 0,
        province: String::new(),
        district: String::new(),
        class: "",
        scheme: "uc",
        main_code: String::new(),
        codes: Vec::new(),
        counterpart: String::new(),
        counterpart_region: 0,
        cause: String::new(),
        src_partition: 0,
        src_offset: n as u64,
    }
}

pub fn ledger() -> Vec<AdmissionRow> {
    let row = |partition, range: (u64, u64), facility: &str, day, ends: [u64; 3]| AdmissionRow {
        partition,
        first_offset: range.0,
        next_offset: range.1,
        facility: facility.into(),
        event_type: EventType::Encounter.as_str(),
        appended_at: Date::from_ymd(2026, 2, day).expect("a day").thai_midnight(),
        admitted: ends[0],
        unchanged: ends[1],
        quarantined: ends[2],
        appended: ends[0],
    };
    vec![
        row(0, (0, 700), "99001", 1, [600, 98, 2]),
        row(0, (700, 1_190), "99002", 5, [400, 90, 0]),
        row(1, (0, 310), "99003", 9, [300, 9, 1]),
    ]
}

pub fn decisions() -> Vec<DecisionRow> {
    let mut rows = Vec::new();
    for offset in 0..1_290u64 {
        let mut decide = |agency: &str, kind, reason, basis| {
            rows.push(DecisionRow {
                partition: 0,
                offset,
                agency: agency.into(),
                patient: PatientId([7; 16]),
                event_id: EventId(u128::from(offset + 1).to_be_bytes()),
                event_type: if offset % 3 == 0 { EventType::Person } else { EventType::Encounter },
                facility: "99001".into(),
                appended_at: Timestamp(1_770_000_000_000),
                kind,
                reason,
                basis,
                directive_id: String::new(),
                contract_version: 1,
                recalled: false,
            });
        };
        match offset % 10 {
            0 => decide("", "no-candidate", "", ""),
            1 => decide("nhso", "withheld", "label-ceiling", ""),
            2 => decide("nhso", "withheld", "no-directive", ""),
            3 => decide("ddc", "retracted", "", ""),
            _ => {
                decide("nhso", "delivered", "", "statute");
                decide("ddc", "delivered", "", "statute");
            }
        }
    }
    rows
}

pub fn quarantined() -> Vec<QuarantineRow> {
    let row =
        |n: u128, facility: &str, code: &str, file: &str, line, column: &str, remedy: &str| {
            QuarantineRow {
                facility: facility.into(),
                event_id: EventId(n.to_be_bytes()),
                code: code.into(),
                source: "f43".into(),
                document: format!("F43_{facility}_25690131.zip"),
                file: file.into(),
                line,
                column: column.into(),
                remedy: remedy.into(),
                adapter: "f43 0.1.0".into(),
                appended_at: Date::from_ymd(2026, 2, 9).expect("a day").thai_midnight(),
                src_partition: 0,
                src_offset: u64::try_from(n).expect("small"),
                mended: false,
            }
        };
    vec![
        row(1, "99001", "SP-1103", "SERVICE.txt", 12, "DATE_SERV", "Write the date as YYYYMMDD."),
        row(2, "99001", "SP-1109", "PERSON.txt", 7, "CID", "Check the 13 digits on the card."),
        row(
            3,
            "99003",
            "SP-1104",
            "SERVICE.txt",
            3,
            "DATE_SERV",
            "Send a Gregorian year, not a Buddhist one.",
        ),
    ]
}
