//! Reads the tables from the country down to a place and protects them together.

use saphan_store::QueryError;
use saphan_store::query::{Direction, Level, Scope};

use super::Place;
use crate::context::Context;
use crate::drill::{Counts, Drill};

/// Questions from the country down to a place, and the rows under which each next one hangs.
struct Way {
    steps: Vec<(Scope, Level)>,
    keys: Vec<String>,
}

impl Way {
    /// Down to the rows of the place's own table: regions, provinces, facilities, classes.
    fn to_rows_of(place: &Place) -> Self {
        let mut way = Self { steps: vec![(Scope::Country, Level::Region)], keys: Vec::new() };
        let region = |way: &mut Self, number: u8| {
            way.step(number.to_string(), Scope::Region(number), Level::Province);
        };
        let province = |way: &mut Self, code: &str| {
            way.step(code.to_owned(), Scope::Province(code.to_owned()), Level::Facility);
        };
        match place {
            Place::Country => {}
            Place::Region(number) => region(&mut way, *number),
            Place::Province { code, region: number } => {
                region(&mut way, *number);
                province(&mut way, code);
            }
            Place::Facility(it) => {
                region(&mut way, it.region);
                province(&mut way, &it.province);
                way.step(it.code.clone(), Scope::Facility(it.code.clone()), Level::Class);
            }
        }
        way
    }

    /// As above, but over districts: a province's table has districts, a facility is found in the table
    /// of its district.
    fn over_districts(place: &Place) -> Self {
        let mut way = Self::to_rows_of(place);
        if way.steps.len() > 2 {
            way.steps[2].1 = Level::District;
        }
        if let Place::Facility(it) = place {
            let scope = Scope::District(it.district.clone());
            way.steps[3] = (scope, Level::Facility);
            way.keys[2] = it.district.clone();
        }
        way
    }

    fn step(&mut self, key: String, scope: Scope, level: Level) {
        self.keys.push(key);
        self.steps.push((scope, level));
    }
}

/// Visits by child place (or class) and month; months are keyed `yyyymm`.
pub async fn visits(ctx: &Context, place: &Place) -> Result<Drill, QueryError> {
    let way = Way::to_rows_of(place);
    let mut levels = Vec::new();
    for (scope, level) in &way.steps {
        let mut counts = Counts::default();
        for it in ctx.state.store.visits(scope, ctx.year.period(), *level).await? {
            counts.add(&it.key, &format!("{}{:02}", it.year, it.month), it.n);
        }
        levels.push(counts);
    }
    Ok(Drill::down(&levels, &way.keys))
}

/// Diagnoses by child place (districts in a province) and three-character code.
pub async fn diagnoses(ctx: &Context, place: &Place) -> Result<Drill, QueryError> {
    let way = Way::over_districts(place);
    let mut levels = Vec::new();
    for (scope, level) in &way.steps {
        let mut counts = Counts::default();
        for it in ctx.state.store.diagnoses(scope, ctx.year.period(), *level).await? {
            counts.add(&it.key, &it.icd3, it.n);
        }
        levels.push(counts);
    }
    Ok(Drill::down(&levels, &way.keys))
}

/// Referrals by sending child place (or facility addressed) and region addressed.
pub async fn referrals_out(ctx: &Context, place: &Place) -> Result<Drill, QueryError> {
    let way = Way::to_rows_of(place);
    let mut levels = Vec::new();
    for (scope, level) in &way.steps {
        levels.push(match scope {
            Scope::Facility(code) => partners(ctx, code, Direction::Out).await?,
            _ => sent(ctx, scope, *level).await?,
        });
    }
    Ok(Drill::down(&levels, &way.keys))
}

/// Referrals by receiving child place (or sending facility) and sending region; not for the country,
/// whose matrix shows both.
pub async fn referrals_in(ctx: &Context, place: &Place) -> Result<Drill, QueryError> {
    let way = Way::to_rows_of(place);
    let first = sent(ctx, &Scope::Country, Level::Region).await?;
    let mut levels = Vec::new();
    for (scope, _) in way.steps.iter().skip(1) {
        levels.push(match scope {
            Scope::Facility(code) => partners(ctx, code, Direction::In).await?,
            Scope::Province(code) => {
                received(ctx, place, |it| (it == code).then_some(None)).await?
            }
            _ => received(ctx, place, |it| Some(Some(it.to_owned()))).await?,
        });
    }
    Ok(Drill::down_turned(&first, &levels, &way.keys))
}

async fn sent(ctx: &Context, scope: &Scope, level: Level) -> Result<Counts, QueryError> {
    let mut counts = Counts::default();
    for it in ctx.state.store.referrals_out(scope, ctx.year.period(), level).await? {
        counts.add(&it.key, &it.other_region.to_string(), it.n);
    }
    Ok(counts)
}

/// What the place's region received. `row` says for each province: left out, counted as one row, or
/// (`Some(None)`) by its facilities.
async fn received(
    ctx: &Context,
    place: &Place,
    row: impl Fn(&str) -> Option<Option<String>>,
) -> Result<Counts, QueryError> {
    let region = match place {
        Place::Country => return Ok(Counts::default()),
        Place::Region(number) | Place::Province { region: number, .. } => *number,
        Place::Facility(it) => it.region,
    };
    let mut counts = Counts::default();
    for it in ctx.state.store.referrals_in(region, ctx.year.period()).await? {
        let province = ctx.directory().facility(&it.key).map_or("", |it| it.province.as_str());
        if let Some(by) = row(province) {
            let key = by.unwrap_or_else(|| it.key.clone());
            counts.add(&key, &it.other_region.to_string(), it.n);
        }
    }
    Ok(counts)
}

async fn partners(
    ctx: &Context,
    facility: &str,
    direction: Direction,
) -> Result<Counts, QueryError> {
    let mut counts = Counts::default();
    let period = ctx.year.period();
    for it in ctx.state.store.referrals_of(facility, direction, period).await? {
        counts.add(&it.key, &it.other_region.to_string(), it.n);
    }
    Ok(counts)
}
