//! The start page: where everything is.

use crate::context::Context;
use crate::view::{Link, Page, Section};

/// Needs no table, so it answers even when ClickHouse does not.
pub fn page(ctx: &Context) -> Page {
    let t = ctx.texts();
    let link =
        |text: &str, path: &str, note: &str| Link { note: note.to_owned(), ..ctx.link(text, path) };
    let links = vec![
        link(t.regions_title, "/regions", t.home_regions),
        link(t.conservation_title, "/conservation", t.home_conservation),
        link(t.agencies_title, "/agencies", t.home_agencies),
        link(t.quarantine_title, "/quarantine", t.home_quarantine),
    ];
    let section = Section { id: "pages", links, ..Section::default() };
    let mut page = ctx.page(t.site.to_owned(), Vec::new(), vec![section]);
    page.intro = vec![t.home_intro.to_owned(), t.synthetic.to_owned()];
    page
}
