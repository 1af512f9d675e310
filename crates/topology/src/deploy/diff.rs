//! How what there is differs from what there shall be. Pure.

use std::collections::BTreeMap;

use saphan_kafka::{TopicSpec, TopicState};

use super::{Actual, Allow, ContractSpec, ContractState, Desired, SchemaSpec, SchemaState};

/// One step an apply takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The topic does not exist.
    CreateTopic(TopicSpec),
    /// Settings of the topic differ.
    Configure {
        /// Topic.
        topic: String,
        /// Settings to set, by key: what holds now, what shall hold.
        settings: BTreeMap<String, (String, String)>,
    },
    /// The topic has too few partitions.
    AddPartitions {
        /// Topic.
        topic: String,
        /// Now.
        from: usize,
        /// Then.
        to: usize,
    },
    /// No contract declares the agency topic any more.
    DeleteTopic(String),
    /// The schema is not registered.
    Register(SchemaSpec),
    /// The subject accepts other changes than fully compatible ones.
    RequireCompatibility(String),
    /// The contract version was not applied before.
    RecordContract(ContractSpec),
    /// No contract was applied before, by the subject that says so.
    RecordApply(String),
}

/// A difference that is left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBack {
    /// The page in `docs/errors`.
    pub code: &'static str,
    /// What differs.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// A difference that stops the whole apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The page in `docs/errors`.
    pub code: &'static str,
    /// What stands in the way.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// Everything that differs. Prints as a diff.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Steps, in the order in which they are taken.
    pub changes: Vec<Change>,
    /// What is left as it is, for want of permission or because Kafka cannot.
    pub held_back: Vec<HeldBack>,
    /// What must be mended first; no step is taken while there is one.
    pub obstacles: Vec<Obstacle>,
}

/// Compares. `actual` is what [`super::observe`] found for the same `desired`.
pub fn diff(desired: &Desired, actual: &Actual, allow: Allow) -> Diff {
    let mut diff = Diff::default();
    let states: BTreeMap<&str, &TopicState> =
        actual.topics.iter().map(|it| (it.name.as_str(), it)).collect();
    for spec in &desired.topics {
        match states.get(spec.name.as_str()) {
            None => diff.changes.push(Change::CreateTopic(spec.clone())),
            Some(state) => diff.topic(spec, state, allow),
        }
    }
    for state in &actual.topics {
        let declared = desired.topics.iter().any(|it| it.name == state.name);
        if !declared && state.name.starts_with(&desired.agency_prefix) {
            diff.undeclared(&state.name, allow);
        }
    }
    for (spec, state) in desired.schemas.iter().zip(&actual.schemas) {
        diff.schema(spec, state);
    }
    for (spec, state) in desired.contracts.iter().zip(&actual.contracts) {
        diff.contract(spec, *state, allow);
    }
    // Last, so that an apply stopped half-way is still the first when it is run again.
    if actual.contracts.contains(&ContractState::First) {
        diff.changes.push(Change::RecordApply(desired.applied_before.clone()));
    }
    diff
}

impl Diff {
    /// Is everything as it shall be?
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.held_back.is_empty() && self.obstacles.is_empty()
    }

    fn topic(&mut self, spec: &TopicSpec, state: &TopicState, allow: Allow) {
        let name = &spec.name;
        let mut settings = BTreeMap::new();
        for (key, wanted) in &spec.config {
            let found = state.config.get(key).map_or("", |it| it.value.as_str());
            if found == wanted {
                continue;
            }
            if loses_data(key, found, wanted) && !allow.shorten_retention {
                self.hold(
                    "SP-1618",
                    format!("topic {name}: {key} is {found} instead of {wanted}"),
                    "records would be lost; allow it with --allow-shorter-retention if that is meant",
                );
                continue;
            }
            settings.insert(key.clone(), (found.to_owned(), wanted.clone()));
        }
        if !settings.is_empty() {
            self.changes.push(Change::Configure { topic: name.clone(), settings });
        }
        for (key, setting) in &state.config {
            if setting.own && !spec.config.contains_key(key) {
                self.hold(
                    "SP-1617",
                    format!("topic {name}: {key} is {} and no file says so", setting.value),
                    "reset it at the broker, or declare it",
                );
            }
        }
        self.partitions(spec, state, allow);
    }

    fn partitions(&mut self, spec: &TopicSpec, state: &TopicState, allow: Allow) {
        let name = &spec.name;
        let (from, to) = (state.partitions, usize::try_from(spec.partitions).unwrap_or(0));
        if from < to && allow.add_partitions {
            self.changes.push(Change::AddPartitions { topic: name.clone(), from, to });
        } else if from < to {
            self.hold(
                "SP-1619",
                format!("topic {name} has {from} partitions instead of {to}"),
                "keys would move; allow it with --allow-more-partitions if nothing depends on them",
            );
        } else if from > to {
            self.hold(
                "SP-1619",
                format!("topic {name} has {from} partitions instead of {to}"),
                "Kafka cannot remove partitions: declare the larger number, or move to a new topic",
            );
        }
        if usize::try_from(spec.replication) != Ok(state.replication) {
            self.hold(
                "SP-1617",
                format!(
                    "topic {name} has {} copies instead of {}",
                    state.replication, spec.replication
                ),
                "reassign its partitions with the broker's own tool",
            );
        }
    }

    fn undeclared(&mut self, name: &str, allow: Allow) {
        if allow.delete_topics {
            self.changes.push(Change::DeleteTopic(name.to_owned()));
        } else {
            self.hold(
                "SP-1617",
                format!("topic {name} belongs to no contract"),
                "allow its deletion with --allow-delete-topics once its agency has read it",
            );
        }
    }

    fn schema(&mut self, spec: &SchemaSpec, state: &SchemaState) {
        let subject = &spec.subject;
        if let Some(reason) = &state.incompatible {
            self.obstacles.push(Obstacle {
                code: "SP-1622",
                message: format!("the schema of {subject} may not follow its versions: {reason}"),
                hint: "add fields with defaults and remove only such fields; a contract that must \
                       change more needs a new record name"
                    .to_owned(),
            });
            return;
        }
        // A subject that exists is guarded before anything is added to it, a new one right after.
        let guard = Change::RequireCompatibility(subject.clone());
        let guarded = state.full_transitive || self.changes.contains(&guard);
        if state.subject_exists && !guarded {
            self.changes.push(guard.clone());
        }
        if !state.registered {
            self.changes.push(Change::Register(spec.clone()));
        }
        if !state.subject_exists && !guarded {
            self.changes.push(guard);
        }
    }

    fn contract(&mut self, spec: &ContractSpec, state: ContractState, allow: Allow) {
        match state {
            ContractState::Applied => {}
            ContractState::Backdated if !allow.backdated_contracts => {
                self.obstacles.push(Obstacle {
                    code: "SP-1629",
                    message: format!(
                        "contract {} was never applied as it is now and takes effect in the past, at {}",
                        spec.title, spec.effective_from
                    ),
                    hint: "give it an effective-from to come; if a version already applied was edited, put it \
                           back and add a new one; allow it with --allow-backdated-contracts if nothing was \
                           decided since"
                        .to_owned(),
                });
            }
            _ => self.changes.push(Change::RecordContract(spec.clone())),
        }
    }

    fn hold(&mut self, code: &'static str, message: String, hint: &str) {
        self.held_back.push(HeldBack { code, message, hint: hint.to_owned() });
    }
}

/// Would the change of a setting let records go that are kept now?
fn loses_data(key: &str, found: &str, wanted: &str) -> bool {
    match key {
        "retention.ms" | "delete.retention.ms" => {
            let kept = |text: &str| match text.parse::<i64>() {
                Ok(-1) => Some(i64::MAX),
                other => other.ok(),
            };
            match (kept(found), kept(wanted)) {
                (Some(found), Some(wanted)) => wanted < found,
                _ => true,
            }
        }
        "cleanup.policy" => true,
        _ => false,
    }
}
