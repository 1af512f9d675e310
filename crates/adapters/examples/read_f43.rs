//! Reads a document and prints its report, without sending anything: `cargo run --release -p
//! saphan-adapters --example read_f43 <zip or folder> [facility]`.

use std::path::Path;
use std::time::Instant;

use saphan_adapters::f43::{MemoryPersonIndex, Options, read};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let source = args.next().ok_or("name a zip or a folder")?;
    let options = Options { facility: args.next(), ..Options::default() };
    let started = Instant::now();
    let mut submissions = 0u64;
    let mut sink = |_| {
        submissions += 1;
        Ok(())
    };
    let mut index = MemoryPersonIndex::default();
    let report = read(Path::new(&source), &options, &mut index, &mut sink)?;
    let seconds = started.elapsed().as_secs_f64();
    #[allow(clippy::print_stdout)]
    {
        println!("{report:#?}\n{submissions} submissions in {seconds:.1} s");
    }
    Ok(())
}
