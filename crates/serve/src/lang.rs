//! The two languages of the pages.

use saphan_policy::reason;

use crate::text::{EN, TH, Texts};

/// A page's language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Thai, with the Buddhist calendar.
    #[default]
    Th,
    /// English, with the Gregorian calendar.
    En,
}

impl Lang {
    /// The value of `?lang=`; none when it names no language of ours.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "th" => Some(Self::Th),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// BCP 47, as in `lang=` attributes and addresses.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Th => "th",
            Self::En => "en",
        }
    }

    /// The other one, for the switch.
    pub const fn other(self) -> Self {
        match self {
            Self::Th => Self::En,
            Self::En => Self::Th,
        }
    }

    /// All sentences.
    pub const fn texts(self) -> &'static Texts {
        match self {
            Self::Th => &TH,
            Self::En => &EN,
        }
    }

    /// The name of something that has one in each language.
    pub fn pick<'a>(self, th: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Th => th,
            Self::En => en,
        }
    }

    /// As the policy crate calls it.
    pub const fn of_policy(self) -> reason::Lang {
        match self {
            Self::Th => reason::Lang::Th,
            Self::En => reason::Lang::En,
        }
    }
}
