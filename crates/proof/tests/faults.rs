//! A clean little log has no findings; broken in one way, it has the findings that way must have and no
//! others.

#[path = "faults/cases.rs"]
mod cases;
#[path = "faults/checkpoint.rs"]
mod checkpoint;
#[path = "faults/explain.rs"]
mod explain;
#[path = "faults/forms.rs"]
mod forms;
#[path = "faults/little.rs"]
mod little;
#[path = "faults/merkle.rs"]
mod merkle;
#[path = "faults/overlay.rs"]
mod overlay;
#[path = "faults/recall.rs"]
mod recall;
#[allow(dead_code, reason = "more samples than are needed here")]
#[path = "../../pipeline/tests/flow/samples.rs"]
mod samples;
#[path = "faults/scope.rs"]
mod scope;
#[path = "faults/what_if.rs"]
mod what_if;
#[expect(dead_code, reason = "the world of the flow tests has more to it than is needed here")]
#[path = "../../pipeline/tests/flow/world.rs"]
mod world;
