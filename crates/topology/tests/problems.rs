//! Every mistake in the files is told with its code and line: one changed text, one problem.

use std::fs;
use std::path::{Path, PathBuf};

use saphan_topology::Problem;
use tempfile::TempDir;

/// A copy of the demonstration's folder, with one text of one file replaced.
fn changed(file: &str, from: &str, to: &str) -> TempDir {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../topology");
    let folder = TempDir::new().expect("a temporary folder");
    for inner in ["", "agencies", "tests"] {
        fs::create_dir_all(folder.path().join(inner)).expect("a folder");
        for entry in fs::read_dir(demo.join(inner)).expect("the demonstration's folder") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                let name = path.file_name().expect("a name");
                fs::copy(&path, folder.path().join(inner).join(name)).expect("a copy");
            }
        }
    }
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).expect("a file");
    assert!(text.contains(from), "{file} does not say {from:?}");
    fs::write(&path, text.replacen(from, to, 1)).expect("a changed file");
    folder
}

fn problems(folder: &Path) -> Vec<Problem> {
    saphan_topology::check::check(folder, None).problems
}

/// Expects one problem, on the line where the new text begins.
#[track_caller]
fn check(file: &str, from: &str, to: &str, code: &str) {
    check_at(file, from, to, code, to);
}

/// Expects one problem, on the line where `place` begins.
#[track_caller]
fn check_at(file: &str, from: &str, to: &str, code: &str, place: &str) {
    let folder = changed(file, from, to);
    let found = problems(folder.path());
    let text = fs::read_to_string(folder.path().join(file)).expect("a file");
    let line = text.find(place).map(|it| 1 + text[..it].matches('\n').count());
    let told: Vec<_> = found
        .iter()
        .map(|it| (it.code, it.file.strip_prefix(folder.path()).expect("inside"), it.line))
        .collect();
    assert_eq!(told, [(code, Path::new(file), line)], "{found:#?}");
}

const DDC: &str = "agencies/ddc.toml";
const NHSO: &str = "agencies/nhso.toml";
const BASES: &str = "bases.toml";
const REGION: &str = "agencies/region-09.toml";

#[test]
fn words_are_checked() {
    check(DDC, "\"PUBHLTH\"", "\"PUBLIC\"", "SP-1604");
    check(DDC, "\"encounter\"", "\"visit\"", "SP-1604");
    check(DDC, "\"statute\"", "\"law\"", "SP-1604");
    check(DDC, "\"citizen-id\"", "\"cid\"", "SP-1604");
    check(DDC, "[\"hiv\"]", "[\"aids\"]", "SP-1604");
    check(DDC, "\"365d\"", "\"a year\"", "SP-1604");
    check(DDC, "\"encounter\"", "\"directive\"", "SP-1604");
    check("agencies/nhso.toml", "[\"uc\"]", "[\"UC\"]", "SP-1604");
    check("sensitive.csv", "hiv,B20,B24", "aids,B20,B24", "SP-1604");
    check("notifiable.csv", "01,cholera,A000,A000", "1,cholera,A000,A000", "SP-1604");
}

#[test]
fn shapes_are_checked() {
    check(DDC, "contact = ", "mail = ", "SP-1602");
    check(DDC, "identity = \"citizen-id\"", "identity = ", "SP-1602");
    check("facilities.csv", "99001,SY3099001,", "99001,", "SP-1603");
    check("regions.csv", "code,name_th", "code,thai", "SP-1603");
    check("notifiable.csv", "01,cholera,A001,A001", "01,Cholera,A001,A001", "SP-1603");
}

#[test]
fn agencies_are_who_their_file_says() {
    check(DDC, "\"ddc\"", "\"dcd\"", "SP-1605");
    check(DDC, "\"ddc\"", "\"DDC\"", "SP-1605");
    check(DDC, "contact = \"data-exchange@ddc.example\"", "contact = \" \"", "SP-1605");
}

#[test]
fn versions_follow_each_other() {
    check(DDC, "2025-10-01T00:00:00+07:00", "2025-10-01", "SP-1606");
    let second = "\n[[version]]\nnumber = 2\neffective-from = 2025-10-01T00:00:00+07:00\n";
    check_at(
        DDC,
        "\"surveillance.organism\",\n]\n",
        &format!("\"surveillance.organism\",\n]\n{second}"),
        "SP-1606",
        "number = 2",
    );
    let first = "\n[[version]]\nnumber = 1\neffective-from = 2026-10-01T00:00:00+07:00\n";
    check_at(
        DDC,
        "\"surveillance.organism\",\n]\n",
        &format!("\"surveillance.organism\",\n]\n{first}"),
        "SP-1606",
        "number = 1\neffective-from = 2026",
    );
}

#[test]
fn fields_must_exist_and_be_asked_for_once() {
    check(DDC, "\"diagnoses.code\"", "\"diagnosis.code\"", "SP-1607");
    check(DDC, "\"envelope.facets.district\"", "\"envelope.district\"", "SP-1607");
    let twice = "\"diagnoses.code\", \"diagnoses.code\"";
    check_at(DDC, "\"diagnoses.code\"", twice, "SP-1607", "\"encounter\"");
}

#[test]
fn no_contract_asks_for_an_identity_or_label_beyond_its_basis() {
    check(DDC, "[\"hiv\"]", "[\"mental-health\"]", "SP-1608");
    check(REGION, "\"none\"", "\"citizen-id\"", "SP-1608");
    check(REGION, "\"none\"", "\"agency-pseudonym\"", "SP-1608");
}

#[test]
fn no_contract_asks_for_a_field_beyond_its_basis() {
    let notes = ["chief_complaint", "vital_signs", "accident", "visit_number"];
    let beyond = |file: &str, field: &str, others: &[&str]| {
        for other in notes.iter().chain(others) {
            check(file, &format!("\"{field}\""), &format!("\"{other}\""), "SP-1626");
        }
    };
    let results = ["lab_results", "lab_results.result", "lab_results.code", "medications.name"];
    for payer in [NHSO, "agencies/cgd.toml", "agencies/sso.toml"] {
        beyond(payer, "diagnoses.role", &results);
    }
    beyond(DDC, "diagnoses.role", &["charges", "medications", "price_satang"]);
    check(DDC, "\"surveillance.syndrome\"", "\"chronic\"", "SP-1626");
    check(REGION, "\"diagnoses.role\"", "\"medications.code\"", "SP-1626");
    check(REGION, "\"disease_group\"", "\"findings.code\"", "SP-1626");
    check("agencies/refer-link.toml", "\"request\"", "\"visit_number\"", "SP-1626");
    check("agencies/refer-link.toml", "\"reason\"", "\"local_id\"", "SP-1626");
    check("agencies/health-link.toml", "\"vital_signs\"", "\"charges\"", "SP-1626");
    check("agencies/phr.toml", "\"vital_signs\"", "\"visit_number\"", "SP-1626");
    check(NHSO, "\"envelope.facility\"", "\"envelope.facets.district\"", "SP-1626");
}

#[test]
fn a_field_beyond_the_basis_is_told_with_the_law_and_the_parts_allowed() {
    let both = "\"lab_results.code\", \"lab_results.result\"";
    let folder = changed(DDC, both, "\"lab_results\"");
    let found = problems(folder.path());
    let [problem] = &found[..] else { panic!("{found:#?}") };
    let text = problem.to_string();
    for part in [
        "\"lab_results\" of encounter is more than statute for PUBHLTH may ask for",
        "Communicable Diseases Act B.E. 2558 s.31",
        "hint: name the parts that are allowed: lab_results.code, lab_results.result",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_rule_has_the_filters_of_its_basis() {
    let encounters = "\"encounter\"";
    for (file, filter) in [
        (DDC, "filter = { notifiable = true }\n"),
        (NHSO, "filter = { schemes = [\"uc\"] }\n"),
        (REGION, "filter = { regions = [9] }\n"),
    ] {
        check_at(file, filter, "", "SP-1627", encounters);
    }
    check_at(NHSO, "schemes = [\"uc\"]", "regions = [9]", "SP-1627", encounters);
    check_at(DDC, "notifiable = true", "notifiable = false", "SP-1627", encounters);
}

#[test]
fn a_payer_sees_the_schemes_it_pays_for() {
    check(NHSO, "\"uc\"", "\"social-security\"", "SP-1627");
    check_at(NHSO, "[\"uc\"]", "[\"uc\", \"private\"]", "SP-1627", "\"private\"");
    let folder = changed(BASES, "nhso = [\"uc\"]\n", "");
    let found = problems(folder.path());
    let told: Vec<_> = found.iter().map(|it| (it.code, it.message.as_str())).collect();
    assert_eq!(told, [("SP-1627", "nhso does not pay for uc")]);
}

#[test]
fn what_no_limit_lists_is_not_given() {
    let folder = changed(BASES, "types = [\"appointment\"]", "types = []");
    let found = problems(folder.path());
    let told: Vec<_> = found.iter().map(|it| (it.code, it.message.as_str())).collect();
    assert_eq!(told, [("SP-1610", "consent for TREAT does not cover appointment")]);
    let folder =
        changed(BASES, "\"given_on\", \"vaccine\", \"facility\"", "\"given_on\", \"vaccine\"");
    let codes: Vec<_> = problems(folder.path()).iter().map(|it| it.code).collect();
    assert_eq!(codes, ["SP-1626"]);
    fs::remove_file(folder.path().join(BASES)).expect("a file less");
    let codes: Vec<_> = problems(folder.path()).iter().map(|it| it.code).collect();
    assert_eq!(codes, ["SP-1601"], "without limits nothing passes");
}

#[test]
fn limits_are_checked_themselves() {
    check(BASES, "\"TREAT\"", "\"TREATMENT\"", "SP-1604");
    check(BASES, "\"consent\"", "\"agreement\"", "SP-1604");
    check(BASES, "[\"hiv\"]", "[\"aids\"]", "SP-1604");
    check(BASES, "[\"uc\"]", "[\"universal\"]", "SP-1604");
    check(BASES, "filter = [\"notifiable\"]", "filter = [\"notified\"]", "SP-1602");
    check(BASES, "\"follow_ups\"", "\"followups\"", "SP-1628");
    let second = "types = [\"immunisation\", \"immunisation\"]";
    check(BASES, "types = [\"immunisation\"]", second, "SP-1628");
}

#[test]
fn who_the_patient_is_stays_hidden() {
    for field in [
        "visit_number",
        "chief_complaint",
        "lab_results.result",
        "lab_results",
        "envelope.provenance.line",
    ] {
        check(REGION, "\"diagnoses.role\"", &format!("\"{field}\""), "SP-1609");
    }
    for field in ["envelope.patient", "envelope.sealed_citizen_id"] {
        check(DDC, "\"diagnoses.role\"", &format!("\"{field}\""), "SP-1609");
    }
}

#[test]
fn a_purpose_rests_on_its_basis() {
    check(DDC, "\"statute\"", "\"consent\"", "SP-1610");
    check("agencies/phr.toml", "\"consent\"", "\"statute\"", "SP-1610");
    check("agencies/phr.toml", "\"consent\"", "\"vital-interest\"", "SP-1610");
    check("agencies/health-link.toml", "\"consent\"", "\"care-referral\"", "SP-1610");
    check(DDC, "\"Communicable Diseases Act B.E. 2558\"", "\"\"", "SP-1610");
    check_at("agencies/phr.toml", "\"PATRQT\"", "\"ETREAT\"", "SP-1610", "\"consent\"");
}

#[test]
fn only_what_rests_on_consent_is_called_back() {
    let phr = "agencies/phr.toml";
    let keep = "on-revoke = \"keep\"\n";
    let after = |line: &str, added: &str| format!("{line}\n{added}");
    let retention = "retention = \"365d\"";
    for on_revoke in [keep, "on-revoke = \"retract\"\n"] {
        check_at(DDC, retention, &after(retention, on_revoke), "SP-1625", on_revoke);
    }
    check_at(phr, "\"retract\"", "\"recall\"", "SP-1604", "\"recall\"");
    let rule = |identity: &str| {
        format!(
            "identity = \"{identity}\"\n\
             labels = [\"hiv\", \"mental-health\", \"substance-use\", \"sexual-violence\", \"abortion\"]\n\
             retention = \"30d\"\non-revoke = \"retract\"\nfields = [\n    \
             \"envelope.facility\", \"envelope.occurred_at\", \"given_on\""
        )
    };
    let nobody = rule("none");
    let line = &nobody[nobody.find("on-revoke").expect("the line")..];
    check_at(phr, &rule("citizen-id"), &nobody, "SP-1625", line);
    let folder = changed(phr, &rule("citizen-id"), &nobody.replace("retract", "keep"));
    assert_eq!(problems(folder.path()), []);
}

#[test]
fn topics_are_the_platforms() {
    let misspelt = changed("topics.toml", "\"consent.revoked.v1\"", "\"consent.revoked\"");
    let told: Vec<_> = problems(misspelt.path()).into_iter().map(|it| it.message).collect();
    let unknown = "topic \"consent.revoked\" is none of the platform's";
    assert_eq!(told, ["topic consent.revoked.v1 is not declared", unknown]);
    check_at(
        "topics.toml",
        "{ development = 1, production = 1 }",
        "{ development = 0, production = 1 }",
        "SP-1611",
        "\"consent.revoked.v1\"",
    );
    let state = "name = \"admit.state.v1\"\npartitions = { development = 8, production = 64 }\n";
    check_at("topics.toml", state, &state.replace('8', "4"), "SP-1612", "\"admit.state.v1\"");
    check(
        "topics.toml",
        "\"forever\"\nmax-message-bytes = 1048576\ncompaction",
        "\"7d\"\nmax-message-bytes = 1048576\ncompaction",
        "SP-1611",
    );
}

#[test]
fn facilities_stand_where_they_say() {
    check("facilities.csv", "99001,SY3099001", "9900,SY3099001", "SP-1613");
    check("facilities.csv", "99001,SY3099001", "99001,sy3099001", "SP-1613");
    check("facilities.csv", "99008,SY9099008", "99007,SY9099008", "SP-1613");
    check("facilities.csv", "99008,SY9099008", "99008,SY9099007", "SP-1613");
    check("facilities.csv", "regional,30,3001,9", "hospital,30,3001,9", "SP-1613");
    check("facilities.csv", "regional,30,3001,9", "regional,30,3101,9", "SP-1613");
    check("facilities.csv", "regional,30,3001,9", "regional,30,3001,8", "SP-1613");
    check("facilities.csv", "regional,30,3001,9", "regional,29,2901,9", "SP-1613");
    check("regions.csv", "11,สมุทรปราการ", "10,สมุทรปราการ", "SP-1613");
}

#[test]
fn ranges_are_icd_codes() {
    check("sensitive.csv", "B20,B24", "B2.0,B24", "SP-1614");
    check("sensitive.csv", "B20,B24", "B24,B20", "SP-1614");
    check("notifiable.csv", "A000,A000", "a000,A000", "SP-1614");
}

#[test]
fn scenarios_guard_the_contracts() {
    let cases = "tests/encounter.toml";
    check_at(
        cases,
        "deliver = [\"agency.region-09.encounter.v1\"]",
        "deliver = []",
        "SP-1615",
        "\"a visit of a self-payer",
    );
    check_at(
        cases,
        "withhold = { health-link = \"no-directive\"",
        "withhold = { health-link = \"directive-deny\"",
        "SP-1615",
        "\"a visit of a self-payer",
    );
    check_at(
        cases,
        "directives = [\"share-with-hospitals\", \"own-record\"]",
        "directives = [\"share-with-hospitals\", \"another\"]",
        "SP-1615",
        "\"both consents open both",
    );
}

#[test]
fn filters_can_match() {
    check(REGION, "[9]", "[14]", "SP-1616");
    check(NHSO, "schemes = [\"uc\"]", "schemes = [\"uc\"], facilities = [\"99999\"]", "SP-1616");
    check(DDC, "notifiable = true", "notifiable-codes = [\"00\"]", "SP-1616");
    check_at(
        "agencies/refer-link.toml",
        "\"30d\"",
        "\"30d\"\nfilter = { notifiable = true }",
        "SP-1616",
        "\"referral\"",
    );
}

#[test]
fn a_contract_may_be_narrowed_and_its_identity_taken_away() {
    let version = |identity: &str| {
        format!(
            "\n[[version]]\nnumber = 2\neffective-from = 2026-10-01T00:00:00+07:00\n\n\
             [[version.rule]]\ntype = \"encounter\"\npurpose = \"HPAYMT\"\nbasis = \"statute\"\n\
             law = \"a law\"\nsection = \"a section\"\nidentity = \"{identity}\"\nlabels = []\n\
             retention = \"30d\"\nfilter = {{ schemes = [\"uc\"] }}\nfields = [\"class\"]\n"
        )
    };
    let scenarios = "tests/encounter.toml";
    for identity in ["citizen-id", "none", "agency-pseudonym"] {
        let folder = changed(
            scenarios,
            "instype = \"9100\"",
            "instype = \"9100\"\nat = 2026-01-01T00:00:00+07:00",
        );
        let path = folder.path().join("agencies/nhso.toml");
        let text = fs::read_to_string(&path).expect("a file") + &version(identity);
        fs::write(&path, text).expect("a changed file");
        assert_eq!(problems(folder.path()), [], "{identity}");
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let folder = changed(DDC, "\"PUBHLTH\"", "\"PUBLIC\"");
    fs::write(folder.path().join("agencies/sso.toml"), "id = 1").expect("a changed file");
    fs::remove_file(folder.path().join("sensitive.csv")).expect("a file less");
    let found = problems(folder.path());
    let codes: Vec<_> = found.iter().map(|it| it.code).collect();
    assert_eq!(codes, ["SP-1604", "SP-1602", "SP-1601"], "{found:#?}");
}

#[test]
fn a_problem_prints_with_its_place() {
    let folder = changed(DDC, "\"PUBHLTH\"", "\"PUBLIC\"");
    let text = problems(folder.path())[0].to_string();
    let place: PathBuf = folder.path().join(DDC);
    assert!(
        text.starts_with("error[SP-1604]: \"PUBLIC\" is not a known Purpose; use one of: TREAT"),
        "{text}"
    );
    assert!(text.contains(&format!("\n  --> {}:15\n", place.display())), "{text}");
}
