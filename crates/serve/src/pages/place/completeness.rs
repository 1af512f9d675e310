//! Which facilities have reported which months, and when each was last heard of.

use std::collections::HashMap;

use saphan_model::Timestamp;

use super::{Place, row_keys, row_place};
use crate::calendar;
use crate::context::Context;
use crate::directory::FacilityName;
use crate::error::PageError;
use crate::figure::{Figure, Mark};
use crate::view::{Row, Section, Table};

/// What is known of the facilities of a place.
struct Reports {
    months: HashMap<String, Vec<u32>>,
    last: HashMap<String, i64>,
    /// Months that are over, as year * 100 + month.
    due: Vec<u32>,
}

impl Reports {
    fn reported(&self, code: &str) -> usize {
        self.due.iter().filter(|it| self.has(code, **it)).count()
    }

    fn has(&self, code: &str, month: u32) -> bool {
        self.months.get(code).is_some_and(|it| it.contains(&month))
    }

    fn any(&self, code: &str) -> bool {
        self.months.get(code).is_some_and(|it| !it.is_empty())
    }
}

pub(super) async fn section(ctx: &Context, place: &Place) -> Result<Section, PageError> {
    let t = ctx.texts();
    let facilities: Vec<&FacilityName> =
        ctx.directory().facilities().filter(|it| place.holds(it)).collect();
    let codes: Vec<String> = facilities.iter().map(|it| it.code.clone()).collect();
    let scope = place.scope();
    let (months, last) = tokio::try_join!(
        ctx.state.store.reported_months(&scope, ctx.year.period()),
        ctx.state.store.last_reports(&codes),
    )?;
    let over = ctx.year.months_over(ctx.now);
    let reports = Reports {
        months: months.into_iter().map(|it| (it.code, it.months)).collect(),
        last: last.into_iter().map(|it| (it.code, it.at_ms)).collect(),
        due: ctx.year.months()[..over].iter().map(|it| it.number()).collect(),
    };
    let table = match place {
        Place::Country | Place::Region(_) => summary(ctx, place, &facilities, &reports),
        Place::Province { .. } | Place::Facility(_) => by_month(ctx, place, &facilities, &reports),
    };
    let empty = if facilities.is_empty() { t.none_yet.to_owned() } else { String::new() };
    Ok(Section {
        id: "completeness",
        heading: t.completeness_title.to_owned(),
        intro: vec![format!("{}: {over}", t.completeness_intro)],
        tables: vec![table],
        empty,
        ..Section::default()
    })
}

/// Facilities counted by the places below.
fn summary(ctx: &Context, place: &Place, facilities: &[&FacilityName], reports: &Reports) -> Table {
    let t = ctx.texts();
    let row = |head: String, href: String, key: String, of: &[&FacilityName]| {
        let count = |it: &dyn Fn(&str) -> bool| of.iter().filter(|f| it(&f.code)).count() as u64;
        let complete = count(&|code| reports.reported(code) == reports.due.len());
        let last = of.iter().filter_map(|it| reports.last.get(&it.code)).max();
        let figures = vec![
            Figure::Count(of.len() as u64),
            Figure::Count(count(&|code| reports.any(code))),
            Figure::Count(complete),
            match (complete * 100).checked_div(of.len() as u64) {
                Some(share) => Figure::Count(share),
                None => Figure::Nothing,
            },
            last_report(ctx, last.copied()),
        ];
        Row { total: key.is_empty(), head, href, figures, code: key }
    };
    let key_of = |it: &FacilityName| match place {
        Place::Country => it.region.to_string(),
        _ => it.province.clone(),
    };
    let rows = row_keys(ctx, place, &[]).into_iter().map(|key| {
        let of: Vec<_> = facilities.iter().filter(|it| key_of(it) == key).copied().collect();
        let (head, href) = row_place(ctx, place, &key);
        row(head, href, key, &of)
    });
    let total = row(t.total.to_owned(), String::new(), String::new(), facilities);
    let first = if matches!(place, Place::Country) { t.region } else { t.province };
    let head =
        [t.code, first, t.registered, t.reporting, t.complete, t.share_complete, t.last_report];
    Table {
        id: "completeness",
        caption: t.completeness_title.to_owned(),
        head: head.map(str::to_owned).to_vec(),
        rows: rows.chain([total]).collect(),
        coded: true,
        page_rows_max: 0,
    }
}

/// Each facility with its months.
fn by_month(
    ctx: &Context,
    place: &Place,
    facilities: &[&FacilityName],
    reports: &Reports,
) -> Table {
    let t = ctx.texts();
    let months = ctx.year.months();
    let rows = facilities.iter().map(|it| {
        let cell = |month: u32| {
            if reports.has(&it.code, month) {
                Figure::Mark(Mark::Good, t.reported.to_owned())
            } else if reports.due.contains(&month) {
                Figure::Mark(Mark::Bad, t.missing.to_owned())
            } else {
                Figure::Nothing
            }
        };
        let reported = format!("{}/{}", reports.reported(&it.code), reports.due.len());
        let last = last_report(ctx, reports.last.get(&it.code).copied());
        let (head, href) = row_place(ctx, place, &it.code);
        let figures = [Figure::Code(reported), last];
        Row {
            head,
            href: if matches!(place, Place::Facility(_)) { String::new() } else { href },
            code: it.code.clone(),
            figures: figures.into_iter().chain(months.iter().map(|it| cell(it.number()))).collect(),
            total: false,
        }
    });
    let head = [t.code, t.facility, t.months_reported, t.last_report].map(str::to_owned);
    let labels = months.iter().map(|it| it.label(ctx.lang));
    Table {
        id: "completeness",
        caption: t.completeness_title.to_owned(),
        head: head.into_iter().chain(labels).collect(),
        rows: rows.collect(),
        coded: true,
        page_rows_max: 0,
    }
}

fn last_report(ctx: &Context, at_ms: Option<i64>) -> Figure {
    Figure::Code(match at_ms {
        Some(at) => calendar::day(Timestamp(at).thai_date(), ctx.lang),
        None => ctx.texts().date_unknown.to_owned(),
    })
}
