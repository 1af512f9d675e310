//! `raw_copy` with the platform's own allocator: how much of the distance to it is no merit of the platform.

#[path = "raw_copy.rs"]
mod raw_copy;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {
    raw_copy::main();
}
