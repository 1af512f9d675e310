//! Names of facilities, provinces and agencies, and where each facility lies.

use std::collections::BTreeMap;

use crate::lang::Lang;

/// A facility that may report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacilityName {
    /// 5 digits.
    pub code: String,
    /// Thai name.
    pub name_th: String,
    /// English name.
    pub name_en: String,
    /// Province, 2 digits.
    pub province: String,
    /// District, 4 digits.
    pub district: String,
    /// Health region, 1-13.
    pub region: u8,
}

/// A province.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvinceName {
    /// 2 digits.
    pub code: String,
    /// Thai name.
    pub name_th: String,
    /// English name.
    pub name_en: String,
    /// Health region, 1-13.
    pub region: u8,
}

/// A registered recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyName {
    /// Its id.
    pub id: String,
    /// Thai name.
    pub name_th: String,
    /// English name.
    pub name_en: String,
}

/// All names the pages use.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    facilities: BTreeMap<String, FacilityName>,
    provinces: BTreeMap<String, ProvinceName>,
    agencies: BTreeMap<String, AgencyName>,
}

impl Directory {
    /// The number of health regions; region 13 is Bangkok.
    pub const REGIONS: u8 = 13;

    /// Sorts the names by code.
    pub fn new(
        facilities: Vec<FacilityName>,
        provinces: Vec<ProvinceName>,
        agencies: Vec<AgencyName>,
    ) -> Self {
        Self {
            facilities: facilities.into_iter().map(|it| (it.code.clone(), it)).collect(),
            provinces: provinces.into_iter().map(|it| (it.code.clone(), it)).collect(),
            agencies: agencies.into_iter().map(|it| (it.id.clone(), it)).collect(),
        }
    }

    /// A facility by its code.
    pub fn facility(&self, code: &str) -> Option<&FacilityName> {
        self.facilities.get(code)
    }

    /// All facilities, by code.
    pub fn facilities(&self) -> impl Iterator<Item = &FacilityName> {
        self.facilities.values()
    }

    /// A province by its code.
    pub fn province(&self, code: &str) -> Option<&ProvinceName> {
        self.provinces.get(code)
    }

    /// The provinces of a health region, by code.
    pub fn provinces_of(&self, region: u8) -> impl Iterator<Item = &ProvinceName> {
        self.provinces.values().filter(move |it| it.region == region)
    }

    /// All agencies, by id.
    pub fn agencies(&self) -> impl Iterator<Item = &AgencyName> {
        self.agencies.values()
    }

    /// A facility's name, or its code when it is not registered.
    pub fn facility_label(&self, code: &str, lang: Lang) -> String {
        self.facilities
            .get(code)
            .map_or_else(|| code.to_owned(), |it| lang.pick(&it.name_th, &it.name_en).to_owned())
    }

    /// A province's name, or its code when it is not known.
    pub fn province_label(&self, code: &str, lang: Lang) -> String {
        self.provinces
            .get(code)
            .map_or_else(|| code.to_owned(), |it| lang.pick(&it.name_th, &it.name_en).to_owned())
    }

    /// An agency's name, or its id when it is not registered any more.
    pub fn agency_label(&self, id: &str, lang: Lang) -> String {
        self.agencies
            .get(id)
            .map_or_else(|| id.to_owned(), |it| lang.pick(&it.name_th, &it.name_en).to_owned())
    }
}
