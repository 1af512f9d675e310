//! Everything that can be told about a topology folder without a broker: its files, its scenarios, and
//! whether the schemas it leads to may follow each other.

use std::collections::BTreeMap;
use std::path::Path;

use saphan_codec::{Record, lint};

use crate::deploy::versions;
use crate::problem::Problem;
use crate::{Topology, scenario};

/// What a check found.
#[derive(Debug)]
pub struct Checked {
    /// The folder, when its files are sound.
    pub topology: Option<Topology>,
    /// Scenario cases tried.
    pub cases: usize,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
}

/// Checks a folder; its scenarios are in `tests/`.
pub fn check(dir: &Path, facilities: Option<&Path>) -> Checked {
    let topology = match Topology::load(dir, facilities) {
        Ok(it) => it,
        Err(problems) => return Checked { topology: None, cases: 0, problems },
    };
    let scenario::Report { cases, mut problems } = scenario::run(&topology, &dir.join("tests"));
    problems.extend(agency_schemas(&topology, dir));
    problems.extend(platform_schemas());
    Checked { topology: Some(topology), cases, problems }
}

/// A contract's versions share a record name, so their schemas must be able to read each other.
fn agency_schemas(topology: &Topology, dir: &Path) -> Vec<Problem> {
    let mut subjects: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut files = BTreeMap::new();
    for (entry, projection) in topology.routes().rules().zip(topology.projections()) {
        subjects.entry(projection.name()).or_default().push(projection.schema());
        let file = dir.join("agencies").join(format!("{}.toml", entry.contract.agency));
        files.insert(projection.name(), file);
    }
    let mut problems = Vec::new();
    for (subject, schemas) in subjects {
        for finding in follow(&schemas) {
            problems.push(Problem {
                code: "SP-1622",
                message: format!("{subject}: {}: {}", finding.path, finding.remedy),
                file: files[subject].clone(),
                line: None,
                detail: "An agency reads records of every version of its contract with one schema."
                    .into(),
                hint: "keep the identity of the rule, or let the agency have another id".into(),
            });
        }
    }
    problems
}

fn platform_schemas() -> Vec<Problem> {
    let told = |record: &Record| {
        let schemas = versions(*record);
        let texts: Vec<_> = schemas.iter().map(String::as_str).collect();
        let problem = |it: lint::Finding| Problem {
            code: "SP-1622",
            message: it.to_string(),
            file: Path::new("schemas").join(record.folder()),
            line: None,
            detail: Box::default(),
            hint: "mend the schema of this version of the platform before it is released".into(),
        };
        follow(&texts).into_iter().map(problem).collect::<Vec<_>>()
    };
    Record::ALL.iter().flat_map(told).collect()
}

/// What stands against each schema by itself, after the one before it, and beside all of them.
fn follow(schemas: &[&str]) -> Vec<lint::Finding> {
    let mut findings = schemas.first().map(|it| lint::lint_one(it)).unwrap_or_default();
    for pair in schemas.windows(2) {
        findings.extend(lint::lint(pair[0], pair[1]));
    }
    findings.extend(lint::compatible(schemas));
    findings
}
