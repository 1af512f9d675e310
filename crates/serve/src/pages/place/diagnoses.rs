//! The most frequent principal diagnoses, beside the places below that share them.

use super::{Place, load, row_place};
use crate::context::Context;
use crate::drill::Drill;
use crate::error::PageError;
use crate::figure::Figure;
use crate::icd;
use crate::suppress::Shown;
use crate::view::{Row, Section, Table};

/// Codes the page shows; the CSV has all.
const CODES_SHOWN: usize = 15;

pub(super) async fn section(ctx: &Context, place: &Place) -> Result<Section, PageError> {
    let t = ctx.texts();
    let drill = load::diagnoses(ctx, place).await?;
    let mut codes: Vec<(Shown, &String)> =
        drill.columns.iter().map(|code| (total(&drill, place, code), code)).collect();
    codes.retain(|(shown, _)| *shown != Shown::Exact(0));
    codes.sort_by_key(|(shown, code)| (rank(*shown), (*code).clone()));
    let places = if matches!(place, Place::Facility(_)) { Vec::new() } else { drill.rows.clone() };
    let rows = codes.iter().map(|(shown, code)| {
        let cells = places.iter().map(|it| drill.cell(it, code));
        Row {
            head: icd::name(code, ctx.lang)
                .map_or_else(|| (*code).clone(), |name| format!("{code} {name}")),
            code: (*code).clone(),
            figures: std::iter::once(*shown).chain(cells).map(Figure::People).collect(),
            ..Row::default()
        }
    });
    let heads = places.iter().map(|key| column(ctx, place, key));
    let table = Table {
        id: "diagnoses",
        caption: t.diagnoses_title.to_owned(),
        head: [t.code, t.diagnosis, t.total].map(str::to_owned).into_iter().chain(heads).collect(),
        rows: rows.collect(),
        coded: true,
        page_rows_max: CODES_SHOWN,
    };
    let empty = if table.rows.is_empty() { t.none_yet.to_owned() } else { String::new() };
    Ok(Section {
        id: "diagnoses",
        heading: t.diagnoses_title.to_owned(),
        intro: vec![t.diagnoses_intro.to_owned()],
        tables: vec![table],
        empty,
        ..Section::default()
    })
}

/// A facility has no table of its own: it is a row in that of its district.
fn total(drill: &Drill, place: &Place, code: &str) -> Shown {
    match place {
        Place::Facility(it) => drill.cell(&it.code, code),
        _ => drill.column_total(code),
    }
}

/// Known figures by size; what is not shown comes after, in no order that would tell it.
const fn rank(shown: Shown) -> u64 {
    match shown {
        Shown::Exact(n) => u64::MAX - 2 - n,
        Shown::Hidden => u64::MAX - 1,
        Shown::Small => u64::MAX,
    }
}

fn column(ctx: &Context, place: &Place, key: &str) -> String {
    match place {
        Place::Province { .. } => format!("{} {key}", ctx.texts().district),
        _ => row_place(ctx, place, key).0,
    }
}
