//! Referrals out and in, by the health region on the other side.

use super::{Place, load, row_keys, row_place};
use crate::context::Context;
use crate::drill::Drill;
use crate::error::PageError;
use crate::figure::Figure;
use crate::view::{Row, Section, Table};

/// Which side the place is on.
#[derive(Clone, Copy)]
enum Side {
    Out,
    In,
}

pub(super) async fn section(ctx: &Context, place: &Place) -> Result<Section, PageError> {
    let t = ctx.texts();
    let mut tables = vec![table(ctx, place, Side::Out, &load::referrals_out(ctx, place).await?)];
    let mut intro = vec![t.referrals_note.to_owned()];
    match place {
        Place::Country => intro.push(t.referrals_out_intro.to_owned()),
        Place::Facility(_) => {
            tables.push(table(ctx, place, Side::In, &load::referrals_in(ctx, place).await?));
        }
        _ => {
            tables.push(table(ctx, place, Side::In, &load::referrals_in(ctx, place).await?));
            intro.extend([t.referrals_out_intro.to_owned(), t.referrals_in_intro.to_owned()]);
        }
    }
    tables.retain(|it| !it.rows.is_empty());
    let empty = if tables.is_empty() { t.none_yet.to_owned() } else { String::new() };
    let heading = t.referrals_title.to_owned();
    Ok(Section { id: "referrals", heading, intro, tables, empty, ..Section::default() })
}

fn table(ctx: &Context, place: &Place, side: Side, drill: &Drill) -> Table {
    let t = ctx.texts();
    let (id, caption) = match side {
        Side::Out => ("referrals-out", t.referrals_out.to_owned()),
        Side::In => ("referrals-in", t.referrals_in.to_owned()),
    };
    if drill.is_empty() {
        return Table { id, caption, ..Table::default() };
    }
    match place {
        Place::Facility(_) => partners(ctx, place, id, caption, drill),
        _ => regions(ctx, place, id, caption, drill),
    }
}

/// Rows are the places below, columns the regions on the other side.
fn regions(
    ctx: &Context,
    place: &Place,
    id: &'static str,
    caption: String,
    drill: &Drill,
) -> Table {
    let t = ctx.texts();
    let mut columns = drill.columns.clone();
    // Numbers in their order, the unknown region last.
    columns.sort_by_key(|it| it.parse::<u8>().ok().and_then(|it| it.checked_sub(1)).unwrap_or(99));
    let row = |key: String| {
        let (head, href) = row_place(ctx, place, &key);
        let cells = columns.iter().map(|it| drill.cell(&key, it)).chain([drill.row_total(&key)]);
        Row { head, href, figures: cells.map(Figure::People).collect(), code: key, total: false }
    };
    let sums = columns.iter().map(|it| drill.column_total(it)).chain([drill.shown.total]);
    let total = Row {
        head: t.total.to_owned(),
        figures: sums.map(Figure::People).collect(),
        total: true,
        ..Row::default()
    };
    let name = |it: &String| match it.as_str() {
        "0" => t.unknown_place.to_owned(),
        number => format!("{} {number}", t.region_short),
    };
    let first = match place {
        Place::Country => t.region,
        Place::Region(_) => t.province,
        _ => t.facility,
    };
    let heads = columns.iter().map(name).chain([t.total.to_owned()]);
    Table {
        id,
        caption,
        head: [t.code, first].map(str::to_owned).into_iter().chain(heads).collect(),
        rows: row_keys(ctx, place, &drill.rows).into_iter().map(row).chain([total]).collect(),
        coded: true,
        page_rows_max: 0,
    }
}

/// Rows are the facilities on the other side.
fn partners(
    ctx: &Context,
    place: &Place,
    id: &'static str,
    caption: String,
    drill: &Drill,
) -> Table {
    let t = ctx.texts();
    let row = |key: &String| {
        let (head, href) = row_place(ctx, place, key);
        let figures = vec![Figure::People(drill.row_total(key))];
        Row { head, href, figures, code: key.clone(), total: false }
    };
    let total = Row {
        head: t.total.to_owned(),
        figures: vec![Figure::People(drill.shown.total)],
        total: true,
        ..Row::default()
    };
    Table {
        id,
        caption,
        head: [t.code, t.facility, t.number_of_referrals].map(str::to_owned).to_vec(),
        rows: drill.rows.iter().map(row).chain([total]).collect(),
        coded: true,
        page_rows_max: 0,
    }
}
