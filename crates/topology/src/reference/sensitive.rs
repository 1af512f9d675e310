//! Which diagnoses carry a sensitivity label: `topology/sensitive.csv`, `label,icd10_from,icd10_to`.

use std::path::Path;

use saphan_model::label::{Label, Labels};

use super::icd::{self, IcdMap};
use crate::problem::Problems;
use crate::source::{Source, csv};

/// Labels by ICD-10 code; ranges as [`super::icd`] reads them.
#[derive(Clone, Debug)]
pub struct Sensitive(IcdMap<Labels>);

impl Sensitive {
    pub(crate) fn load(path: &Path, problems: &mut Problems) -> Option<Self> {
        let source = problems.take(Source::read(path))?;
        let mut ranges = Vec::new();
        for row in csv::rows(&source, ["label", "icd10_from", "icd10_to"], problems) {
            let [label, from, to] = &row.cells;
            match label.parse::<Label>() {
                Ok(it) => ranges.extend(icd::range(&source, row.line, from, to, it, problems)),
                Err(it) => problems.add(source.problem(
                    "SP-1604",
                    Some(row.line),
                    format!("{label:?} is {it}"),
                )),
            }
        }
        Some(Self(IcdMap::new(&ranges, |all: &mut Labels, label| *all = all.with(*label))))
    }

    /// The labels of a diagnosis; dots, case and dagger or asterisk do not matter.
    pub fn labels(&self, icd10: &str) -> Labels {
        self.0.get(icd10).copied().unwrap_or_default()
    }
}
