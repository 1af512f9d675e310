//! Makes a feed: `cargo run -p saphan-synth --example synth -- <folder> [small]`.

use std::io::Write;

use saphan_synth::{Options, generate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let out = args.next().ok_or("name a folder that does not exist yet")?.into();
    let base = if args.next().is_some() { Options::small() } else { Options::default() };
    let options = Options { out, ..base };
    let mut stderr = std::io::stderr();
    let summary = generate(&options, &mut |it| {
        let _ = writeln!(stderr, "{it}");
    })?;
    writeln!(std::io::stdout(), "{summary:#?}")?;
    Ok(())
}
