//! The conservation board: does everything received end in exactly one way?

use saphan_model::decision::WithholdReason;
use saphan_policy::reason::agency_sentence;
use saphan_store::query::{
    AgencyCount, Gap, LedgerPartition, LedgerTotals, OutcomeTotals, QuarantineCount,
};

use crate::balance::{PartitionBalance, partitions};
use crate::context::Context;
use crate::error::PageError;
use crate::figure::{Figure, Mark, thousands};
use crate::view::{Equation, Link, Page, Row, Section, Table, Term};

/// Seconds between two looks.
const REFRESH_S: u32 = 5;
/// Holes shown.
const GAPS_MAX: u32 = 20;

/// All the page reads.
struct Figures {
    ledger: LedgerTotals,
    partitions: Vec<LedgerPartition>,
    gaps: Vec<Gap>,
    outcomes: OutcomeTotals,
    agencies: Vec<AgencyCount>,
    quarantine: Vec<QuarantineCount>,
}

/// The board. Figures count records, not people, so none is hidden.
pub async fn page(ctx: &Context) -> Result<Page, PageError> {
    let t = ctx.texts();
    let figures = read(ctx).await?;
    let ends = ctx.state.live.ingest();
    let balances = partitions(&figures.partitions, ends.as_deref());
    let equations = vec![
        admission(ctx, &figures, &balances, ends.is_some()),
        routing(ctx, &figures),
        delivery(ctx, &figures),
        quarantine(ctx, &figures),
    ];
    let sums = Section { id: "sums", equations, ..Section::default() };
    let sections = vec![
        sums,
        by_partition(ctx, &balances, &figures.gaps),
        by_reason(ctx, &figures.agencies),
        by_code(ctx, &figures.quarantine),
    ];
    let mut page = ctx.page(t.conservation_title.to_owned(), Vec::new(), sections);
    page.intro = vec![t.conservation_intro.to_owned()];
    page.intro.extend(ends.is_none().then(|| t.no_live.to_owned()));
    page.refresh = ctx.refresh.then_some(REFRESH_S);
    page.sections[0].links = vec![refresh_link(ctx)];
    Ok(page)
}

async fn read(ctx: &Context) -> Result<Figures, PageError> {
    let store = &ctx.state.store;
    let (ledger, partitions, gaps, outcomes, agencies, quarantine) = tokio::try_join!(
        store.ledger_totals(),
        store.ledger_partitions(),
        store.ledger_gaps(GAPS_MAX),
        store.outcome_totals(),
        store.agency_counts(),
        store.quarantine_counts(),
    )?;
    Ok(Figures { ledger, partitions, gaps, outcomes, agencies, quarantine })
}

fn refresh_link(ctx: &Context) -> Link {
    let t = ctx.texts();
    let href = ctx.href("/conservation");
    if ctx.refresh {
        let href = format!("{href}&refresh=off");
        let note = t.refresh_on.to_owned();
        Link { text: t.refresh_stop.to_owned(), href, note, here: false }
    } else {
        Link { text: t.refresh_start.to_owned(), href, ..Link::default() }
    }
}

fn admission(
    ctx: &Context,
    figures: &Figures,
    balances: &[PartitionBalance],
    live: bool,
) -> Equation {
    let t = ctx.texts();
    let sum = |of: fn(&PartitionBalance) -> u64| balances.iter().map(of).sum::<u64>();
    let difference = sum(PartitionBalance::difference);
    let holds = difference == 0 && figures.gaps.is_empty();
    let unknown = || t.not_known.to_owned();
    Equation {
        title: t.admission_law,
        left: term(t.received, sum(PartitionBalance::received)),
        right: vec![
            term(t.admitted, figures.ledger.admitted),
            term(t.unchanged, figures.ledger.unchanged),
            term(t.quarantined, figures.ledger.quarantined),
            Term {
                name: t.in_flight,
                value: if live { thousands(sum(PartitionBalance::in_flight)) } else { unknown() },
            },
        ],
        mark: if holds { Mark::Good } else { Mark::Bad },
        verdict: verdict(ctx, holds, t.differs, difference),
        note: String::new(),
    }
}

fn routing(ctx: &Context, figures: &Figures) -> Equation {
    let t = ctx.texts();
    let (appended, decided) = (figures.ledger.appended, figures.outcomes.decided);
    let difference = appended.abs_diff(decided);
    Equation {
        title: t.routing_law,
        left: term(t.appended, appended),
        right: vec![term(t.decided, decided), term(t.on_the_way, appended.saturating_sub(decided))],
        mark: if difference == 0 { Mark::Good } else { Mark::Open },
        verdict: verdict(ctx, difference == 0, t.settling, difference),
        note: match ctx.state.live.route_lag() {
            Some(lag) => format!("{}: {}", t.route_behind, thousands(lag)),
            None => String::new(),
        },
    }
}

fn delivery(ctx: &Context, figures: &Figures) -> Equation {
    let t = ctx.texts();
    let it = &figures.outcomes;
    let difference = it.candidates.abs_diff(it.delivered + it.withheld);
    Equation {
        title: t.delivery_law,
        left: term(t.candidates, it.candidates),
        right: vec![term(t.delivered, it.delivered), term(t.withheld, it.withheld)],
        mark: if difference == 0 { Mark::Good } else { Mark::Bad },
        verdict: verdict(ctx, difference == 0, t.differs, difference),
        note: format!("{}: {}. {}", t.retracted, thousands(it.retracted), t.retracted_note),
    }
}

fn quarantine(ctx: &Context, figures: &Figures) -> Equation {
    let t = ctx.texts();
    let listed: u64 = figures.quarantine.iter().map(|it| it.n).sum();
    let difference = figures.ledger.quarantined.abs_diff(listed);
    Equation {
        title: t.quarantine_law,
        left: term(t.quarantined, figures.ledger.quarantined),
        right: vec![term(t.quarantine_listed, listed)],
        mark: if difference == 0 { Mark::Good } else { Mark::Open },
        verdict: verdict(ctx, difference == 0, t.settling, difference),
        note: String::new(),
    }
}

fn term(name: &'static str, value: u64) -> Term {
    Term { name, value: thousands(value) }
}

fn verdict(ctx: &Context, holds: bool, otherwise: &str, difference: u64) -> String {
    if holds {
        ctx.texts().holds.to_owned()
    } else {
        format!("{otherwise} {}", thousands(difference))
    }
}

fn by_partition(ctx: &Context, balances: &[PartitionBalance], gaps: &[Gap]) -> Section {
    let t = ctx.texts();
    let rows = balances.iter().map(|it| Row {
        head: it.partition.to_string(),
        figures: vec![
            Figure::Count(it.from),
            Figure::Count(it.to),
            Figure::Count(it.end),
            Figure::Count(it.accounted),
            Figure::Count(it.in_flight()),
            match it.difference() {
                0 => Figure::Mark(Mark::Good, t.holds.to_owned()),
                n => Figure::Mark(Mark::Bad, format!("{} {}", t.differs, thousands(n))),
            },
        ],
        ..Row::default()
    });
    let head =
        [t.partition, t.ledger_from, t.ledger_to, t.log_end, t.accounted, t.in_flight, t.agrees];
    let balance = Table {
        id: "partitions",
        caption: t.partitions_title.to_owned(),
        head: head.map(str::to_owned).to_vec(),
        rows: rows.collect(),
        ..Table::default()
    };
    let empty = if balance.rows.is_empty() { t.none_yet.to_owned() } else { String::new() };
    let mut tables = vec![balance];
    tables.extend((!gaps.is_empty()).then(|| holes(ctx, gaps)));
    Section {
        id: "partitions",
        heading: t.partitions_title.to_owned(),
        intro: if gaps.is_empty() { vec![t.no_gaps.to_owned()] } else { Vec::new() },
        tables,
        empty,
        ..Section::default()
    }
}

fn holes(ctx: &Context, gaps: &[Gap]) -> Table {
    let t = ctx.texts();
    let rows = gaps.iter().map(|it| Row {
        head: it.partition.to_string(),
        figures: vec![Figure::Count(it.from_offset), Figure::Count(it.to_offset)],
        ..Row::default()
    });
    Table {
        id: "gaps",
        caption: t.gaps_title.to_owned(),
        head: [t.partition, t.gap_from, t.gap_to].map(str::to_owned).to_vec(),
        rows: rows.collect(),
        ..Table::default()
    }
}

fn by_reason(ctx: &Context, counts: &[AgencyCount]) -> Section {
    let t = ctx.texts();
    let rows = WithholdReason::ALL.iter().map(|reason| {
        let withheld = counts.iter().filter(|it| it.kind == "withheld");
        let n = withheld.filter(|it| it.reason == reason.as_str()).map(|it| it.n).sum();
        let meaning = agency_sentence(*reason, ctx.lang.of_policy()).to_owned();
        Row {
            head: reason.as_str().to_owned(),
            figures: vec![Figure::Count(n), Figure::Text(meaning)],
            ..Row::default()
        }
    });
    let table = Table {
        id: "withheld",
        caption: t.withheld_by_reason.to_owned(),
        head: [t.reason, t.count, t.meaning].map(str::to_owned).to_vec(),
        rows: rows.collect(),
        ..Table::default()
    };
    let heading = t.withheld_by_reason.to_owned();
    Section { id: "withheld", heading, tables: vec![table], ..Section::default() }
}

fn by_code(ctx: &Context, counts: &[QuarantineCount]) -> Section {
    let t = ctx.texts();
    let mut sums = std::collections::BTreeMap::<&str, u64>::new();
    for it in counts {
        *sums.entry(&it.code).or_default() += it.n;
    }
    let rows = sums.iter().map(|(code, n)| Row {
        head: (*code).to_owned(),
        figures: vec![Figure::Count(*n)],
        ..Row::default()
    });
    let table = Table {
        id: "quarantine",
        caption: t.quarantine_by_code.to_owned(),
        head: [t.code, t.count].map(str::to_owned).to_vec(),
        rows: rows.collect(),
        ..Table::default()
    };
    Section {
        id: "quarantine",
        heading: t.quarantine_by_code.to_owned(),
        empty: if table.rows.is_empty() { t.quarantine_none.to_owned() } else { String::new() },
        tables: vec![table],
        links: vec![ctx.link(t.quarantine_title, "/quarantine")],
        ..Section::default()
    }
}
