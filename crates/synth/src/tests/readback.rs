//! A reader that knows nothing of the generator: it opens the zips, refuses what the standard
//! forbids, replaces by key, and must arrive at the oracle's figures.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use crate::citizen::Cid;
use crate::columns::Table;
use crate::reference::rows;
use crate::truth::Refused;

/// A row by column name.
type Fields = BTreeMap<&'static str, String>;

struct Reader {
    /// Type, width and whether it is required, by table and column.
    rules: BTreeMap<(&'static str, &'static str), (&'static str, usize, bool)>,
    /// 5-digit code by 5- or 9-position code; district and region by 5-digit code.
    codes: BTreeMap<String, String>,
    places: BTreeMap<String, (String, u8)>,
    refused: BTreeSet<Refused>,
    /// Visits by facility, SEQ and date, with the principal diagnosis.
    visits: BTreeMap<(String, String, String), String>,
    referrals: BTreeMap<(String, String), String>,
}

impl Reader {
    fn new(out: &Path) -> Self {
        let text = std::fs::read_to_string(out.join("facilities.csv")).unwrap();
        let mut codes = BTreeMap::new();
        let mut places = BTreeMap::new();
        for line in text.lines().skip(1) {
            let it: Vec<&str> = line.split(',').collect();
            codes.insert(it[0].to_owned(), it[0].to_owned());
            codes.insert(it[1].to_owned(), it[0].to_owned());
            places.insert(it[0].to_owned(), (it[6].to_owned(), it[7].parse().unwrap()));
        }
        let rules = rows(include_str!("../../data/columns.csv")).map(|it| {
            let width = it[4].split('.').next().unwrap().parse().unwrap();
            // An open case has no closing date, whatever the first table definition says.
            let required = it[5] == "yes" && it[2] != "DATE_DISCH";
            ((it[0], it[2]), (it[3], width, required))
        });
        Self {
            rules: rules.collect(),
            codes,
            places,
            refused: BTreeSet::new(),
            visits: BTreeMap::new(),
            referrals: BTreeMap::new(),
        }
    }

    /// Reads a zip: good rows by table.
    fn zip(&mut self, path: &Path) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let own = name.split('_').nth(1).unwrap().to_owned();
        let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
        let mut found: BTreeMap<&'static str, Vec<(u32, Fields)>> = BTreeMap::new();
        for at in 0..archive.len() {
            let mut file = archive.by_index(at).unwrap();
            let inner = file.name().unwrap().into_owned();
            let (folder, inner) = inner.split_once('/').unwrap();
            assert_eq!(format!("{folder}.zip"), name);
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            let text = String::from_utf8(bytes.clone())
                .unwrap_or_else(|_| encoding_rs::WINDOWS_874.decode(&bytes).0.into_owned());
            assert!(!text.contains(char::REPLACEMENT_CHARACTER));
            let table =
                *Table::ALL.iter().find(|it| format!("{}.txt", it.name()) == inner).unwrap();
            let rows = self.rows(&name, &own, table, &text);
            found.insert(table.name(), rows);
        }
        self.orphans(&name, &found);
        self.replace(&own, &found);
    }

    /// The rows of one inner file that break no rule by themselves.
    fn rows(&mut self, zip: &str, own: &str, table: Table, text: &str) -> Vec<(u32, Fields)> {
        let lines = || text.lines().map(|it| it.trim_end_matches('\r'));
        let columns = table.columns();
        let first = lines().next().unwrap();
        let skip = usize::from(first.starts_with("HOSPCODE"));
        let wanted = first.split('|').count();
        assert!([columns.count_2016, columns.names.len()].contains(&wanted), "{}", table.name());
        let mut good = Vec::new();
        for (at, line) in lines().enumerate().skip(skip) {
            let values: Vec<&str> = line.split('|').collect();
            let line = u32::try_from(at + 1).unwrap();
            let row: Fields = columns
                .names
                .iter()
                .copied()
                .zip(values.iter().map(|it| (*it).to_owned()))
                .collect();
            let defect = match values.len() == wanted {
                false => Some("SP-1101"),
                true => self.defect(own, table, &row),
            };
            match defect {
                Some(code) => self.refuse(zip, table.name(), line, code),
                None => good.push((line, row)),
            }
        }
        good
    }

    fn refuse(&mut self, zip: &str, file: &str, line: u32, code: &str) {
        let (zip, file, code) = (zip.to_owned(), file.to_owned(), code.to_owned());
        assert!(self.refused.insert(Refused { zip, file, line, code }));
    }

    fn defect(&self, own: &str, table: Table, row: &Fields) -> Option<&'static str> {
        let mut defects: BTreeSet<&'static str> = BTreeSet::new();
        for (column, value) in row {
            let (kind, width, required) = self.rules[&(table.name(), *column)];
            if value.is_empty() {
                if required {
                    defects.insert("SP-1102");
                }
                continue;
            }
            let numeric = matches!(kind, "integer" | "decimal");
            if value.chars().count() > if kind == "decimal" { width + 3 } else { width } {
                defects.insert("SP-1107");
            } else if numeric && value.parse::<f64>().is_err() {
                defects.insert("SP-1105");
            } else if matches!(kind, "date" | "datetime") {
                defects.extend(date_defect(value));
            }
        }
        let is = |column: &str| row.get(column).map(String::as_str).unwrap_or_default();
        if self.codes.get(is("HOSPCODE")).map(String::as_str) != Some(own) {
            defects.insert("SP-1108");
        }
        if row.contains_key("CID") && !is("CID").is_empty() && !Cid::valid(is("CID")) {
            defects.insert("SP-1109");
        }
        if table == Table::Service {
            let known = ["0100", "1100", "1200", "2401", "3101", "4200", "5100", "8405", "9100"];
            if !"12345".contains(is("TYPEIN"))
                || !"12345678".contains(is("TYPEOUT"))
                || !known.contains(&is("INSTYPE"))
            {
                defects.insert("SP-1106");
            }
        }
        assert!(defects.len() <= 1, "{} has {defects:?}", table.name());
        defects.into_iter().next()
    }

    /// Refuses children whose parent is not in the zip.
    fn orphans(&mut self, zip: &str, found: &BTreeMap<&'static str, Vec<(u32, Fields)>>) {
        let keys = |table: &str, column: &str| -> BTreeSet<String> {
            found.get(table).into_iter().flatten().map(|it| it.1[column].clone()).collect()
        };
        let families = [
            (
                keys("SERVICE", "SEQ"),
                "SEQ",
                &[
                    "DIAGNOSIS_OPD",
                    "PROCEDURE_OPD",
                    "DRUG_OPD",
                    "CHARGE_OPD",
                    "LABFU",
                    "CHRONICFU",
                    "ACCIDENT",
                    "SURVEILLANCE",
                    "APPOINTMENT",
                    "NCDSCREEN",
                    "EPI",
                    "ANC",
                ][..],
            ),
            (
                keys("ADMISSION", "AN"),
                "AN",
                &["DIAGNOSIS_IPD", "PROCEDURE_IPD", "DRUG_IPD", "CHARGE_IPD"],
            ),
            (keys("REFER_HISTORY", "REFERID"), "REFERID", &["CLINICAL_REFER", "DRUG_REFER"]),
            (keys("PERSON", "PID"), "PID", &["ADDRESS", "CARD", "SERVICE", "CHRONIC", "ADMISSION"]),
        ];
        for (parents, column, children) in families {
            for child in children {
                for (line, row) in found.get(child).into_iter().flatten() {
                    if !parents.contains(&row[column]) {
                        self.refuse(zip, child, *line, "SP-1110");
                    }
                }
            }
        }
    }

    fn replace(&mut self, own: &str, found: &BTreeMap<&'static str, Vec<(u32, Fields)>>) {
        let rows = |table: &str| found.get(table).into_iter().flatten().map(|it| &it.1);
        let mut told = BTreeSet::new();
        for row in rows("SERVICE") {
            let key = (own.to_owned(), row["SEQ"].clone(), row["DATE_SERV"].clone());
            assert!(told.insert(key.clone()), "a visit stands twice in a zip");
            self.visits.insert(key, String::new());
        }
        for row in rows("DIAGNOSIS_OPD").filter(|it| it["DIAGTYPE"] == "1") {
            let key = (own.to_owned(), row["SEQ"].clone(), row["DATE_SERV"].clone());
            if let Some(principal) = self.visits.get_mut(&key) {
                *principal = row["DIAGCODE"].clone();
            }
        }
        for row in rows("REFER_HISTORY") {
            let to = self.codes[&row["HOSP_DESTINATION"]].clone();
            self.referrals.insert((own.to_owned(), row["REFERID"].clone()), to);
        }
        for row in rows("DATA_CORRECT") {
            let text = row["DATA_CORRECT"].trim_matches(['{', '}']).replace('\'', "");
            let values: BTreeMap<&str, &str> =
                text.split(',').map(|it| it.split_once(':').unwrap()).collect();
            assert_eq!(self.codes[values["HOSPCODE"]], own);
            assert!(Cid::valid(values["EDITOR_CID"]));
            match row["TABLENAME"].as_str() {
                "SERVICE" => {
                    let (seq, date) = (values["SEQ"].to_owned(), values["DATE_SERV"].to_owned());
                    self.visits.remove(&(own.to_owned(), seq, date));
                }
                "REFER_HISTORY" => {
                    self.referrals.remove(&(own.to_owned(), values["REFERID"].to_owned()));
                }
                _ => {}
            }
        }
    }
}

fn date_defect(value: &str) -> Option<&'static str> {
    let part = |range| value.get(range).and_then(|it: &str| it.parse::<i16>().ok());
    let (Some(year), Some(month), Some(day)) = (part(0..4), part(4..6), part(6..8)) else {
        return Some("SP-1103");
    };
    if year > 2400 {
        return Some("SP-1104");
    }
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    jiff::civil::Date::new(year, month, day).is_err().then_some("SP-1103")
}

#[test]
fn the_bytes_say_what_the_oracle_knows() {
    let folder = tempfile::tempdir().unwrap();
    super::make(11, folder.path());
    let truth = super::truth(folder.path(), crate::Order::Forward);
    let mut reader = Reader::new(folder.path());
    for phase in ["2-clinical", "4-clinical"] {
        let files = std::fs::read_dir(folder.path().join("feed").join(phase)).unwrap();
        let mut paths: Vec<_> = files.map(|it| it.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            reader.zip(&path);
        }
    }

    let refused: BTreeSet<Refused> =
        truth.refused.iter().filter(|it| it.code != "SP-1310").cloned().collect();
    assert_eq!(reader.refused, refused);

    let mut visits: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut diagnoses: BTreeMap<(String, String), u64> = BTreeMap::new();
    for ((facility, _, date), code) in &reader.visits {
        let month = format!("{}-{}", &date[..4], &date[4..6]);
        *visits.entry((facility.clone(), month)).or_default() += 1;
        let district = reader.places[facility].0.clone();
        *diagnoses.entry((district, code.chars().take(3).collect())).or_default() += 1;
    }
    assert_eq!(visits, truth.visits);
    assert_eq!(diagnoses, truth.diagnoses);

    let mut referrals: BTreeMap<(u8, u8), u64> = BTreeMap::new();
    for ((from, _), to) in &reader.referrals {
        *referrals.entry((reader.places[from].1, reader.places[to].1)).or_default() += 1;
    }
    assert_eq!(referrals, truth.referrals);
}
