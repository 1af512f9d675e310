//! Workers and sinks as processes of their own, so that they can be killed. The test program starts
//! itself again and runs one of the tests here, which does nothing unless told by the environment.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use saphan_kafka::{
    Failure, KafkaConfig, Plan, RangeSink, RecordBuf, Shutdown, Silent, SinkConfig, sink, worker,
};

use crate::stage::{Counting, config};
use crate::support::Corner;

const TASK: &str = "SAPHAN_TEST_CHILD";

/// A process that is killed when the test forgets it.
pub struct Killable(Child);

impl Killable {
    pub fn kill(mut self) {
        self.kill_now();
    }

    fn kill_now(&mut self) {
        self.0.kill().expect("the child can be killed");
        self.0.wait().expect("the child ends");
    }

    /// Sends `STOP` or `CONT`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.0.id().to_string()]).status();
        assert!(sent.is_ok_and(|it| it.success()), "the child can be signalled");
    }

    /// True when the child ended by itself.
    pub fn ended(&mut self) -> bool {
        self.0.try_wait().expect("the child can be asked").is_some()
    }
}

impl Drop for Killable {
    fn drop(&mut self) {
        if !self.ended() {
            self.kill_now();
        }
    }
}

fn start(corner: &Corner, test: &str, task: &[&str]) -> Killable {
    let program = env::current_exe().expect("this program has a path");
    let child = Command::new(program)
        .args(["--exact", test, "--nocapture"])
        .env(TASK, task.join(" "))
        .env("SAPHAN_TEST_BOOTSTRAP", &corner.kafka.bootstrap)
        .stdout(Stdio::null())
        .stdin(Stdio::null())
        .spawn();
    Killable(child.expect("the test program starts again"))
}

fn task(words: usize) -> Option<(KafkaConfig, Vec<String>)> {
    let task = env::var(TASK).ok()?;
    let task: Vec<String> = task.split(' ').map(str::to_owned).collect();
    assert_eq!(task.len(), words);
    let bootstrap = env::var("SAPHAN_TEST_BOOTSTRAP").expect("the parent gives the address");
    Some((KafkaConfig::plaintext(bootstrap), task))
}

/// A process that runs worker `worker` of the counting stage until it is killed.
pub fn start_worker(
    corner: &Corner,
    worker: u32,
    input: &str,
    state: &str,
    output: &str,
) -> Killable {
    let app = corner.name("count");
    start(corner, "child::work", &[&app, &worker.to_string(), input, state, output])
}

#[test]
fn work() {
    let Some((kafka, task)) = task(5) else { return };
    let [app, worker, input, state, output] = &task[..] else { unreachable!() };
    let mut config = config(app, worker.parse().expect("a number"), input, state);
    config.batch.records_max = 500; // many transactions, so that a kill meets one
    let mut stage = Counting::new(output, state);
    worker::run(&kafka, &config, &mut stage, &Silent, &Shutdown::new()).expect("runs until killed");
}

/// A process that writes down every range it is given, and now and then dies while doing so.
pub fn start_sink(corner: &Corner, topics: &[&str], file: &Path) -> Killable {
    let file = file.to_str().expect("a plain path");
    start(corner, "child::write", &[&corner.name("sink"), &topics.join(","), file])
}

struct Journal {
    file: PathBuf,
    writes: u32,
}

impl RangeSink for Journal {
    fn write(&mut self, plan: &Plan, records: &[RecordBuf]) -> Result<(), Failure> {
        let offsets: Vec<String> = records.iter().map(|it| it.offset.to_string()).collect();
        let line = format!("{} {}\n", plan.token, offsets.join(","));
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.file)
            .expect("the journal opens");
        file.write_all(line.as_bytes()).expect("the journal is written");
        self.writes += 1;
        if self.writes.is_multiple_of(7) {
            std::process::abort(); // after the store took the range, before it is marked done
        }
        Ok(())
    }
}

#[test]
fn write() {
    let Some((kafka, task)) = task(3) else { return };
    let [group, topics, file] = &task[..] else { unreachable!() };
    let topics = topics.split(',').map(str::to_owned).collect();
    let mut config = SinkConfig::new(group, 0, 0, topics);
    config.session_timeout = Duration::from_secs(6);
    config.limits.rows_max = 137;
    config.limits.age_max = Duration::from_millis(300);
    let mut journal = Journal { file: file.into(), writes: 0 };
    sink::run(&kafka, &config, &mut journal, &Silent, &Shutdown::new())
        .expect("runs until it dies");
}
