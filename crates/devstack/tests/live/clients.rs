//! Small clients of the three parts, for the tests of this folder.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};

const PATIENCE: Duration = Duration::from_secs(30);

/// One HTTP request; status and body.
pub fn http(method: &str, url: &str, body: &str) -> (u16, String) {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').map_or((rest, ""), |(host, path)| (host, path));
    let mut stream = TcpStream::connect(host).unwrap();
    let n = body.len();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {n}\r\n\
         Content-Type: application/vnd.schemaregistry.v1+json\r\n\r\n{body}"
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// Registers a schema under a subject; its id.
pub fn register(registry_url: &str, subject: &str, schema: &str) -> u32 {
    let body = serde_json::json!({ "schema": schema }).to_string();
    let url = format!("{registry_url}/subjects/{subject}/versions");
    let (status, reply) = http("POST", &url, &body);
    assert_eq!(status, 200, "{reply}");
    let reply: serde_json::Value = serde_json::from_str(&reply).unwrap();
    reply["id"].as_u64().unwrap().try_into().unwrap()
}

/// Makes a topic of one partition.
pub async fn create_topic(bootstrap: &str, topic: &str, copies: i32) {
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", bootstrap).create().unwrap();
    let topic = NewTopic::new(topic, 1, TopicReplication::Fixed(copies));
    let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
    admin.create_topics([&topic], &options).await.unwrap().remove(0).unwrap();
}

/// Produces one record, acknowledged by all in-sync copies.
pub fn produce(bootstrap: &str, topic: &str, payload: &str) {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("acks", "all")
        .set("message.timeout.ms", PATIENCE.as_millis().to_string())
        .create()
        .unwrap();
    producer.send(BaseRecord::<str, str>::to(topic).payload(payload)).unwrap();
    producer.flush(PATIENCE).unwrap();
}

/// Every payload of partition 0, once there are `n`.
pub fn consume(bootstrap: &str, topic: &str, n: usize) -> Vec<String> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "unused")
        .create()
        .unwrap();
    let mut from = TopicPartitionList::new();
    from.add_partition_offset(topic, 0, Offset::Beginning).unwrap();
    consumer.assign(&from).unwrap();
    let until = Instant::now() + PATIENCE;
    let mut payloads = Vec::new();
    while payloads.len() < n && Instant::now() < until {
        if let Some(Ok(message)) = consumer.poll(Duration::from_millis(200)) {
            payloads.push(String::from_utf8(message.payload().unwrap().to_vec()).unwrap());
        }
    }
    payloads
}
