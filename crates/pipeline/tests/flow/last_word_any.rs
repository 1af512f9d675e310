//! Any course of sending, registering and redriving ends with what the facility said last.

use std::sync::LazyLock;

use proptest::prelude::*;
use saphan_model::Submission;
use saphan_topology::Topology;

use crate::last_word::standing;
use crate::order::Whose;
use crate::redrive::{from_newcomer, with_newcomer};
use crate::samples::{retraction, visit};
use crate::world::{World, keys, topology};

static BEFORE: LazyLock<Topology> = LazyLock::new(topology);
static REGISTERED: LazyLock<Topology> = LazyLock::new(|| with_newcomer("any"));

#[derive(Clone, Copy, Debug)]
enum Step {
    Put(&'static str, Whose),
    Delete,
    /// The facility is listed from now on, or no longer.
    Register(bool),
    /// One of the open defects.
    Redrive(prop::sample::Index),
    RedriveAll,
    Restart,
}

/// What the facility said: a diagnosis and whose visit it is.
type Said = Option<(&'static str, Whose)>;

fn step() -> impl Strategy<Value = Step> {
    let whose = prop_oneof![
        4 => Just(Whose::Known),
        1 => Just(Whose::Another),
        1 => Just(Whose::Unknown),
    ];
    let put = (prop::sample::select(vec!["J00", "J01"]), whose);
    prop_oneof![
        4 => put.prop_map(|(code, whose)| Step::Put(code, whose)),
        2 => Just(Step::Delete),
        2 => any::<bool>().prop_map(Step::Register),
        3 => any::<prop::sample::Index>().prop_map(Step::Redrive),
        1 => Just(Step::RedriveAll),
        1 => Just(Step::Restart),
    ]
}

fn submission(said: Said) -> Submission {
    from_newcomer(match said {
        Some((code, whose)) => visit("1", code, whose.subject()),
        None => retraction("1"),
    })
}

fn take(world: &mut World, step: Step, said: &mut Said) {
    match step {
        Step::Put(code, whose) => *said = Some((code, whose)),
        Step::Delete => *said = None,
        Step::Register(listed) => {
            world.update(if listed { REGISTERED.clone() } else { BEFORE.clone() });
        }
        Step::Redrive(which) => {
            let open = world.open_defects();
            if !open.is_empty() {
                world.redrive_of(std::slice::from_ref(which.get(&open)));
            }
        }
        Step::RedriveAll => world.redrive(),
        Step::Restart => world.restart(),
    }
    if matches!(step, Step::Put(..) | Step::Delete) {
        world.send(&[submission(*said)]);
    }
}

fn check(steps: &[Step]) {
    let (mut world, mut said) = (World::of(BEFORE.clone()), None);
    for step in steps {
        take(&mut world, *step, &mut said);
    }
    world.update(REGISTERED.clone());
    let expected: Vec<_> = said.iter().map(|it| it.0.to_owned()).collect();
    for round in ["once", "twice"] {
        world.redrive();
        world.check_balance();
        assert_eq!(standing(&world), expected, "{round}: {steps:?}");
        if let Some(citizen) = said.and_then(|it| it.1.subject().citizen_id) {
            let last = world.log().pop().expect("a record");
            assert_eq!(last.envelope.patient, keys().pseudonym(&citizen), "{round}: {steps:?}");
        }
    }
    // A deletion of what came only after it waits, the first time, for something to delete.
    let open = world.open_defects();
    assert!(said.is_none() || open.is_empty(), "{steps:?}: {open:?}");
    assert!(open.iter().all(|it| it.defect.code == "SP-1310"), "{steps:?}: {open:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_last_word_stands(steps in prop::collection::vec(step(), 1..16)) {
        check(&steps);
    }
}
