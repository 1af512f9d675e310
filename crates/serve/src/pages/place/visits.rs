//! Visits by month: rows are the places below, or the classes of a facility.

use super::{Place, load, row_keys, row_place};
use crate::chart::Chart;
use crate::context::Context;
use crate::error::PageError;
use crate::figure::Figure;
use crate::suppress::Shown;
use crate::view::{Row, Section, Table};

const NOBODY: Shown = Shown::Exact(0);

pub(super) async fn section(ctx: &Context, place: &Place) -> Result<Section, PageError> {
    let t = ctx.texts();
    let drill = load::visits(ctx, place).await?;
    let months = ctx.year.months();
    let keys: Vec<String> = months.iter().map(|it| it.number().to_string()).collect();
    let labels: Vec<String> = months.iter().map(|it| it.label(ctx.lang)).collect();
    let heading = t.visits_title.to_owned();
    let intro = vec![t.visits_intro.to_owned()];
    if drill.is_empty() {
        let empty = t.none_yet.to_owned();
        return Ok(Section { id: "visits", heading, intro, empty, ..Section::default() });
    }
    let to_come: Vec<bool> = months
        .iter()
        .map(|it| it.to_come(ctx.now) && drill.column_total(&it.number().to_string()) == NOBODY)
        .collect();
    let figure = |to_come: &bool, shown: Shown| {
        if *to_come { Figure::Nothing } else { Figure::People(shown) }
    };
    let row = |key: String| {
        let cells =
            keys.iter().zip(&to_come).map(|(it, to_come)| figure(to_come, drill.cell(&key, it)));
        let (head, href) = match place {
            Place::Facility(_) => (class(ctx, &key), String::new()),
            _ => row_place(ctx, place, &key),
        };
        let total = Figure::People(drill.row_total(&key));
        Row { head, href, figures: cells.chain([total]).collect(), code: key, total: false }
    };
    let sums: Vec<Shown> = keys.iter().map(|month| drill.column_total(month)).collect();
    let total = Row {
        head: t.total.to_owned(),
        figures: to_come
            .iter()
            .zip(&sums)
            .map(|(to_come, it)| figure(to_come, *it))
            .chain([Figure::People(drill.shown.total)])
            .collect(),
        total: true,
        ..Row::default()
    };
    let head = match place {
        Place::Country => t.region,
        Place::Region(_) => t.province,
        Place::Province { .. } => t.facility,
        Place::Facility(_) => t.class,
    };
    let rows = row_keys(ctx, place, &drill.rows).into_iter().map(row).chain([total]);
    let table = Table {
        id: "visits",
        caption: t.visits_title.to_owned(),
        head: [t.code.to_owned(), head.to_owned()]
            .into_iter()
            .chain(labels.iter().cloned())
            .chain([t.total.to_owned()])
            .collect(),
        rows: rows.collect(),
        coded: true,
        page_rows_max: 0,
    };
    let figures: Vec<_> = labels
        .into_iter()
        .zip(to_come.iter().zip(sums).map(|(to_come, it)| (!to_come).then_some(it)))
        .collect();
    let chart = Some(Chart::new(t.visits_title.to_owned(), &figures));
    Ok(Section { id: "visits", heading, intro, chart, tables: vec![table], ..Section::default() })
}

fn class(ctx: &Context, key: &str) -> String {
    let t = ctx.texts();
    match key {
        "ambulatory" => t.ambulatory.to_owned(),
        "inpatient" => t.inpatient.to_owned(),
        other => other.to_owned(),
    }
}
