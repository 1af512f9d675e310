//! What could not be accepted: counts for everybody, places for the facility that can mend them.

use saphan_model::Timestamp;

use crate::calendar;
use crate::context::Context;
use crate::error::PageError;
use crate::figure::Figure;
use crate::view::{Page, Row, Section, Table};

/// Most places of one page.
const PLACES_MAX: u32 = 500;

/// Counts by facility and code.
pub async fn overview(ctx: &Context) -> Result<Page, PageError> {
    let t = ctx.texts();
    let counts = ctx.state.store.quarantine_counts().await?;
    let rows = counts.iter().map(|it| {
        let (head, href) = if it.facility.is_empty() {
            (t.unread_facility.to_owned(), String::new())
        } else {
            let path = format!("/quarantine/{}", it.facility);
            let known = ctx.directory().facility(&it.facility).is_some();
            let name = ctx.directory().facility_label(&it.facility, ctx.lang);
            (name, if known { ctx.href(&path) } else { String::new() })
        };
        Row {
            head,
            code: it.facility.clone(),
            href,
            figures: vec![Figure::Code(it.code.clone()), Figure::Count(it.n)],
            total: false,
        }
    });
    let table = Table {
        id: "quarantine",
        caption: t.quarantine_title.to_owned(),
        head: [t.code, t.facility, t.code, t.count].map(str::to_owned).to_vec(),
        rows: rows.collect(),
        coded: true,
        page_rows_max: 0,
    };
    let empty = if table.rows.is_empty() { t.quarantine_none.to_owned() } else { String::new() };
    let section = Section { id: "counts", tables: vec![table], empty, ..Section::default() };
    let mut page = ctx.page(t.quarantine_title.to_owned(), Vec::new(), vec![section]);
    page.intro = vec![t.quarantine_intro.to_owned()];
    Ok(page)
}

/// The newest defects of one facility, with file, line, column and remedy.
pub async fn facility(ctx: &Context, code: &str) -> Result<Page, PageError> {
    let t = ctx.texts();
    ctx.directory().facility(code).ok_or(PageError::Missing)?;
    let places = ctx.state.store.quarantine_places(code, PLACES_MAX).await?;
    let rows = places.iter().map(|it| {
        let line = if it.line == 0 { String::new() } else { it.line.to_string() };
        Row {
            head: it.document.clone(),
            figures: vec![
                Figure::Code(it.file.clone()),
                Figure::Code(line),
                Figure::Code(it.column_name.clone()),
                Figure::Code(it.code.clone()),
                Figure::Text(it.remedy.clone()),
                Figure::Code(calendar::instant(Timestamp(it.at_ms), ctx.lang)),
            ],
            ..Row::default()
        }
    });
    let head = [t.document, t.file, t.line, t.column, t.code, t.remedy, t.arrived];
    let table = Table {
        id: "places",
        caption: t.quarantine_title.to_owned(),
        head: head.map(str::to_owned).to_vec(),
        rows: rows.collect(),
        ..Table::default()
    };
    let empty = if table.rows.is_empty() { t.quarantine_none.to_owned() } else { String::new() };
    let section = Section { id: "places", tables: vec![table], empty, ..Section::default() };
    let name = ctx.directory().facility_label(code, ctx.lang);
    let title = format!("{}: {name} ({code})", t.quarantine_title);
    let crumbs = vec![ctx.link(t.quarantine_title, "/quarantine")];
    let mut page = ctx.page(title, crumbs, vec![section]);
    page.intro =
        vec![t.quarantine_intro.to_owned(), format!("{} {PLACES_MAX}", t.quarantine_newest)];
    Ok(page)
}
