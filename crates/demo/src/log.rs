//! Reading many topics: most of a short topic's reading is waiting, so several are read at a time.

use std::sync::Mutex;

use anyhow::Result;
use saphan_kafka::{Isolation, KafkaConfig, Reader};

use crate::platform::Site;

const READERS: usize = 8;

/// Runs `read` for each topic (committed records only); what it gave, by topic, in the order given.
pub fn each_topic<T: Send>(
    site: &Site,
    topics: &[String],
    read: impl Fn(&Reader, &str) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let kafka = KafkaConfig::plaintext(site.parts.kafka_bootstrap.clone());
    let queue = Mutex::new(topics.iter().enumerate());
    let next = || queue.lock().ok().and_then(|mut it| it.next());
    let done = Mutex::new(Vec::with_capacity(topics.len()));
    let work = || {
        let reader = Reader::new(&kafka, "check", Isolation::Committed)?;
        while let Some((place, topic)) = next() {
            let value = read(&reader, topic)?;
            done.lock().expect("no holder panics").push((place, value));
        }
        Ok::<(), anyhow::Error>(())
    };
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(work)).collect();
        readers.into_iter().try_for_each(|it| it.join().expect("a reader does not panic"))
    })?;
    let mut done = done.into_inner().expect("no holder panics");
    done.sort_by_key(|it| it.0);
    Ok(done.into_iter().map(|it| it.1).collect())
}
