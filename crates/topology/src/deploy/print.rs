//! A diff as text: `+` comes, `~` changes, `-` goes, `!` is left or stands in the way.

use std::fmt;

use saphan_kafka::TopicSpec;

use super::{Change, Diff};

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return writeln!(f, "brokers and registry are as the files say");
        }
        for change in &self.changes {
            write!(f, "{change}")?;
        }
        for it in &self.held_back {
            writeln!(f, "! [{}] {}; {}", it.code, it.message, it.hint)?;
        }
        for it in &self.obstacles {
            writeln!(f, "error[{}]: {}\nhint: {}", it.code, it.message, it.hint)?;
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateTopic(TopicSpec { name, partitions, replication, config }) => {
                writeln!(f, "+ topic {name}: {partitions} partitions, {replication} copies")?;
                config.iter().try_for_each(|(key, value)| writeln!(f, "    + {key} = {value}"))
            }
            Self::Configure { topic, settings } => {
                writeln!(f, "~ topic {topic}")?;
                settings.iter().try_for_each(|(key, (from, to))| {
                    writeln!(f, "    ~ {key} = {to} (was {from})")
                })
            }
            Self::AddPartitions { topic, from, to } => {
                writeln!(f, "~ topic {topic}: {to} partitions (was {from})")
            }
            Self::DeleteTopic(topic) => writeln!(f, "- topic {topic}"),
            Self::Register(it) => writeln!(f, "+ schema {}", it.subject),
            Self::RecordContract(it) => {
                writeln!(f, "+ contract {}, in effect from {}", it.title, it.effective_from)
            }
            Self::RecordApply(_) => writeln!(f, "+ the first contracts of this platform"),
            Self::RequireCompatibility(subject) => {
                writeln!(f, "~ schema {subject}: only fully compatible versions")
            }
        }
    }
}
