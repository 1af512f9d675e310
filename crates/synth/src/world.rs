//! The made-up country: facilities in real provinces, and people who live near them.
//!
//! Owns who and where. Knows nothing of visits, files or truth.

pub mod facility;
pub mod people;

use crate::calendar::Calendar;
use crate::options::Options;

pub use facility::{Facility, FacilityKind, Header};
pub use people::{Identity, People, Person};

/// Everything that exists before the first visit.
pub struct World {
    /// The seed all detail is drawn from.
    pub seed: u64,
    /// The days covered.
    pub calendar: Calendar,
    /// Facilities; others refer to them by index.
    pub facilities: Vec<Facility>,
    /// People and their registrations.
    pub people: People,
}

impl World {
    /// Makes facilities and people.
    pub fn new(options: &Options) -> Self {
        let calendar = Calendar::new(options.months);
        let facilities = facility::make(options);
        let people = people::make(options, &calendar, &facilities);
        Self { seed: options.seed, calendar, facilities, people }
    }

    /// The facility a registration is at.
    pub fn facility_of(&self, registration: u32) -> u16 {
        self.people.registrations[registration as usize].facility
    }

    /// The person a registration is of.
    pub fn person_of(&self, registration: u32) -> &Person {
        let person = self.people.registrations[registration as usize].person;
        &self.people.persons[person as usize]
    }
}
