//! `saphan synth`: a synthetic province with its ground truth.

use anyhow::Result;
use saphan_synth::Options;

use crate::cli::Synth;
use crate::output;

/// Makes it.
pub fn run(options: &Synth) -> Result<()> {
    let options = Options {
        seed: options.seed,
        people: options.people,
        visits: options.visits,
        facilities: options.facilities,
        referrals: options.referrals,
        directives: options.directives,
        regions: options.regions.clone(),
        out: options.out.clone(),
        ..Options::default()
    };
    saphan_synth::generate(&options, &mut |it| output::progress(&it))?;
    output::progress(&format_args!("wrote {}", options.out.display()));
    Ok(())
}
