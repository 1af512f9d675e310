//! The rules of the house, held by a machine: arrows between crates, one home for each heavy library,
//! sizes, a page for every error code, no word about anything but the project.

#[path = "tidy/arrows.rs"]
mod arrows;
#[path = "tidy/codes.rs"]
mod codes;
#[path = "tidy/files.rs"]
mod files;
#[path = "tidy/sizes.rs"]
mod sizes;
