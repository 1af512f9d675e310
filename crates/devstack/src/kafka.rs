//! The Kafka part: how a broker is configured, formatted and started.
//!
//! Every broker is also a controller. One broker keeps one copy of everything; three keep three and want two
//! to acknowledge, as production does.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::error::DevstackError;
use crate::layout::{Layout, remove_folder, tail, write_atomically};
use crate::process::{self, MARK_VARIABLE};
use crate::state::Ports;

/// Heap of one broker: (alone, one of several).
const HEAP: (&str, &str) = ("-Xmx512m", "-Xmx384m");

/// Quiet: what matters to a developer looking for a reason, and no more.
const LOG4J: &str = "\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %p %c{1} %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = info
";

/// Name of the process of broker `node` (from 1).
pub(crate) fn process_name(node: usize) -> String {
    format!("kafka-{node}")
}

/// Where clients connect, `host:port` joined by commas.
pub(crate) fn bootstrap(ports: &Ports) -> String {
    let addresses: Vec<String> =
        ports.brokers.iter().map(|it| format!("127.0.0.1:{}", it.client)).collect();
    addresses.join(",")
}

/// Writes the configuration of broker `node`, formats its data folder if it is new, and returns the command
/// that runs it.
pub(crate) fn prepare(
    layout: &Layout,
    jars: &Path,
    cluster_id: &str,
    ports: &Ports,
    node: usize,
) -> Result<Command, DevstackError> {
    let name = process_name(node);
    let data = layout.data(&name);
    let properties = layout.conf(&format!("{name}.properties"));
    write_atomically(&properties, &server_properties(ports, node, &data))?;
    let log4j = layout.conf("log4j2.properties");
    write_atomically(&log4j, LOG4J)?;
    if !data.join("meta.properties").exists() {
        remove_folder(&data)?; // what a killed formatting left
        format(layout, jars, cluster_id, &properties, &name)?;
    }
    let alone = ports.brokers.len() == 1;
    let mut command = java(jars, &log4j);
    command
        .args([if alone { HEAP.0 } else { HEAP.1 }, "-Xms128m", "-Djava.awt.headless=true"])
        // Three on a small machine: threads and time for compiling and collecting are what they lack.
        .args(if alone { &[][..] } else { &["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"] })
        .arg("kafka.Kafka")
        .arg(&properties);
    Ok(command)
}

fn format(
    layout: &Layout,
    jars: &Path,
    cluster_id: &str,
    properties: &Path,
    name: &str,
) -> Result<(), DevstackError> {
    let log4j = layout.conf("log4j2.properties");
    let mut command = java(jars, &log4j);
    let output = command
        .env(MARK_VARIABLE, process::mark(layout.root(), &format!("formatting of {name}")))
        .args(["kafka.tools.StorageTool", "format", "--cluster-id", cluster_id, "--config"])
        .arg(properties)
        .output()
        .map_err(DevstackError::folder("run", Path::new("java")))?;
    let log = layout.log(name);
    let said = [output.stdout, output.stderr].concat();
    fs::write(&log, said).map_err(DevstackError::folder("write", &log))?;
    if output.status.success() {
        return Ok(());
    }
    let tail = format!("\n{}", tail(&log, 5));
    let detail = "its data folder could not be formatted".to_owned();
    Err(DevstackError::NotStarted { part: name.to_owned(), detail, log, tail })
}

fn java(jars: &Path, log4j: &Path) -> Command {
    let mut command = Command::new("java");
    command
        .arg("-cp")
        .arg(jars.join("*"))
        .arg(format!("-Dlog4j2.configurationFile={}", log4j.display()));
    command
}

/// The configuration of broker `node`.
fn server_properties(ports: &Ports, node: usize, data: &Path) -> String {
    let own = ports.brokers[node - 1];
    let voters: Vec<String> = ports
        .brokers
        .iter()
        .enumerate()
        .map(|(index, it)| format!("{}@127.0.0.1:{}", index + 1, it.controller))
        .collect();
    let copies = ports.brokers.len();
    let in_sync = if copies > 1 { 2 } else { 1 };
    let (client, controller) = (own.client, own.controller);
    let voters = voters.join(",");
    let data = data.display();
    format!(
        "process.roles=broker,controller
node.id={node}
listeners=PLAINTEXT://127.0.0.1:{client},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{client}
controller.listener.names=CONTROLLER
controller.quorum.voters={voters}
log.dirs={data}

default.replication.factor={copies}
min.insync.replicas={in_sync}
offsets.topic.replication.factor={copies}
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr={in_sync}
share.coordinator.state.topic.replication.factor={copies}
share.coordinator.state.topic.min.isr={in_sync}
unclean.leader.election.enable=false
auto.create.topics.enable=false

# Small enough for a laptop: few internal partitions, no wait for a group's first members.
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=33554432
# A killed broker may come back as soon as its old session is over.
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=1000

# Access lists can be planned and read back; everyone on loopback is a super user.
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::BrokerPorts;

    fn ports(n_brokers: u16) -> Ports {
        let brokers = (0..n_brokers)
            .map(|it| BrokerPorts { client: 9000 + it, controller: 9100 + it })
            .collect();
        Ports { brokers, registry: 1, clickhouse: 2 }
    }

    #[track_caller]
    fn check(n_brokers: u16, expected: &[&str]) {
        let text = server_properties(&ports(n_brokers), n_brokers.into(), Path::new("/data"));
        for line in expected {
            assert!(text.lines().any(|it| it == *line), "{line} in\n{text}");
        }
    }

    #[test]
    fn one_broker_keeps_one_copy() {
        check(
            1,
            &[
                "listeners=PLAINTEXT://127.0.0.1:9000,CONTROLLER://127.0.0.1:9100",
                "controller.quorum.voters=1@127.0.0.1:9100",
                "min.insync.replicas=1",
                "transaction.state.log.replication.factor=1",
                "auto.create.topics.enable=false",
            ],
        );
    }

    #[test]
    fn three_brokers_keep_three_copies_and_want_two() {
        check(
            3,
            &[
                "node.id=3",
                "controller.quorum.voters=1@127.0.0.1:9100,2@127.0.0.1:9101,3@127.0.0.1:9102",
                "default.replication.factor=3",
                "min.insync.replicas=2",
                "transaction.state.log.min.isr=2",
            ],
        );
    }
}
