//! Facets: the few facts about an event that routing needs, computed once by admit.

use crate::wire_enum::wire_enum;

wire_enum! {
    /// Who pays, grouped from the four-digit INSTYPE code (MOPH coverage types).
    pub enum SchemeGroup {
        /// Universal coverage: 0100.
        UniversalCoverage = "uc",
        /// Civil servants: 1100-1900.
        CivilServant = "civil-servant",
        /// Local government: 2100-2801.
        LocalGovernment = "local-government",
        /// State enterprises: 3101-3909.
        StateEnterprise = "state-enterprise",
        /// Workmen's compensation: 4100.
        WorkmenCompensation = "workmen-compensation",
        /// Social security: 4200.
        SocialSecurity = "social-security",
        /// Private insurance: 5100.
        Private = "private",
        /// Road accident victims: 6100.
        RoadAccident = "road-accident",
        /// Independent bodies: 7100.
        IndependentBody = "independent-body",
        /// Assisted, stateless and foreign people: 8100-8408.
        Assisted = "assisted",
        /// Self-pay: 9100. Over-counted, since exporters fall back to it.
        SelfPay = "self-pay",
        /// No code, or one in no group.
        Unknown = "unknown",
    }
}

impl SchemeGroup {
    /// Groups an INSTYPE code.
    pub fn of_instype(code: &str) -> Self {
        let Ok(number) = code.parse::<u16>() else { return Self::Unknown };
        if code.len() != 4 {
            return Self::Unknown;
        }
        match number {
            100..=199 => Self::UniversalCoverage,
            1100..=1900 => Self::CivilServant,
            2100..=2999 => Self::LocalGovernment,
            3100..=3999 => Self::StateEnterprise,
            4100..=4199 => Self::WorkmenCompensation,
            4200..=4299 => Self::SocialSecurity,
            5100..=5199 => Self::Private,
            6100..=6199 => Self::RoadAccident,
            7100..=7199 => Self::IndependentBody,
            8100..=8499 => Self::Assisted,
            9100..=9199 => Self::SelfPay,
            _ => Self::Unknown,
        }
    }
}

/// Routing facts of one event. Place codes are those of the reporting facility.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facets {
    /// Health region 1-13 of the reporting facility.
    pub region: i32,
    /// Province, 2 digits (DOPA).
    pub province: String,
    /// District, 4 digits (DOPA).
    pub district: String,
    /// Who pays for the encounter; `Unknown` on other types.
    pub scheme: SchemeGroup,
    /// Report-506 codes of the notifiable diseases the event shows, sorted, without repeats.
    pub notifiable: Vec<String>,
    /// The facility a referral is addressed to, or the one a reply answers.
    pub counterpart: Option<String>,
    /// Health region of the counterpart, where known.
    pub counterpart_region: Option<i32>,
    /// The principal diagnosis or main code of the event: ICD-10 without dot, or a vaccine code.
    pub main_code: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::SchemeGroup;

    #[test]
    fn instype_codes_fall_into_their_group() {
        for (code, group) in [
            ("0100", SchemeGroup::UniversalCoverage),
            ("1100", SchemeGroup::CivilServant),
            ("4200", SchemeGroup::SocialSecurity),
            ("4100", SchemeGroup::WorkmenCompensation),
            ("9100", SchemeGroup::SelfPay),
            ("100", SchemeGroup::Unknown),
            ("abcd", SchemeGroup::Unknown),
        ] {
            assert_eq!(SchemeGroup::of_instype(code), group, "{code}");
        }
    }
}
