//! Sensitivity labels (FHIR security labels of the category "sensitive").

use crate::wire_enum::wire_enum;

wire_enum! {
    /// A category of health data that needs more than an ordinary permission.
    /// Computed by admit from ICD-10 blocks listed in `topology/sensitive.csv`; an event that says
    /// what it codes nowhere carries every label ([`crate::Body::uncoded`]).
    pub enum Label {
        /// Infection with HIV.
        Hiv = "hiv",
        /// Mental and behavioural disorders.
        MentalHealth = "mental-health",
        /// Disorders due to psychoactive substances.
        SubstanceUse = "substance-use",
        /// Sexual violence.
        SexualViolence = "sexual-violence",
        /// Pregnancy with abortive outcome.
        Abortion = "abortion",
    }
}

/// A set of labels, one bit each in wire order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Labels(u8);

impl Labels {
    /// No label at all.
    pub const NONE: Self = Self(0);

    /// Every label there is.
    pub const ALL: Self = Self((1 << Label::ALL.len()) - 1);

    /// The set with one more label.
    #[must_use]
    pub const fn with(self, label: Label) -> Self {
        Self(self.0 | 1 << label as u8)
    }

    /// Is the label in the set?
    pub const fn contains(self, label: Label) -> bool {
        self.0 & (1 << label as u8) != 0
    }

    /// Is every label of `self` in `other`?
    pub const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Have the two sets a label in common?
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Is there no label?
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The labels, in wire order.
    pub fn iter(self) -> impl Iterator<Item = Label> {
        Label::ALL.iter().copied().filter(move |it| self.contains(*it))
    }
}

impl FromIterator<Label> for Labels {
    fn from_iter<I: IntoIterator<Item = Label>>(labels: I) -> Self {
        labels.into_iter().fold(Self::NONE, Self::with)
    }
}
