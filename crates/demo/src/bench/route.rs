//! Route against raw copies of its own output and against Kafka Streams with the same decisions: one
//! backlog, one broker, one after the other.

use anyhow::{Result, ensure};
use saphan_kafka::{Isolation, Reader};
use saphan_topology::Names;

use super::arena::{self, Arena};
use super::copy::{Finished, Script};
use super::drain::{self, Drained};
use super::outputs::{self, Outputs};
use super::{Figure, Size, backlog, streams};
use crate::child::{Launch, Running};
use crate::platform::{Site, path, sibling};
use crate::terminal::tell;

/// Records of the backlog, at least: full and small.
const RECORDS: usize = 2_000_000;
const RECORDS_SMALL: usize = 100_000;
/// The raw copy as one would write it, and the same with the platform's allocator.
const RAW: &str = "raw_copy";
const TUNED: &str = "raw_copy_jemalloc";

/// The contenders' shared ground.
struct Race<'a> {
    arena: &'a Arena<'a>,
    total: i64,
    /// Route's names; the backlog is route's input.
    names: Names,
}

/// Measures all of them: route and copies before the peer and again after it, so that a machine that grows
/// slower or faster meanwhile favours none of them.
pub fn compare(arena: &Arena<'_>, size: Size) -> Result<Vec<Figure>> {
    let usual = if size.small { RECORDS_SMALL } else { RECORDS };
    let wanted = size.records.unwrap_or(usual);
    warm_up(arena, wanted / 2)?;
    let (race, home) = Race::prepare(arena, "bench.", wanted)?;
    let route = race.route(&home)?;
    let (written, script) = race.read_route(&home)?;
    let copies = |program: &str, names: &str| -> Result<Drained> {
        let copied = Names::new(names)?;
        arena.stand(&copied)?;
        script.send_to(|it| it.replacen(race.names.prefix(), copied.prefix(), 1))?;
        tell(&format_args!("      {program} writes the same bytes"));
        let launch = race.copy(&home, program, names)?;
        let copy = race.watch(&copied, launch.start()?, has_said_done)?;
        outputs::compare(&written, &race.read(&copied)?, program)?;
        Ok(copy)
    };
    let copy = copies(RAW, "copy.")?;
    let tuned = copies(TUNED, "tuned.")?;

    tell(&"      Kafka Streams decides the same (building it first)");
    streams::build()?;
    let other = Names::new("streams.")?;
    arena.stand(&other)?;
    let launch = streams::launch(&home, arena, (&race.names, &other))?;
    let peer = race.watch(&other, launch.start()?, |_| true)?;
    outputs::compare(&written, &race.read(&other)?, "Kafka Streams")?;

    let tuned = tuned.and(copies(TUNED, "tuned-again.")?);
    let copy = copy.and(copies(RAW, "copy-again.")?);
    let (again, home) = Race::prepare(arena, "again.", wanted)?;
    let route = route.and(again.route(&home)?);
    Ok(figures(&route, [&copy, &tuned], &peer))
}

/// A broker just started still compiles what it runs, at the expense of whoever comes first.
fn warm_up(arena: &Arena<'_>, wanted: usize) -> Result<()> {
    tell(&"      warming up, not counted");
    let (race, home) = Race::prepare(arena, "warm.", wanted)?;
    race.route(&home)?;
    Ok(())
}

impl<'a> Race<'a> {
    /// A backlog under a name of its own, and who drains it.
    fn prepare(arena: &'a Arena<'a>, prefix: &str, wanted: usize) -> Result<(Self, Site)> {
        let names = Names::new(prefix)?;
        let home = arena.stand(&names)?;
        tell(&format_args!("      making a backlog of at least {wanted} records"));
        let total = backlog::prepare(&arena.kafka, &arena.province()?, &names, &arena.ids, wanted)?;
        Ok((Self { arena, total, names }, home))
    }

    fn route(&self, home: &Site) -> Result<Drained> {
        tell(&format_args!("      route drains {} records", self.total));
        self.watch(&self.names, home.launch("route", "route")?.start()?, |_| true)
    }

    fn watch(
        &self,
        names: &Names,
        mut contender: Running,
        done: impl Fn(&Running) -> bool,
    ) -> Result<Drained> {
        let drained =
            drain::watch(&self.arena.kafka, &names.decision(), self.total, &mut contender, done)?;
        arena::stop(contender)?;
        tell(&format_args!(
            "        {:.0} records/s for {:.1} s, {:.2} CPU seconds for a million, {:.0} MB at most",
            drained.rate, drained.seconds, drained.cpu_per_million, drained.peak_megabytes
        ));
        Ok(drained)
    }

    /// What route wrote, and the script by which it is written again.
    fn read_route(&self, home: &Site) -> Result<(Outputs, Finished)> {
        let reader = Reader::new(&self.arena.kafka, "bench-script", Isolation::Committed)?;
        let partitions = reader.partitions(&self.names.patient_log())?;
        let mut script = Script::new(&home.dir.join("script"), partitions)?;
        let topics = outputs::topics(&self.arena.topology, &self.names);
        let written =
            outputs::read(&self.arena.kafka, &topics, &self.names, |record| script.add(record))?;
        let decided = written.get("decision.v1").map_or(0, |it| it.records);
        ensure!(decided == self.total.unsigned_abs(), "route decided {decided} records");
        let state = [self.names.consent_state()];
        outputs::read(&self.arena.kafka, &state, &self.names, |record| script.add_state(record))?;
        Ok((written, script.finish()?))
    }

    fn read(&self, names: &Names) -> Result<Outputs> {
        let topics = outputs::topics(&self.arena.topology, names);
        outputs::read(&self.arena.kafka, &topics, names, |_| Ok(()))
    }

    fn copy(&self, home: &Site, program: &str, group: &str) -> Result<Launch> {
        Ok(Launch {
            name: program.to_owned(),
            program: sibling(&format!("examples/{program}"))?,
            arguments: vec![
                self.arena.kafka.bootstrap.clone(),
                self.names.patient_log(),
                group.to_owned(),
                self.total.to_string(),
                path(&home.dir.join("script"))?.to_owned(),
            ],
            log: home.dir.join(format!("logs/{group}log")),
            admin: String::new(),
        })
    }
}

/// The raw copy's only word, once every record is acknowledged.
fn has_said_done(copy: &Running) -> bool {
    std::fs::read_to_string(copy.log()).is_ok_and(|it| it.ends_with("done\n"))
}

fn figures(route: &Drained, [copy, tuned]: [&Drained; 2], peer: &Drained) -> Vec<Figure> {
    let (raw, streams) = ("raw copy", "Kafka Streams");
    let on_jemalloc = "raw copy on jemalloc";
    vec![
        Figure::new("route, backlog", route.rate, "events/s").more_than(raw, copy.rate, 0.8),
        Figure::new("route, processor time", route.cpu_per_million, "s/million").less_than(
            raw,
            copy.cpu_per_million,
            0.8,
        ),
        Figure::new("route, backlog", route.rate, "events/s").beside(on_jemalloc, tuned.rate),
        Figure::new("route, backlog", route.rate, "events/s").more_than(streams, peer.rate, 1.0),
        Figure::new("route, work", route.events_per_cpu_second(), "events/CPU-s").more_than(
            streams,
            peer.events_per_cpu_second(),
            2.5,
        ),
        Figure::new("route, most memory", route.peak_megabytes, "MB").less_than(
            streams,
            peer.peak_megabytes,
            4.0,
        ),
    ]
}
