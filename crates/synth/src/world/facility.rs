//! Facilities: a big hospital in each province, community hospitals in districts, health centres
//! around them. Codes begin with 9, which no issued code does; names say they are synthetic.

use crate::names;
use crate::options::Options;
use crate::random::{Random, Stream};
use crate::reference::{PROVINCES, Province};

/// What a facility is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FacilityKind {
    /// รพศ.
    Regional,
    /// รพท.
    General,
    /// รพช.
    Community,
    /// รพ.สต.
    HealthCentre,
}

impl FacilityKind {
    /// The word in `facilities.csv`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Regional => "regional",
            Self::General => "general",
            Self::Community => "community",
            Self::HealthCentre => "health-centre",
        }
    }

    /// Visits relative to those of a health centre.
    pub const fn weight(self) -> u32 {
        match self {
            Self::Regional => 12,
            Self::General => 8,
            Self::Community => 4,
            Self::HealthCentre => 1,
        }
    }

    /// Can it admit?
    pub const fn hospital(self) -> bool {
        !matches!(self, Self::HealthCentre)
    }
}

/// Whether a facility's exporter names the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// No header line.
    None,
    /// As the standard spells them.
    Exact,
    /// With the misspellings seen in the field.
    Misspelt,
}

/// How a facility's exporter writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Header line.
    pub header: Header,
    /// TIS-620 (windows-874) instead of UTF-8.
    pub tis620: bool,
    /// CR LF instead of LF.
    pub crlf: bool,
    /// 9-position facility codes instead of 5 digits.
    pub nine: bool,
    /// The column set of 2016 instead of the current one.
    pub year_2016: bool,
}

/// A facility.
pub struct Facility {
    /// 5 digits.
    pub hospcode: String,
    /// 9 positions.
    pub hcode9: String,
    /// Thai name.
    pub name_th: String,
    /// English name.
    pub name_en: String,
    /// What it is.
    pub kind: FacilityKind,
    /// 2 digits.
    pub province: &'static str,
    /// 4 digits.
    pub district: String,
    /// 1-13.
    pub region: u8,
    /// Where it refers to.
    pub upstream: Option<u16>,
    /// How it writes.
    pub format: Format,
}

/// Makes the facilities, province by province.
pub fn make(options: &Options) -> Vec<Facility> {
    let mut facilities: Vec<Facility> = Vec::new();
    let n_regions = options.regions.len();
    for (at, region) in options.regions.iter().enumerate() {
        let share = shares(usize::from(options.facilities), n_regions)[at];
        let provinces: Vec<_> = PROVINCES.iter().filter(|it| it.region == *region).collect();
        let n_provinces = (share / 6).clamp(1, provinces.len());
        let regional = index(facilities.len());
        for (order, size) in shares(share, n_provinces).into_iter().enumerate() {
            let kind = if order == 0 { FacilityKind::Regional } else { FacilityKind::General };
            let upstream = (order > 0).then_some(regional);
            province(options.seed, &mut facilities, provinces[order], kind, size, upstream);
        }
    }
    facilities
}

/// Splits a number into parts that differ by at most one.
fn shares(total: usize, parts: usize) -> Vec<usize> {
    (0..parts).map(|it| total / parts + usize::from(it < total % parts)).collect()
}

fn index(at: usize) -> u16 {
    u16::try_from(at).expect("options limit facilities to 9,000")
}

/// One province: its big hospital in district 01, community hospitals in the next districts, and
/// health centres in turn over all of these.
fn province(
    seed: u64,
    facilities: &mut Vec<Facility>,
    province: &'static Province,
    kind: FacilityKind,
    size: usize,
    upstream: Option<u16>,
) {
    let big = index(facilities.len());
    let n_community = (size / 5).max(1);
    facilities.push(facility(seed, big, province, 1, kind, upstream));
    for district in 2..2 + n_community {
        let at = index(facilities.len());
        let kind = FacilityKind::Community;
        facilities.push(facility(seed, at, province, district, kind, Some(big)));
    }
    for centre in 0..size.saturating_sub(1 + n_community) {
        let at = index(facilities.len());
        let district = 1 + (centre + 1) % (n_community + 1);
        let hospital = big + index(district - 1);
        let kind = FacilityKind::HealthCentre;
        facilities.push(facility(seed, at, province, district, kind, Some(hospital)));
    }
}

fn facility(
    seed: u64,
    at: u16,
    province: &'static Province,
    district: usize,
    kind: FacilityKind,
    upstream: Option<u16>,
) -> Facility {
    let mut random = Random::of(seed, Stream::Facilities, u64::from(at));
    let place = names::place(&mut random);
    let latin = names::latin(&place);
    let (thai_kind, english_kind) = match kind {
        FacilityKind::Regional => ("โรงพยาบาลศูนย์", "Regional Hospital"),
        FacilityKind::General => ("โรงพยาบาลทั่วไป", "General Hospital"),
        FacilityKind::Community => ("โรงพยาบาลชุมชน", "Community Hospital"),
        FacilityKind::HealthCentre => ("โรงพยาบาลส่งเสริมสุขภาพตำบล", "Health Promoting Hospital"),
    };
    // 7,919 is coprime to 9,999: codes look unordered and stay distinct.
    let hospcode = format!("9{:04}", 1 + (u32::from(at) * 7_919) % 9_999);
    Facility {
        hcode9: format!("SY{}{hospcode}", province.code),
        name_th: format!("{thai_kind}{place} จังหวัด{} (ข้อมูลสมมุติ)", province.name_th),
        name_en: format!("{latin} {english_kind} {} (synthetic)", province.name_en),
        kind,
        province: province.code,
        district: format!("{}{district:02}", province.code),
        region: province.region,
        upstream,
        format: Format {
            header: [Header::Exact, Header::None, Header::Misspelt][usize::from(at % 3)],
            tis620: at % 4 == 1,
            crlf: at.is_multiple_of(2),
            nine: at % 5 == 3,
            year_2016: at % 4 == 2,
        },
        hospcode,
    }
}

impl Facility {
    /// The facility's code as another facility's exporter writes it.
    pub fn code(&self, nine: bool) -> &str {
        if nine { &self.hcode9 } else { &self.hospcode }
    }

    /// Its row of `facilities.csv`.
    pub fn csv(&self) -> String {
        format!(
            "{},{},{},{},{},{},{},{}",
            self.hospcode,
            self.hcode9,
            self.name_th,
            self.name_en,
            self.kind.word(),
            self.province,
            self.district,
            self.region
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{FacilityKind, make};
    use crate::Options;

    #[test]
    fn every_region_has_a_referral_chain_and_codes_are_distinct() {
        for options in [
            Options::small(),
            Options::default(),
            Options { facilities: 900, regions: (1..=13).collect(), ..Options::default() },
        ] {
            let facilities = make(&options);
            assert_eq!(facilities.len(), usize::from(options.facilities));
            let codes: HashSet<_> = facilities.iter().map(|it| &it.hospcode).collect();
            assert_eq!(codes.len(), facilities.len());
            for region in &options.regions {
                let here = || facilities.iter().filter(|it| it.region == *region);
                for kind in
                    [FacilityKind::Regional, FacilityKind::Community, FacilityKind::HealthCentre]
                {
                    assert!(here().any(|it| it.kind == kind), "{region} lacks {kind:?}");
                }
                assert!(here().all(|it| {
                    (it.kind == FacilityKind::Regional) == it.upstream.is_none()
                        && it.district.starts_with(it.province)
                }));
            }
        }
    }
}
