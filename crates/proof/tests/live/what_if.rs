//! A proposed folder, put beside the one in force, on a real log.

use std::fs;
use std::path::Path;

use saphan_model::decision::WithholdReason;
use saphan_proof::what_if::{Change, Count, How, Versions};
use saphan_proof::{Contrast, Scope, WhatIf, live};
use saphan_topology::Topology;

use crate::{World, topology_folder};

/// The folder's contracts with some text replaced, as a folder of contracts alone.
fn proposed(edits: &[(&str, &str, &str)]) -> Topology {
    let folder = tempfile::tempdir().expect("a folder");
    for entry in fs::read_dir(topology_folder().join("agencies")).expect("readable") {
        let path = entry.expect("readable").path();
        let mut text = fs::read_to_string(&path).expect("readable");
        for (agency, from, to) in edits {
            if path.file_stem().is_some_and(|it| it == *agency) {
                assert!(text.contains(from), "{agency} says {from:?}");
                text = text.replace(from, to);
            }
        }
        let name = path.file_name().expect("a file");
        fs::write(folder.path().join(name), text).expect("written");
    }
    load(folder.path())
}

fn load(agencies: &Path) -> Topology {
    let loaded = Topology::load_with(&topology_folder(), agencies, None);
    loaded.unwrap_or_else(|it| panic!("{}", it[0]))
}

fn contrast(world: &World, proposed: &Topology) -> Contrast {
    let (current, scope) = (world.topology.routes(), Scope::default());
    let ids = world.ids.clone();
    let what_if = WhatIf::new(current, proposed.routes(), Versions::Newest, scope, ids);
    let what_if = what_if.expect("contracts go together");
    live::what_if(&world.kafka, &world.names, what_if, &mut |_| {})
        .unwrap_or_else(|it| panic!("{it}"))
}

/// Of `people` with ten visits each: three before any consent, four while the exchange may read, three after.
pub fn seen(world: &World, people: u64, records: u64) {
    let nothing = contrast(world, &proposed(&[]));
    assert!(nothing.rows.is_empty() && nothing.past.is_empty(), "{nothing:?}");
    assert_eq!((nothing.replayed, nothing.compared), (records, records));

    // The edits of the payer's contract and of the exchange's first rule.
    let edits = [
        ("nhso", "basis = \"statute\"", "basis = \"consent\""),
        ("health-link", "\"chief_complaint\", \"vital_signs\", ", "\"chief_complaint\", "),
    ];
    let contrast = contrast(world, &proposed(&edits));
    let of = |agency: &str| {
        let rows = contrast.rows.iter().filter(|it| it.0.agency == agency);
        rows.collect::<Vec<_>>()
    };
    let [(row, count)] = of("health-link")[..] else { panic!("{contrast:?}") };
    let Change::Reshaped { before, after } = &row.change else { panic!("{row:?}") };
    let lost: Vec<_> = before.beyond(after).collect();
    assert!(lost.len() > 1 && lost.iter().all(|it| it.starts_with("vital_signs.")), "{lost:?}");
    assert_eq!(*count, Count { events: 4 * people, patients: people });
    let withheld = of("nhso").into_iter().map(|(row, count)| match row.change {
        Change::Withheld { reason, .. } => (reason, count.events, count.patients),
        _ => panic!("{row:?}"),
    });
    let expected = [
        (WithholdReason::NoDirective, 3 * people, people),
        (WithholdReason::DirectiveDeny, 4 * people, people),
        (WithholdReason::DirectiveNotInForce, 3 * people, people),
    ];
    assert_eq!(withheld.collect::<Vec<_>>(), expected);
    let past: Vec<_> = contrast.past.iter().map(|it| (it.agency.as_str(), it.how)).collect();
    assert_eq!(past, [("health-link", How::Changed), ("nhso", How::Changed)]);
}
