//! Every mapping against the column list: obligation, unknown codes, wrong shapes, Buddhist years.

use super::{carried, key, parse};
use crate::f43::codes::Codes;
use crate::f43::columns::{Kind, Spec};
use crate::f43::defect::RowDefect;
use crate::f43::layout::Layout;
use crate::f43::row::{Fields, LongCodes, Row};
use crate::f43::table::Table;
use crate::f43::typed::Typed;

/// A value any mapping takes.
fn valid(spec: &Spec) -> String {
    let code = match &spec.codes {
        Codes::Any => None,
        Codes::Single(bits) => char::from_u32(bits.trailing_zeros()).map(String::from),
        Codes::Listed(codes) => Some(codes[0].to_owned()),
    };
    code.unwrap_or_else(|| {
        match (spec.name, spec.kind) {
            ("CID", _) => "1234567890121",
            ("TABLENAME", _) => "SERVICE",
            ("DATA_CORRECT", _) => {
                "{'HOSPCODE':'10670','PID':'1','SEQ':'2','DATE_SERV':'20260102'}"
            }
            ("HOSPCODE", _) | (_, Kind::Facility) => "10670",
            ("LABTEST", _) => "0531601",
            (_, Kind::Text) => "1",
            (_, Kind::Digits) => "10",
            (_, Kind::Date) => "20260102",
            (_, Kind::DateTime) => "20260102083000",
            (_, Kind::Time) => "083000",
            (_, Kind::Integer | Kind::Decimal | Kind::Money) => "12",
            (_, Kind::Icd10) => "E119",
        }
        .to_owned()
    })
}

/// Types a valid row with one column changed.
fn typed(table: Table, column: &str, value: &str) -> Result<Typed, RowDefect> {
    let fields: Vec<_> = table
        .specs()
        .iter()
        .map(|spec| if spec.name == column { value.to_owned() } else { valid(spec) })
        .collect();
    let line = fields.join("|");
    let layout = Layout::by_position(table, &table.column_sets()[0]);
    let mut fields = Fields::default();
    fields.split(&line);
    assert!(fields.fit(layout.fields));
    let long_codes = LongCodes::new();
    let row = Row { line: &line, fields: &fields, slots: &layout.slots, long_codes: &long_codes };
    key(table, &row)?;
    parse(table, &row)
}

#[track_caller]
fn check(table: Table, column: &str, value: &str, expected: Option<&str>) {
    let got = typed(table, column, value).err().map(|it| format!("{} {}", it.code, it.column));
    let expected = expected.map(|code| format!("{code} {column}"));
    assert_eq!(got, expected, "{}.{column} = {value:?}", table.name());
}

/// Each carried column of each table but HOSPCODE, which is checked before any mapping.
fn every_column() -> impl Iterator<Item = (Table, &'static Spec)> {
    Table::ALL.iter().flat_map(|table| {
        let specs = carried(*table).iter().filter_map(|it| table.spec(it));
        specs.filter(|it| it.name != "HOSPCODE").map(|spec| (*table, spec))
    })
}

#[test]
fn a_valid_row_of_every_table_is_typed() {
    for table in Table::ALL {
        check(*table, "", "", None);
    }
}

#[test]
fn exactly_the_required_columns_are_required() {
    for (table, spec) in every_column() {
        check(table, spec.name, "", spec.required.then_some("SP-1102"));
        check(table, spec.name, "  ", spec.required.then_some("SP-1102"));
    }
}

#[test]
fn values_of_the_wrong_shape_have_the_code_of_their_kind() {
    for (table, spec) in every_column().filter(|(_, spec)| spec.codes == Codes::Any) {
        let cases: &[(&str, &str)] = match spec.kind {
            Kind::Date => &[("20261301", "SP-1103"), ("25690102", "SP-1104")],
            Kind::DateTime => &[("20260102", "SP-1103"), ("25690102083000", "SP-1104")],
            Kind::Time => &[("256000", "SP-1103")],
            Kind::Integer | Kind::Decimal | Kind::Money => &[("1O", "SP-1105")],
            Kind::Icd10 => &[("5", "SP-1106")],
            Kind::Digits => &[("1", "SP-1106")],
            Kind::Facility => &[("1067", "SP-1106"), ("1067012345678", "SP-1107")],
            Kind::Text => &[],
        };
        for (value, code) in cases {
            check(table, spec.name, value, Some(code));
        }
    }
}

#[test]
fn zero_dates_count_as_empty() {
    let dates = every_column().filter(|(_, it)| matches!(it.kind, Kind::Date | Kind::DateTime));
    for (table, spec) in dates {
        for value in ["00000000", "0000-00-00 00:00:00"] {
            check(table, spec.name, value, spec.required.then_some("SP-1102"));
        }
    }
}

#[test]
fn codes_outside_the_set_are_refused() {
    for (table, spec) in every_column().filter(|(_, spec)| spec.codes != Codes::Any) {
        check(table, spec.name, "~", Some("SP-1106"));
    }
}

#[test]
fn texts_are_measured_in_letters() {
    for (table, spec) in every_column() {
        let free = spec.kind == Kind::Text && spec.codes == Codes::Any && spec.width > 0;
        let shaped = ["CID", "LABTEST", "TABLENAME", "DATA_CORRECT"].contains(&spec.name);
        if !free || shaped {
            continue;
        }
        check(table, spec.name, &"ก".repeat(spec.width), None);
        check(table, spec.name, &"ก".repeat(spec.width + 1), Some("SP-1107"));
    }
}

#[test]
fn a_wrong_citizen_id_refuses_the_registration_only() {
    check(Table::Person, "CID", "1234567890122", Some("SP-1109"));
    check(Table::Service, "CID", "1234567890122", None);
}

#[test]
fn deletions_name_an_event_or_are_refused() {
    for (table, keys, expected) in [
        ("SERVICE", "{'SEQ':'2','DATE_SERV':'2026-01-02'}", "O:2:20260102"),
        ("admission", "{'AN':'7'}", "I:7"),
        ("PERSON", "{'PID':'1'}", "1"),
        (
            "CHRONIC",
            "{'PID':'1','CHRONIC':'E11.9','DATE_DIAG':'20250102'}",
            "chronic:1:E119:20250102",
        ),
        ("REFER_RESULT", "{'HOSP_SOURCE':'10671','REFERID_SOURCE':'R1'}", "10671:R1"),
        ("ANC", "{'PID':'1','DATE_SERV':'20260102','GRAVIDA':'02'}", "1:20260102:2"),
        ("ANC", "{'PID':'1','DATE_SERV':'20260102'}", "SP-1116 DATA_CORRECT"),
        ("SERVICE", "{'SEQ':'2','DATE_SERV':'25690102'}", "SP-1116 DATA_CORRECT"),
        ("SERVICE", "SEQ=2", "SP-1116 DATA_CORRECT"),
        (
            "SERVICE",
            "{'HOSPCODE':'10671','SEQ':'2','DATE_SERV':'20260102'}",
            "SP-1108 DATA_CORRECT",
        ),
        ("DIAGNOSIS_OPD", "{'SEQ':'2'}", "SP-1115 TABLENAME"),
        ("CARD", "{'PID':'1'}", "SP-1115 TABLENAME"),
        ("DATA_CORRECT", "{'PID':'1'}", "SP-1116 TABLENAME"),
        ("NOTHING", "{'PID':'1'}", "SP-1116 TABLENAME"),
        ("HOME", "{'HID':'1'}", "nothing"),
    ] {
        let line = format!("10670|{table}|{keys}|20260102083000");
        let layout = Layout::by_position(Table::DataCorrect, &Table::DataCorrect.column_sets()[0]);
        let mut fields = Fields::default();
        fields.split(&line);
        let long_codes = LongCodes::new();
        let row =
            Row { line: &line, fields: &fields, slots: &layout.slots, long_codes: &long_codes };
        let got = match parse(Table::DataCorrect, &row) {
            Ok(Typed::Correction(it)) => it.natural_key.reveal().clone(),
            Ok(_) => "nothing".to_owned(),
            Err(defect) => format!("{} {}", defect.code, defect.column),
        };
        assert_eq!(got, expected, "{line}");
    }
}
