//! People, the facilities that know them, and how well each facility knows who they are.

use jiff::civil::Date;

use crate::calendar::{Calendar, age, shift};
use crate::citizen::Cid;
use crate::names;
use crate::options::Options;
use crate::random::{Random, Stream};
use crate::world::facility::{Facility, FacilityKind};

/// A lasting disease, as a bit of [`Person::chronic`].
pub const CHRONIC: &[(u8, &str, u32, i32)] = &[
    (1, "I10", 2_100, 40),
    (2, "E119", 900, 38),
    (4, "E785", 700, 38),
    (8, "J449", 150, 50),
    (16, "N183", 150, 55),
    (32, "F209", 60, 20),
    (64, "B200", 40, 20),
];

/// A pregnancy that overlaps the days covered.
#[derive(Clone, Copy)]
pub struct Pregnancy {
    /// First day of the last period.
    pub lmp: Date,
    /// Which pregnancy it is.
    pub gravida: u8,
}

/// A made-up person.
pub struct Person {
    pub cid: Cid,
    pub given: String,
    pub family: String,
    /// `1` male, `2` female.
    pub sex: char,
    pub birth: Date,
    /// INSTYPE.
    pub scheme: &'static str,
    /// Bits of [`CHRONIC`].
    pub chronic: u8,
    pub allergic: bool,
    pub pregnancy: Option<Pregnancy>,
    /// No facility will ever learn the citizen id.
    pub unknown: bool,
    /// Strings of this person are searched for in logs.
    pub canary: bool,
    /// The health centre or hospital nearest home.
    pub home: u16,
    /// Where the person is registered.
    pub registrations: Vec<u32>,
}

/// What a facility believes about a person's citizen id.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// Known from the start.
    Known,
    /// Learnt in phase 4; name unknown until then.
    Late,
    /// Wrong until phase 4: another number, perhaps another person's.
    Wrong(Cid),
    /// Never known.
    Never,
}

/// A person at a facility.
pub struct Registration {
    pub person: u32,
    pub facility: u16,
    /// PID.
    pub pid: String,
    pub identity: Identity,
    /// The day this facility saw the person die.
    pub died: Option<u16>,
}

/// People and registrations; others refer to both by index.
pub struct People {
    pub persons: Vec<Person>,
    pub registrations: Vec<Registration>,
    /// Registrations of each facility.
    pub by_facility: Vec<Vec<u32>>,
}

impl People {
    /// The person's registration at a facility, made when there is none.
    pub fn register(&mut self, seed: u64, kind: FacilityKind, person: u32, facility: u16) -> u32 {
        let known = self.persons[person as usize].registrations.iter().copied();
        let here = |it: &u32| self.registrations[*it as usize].facility == facility;
        if let Some(registration) = known.into_iter().find(here) {
            return registration;
        }
        let at = u32::try_from(self.registrations.len()).expect("options limit people");
        let mut random = Random::of(seed, Stream::Registrations, u64::from(at));
        let local = &mut self.by_facility[usize::from(facility)];
        let canary = self.persons[person as usize].canary;
        let pid = match (canary, kind.hospital()) {
            (true, _) => format!("7741{person:03}{:02}", facility % 100),
            (_, true) => format!("{:02}{:07}", 60 + random.below(9), local.len() + 1),
            (_, false) => format!("{:06}", 100 + local.len() * 3),
        };
        local.push(at);
        let identity =
            if self.persons[person as usize].unknown { Identity::Never } else { Identity::Known };
        self.persons[person as usize].registrations.push(at);
        self.registrations.push(Registration { person, facility, pid, identity, died: None });
        at
    }
}

/// Makes the people and registers them near home. Which registrations are uncertain is decided
/// later, in `plan`.
pub fn make(options: &Options, calendar: &Calendar, facilities: &[Facility]) -> People {
    let homes: Vec<u16> = homes(facilities);
    let mut people = People {
        persons: Vec::with_capacity(options.people as usize),
        registrations: Vec::new(),
        by_facility: vec![Vec::new(); facilities.len()],
    };
    for at in 0..options.people {
        let home = homes[at as usize % homes.len()];
        let person = person(options.seed, at, home, calendar);
        people.persons.push(person);
        let mut random = Random::of(options.seed, Stream::Registrations, u64::MAX - u64::from(at));
        let mut next = Some(home);
        let mut odds = 10_000;
        while let Some(facility) = next {
            if random.chance(odds) || people.by_facility[usize::from(facility)].len() < 3 {
                let kind = facilities[usize::from(facility)].kind;
                people.register(options.seed, kind, at, facility);
            }
            next = facilities[usize::from(facility)].upstream;
            odds = odds / 2 + 500;
        }
    }
    people
}

/// Where people live: near health centres, and some near a hospital with none around.
fn homes(facilities: &[Facility]) -> Vec<u16> {
    (0..).zip(facilities).filter(|(_, it)| !it.kind.hospital()).map(|(at, _)| at).collect()
}

fn person(seed: u64, at: u32, home: u16, calendar: &Calendar) -> Person {
    let mut random = Random::of(seed, Stream::People, u64::from(at));
    let end = calendar.date(calendar.days() - 1);
    let band = random.weighted(&[(16, (0, 14)), (63, (15, 59)), (18, (60, 79)), (3, (80, 97))]);
    let years = random.between(band.0, band.1);
    let birth = shift(calendar.date(0), -(years * 365 + random.between(1, 364)));
    let sex = if random.chance(5_100) { '2' } else { '1' };
    let years = age(birth, end);
    let chronic = CHRONIC
        .iter()
        .filter(|(_, _, odds, from)| years >= *from && random.chance(*odds))
        .fold(0, |set, (bit, ..)| set | bit);
    // One label at most on any event, so only one of the two sensitive diseases.
    let chronic = if chronic & 96 == 96 { chronic & !64 } else { chronic };
    let pregnant = sex == '2' && (16..=42).contains(&years) && random.chance(700);
    let pregnancy = pregnant.then(|| Pregnancy {
        lmp: shift(end, -random.between(30, 400)),
        gravida: 1 + u8::try_from(random.below(4)).expect("below 4"),
    });
    let canary = at < 5;
    Person {
        cid: Cid::synthetic(seed, u64::from(at)),
        given: if canary {
            format!("ซินธ์คานารี{}", "กขคงจ".chars().nth(at as usize).unwrap_or('ก'))
        } else {
            names::given(&mut random)
        },
        family: if canary {
            "ห้ามปรากฏในบันทึกสมมุติ".to_owned()
        } else {
            names::family(&mut random)
        },
        sex,
        birth,
        scheme: scheme(&mut random, years),
        chronic,
        allergic: random.chance(250),
        pregnancy,
        unknown: !canary && random.chance(120),
        canary,
        home,
        registrations: Vec::new(),
    }
}

fn scheme(random: &mut Random, years: i32) -> &'static str {
    let working = (20..60).contains(&years);
    random.weighted(&[
        (720, "0100"),
        (if working { 190 } else { 0 }, "4200"),
        (if working { 50 } else { 20 }, "1100"),
        (if working { 0 } else { 40 }, "1200"),
        (12, "2401"),
        (6, "3101"),
        (5, "5100"),
        (10, "8405"),
        (20, "9100"),
    ])
}
