//! The statistics of a place: the country, a health region, a province or a facility.

mod completeness;
mod diagnoses;
mod load;
mod referrals;
mod visits;

use saphan_store::query::Scope;

use crate::context::Context;
use crate::directory::{Directory, FacilityName};
use crate::error::PageError;
use crate::lang::Lang;
use crate::view::{Link, Page, Section};

const BANGKOK: &str = "10";

/// A place in the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// All health regions.
    Country,
    /// A health region, 1-13.
    Region(u8),
    /// A province.
    Province {
        /// 2 digits.
        code: String,
        /// Its health region.
        region: u8,
    },
    /// A facility.
    Facility(FacilityName),
}

impl Place {
    /// A region by its number in a path.
    pub fn region(text: &str) -> Result<Self, PageError> {
        match text.parse() {
            Ok(number) if (1..=Directory::REGIONS).contains(&number) => Ok(Self::Region(number)),
            _ => Err(PageError::Missing),
        }
    }

    /// A province by its code in a path.
    pub fn province(code: &str, directory: &Directory) -> Result<Self, PageError> {
        let it = directory.province(code).ok_or(PageError::Missing)?;
        Ok(Self::Province { code: it.code.clone(), region: it.region })
    }

    /// A facility by its code in a path.
    pub fn facility(code: &str, directory: &Directory) -> Result<Self, PageError> {
        directory.facility(code).cloned().map(Self::Facility).ok_or(PageError::Missing)
    }

    fn scope(&self) -> Scope {
        match self {
            Self::Country => Scope::Country,
            Self::Region(number) => Scope::Region(*number),
            Self::Province { code, .. } => Scope::Province(code.clone()),
            Self::Facility(it) => Scope::Facility(it.code.clone()),
        }
    }

    fn holds(&self, facility: &FacilityName) -> bool {
        match self {
            Self::Country => true,
            Self::Region(number) => facility.region == *number,
            Self::Province { code, .. } => facility.province == *code,
            Self::Facility(it) => facility.code == it.code,
        }
    }

    fn title(&self, ctx: &Context) -> String {
        let t = ctx.texts();
        match self {
            Self::Country => t.regions_title.to_owned(),
            Self::Region(number) => format!("{} {number}", t.region),
            Self::Province { code, .. } => {
                let name = ctx.directory().province_label(code, ctx.lang);
                // Bangkok is no province in Thai; English names stand alone.
                if ctx.lang == Lang::Th && code != BANGKOK {
                    format!("{}{name}", t.province)
                } else {
                    name
                }
            }
            Self::Facility(it) => {
                format!("{} ({})", ctx.lang.pick(&it.name_th, &it.name_en), it.code)
            }
        }
    }

    fn path(&self) -> String {
        match self {
            Self::Country => "/regions".to_owned(),
            Self::Region(number) => format!("/regions/{number}"),
            Self::Province { code, .. } => format!("/provinces/{code}"),
            Self::Facility(it) => format!("/facilities/{}", it.code),
        }
    }

    fn above(&self) -> Option<Self> {
        match self {
            Self::Country => None,
            Self::Region(_) => Some(Self::Country),
            Self::Province { region, .. } => Some(Self::Region(*region)),
            Self::Facility(it) => {
                Some(Self::Province { code: it.province.clone(), region: it.region })
            }
        }
    }

    fn crumbs(&self, ctx: &Context) -> Vec<Link> {
        let mut crumbs = Vec::new();
        let mut above = self.above();
        while let Some(place) = above {
            crumbs.insert(0, ctx.link(place.title(ctx), &place.path()));
            above = place.above();
        }
        crumbs
    }
}

/// Everything about a place in one fiscal year.
pub async fn page(ctx: &Context, place: &Place) -> Result<Page, PageError> {
    let t = ctx.texts();
    let (visits, diagnoses, referrals, completeness) = tokio::try_join!(
        visits::section(ctx, place),
        diagnoses::section(ctx, place),
        referrals::section(ctx, place),
        completeness::section(ctx, place),
    )?;
    let mut sections = vec![visits, diagnoses, referrals, completeness];
    if let Place::Facility(it) = place {
        sections.push(Section {
            id: "quarantine",
            heading: t.quarantine_title.to_owned(),
            links: vec![Link {
                note: t.home_quarantine.to_owned(),
                ..ctx.link(t.quarantine_title, &format!("/quarantine/{}", it.code))
            }],
            ..Section::default()
        });
    }
    let mut page = ctx.page(place.title(ctx), place.crumbs(ctx), sections);
    page.years = ctx.years();
    Ok(page)
}

/// What a row of a place's tables is about: its key from the store, in words, with its way down.
fn row_place(ctx: &Context, place: &Place, key: &str) -> (String, String) {
    let t = ctx.texts();
    let directory = ctx.directory();
    match place {
        Place::Country if key == "0" => (t.unknown_place.to_owned(), String::new()),
        Place::Country => (format!("{} {key}", t.region), ctx.href(&format!("/regions/{key}"))),
        Place::Region(_) => {
            let known = directory.province(key).is_some();
            let href = if known { ctx.href(&format!("/provinces/{key}")) } else { String::new() };
            (directory.province_label(key, ctx.lang), href)
        }
        Place::Province { .. } | Place::Facility(_) => {
            let known = directory.facility(key).is_some();
            let href = if known { ctx.href(&format!("/facilities/{key}")) } else { String::new() };
            (directory.facility_label(key, ctx.lang), href)
        }
    }
}

/// The keys of a place's rows: all that are registered under it, and what the data has besides.
fn row_keys(ctx: &Context, place: &Place, found: &[String]) -> Vec<String> {
    let directory = ctx.directory();
    let mut keys: Vec<String> = match place {
        Place::Country => (1..=Directory::REGIONS).map(|it| it.to_string()).collect(),
        Place::Region(number) => {
            directory.provinces_of(*number).map(|it| it.code.clone()).collect()
        }
        Place::Province { .. } => {
            directory.facilities().filter(|it| place.holds(it)).map(|it| it.code.clone()).collect()
        }
        Place::Facility(_) => Vec::new(),
    };
    keys.extend(found.iter().filter(|it| !keys.contains(it)).cloned().collect::<Vec<_>>());
    keys
}
