//! Strings that must never appear in a log: ids, names and local numbers of a few people, chosen
//! so that nothing else contains them.

use std::collections::BTreeSet;
use std::path::Path;

use crate::error::SynthError;
use crate::plan::Plan;
use crate::world::World;

/// Writes `canaries.txt`: one string a line.
pub fn write(out: &Path, world: &World, plan: &Plan) -> Result<(), SynthError> {
    let mut strings: BTreeSet<String> = BTreeSet::new();
    for person in world.people.persons.iter().filter(|it| it.canary) {
        strings.insert(person.cid.to_string());
        strings.insert(person.given.clone());
        strings.insert(person.family.clone());
        for registration in &person.registrations {
            strings.insert(world.people.registrations[*registration as usize].pid.clone());
        }
    }
    for visit in &plan.visits {
        if world.person_of(visit.registration).canary {
            strings.insert(crate::rows::seq(world, visit));
        }
    }
    let mut text = strings.into_iter().collect::<Vec<_>>().join("\n");
    text.push('\n');
    let path = out.join("canaries.txt");
    std::fs::write(&path, text).map_err(SynthError::write(&path))
}
