//! What each agency received and what was withheld from it.

use std::collections::BTreeMap;

use saphan_model::decision::WithholdReason;
use saphan_policy::reason::agency_sentence;
use saphan_store::query::AgencyCount;

use crate::context::Context;
use crate::error::PageError;
use crate::figure::Figure;
use crate::view::{Page, Row, Section, Table};

/// Delivered, withheld and retracted of one agency and type.
type Kinds = [u64; 3];

/// Counts by agency and type, and by legal basis. They count records of the whole country.
pub async fn page(ctx: &Context) -> Result<Page, PageError> {
    let t = ctx.texts();
    let counts = ctx.state.store.agency_counts().await?;
    let by_type = Section {
        id: "agencies",
        tables: vec![by_type(ctx, &counts)],
        empty: if counts.is_empty() { t.none_yet.to_owned() } else { String::new() },
        ..Section::default()
    };
    let by_basis = Section {
        id: "basis",
        heading: t.by_basis.to_owned(),
        tables: vec![by_basis(ctx, &counts)],
        ..Section::default()
    };
    let by_class = Section {
        id: "reasons",
        heading: t.withheld_by_reason.to_owned(),
        tables: vec![by_class(ctx, &counts)],
        ..Section::default()
    };
    let mut sections = vec![by_type];
    let filled = [by_basis, by_class].into_iter().filter(|it| !it.tables[0].rows.is_empty());
    sections.extend(filled);
    let mut page = ctx.page(t.agencies_title.to_owned(), Vec::new(), sections);
    page.intro = vec![t.agencies_intro.to_owned(), t.retracted_note.to_owned()];
    Ok(page)
}

fn by_type(ctx: &Context, counts: &[AgencyCount]) -> Table {
    let t = ctx.texts();
    let mut sums: BTreeMap<(&str, &str), Kinds> = BTreeMap::new();
    for it in counts {
        let kinds = sums.entry((it.agency.as_str(), it.event_type.as_str())).or_default();
        let kind = ["delivered", "withheld", "retracted"].iter().position(|kind| *kind == it.kind);
        if let Some(kind) = kind {
            kinds[kind] += it.n;
        }
    }
    let rows = sums.iter().map(|((agency, event_type), kinds)| Row {
        head: ctx.directory().agency_label(agency, ctx.lang),
        code: (*agency).to_owned(),
        figures: std::iter::once(Figure::Code((*event_type).to_owned()))
            .chain(kinds.map(Figure::Count))
            .collect(),
        ..Row::default()
    });
    let head = [t.code, t.agency, t.event_type, t.delivered, t.withheld, t.retracted];
    Table {
        id: "agencies",
        caption: t.agencies_title.to_owned(),
        head: head.map(str::to_owned).to_vec(),
        rows: rows.collect(),
        coded: true,
        page_rows_max: 0,
    }
}

fn by_basis(ctx: &Context, counts: &[AgencyCount]) -> Table {
    let t = ctx.texts();
    let mut sums: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for it in counts.iter().filter(|it| !it.basis.is_empty()) {
        *sums.entry((it.agency.as_str(), it.basis.as_str())).or_default() += it.n;
    }
    let rows = sums.iter().map(|((agency, basis), n)| Row {
        head: ctx.directory().agency_label(agency, ctx.lang),
        code: (*agency).to_owned(),
        figures: vec![Figure::Code((*basis).to_owned()), Figure::Count(*n)],
        ..Row::default()
    });
    Table {
        id: "basis",
        caption: t.by_basis.to_owned(),
        head: [t.code, t.agency, t.basis, t.delivered].map(str::to_owned).to_vec(),
        rows: rows.collect(),
        coded: true,
        page_rows_max: 0,
    }
}

/// What an agency may learn of what it does not get: a class and a number, never whose.
fn by_class(ctx: &Context, counts: &[AgencyCount]) -> Table {
    let t = ctx.texts();
    let mut sums: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for it in counts.iter().filter(|it| it.kind == "withheld") {
        let reason = WithholdReason::ALL.iter().find(|reason| reason.as_str() == it.reason);
        if let Some(reason) = reason {
            let class = agency_sentence(*reason, ctx.lang.of_policy());
            *sums.entry((it.agency.as_str(), class)).or_default() += it.n;
        }
    }
    let rows = sums.iter().map(|((agency, class), n)| Row {
        head: ctx.directory().agency_label(agency, ctx.lang),
        code: (*agency).to_owned(),
        figures: vec![Figure::Text((*class).to_owned()), Figure::Count(*n)],
        ..Row::default()
    });
    Table {
        id: "reasons",
        caption: t.withheld_by_reason.to_owned(),
        head: [t.code, t.agency, t.reason, t.count].map(str::to_owned).to_vec(),
        rows: rows.collect(),
        coded: true,
        page_rows_max: 0,
    }
}
