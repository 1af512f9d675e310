//! The platform's shape as files: topics, contracts, facilities and reference tables, read and checked
//! whole before anything runs by them.
//!
//! [`Topology::load`] reads a folder and returns every problem at once. It knows files and contracts;
//! it must not know events' bodies or how records are processed.

mod agency;
pub mod check;
pub mod deploy;
mod instant;
pub mod names;
mod problem;
mod reference;
pub mod scenario;
mod source;
mod topics;

use std::path::Path;

use saphan_codec::{Projection, projection};
use saphan_model::contract::Contract;
use saphan_policy::RouteTable;

pub use agency::Agency;
pub use instant::Retention;
pub use names::{Names, PlatformTopic};
pub use problem::Problem;
pub use reference::facilities::{Facilities, Facility, FacilityKind};
pub use reference::notifiable::Notifiable;
pub use reference::regions::{Province, Regions};
pub use reference::sensitive::Sensitive;
pub use topics::{Profile, Topics};

use agency::References;
use problem::Problems;
use reference::bases::Bases;

/// Everything the topology folder says, checked.
#[derive(Clone, Debug)]
pub struct Topology {
    /// Topics and their settings.
    pub topics: Topics,
    /// Recipients and their contracts, by id.
    pub agencies: Vec<Agency>,
    /// Who may report.
    pub facilities: Facilities,
    /// Provinces and health regions.
    pub regions: Regions,
    /// Diagnoses that carry a label.
    pub sensitive: Sensitive,
    /// Diagnoses that must be reported.
    pub notifiable: Notifiable,
    routes: RouteTable,
    projections: Vec<Projection>,
}

impl Topology {
    /// Reads `topics.toml`, `agencies/*.toml`, `bases.toml`, `regions.csv`, `facilities.csv` (or the
    /// register given instead), `sensitive.csv` and `notifiable.csv` of a folder.
    pub fn load(dir: &Path, facilities: Option<&Path>) -> Result<Self, Vec<Problem>> {
        Self::load_with(dir, &dir.join("agencies"), facilities)
    }

    /// As [`Topology::load`], with the contracts of another folder of `<agency>.toml` files.
    pub fn load_with(
        dir: &Path,
        agencies: &Path,
        facilities: Option<&Path>,
    ) -> Result<Self, Vec<Problem>> {
        let contracts = agencies;
        let mut problems = Problems::default();
        let regions = problems.sound(|it| Regions::load(&dir.join("regions.csv"), it));
        let register = facilities.map_or_else(|| dir.join("facilities.csv"), Path::to_owned);
        let facilities = problems.sound(|it| Facilities::load(&register, regions.as_ref(), it));
        let sensitive = Sensitive::load(&dir.join("sensitive.csv"), &mut problems);
        let notifiable = problems.sound(|it| Notifiable::load(&dir.join("notifiable.csv"), it));
        let topics = Topics::load(&dir.join("topics.toml"), &mut problems);
        let bases = problems.sound(|it| Bases::load(&dir.join("bases.toml"), it));
        let references = References {
            facilities: facilities.as_ref(),
            notifiable: notifiable.as_ref(),
            bases: bases.as_ref(),
        };
        let agencies = agency::load(contracts, &references, &mut problems);
        let routes = route_table(contracts, &agencies, &mut problems);
        let projections = routes.as_ref().map(|it| projections(contracts, it, &mut problems));
        match (topics, facilities, regions, sensitive, notifiable, routes.zip(projections)) {
            (
                Some(topics),
                Some(facilities),
                Some(regions),
                Some(sensitive),
                Some(notifiable),
                Some((routes, projections)),
            ) if problems.is_empty() => Ok(Self {
                topics,
                agencies,
                facilities,
                regions,
                sensitive,
                notifiable,
                routes,
                projections,
            }),
            _ => Err(problems.into_vec()),
        }
    }

    /// Every version of every contract.
    pub fn contracts(&self) -> impl Iterator<Item = &Contract> {
        self.agencies.iter().flat_map(|it| &it.contracts)
    }

    /// The contracts, laid out for routing.
    pub fn routes(&self) -> &RouteTable {
        &self.routes
    }

    /// What each rule delivers: by [`saphan_policy::RuleId`], beside [`RouteTable::rules`].
    pub fn projections(&self) -> &[Projection] {
        &self.projections
    }
}

/// What the checks of single files cannot see: agencies that do not go together.
fn route_table(
    contracts: &Path,
    agencies: &[Agency],
    problems: &mut Problems,
) -> Option<RouteTable> {
    let file = contracts.to_owned();
    if !problems.is_empty() {
        return None; // Contracts may be incomplete; their own problems come first.
    }
    let contracts = agencies.iter().flat_map(|it| it.contracts.clone()).collect();
    let table = RouteTable::new(contracts).map_err(|error| Problem {
        code: "SP-1606",
        message: error.to_string(),
        file,
        line: None,
        detail: Box::default(),
        hint: Box::default(),
    });
    problems.take(table)
}

fn projections(contracts: &Path, routes: &RouteTable, problems: &mut Problems) -> Vec<Projection> {
    let derive = |entry: saphan_policy::RuleEntry<'_>| {
        let agency = &entry.contract.agency;
        let file = contracts.join(format!("{agency}.toml"));
        projection::derive(agency, entry.rule).map_err(|error| agency::refused(&file, None, &error))
    };
    routes.rules().filter_map(|it| problems.take(derive(it))).collect()
}
