//! Provinces and their health regions: `topology/regions.csv`, `code,name_th,name_en,region`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::problem::Problems;
use crate::source::{Source, csv};

/// Health regions are numbered 1 to 13; 13 is Bangkok.
pub const REGION_MAX: i32 = 13;

/// A province.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Province {
    /// 2 digits (DOPA).
    pub code: String,
    /// Thai name.
    pub name_th: String,
    /// English name.
    pub name_en: String,
    /// Health region, 1 to 13.
    pub region: i32,
}

/// All provinces, by code.
#[derive(Clone, Debug)]
pub struct Regions(BTreeMap<String, Province>);

impl Regions {
    pub(crate) fn load(path: &Path, problems: &mut Problems) -> Option<Self> {
        let source = problems.take(Source::read(path))?;
        let mut provinces = BTreeMap::new();
        for row in csv::rows(&source, ["code", "name_th", "name_en", "region"], problems) {
            let [code, name_th, name_en, region] = row.cells;
            let number = region.parse().ok().filter(|it| (1..=REGION_MAX).contains(it));
            let Some(region) = number else {
                let message = format!("{region:?} is no health region");
                problems
                    .add(source.problem("SP-1613", Some(row.line), message).hint("write 1 to 13"));
                continue;
            };
            if code.len() != 2 || !code.bytes().all(|it| it.is_ascii_digit()) {
                let message = format!("{code:?} is no province code");
                problems.add(
                    source.problem("SP-1613", Some(row.line), message).hint("write two digits"),
                );
                continue;
            }
            let province = Province { code: code.clone(), name_th, name_en, region };
            if provinces.insert(code, province).is_some() {
                let message = "the province is listed twice";
                problems.add(source.problem("SP-1613", Some(row.line), message));
            }
        }
        Some(Self(provinces))
    }

    /// The province of a 2-digit code.
    pub fn province(&self, code: &str) -> Option<&Province> {
        self.0.get(code)
    }

    /// All provinces, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Province> {
        self.0.values()
    }
}
