//! Three brokers: three copies, and two are enough.

use saphan_devstack::{Part, Stack, StackOptions};

use crate::clients::{consume, create_topic, produce};
use crate::lifecycle::turn;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_broker_stops_nobody() {
    let _turn = turn().await;
    let options = StackOptions { brokers: Some(3), ..StackOptions::private() };
    let stack = Stack::start(options.only([Part::Kafka])).unwrap();
    assert_eq!(stack.bootstrap().split(',').count(), 3);
    create_topic(stack.bootstrap(), "visits", 3).await;
    produce(stack.bootstrap(), "visits", "before");
    stack.kill(Part::Broker(2)).unwrap();
    produce(stack.bootstrap(), "visits", "during");
    stack.restart(Part::Broker(2)).unwrap();
    produce(stack.bootstrap(), "visits", "after");
    assert_eq!(consume(stack.bootstrap(), "visits", 3), ["before", "during", "after"]);
}
