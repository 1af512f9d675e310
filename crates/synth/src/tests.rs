//! The feed read back from its bytes, and the oracle asked about feeds small enough to check by
//! hand.

mod feed;
mod oracle;
mod readback;

use std::path::Path;

use crate::truth::{Truth, load};
use crate::{Options, generate};

/// A small feed in a folder of its own.
fn make(seed: u64, out: &Path) -> Options {
    let options = Options { seed, out: out.to_owned(), ..Options::small() };
    generate(&options, &mut |_| ()).expect("a small feed can be made");
    options
}

fn truth(out: &Path, order: crate::Order) -> Truth {
    load(&out.join("truth").join(order.word())).expect("a truth can be read back")
}
