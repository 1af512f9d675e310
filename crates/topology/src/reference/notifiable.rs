//! Which diagnoses must be reported (report 506): `topology/notifiable.csv`,
//! `code506,disease_en,icd10_from,icd10_to`. A code may stand for several diseases.

use std::collections::BTreeMap;
use std::path::Path;

use super::icd::{self, IcdMap};
use crate::problem::Problems;
use crate::source::{Source, csv};

/// Report-506 codes by ICD-10 code; ranges as [`super::icd`] reads them.
#[derive(Clone, Debug)]
pub struct Notifiable {
    codes: IcdMap<Vec<String>>,
    diseases: BTreeMap<String, String>,
}

impl Notifiable {
    pub(crate) fn load(path: &Path, problems: &mut Problems) -> Option<Self> {
        let source = problems.take(Source::read(path))?;
        let mut ranges = Vec::new();
        let mut diseases: BTreeMap<String, String> = BTreeMap::new();
        let header = ["code506", "disease_en", "icd10_from", "icd10_to"];
        for row in csv::rows(&source, header, problems) {
            let [code, disease, from, to] = row.cells;
            if code.len() != 2 || !code.bytes().all(|it| it.is_ascii_digit()) {
                problems.add(
                    source
                        .problem(
                            "SP-1604",
                            Some(row.line),
                            format!("{code:?} is no report-506 code"),
                        )
                        .hint("write two digits"),
                );
                continue;
            }
            ranges.extend(icd::range(&source, row.line, &from, &to, code.clone(), problems));
            let known = diseases.entry(code.clone()).or_insert_with(|| disease.clone());
            if *known != disease {
                let message = format!("code {code} is called {known:?} above and {disease:?} here");
                problems.add(
                    source.problem("SP-1603", Some(row.line), message).hint("use one name a code"),
                );
            }
        }
        let codes = IcdMap::new(&ranges, |all: &mut Vec<String>, code| {
            if let Err(place) = all.binary_search(code) {
                all.insert(place, code.clone());
            }
        });
        Some(Self { codes, diseases })
    }

    /// The report-506 codes a diagnosis stands for, sorted; empty for the others.
    pub fn codes(&self, icd10: &str) -> &[String] {
        self.codes.get(icd10).map_or(&[], Vec::as_slice)
    }

    /// What a report-506 code is called.
    pub fn disease(&self, code506: &str) -> Option<&str> {
        self.diseases.get(code506).map(String::as_str)
    }

    /// Every report-506 code with its disease.
    pub fn diseases(&self) -> impl Iterator<Item = (&str, &str)> {
        self.diseases.iter().map(|(code, disease)| (code.as_str(), disease.as_str()))
    }
}
