//! Route against a raw copy of its own output and against Kafka Streams with the same decisions: one
//! backlog, one broker, one after the other.

use anyhow::{Result, ensure};
use saphan_kafka::{Isolation, Reader};
use saphan_topology::Names;

use super::arena::{self, Arena};
use super::copy::Script;
use super::drain::{self, Drained};
use super::outputs::{self, Outputs};
use super::{Figure, Size, backlog, streams};
use crate::child::{Launch, Running};
use crate::platform::{Site, path, sibling};
use crate::terminal::tell;

/// Records of the backlog, at least: full and small.
const RECORDS: usize = 2_000_000;
const RECORDS_SMALL: usize = 100_000;
/// The contenders' shared ground.
struct Race<'a> {
    arena: &'a Arena<'a>,
    total: i64,
    /// Route's names; the backlog is route's input.
    names: Names,
}

/// Measures all three.
pub fn compare(arena: &Arena<'_>, size: Size) -> Result<Vec<Figure>> {
    let usual = if size.small { RECORDS_SMALL } else { RECORDS };
    let wanted = size.records.unwrap_or(usual);
    warm_up(arena, wanted / 2)?;
    let names = Names::new("bench.")?;
    let home = arena.stand(&names)?;
    tell(&format_args!("      making a backlog of at least {wanted} records"));
    let total = backlog::prepare(&arena.kafka, &arena.province()?, &names, &arena.ids, wanted)?;
    let race = Race { arena, total, names };

    tell(&format_args!("      route drains {total} records"));
    let route = race.watch(&race.names, home.launch("route", "route")?.start()?, |_| true)?;
    let (written, script) = race.read_route(&home)?;

    tell(&"      the raw copy writes the same bytes");
    let copied = Names::new("copy.")?;
    arena.stand(&copied)?;
    script.finish(|it| it.replacen(race.names.prefix(), copied.prefix(), 1))?;
    let copy = race.watch(&copied, race.raw_copy(&home)?.start()?, has_said_done)?;
    outputs::compare(&written, &race.read(&copied)?, "raw copy")?;

    tell(&"      Kafka Streams decides the same (building it first)");
    streams::build()?;
    let other = Names::new("streams.")?;
    arena.stand(&other)?;
    let launch = streams::launch(&home, arena, (&race.names, &other))?;
    let peer = race.watch(&other, launch.start()?, |_| true)?;
    outputs::compare(&written, &race.read(&other)?, "Kafka Streams")?;
    Ok(figures(&route, &copy, &peer))
}

/// A broker just started still compiles what it runs, at the expense of whoever comes first.
fn warm_up(arena: &Arena<'_>, wanted: usize) -> Result<()> {
    let names = Names::new("warm.")?;
    let home = arena.stand(&names)?;
    tell(&format_args!("      warming up: route drains at least {wanted} records, not counted"));
    let total = backlog::prepare(&arena.kafka, &arena.province()?, &names, &arena.ids, wanted)?;
    let race = Race { arena, total, names };
    race.watch(&race.names, home.launch("route", "route")?.start()?, |_| true)?;
    Ok(())
}

impl Race<'_> {
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
    fn read_route(&self, home: &Site) -> Result<(Outputs, Script)> {
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
        Ok((written, script))
    }

    fn read(&self, names: &Names) -> Result<Outputs> {
        let topics = outputs::topics(&self.arena.topology, names);
        outputs::read(&self.arena.kafka, &topics, names, |_| Ok(()))
    }

    fn raw_copy(&self, home: &Site) -> Result<Launch> {
        Ok(Launch {
            name: "raw copy".to_owned(),
            program: sibling("examples/raw_copy")?,
            arguments: vec![
                self.arena.kafka.bootstrap.clone(),
                self.names.patient_log(),
                "copy".to_owned(),
                self.total.to_string(),
                path(&home.dir.join("script"))?.to_owned(),
            ],
            log: home.dir.join("logs/raw-copy.log"),
            admin: String::new(),
        })
    }
}

/// The raw copy's only word, once every record is acknowledged.
fn has_said_done(copy: &Running) -> bool {
    std::fs::read_to_string(copy.log()).is_ok_and(|it| it.ends_with("done\n"))
}

fn figures(route: &Drained, copy: &Drained, peer: &Drained) -> Vec<Figure> {
    let (raw, streams) = ("raw copy", "Kafka Streams");
    vec![
        Figure::new("route, backlog", route.rate, "events/s").more_than(raw, copy.rate, 0.8),
        Figure::new("route, processor time", route.cpu_per_million, "s/million").less_than(
            raw,
            copy.cpu_per_million,
            0.8,
        ),
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
