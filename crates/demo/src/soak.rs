//! The long check: events and changes of consent without end, through a platform that is being broken all
//! the time; then everything is compared with the truth, and the log is replayed.

mod course;
mod readers;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use saphan_synth::{Options, Province};

use self::course::{Course, Sent};
use self::readers::Readers;
use crate::check::{self, Finding};
use crate::platform::Spread;
use crate::scenario::{Scenario, Stage, settle_shared, steps};
use crate::storm::{Force, Storm, Struck};
use crate::terminal::{say, tell};
use crate::{board, interrupt};

/// Submissions the generator makes of one visit, roughly.
const PER_VISIT: f64 = 2.6;

/// How long it goes on blowing while the platform works off what is left of a leg.
const INTO_QUIET: Duration = Duration::from_secs(15);

/// How long, how much, how hard.
#[derive(Clone, Debug)]
pub struct Soak {
    /// Folder, province, brokers, time between blows; its number of kills is the least to reach.
    pub scenario: Scenario,
    /// Processes of each role that is a consumer group.
    pub workers: u32,
    /// Feed at least this long.
    pub time: Duration,
    /// Feed at least this many submissions.
    pub events: u64,
    /// Send no faster than this, in submissions a second.
    pub rate: u32,
    /// Change consents while events are under way, instead of waiting for quiet before and after: decisions
    /// then have no truth beside the log itself.
    pub race: bool,
    /// Some pauses outlast transactions, sessions and requests, and workers come and go.
    pub long: bool,
}

/// What a soak came to.
#[derive(Debug)]
pub struct Outcome {
    /// Nothing was found.
    pub clean: bool,
    /// What was sent.
    pub sent: Sent,
    /// What was done to the platform.
    pub struck: Struck,
    /// The last line.
    pub line: String,
}

impl Soak {
    /// A province that lasts so long at that rate, or for so many events if they are more: new ones to its
    /// end, not the same ones again.
    pub fn province(seed: u64, time: Duration, rate: u32, events: u64) -> Options {
        let due = (time.as_secs_f64() * f64::from(rate)).max(events as f64);
        let visits = (due / PER_VISIT) as u32;
        let visits = visits.clamp(8_000, 1_000_000);
        Options {
            seed,
            mistaken_ids: false,
            facilities: 16,
            visits,
            people: visits / 5,
            referrals: visits / 50,
            directives: visits / 40,
            timelines: 300,
            ..Options::default()
        }
    }

    /// Runs it; all that is not clean is told.
    pub fn run(&self) -> Result<Outcome> {
        let step = steps();
        let scenario =
            Scenario { spread: Spread::Apart { workers: self.workers }, ..self.scenario.clone() };
        let make = |it: &Options| Province::make(it.clone(), &mut |_| {});
        let (stage, province) = scenario.stage(&step, make)?;
        let readers = Readers::start(&stage.site())?;
        let storm = Storm::start(stage.targets(), self.force());
        let began = Instant::now();
        let mut course = Course::new(province, &stage.site());
        let fed = self.feed(&stage, &mut course, &storm, &step);
        // The storm ends first, so that everything can be stopped whatever happened.
        let struck = storm.calm();
        fed?;
        let struck = struck?;
        step(&format!("calm after {struck}"));
        let figures = settle_shared(&stage.platform, &step)?;
        let lasted = began.elapsed();
        let truth = stage.feed.join("truth/soak");
        course.truth(&truth)?;
        let sent = course.sent();
        let log = arrived(sent.submissions, figures.received);
        let (conserved, findings, report) =
            self.compare(&stage, &figures, &truth, (readers, log))?;
        let counts = Counts::of(&findings, &report);
        let clean = conserved && findings.iter().all(|it| it.n_differences == 0) && report.proved;
        let line = self.line(lasted, &sent, &struck, &counts, conserved, clean);
        stage
            .platform
            .lock()
            .expect("no holder panics")
            .roles
            .iter()
            .flat_map(|it| it.ends())
            .for_each(|it| say(&format_args!("ended by itself and was started again: {it}")));
        let Stage { platform, stack, .. } = stage;
        let platform = std::sync::Arc::into_inner(platform).context("nobody else holds it")?;
        platform.into_inner().expect("no holder panics").stop()?;
        drop(stack);
        say(&format_args!("\n{line}"));
        Ok(Outcome { clean, sent, struck, line })
    }

    fn force(&self) -> Force {
        let Scenario { province, kill_interval, .. } = &self.scenario;
        Force { seed: province.seed, kills: None, interval: *kill_interval, long: self.long }
    }

    /// Sends until there was enough of everything.
    fn feed(
        &self,
        stage: &Stage,
        course: &mut Course,
        storm: &Storm,
        step: &dyn Fn(&str),
    ) -> Result<()> {
        let began = Instant::now();
        let enough = |sent: &Sent| {
            began.elapsed() >= self.time
                && sent.submissions >= self.events
                && storm.kills() >= self.scenario.kills
        };
        let quiet = || {
            storm.rest_from(Some(Instant::now() + INTO_QUIET));
            let quiet = settle_shared(&stage.platform, step).map(drop);
            storm.rest_from(None);
            quiet
        };
        loop {
            interrupt::check()?;
            anyhow::ensure!(!storm.over(), "the storm ended by itself; see below");
            let leg = course.consents()?;
            step(&format!(
                "{} people change their mind; {} so far",
                leg.submissions,
                course.sent()
            ));
            course.send(leg, &stage.senders, self.scenario.lanes, self.rate, &|_| false)?;
            if !self.race {
                quiet()?;
            }
            if enough(&course.sent()) {
                return Ok(());
            }
            let leg = course.events();
            step(&format!("{} submissions are sent", leg.submissions));
            course.send(leg, &stage.senders, self.scenario.lanes, self.rate, &enough)?;
            if !self.race {
                quiet()?;
            }
        }
    }

    fn compare(
        &self,
        stage: &Stage,
        figures: &crate::settle::Figures,
        truth: &Path,
        (readers, log): (Readers, Finding),
    ) -> Result<(bool, Vec<Finding>, Proof)> {
        let site = stage.site();
        let conserved = board::conservation(figures, &site)?;
        let strict = check::Strict { unchanged: false, decisions: !self.race };
        let mut findings = check::all(&site, truth, strict)?;
        findings.push(log);
        findings.extend(readers.compare(&site)?);
        let metrics = stage.platform.lock().expect("no holder panics").metrics()?;
        findings.push(check::canaries::search(&site, &stage.feed, &metrics)?);
        board::findings(&findings);
        let (proved, report) = site.verify()?;
        say(&format_args!("\n{}", report.trim_end()));
        Ok((conserved, findings, Proof { proved, report }))
    }

    fn line(
        &self,
        lasted: Duration,
        sent: &Sent,
        struck: &Struck,
        counts: &Counts,
        conserved: bool,
        clean: bool,
    ) -> String {
        let Counts { leaks, losses, duplicates } = counts;
        format!(
            "soak {}: seed {}, {} broker(s), {} workers a role, {:.1} minutes, {sent}, {struck}; {leaks} leaks, \
             {losses} losses, {duplicates} duplicates, conservation {}",
            if clean { "ok" } else { "FAILED" },
            self.scenario.province.seed,
            self.scenario.brokers,
            self.workers,
            lasted.as_secs_f64() / 60.0,
            if conserved { "closed" } else { "BROKEN" },
        )
    }

    /// Tells how to repeat it.
    pub fn announce(&self) {
        let Scenario { province, brokers, kill_interval, kills, .. } = &self.scenario;
        tell(&format_args!(
            "soak with seed {}; repeat it with: saphan-demo soak --seed {} --minutes {} --brokers {brokers} \
             --workers {} --rate {} --kill-interval-ms {} --kills {kills} --events {}{}{}",
            province.seed,
            province.seed,
            self.time.as_secs_f64() / 60.0,
            self.workers,
            self.rate,
            kill_interval.as_millis(),
            self.events,
            if self.race { " --race" } else { "" },
            if province.people == Options::small().people { " --small" } else { "" },
        ));
    }
}

/// What `saphan verify` said.
struct Proof {
    proved: bool,
    report: String,
}

/// Did everything the gateway confirmed arrive in the log? `saphan verify` begins there and cannot tell. More than
/// was sent is no fault: who never heard an answer sends again.
fn arrived(sent: u64, received: i64) -> Finding {
    let sent = i64::try_from(sent).unwrap_or(i64::MAX);
    let missing = (sent - received).max(0);
    Finding {
        what: "missing of what was confirmed".to_owned(),
        figures: 1,
        expected: sent,
        seen: received,
        differences: if missing > 0 { vec![format!("{missing} never came")] } else { Vec::new() },
        n_differences: usize::try_from(missing).unwrap_or(usize::MAX),
    }
}

/// The findings in the three words that matter.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    leaks: u64,
    losses: u64,
    duplicates: u64,
}

impl Counts {
    /// From the comparisons' names and the lines `SP-2001  leak  3` of a report.
    fn of(findings: &[Finding], proof: &Proof) -> Self {
        let kind = |wanted: &[&str]| -> u64 {
            let lines = proof.report.lines().filter(|it| it.starts_with("SP-20"));
            lines
                .filter_map(|it| {
                    let mut words = it.split_whitespace().skip(1);
                    let kind = words.next()?;
                    wanted.contains(&kind).then(|| words.next()?.parse::<u64>().ok()).flatten()
                })
                .sum()
        };
        let differing = |start: &str| -> u64 {
            let them = findings.iter().filter(|it| it.what.starts_with(start));
            them.map(|it| it.n_differences as u64).sum()
        };
        Self {
            leaks: kind(&["leak", "wrong-agency"]) + differing("canaries"),
            losses: kind(&["loss", "decision-missing"]) + differing("missing"),
            duplicates: kind(&["duplicate", "decision-doubled"]) + differing("distinct sources"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_counted_by_what_it_means() {
        let report = "2 finding(s):\n\nSP-2001  leak  3\n    An agency …\n  - detail\n\nSP-2011  decision-doubled  2\n";
        let proof = Proof { proved: false, report: report.to_owned() };
        assert_eq!(Counts::of(&[], &proof), Counts { leaks: 3, losses: 0, duplicates: 2 });
        let log = [arrived(10, 8), arrived(10, 12)];
        assert_eq!(Counts::of(&log, &proof), Counts { leaks: 3, losses: 2, duplicates: 2 });
    }
}
