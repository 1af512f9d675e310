//! Victims and what is done to them.

use std::fmt;
use std::time::Duration;

use anyhow::Result;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use saphan_devstack::Part;

use super::Targets;
use crate::platform::GROUPS;

/// What can be hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Victim {
    /// A role's process, by its place in the platform and its name.
    Role(usize, String),
    /// A broker, all of them, the registry or ClickHouse.
    Part(Part),
    /// An adapter; none while it is not yet said which.
    Sender(Option<u64>),
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// SIGKILL; a part of the stack is gone this long, a role is started again at once.
    Kill(Duration),
    /// SIGSTOP, and SIGCONT after this time.
    Pause(Duration),
    /// SIGTERM, and started again after this time: the others of its group take over.
    Away(Duration),
}

/// Everything that can be hit. Pages lose nothing and are left alone.
pub fn everything(targets: &Targets, brokers: usize) -> Vec<Victim> {
    let platform = targets.platform.lock().expect("no holder panics");
    let roles = platform.roles.iter().enumerate().filter(|(_, it)| it.name() != "serve");
    let mut all: Vec<Victim> =
        roles.map(|(index, it)| Victim::Role(index, it.name().to_owned())).collect();
    match brokers {
        1 => all.push(Victim::Part(Part::Kafka)),
        _ => all.extend((1..=brokers).map(|it| Victim::Part(Part::Broker(it)))),
    }
    all.extend([
        Victim::Part(Part::ClickHouse),
        Victim::Part(Part::Registry),
        Victim::Sender(None),
    ]);
    all
}

fn seconds(random: &mut ChaCha8Rng, from: f64, to: f64) -> Duration {
    Duration::from_secs_f64(random.random_range(from..to))
}

impl Blow {
    /// A blow that suits the victim. `several`: there is more than one broker. `long`: pauses may outlast a
    /// transaction (15 s), a session (30 s) or a request.
    pub fn of(victim: &Victim, several: bool, long: bool, random: &mut ChaCha8Rng) -> Self {
        let dice = random.random_range(0..100);
        let outlast = long && random.random_range(0..100) < 30;
        let worker = match victim {
            Victim::Role(_, name) => GROUPS.iter().any(|it| name.starts_with(it)),
            _ => false,
        };
        match victim {
            Victim::Role(..) if worker && dice >= 85 && long => {
                // A member that left is missed only after its session's end.
                Self::Away(seconds(random, 5.0, 45.0))
            }
            Victim::Role(..) if worker && dice >= 60 && outlast => {
                Self::Pause(seconds(random, 16.0, 45.0))
            }
            Victim::Part(Part::Broker(_)) if dice >= 60 && outlast => {
                Self::Pause(seconds(random, 8.0, 25.0))
            }
            Victim::Part(Part::Broker(_)) if dice < 60 && several => {
                Self::Kill(seconds(random, 0.3, 10.0))
            }
            Victim::Part(_) | Victim::Role(..) if dice >= 60 && outlast => {
                Self::Pause(seconds(random, 8.0, 20.0))
            }
            Victim::Sender(_) if dice >= 60 && outlast => Self::Pause(seconds(random, 8.0, 100.0)),
            _ if dice >= 60 => Self::Pause(seconds(random, 0.5, 5.0)),
            _ => Self::Kill(seconds(random, 0.2, 1.5)),
        }
    }

    /// When the victim must be looked after; none where that happened at once.
    pub fn lasts(self, victim: &Victim) -> Option<Duration> {
        match (self, victim) {
            (Self::Kill(_), Victim::Role(..) | Victim::Sender(_)) => None,
            (Self::Kill(it) | Self::Pause(it) | Self::Away(it), _) => Some(it),
        }
    }
}

impl fmt::Display for Blow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(_) => write!(f, "kill"),
            Self::Pause(it) => write!(f, "pause {:.0} s:", it.as_secs_f64()),
            Self::Away(it) => write!(f, "away {:.0} s:", it.as_secs_f64()),
        }
    }
}

impl fmt::Display for Victim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role(_, name) => f.write_str(name),
            Self::Part(it) => it.fmt(f),
            Self::Sender(_) => f.write_str("adapter"),
        }
    }
}

impl Victim {
    /// Hits it; the victim as it is now known, none when there is nobody.
    pub fn hit(
        self,
        blow: Blow,
        targets: &Targets,
        random: &mut ChaCha8Rng,
    ) -> Result<Option<Self>> {
        match &self {
            Self::Role(index, _) => {
                let role = &mut targets.platform.lock().expect("no holder panics").roles[*index];
                match blow {
                    Blow::Kill(_) => role.kill_and_restart()?,
                    Blow::Pause(_) => role.suspend(true)?,
                    Blow::Away(_) => role.take_away()?,
                }
            }
            Self::Part(part) => match blow {
                Blow::Pause(_) => targets.stack.suspend(*part)?,
                Blow::Kill(_) | Blow::Away(_) => targets.stack.kill(*part)?,
            },
            Self::Sender(_) => {
                let running = targets.senders.running();
                if running.is_empty() {
                    return Ok(None);
                }
                let number = running[random.random_range(0..running.len())];
                let hit = match blow {
                    Blow::Pause(_) => targets.senders.suspend(number, true)?,
                    Blow::Kill(_) | Blow::Away(_) => targets.senders.kill(number)?,
                };
                return Ok(hit.then_some(Self::Sender(Some(number))));
            }
        }
        Ok(Some(self))
    }

    /// Lets it run again.
    pub fn cure(&self, blow: Blow, targets: &Targets) -> Result<()> {
        match self {
            Self::Role(index, _) => {
                let role = &mut targets.platform.lock().expect("no holder panics").roles[*index];
                match blow {
                    Blow::Kill(_) => Ok(()), // started again at once
                    Blow::Pause(_) => role.suspend(false),
                    Blow::Away(_) => role.bring_back(),
                }
            }
            Self::Part(part) => {
                let stack = &targets.stack;
                let done = match blow {
                    Blow::Pause(_) => stack.resume(*part),
                    Blow::Kill(_) | Blow::Away(_) => stack.restart(*part),
                };
                Ok(done?)
            }
            Self::Sender(number) => match number {
                Some(it) => targets.senders.suspend(*it, false).map(drop),
                None => Ok(()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    fn blows(victim: &Victim, long: bool) -> Vec<Blow> {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        (0..2_000).map(|_| Blow::of(victim, false, long, &mut random)).collect()
    }

    #[test]
    fn a_short_storm_takes_nobody_away_and_outlasts_nothing() {
        for victim in [Victim::Role(0, "admit-1".to_owned()), Victim::Part(Part::Kafka)] {
            for it in blows(&victim, false) {
                assert!(matches!(it, Blow::Kill(_) | Blow::Pause(_)));
                assert!(it.lasts(&Victim::Part(Part::Kafka)).unwrap() <= Duration::from_secs(5));
            }
        }
    }

    #[test]
    fn a_long_storm_outlasts_transactions_and_sessions() {
        let longest = |it: &[Blow]| {
            it.iter()
                .filter_map(|it| match it {
                    Blow::Pause(it) => Some(*it),
                    _ => None,
                })
                .max()
                .unwrap()
        };
        let worker = blows(&Victim::Role(0, "route-0".to_owned()), true);
        assert!(longest(&worker) > Duration::from_secs(30));
        assert!(worker.iter().any(|it| matches!(it, Blow::Away(_))));
        let gateway = blows(&Victim::Role(0, "gateway".to_owned()), true);
        assert!(gateway.iter().all(|it| !matches!(it, Blow::Away(_))));
    }

    #[test]
    fn the_same_seed_gives_the_same_blows() {
        assert_eq!(blows(&Victim::Sender(None), true), blows(&Victim::Sender(None), true));
    }
}
