//! Wire forms of the model's records and enums, one file per concept. The order of fields here is
//! the order of the `.avsc` files in `schemas/`; a test compares the two.

mod admission;
mod body;
mod decision;
mod directive;
mod encounter;
mod envelope;
mod log;
mod submission;

pub(crate) use log::{LinkBody, RetractionBody};
