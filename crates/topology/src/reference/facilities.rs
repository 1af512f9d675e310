//! The facilities that may report: `topology/facilities.csv`, or a larger register given by path.
//! Columns `hospcode,hcode9,name_th,name_en,kind,province,district,region`.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use saphan_model::FacilityCode;

use super::regions::Regions;
use crate::problem::{Problem, Problems};
use crate::source::Source;
use crate::source::csv::{self, Row};

/// What a facility is. Thailand's unit under its district hospital is the health centre (รพ.สต.).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FacilityKind {
    /// รพศ.
    Regional,
    /// รพท.
    General,
    /// รพช.
    Community,
    /// รพ.สต.
    HealthCentre,
    /// Anything else that reports: private, university, municipal.
    Other,
}

impl FacilityKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Regional, Self::General, Self::Community, Self::HealthCentre, Self::Other];

    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Regional => "regional",
            Self::General => "general",
            Self::Community => "community",
            Self::HealthCentre => "health-centre",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for FacilityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no kind of facility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of facility; use one of: regional, general, community, health-centre, other")]
pub struct UnknownKind;

impl FromStr for FacilityKind {
    type Err = UnknownKind;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|it| it.as_str() == text).ok_or(UnknownKind)
    }
}

/// A facility.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facility {
    /// 5 digits; the name used everywhere inside the platform.
    pub hospcode: String,
    /// The 9-character code paired with it, where issued.
    pub hcode9: Option<String>,
    /// Thai name.
    pub name_th: String,
    /// English name.
    pub name_en: String,
    /// What it is.
    pub kind: FacilityKind,
    /// 2 digits (DOPA).
    pub province: String,
    /// 4 digits (DOPA).
    pub district: String,
    /// Health region, 1 to 13.
    pub region: i32,
}

/// All facilities, found by either code.
#[derive(Clone, Debug)]
pub struct Facilities {
    all: Vec<Facility>,
    by_code: HashMap<String, usize>,
}

impl Facilities {
    /// 9-character codes with the 5-digit code each is paired with.
    pub fn long_codes(&self) -> BTreeMap<String, String> {
        self.iter().filter_map(|it| Some((it.hcode9.clone()?, it.hospcode.clone()))).collect()
    }

    pub(crate) fn load(
        path: &Path,
        regions: Option<&Regions>,
        problems: &mut Problems,
    ) -> Option<Self> {
        let source = problems.take(Source::read(path))?;
        let mut facilities = Self { all: Vec::new(), by_code: HashMap::new() };
        let header =
            ["hospcode", "hcode9", "name_th", "name_en", "kind", "province", "district", "region"];
        for row in csv::rows(&source, header, problems) {
            let line = row.line;
            let read = facility(&source, row, regions).and_then(|it| {
                facilities.add(it).map_err(|code| {
                    wrong(&source, line, format!("the code {code} is listed twice"))
                        .hint("delete one of the two rows")
                })
            });
            problems.take(read);
        }
        if facilities.all.is_empty() && problems.is_empty() {
            problems.add(source.problem("SP-1613", None, "the register lists no facility"));
        }
        Some(facilities)
    }

    fn add(&mut self, facility: Facility) -> Result<(), String> {
        let codes = [Some(&facility.hospcode), facility.hcode9.as_ref()];
        for code in codes.into_iter().flatten() {
            match self.by_code.entry(code.clone()) {
                Entry::Vacant(it) => it.insert(self.all.len()),
                Entry::Occupied(it) => return Err(it.key().clone()),
            };
        }
        self.all.push(facility);
        Ok(())
    }

    /// The facility of a 5-digit or 9-character code.
    pub fn get(&self, code: &str) -> Option<&Facility> {
        self.by_code.get(code).map(|it| &self.all[*it])
    }

    /// All facilities, in the order of the file.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Facility> {
        self.all.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Is the register empty?
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

fn facility(source: &Source, row: Row<8>, regions: Option<&Regions>) -> Result<Facility, Problem> {
    let line = row.line;
    let [hospcode, hcode9, name_th, name_en, kind, province, district, region] = row.cells;
    if hospcode.len() != 5 || hospcode.parse::<FacilityCode>().is_err() {
        return Err(wrong(source, line, format!("hospcode {hospcode:?} is not 5 digits")));
    }
    if !hcode9.is_empty() && (hcode9.len() != 9 || hcode9.parse::<FacilityCode>().is_err()) {
        let message = format!("hcode9 {hcode9:?} is not 9 characters of A-Z and 0-9");
        return Err(wrong(source, line, message).hint("leave it empty where none was issued"));
    }
    let kind = kind.parse().map_err(|it| wrong(source, line, format!("{kind:?} is {it}")))?;
    let digits = district.bytes().all(|it| it.is_ascii_digit());
    if district.len() != 4 || !digits || !district.starts_with(&province) {
        let message = format!("district {district:?} is not 4 digits that begin with {province}");
        return Err(wrong(source, line, message));
    }
    let number: i32 = region.parse().map_err(|_| {
        wrong(source, line, format!("{region:?} is no health region")).hint("write 1 to 13")
    })?;
    if let Some(regions) = regions {
        let Some(listed) = regions.province(&province) else {
            let message = format!("province {province:?} is not in regions.csv");
            return Err(wrong(source, line, message));
        };
        if listed.region != number {
            let message = format!(
                "region {number} is not that of {}, which is in region {}",
                listed.name_en, listed.region
            );
            return Err(wrong(source, line, message)
                .detail("Regional contracts are filtered by this number."));
        }
    }
    let hcode9 = Some(hcode9).filter(|it| !it.is_empty());
    Ok(Facility { hospcode, hcode9, name_th, name_en, kind, province, district, region: number })
}

fn wrong(source: &Source, line: usize, message: String) -> Problem {
    source.problem("SP-1613", Some(line), message)
}
