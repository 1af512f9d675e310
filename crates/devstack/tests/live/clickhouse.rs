//! The embedded ClickHouse, spoken to by the unmodified client that the sinks use.

use clickhouse::error::Error;
use clickhouse::{Client, Row};
use saphan_devstack::{Part, Stack, StackOptions};
use serde::{Deserialize, Serialize};

use crate::clients::http;

#[derive(Debug, Clone, PartialEq, Eq, Row, Serialize, Deserialize)]
struct Visit {
    n: u32,
    ward: String,
    note: Option<String>,
}

fn visit(n: u32) -> Visit {
    let note = n.is_multiple_of(2).then(|| "ไทย 'quoted'".to_owned());
    Visit { n, ward: format!("ward {}", n % 2), note }
}

/// A database of the test's own.
async fn database(stack: &Stack) -> Client {
    let client = Client::default().with_url(stack.clickhouse_url());
    let name = stack.unique_prefix();
    client.query(&format!("CREATE DATABASE {name}")).execute().await.unwrap();
    let client = client.with_database(name);
    let table = "CREATE TABLE visits (n UInt32, ward String, note Nullable(String))
                 ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 1000";
    client.query(table).execute().await.unwrap();
    client
}

async fn insert(client: &Client, rows: impl IntoIterator<Item = Visit>) {
    let mut insert = client.insert::<Visit>("visits").await.unwrap();
    for row in rows {
        insert.write(&row).await.unwrap();
    }
    insert.end().await.unwrap();
}

async fn count(client: &Client, table: &str) -> u64 {
    client.query(&format!("SELECT count() FROM {table}")).fetch_one().await.unwrap()
}

#[tokio::test]
async fn rows_come_back_as_they_went() {
    let client = database(Stack::shared_clickhouse().unwrap()).await;
    insert(&client, (0..1000).map(visit)).await;
    let ward: Vec<Visit> = client
        .query("SELECT ?fields FROM visits WHERE ward = ? AND n < {below:UInt32} ORDER BY n")
        .bind("ward 1")
        .param("below", 6)
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(ward, [1, 3, 5].map(visit));
    let quoted: u64 = client
        .query("SELECT count() FROM visits WHERE note = ?")
        .bind("ไทย 'quoted'")
        .fetch_one()
        .await
        .unwrap();
    assert_eq!(quoted, 500);
}

#[tokio::test]
async fn nothing_inserted_is_nothing_stored() {
    let client = database(Stack::shared_clickhouse().unwrap()).await;
    insert(&client, []).await;
    assert_eq!(count(&client, "visits").await, 0);
    let none: Vec<Visit> = client.query("SELECT ?fields FROM visits").fetch_all().await.unwrap();
    assert_eq!(none, []);
}

/// Two rows in RowBinary: n, ward, note absent.
const ROWS: &[u8] = b"\x01\0\0\0\x01a\x01\x02\0\0\0\x01b\x01";

async fn insert_with_token(client: &Client, token: &str) -> Result<(), Error> {
    let mut insert = client
        .clone()
        .with_setting("insert_deduplication_token", token)
        .insert_formatted_with("INSERT INTO visits FORMAT RowBinary");
    insert.send(bytes::Bytes::from_static(ROWS)).await?;
    insert.end().await
}

#[tokio::test]
async fn a_batch_sent_twice_under_one_token_counts_once_also_in_views() {
    let client = database(Stack::shared_clickhouse().unwrap()).await;
    for statement in [
        "CREATE TABLE per_ward (ward String, n UInt64) ENGINE = SummingMergeTree ORDER BY ward
         SETTINGS non_replicated_deduplication_window = 1000",
        "CREATE MATERIALIZED VIEW per_ward_of TO per_ward AS
         SELECT ward, count() AS n FROM visits GROUP BY ward",
    ] {
        client.query(statement).execute().await.unwrap();
    }
    insert_with_token(&client, "visits:0:0-1").await.unwrap();
    insert_with_token(&client, "visits:0:0-1").await.unwrap();
    assert_eq!(count(&client, "visits").await, 2);
    let sum: u64 = client.query("SELECT sum(n) FROM per_ward").fetch_one().await.unwrap();
    assert_eq!(sum, 2);
    insert_with_token(&client, "visits:0:2-3").await.unwrap();
    assert_eq!(count(&client, "visits").await, 4);
}

#[track_caller]
fn check_code(error: Error, code: &str) {
    let Error::BadResponse(text) = error else { panic!("{error:?}") };
    assert!(text.starts_with(&format!("Code: {code}. ")), "{text}");
}

#[tokio::test]
async fn errors_carry_clickhouses_code_and_leave_the_server_well() {
    let client = database(Stack::shared_clickhouse().unwrap()).await;
    let fails = async |sql: &str| client.query(sql).execute().await.unwrap_err();
    check_code(fails("SELEC 1").await, "62");
    check_code(fails("SELECT 1; SELECT 2").await, "62");
    check_code(fails("SELECT * FROM absent").await, "60");
    check_code(fails("SELECT throwIf(number = 3) FROM numbers(10)").await, "395");
    let late = client.clone().with_setting("max_execution_time", "1");
    check_code(late.query("SELECT count() FROM numbers(1e12)").execute().await.unwrap_err(), "159");
    let odd = client.clone().with_setting("no_such_setting", "1");
    check_code(odd.query("SELECT 1").execute().await.unwrap_err(), "115");
    // A table whose last statement failed can be dropped: no connection still refers to it.
    check_code(fails("SELECT throwIf(1) FROM (SELECT count() FROM visits)").await, "395");
    client.query("DROP TABLE visits SYNC").execute().await.unwrap();
}

#[tokio::test]
async fn settings_and_time_zone_do_not_leak_from_one_request_to_the_next() {
    let client = database(Stack::shared_clickhouse().unwrap()).await;
    let setting = async |client: &Client| -> String {
        let sql = "SELECT toString(getSetting('max_execution_time'))";
        client.query(sql).fetch_one().await.unwrap()
    };
    let own = client.clone().with_setting("max_execution_time", "7");
    assert_eq!(setting(&own).await, "7");
    client.query("SET max_execution_time = 8").execute().await.unwrap();
    for _ in 0..16 {
        assert_eq!(setting(&client).await, "120");
    }
    let zone: String = client.query("SELECT timezone()").fetch_one().await.unwrap();
    assert_eq!(zone, "UTC");
}

#[tokio::test]
async fn a_get_reads_and_cannot_write() {
    let stack = Stack::shared_clickhouse().unwrap();
    let client = database(stack).await;
    let get = |query: &str| {
        let fields = form_urlencoded::Serializer::new(String::new())
            .append_pair("query", query)
            .append_pair("database", client.database().unwrap())
            .finish();
        http("GET", &format!("{}/?{fields}", stack.clickhouse_url()), "")
    };
    let (status, reply) = get("SELECT 1 FORMAT CSV");
    assert!(status == 200 && reply.contains('1'), "{reply}");
    assert_ne!(get("DROP TABLE visits").0, 200);
    assert_eq!(count(&client, "visits").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_at_once_are_all_served() {
    let client = database(Stack::shared_clickhouse().unwrap()).await;
    let tasks: Vec<_> = (0..64u32)
        .map(|task| {
            let client = client.clone();
            tokio::spawn(async move {
                insert(&client, (task * 100..task * 100 + 100).map(visit)).await;
                count(&client, "visits").await
            })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap() >= 100);
    }
    assert_eq!(count(&client, "visits").await, 6400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_rows_and_tokens_outlive_a_kill() {
    let stack = Stack::start(StackOptions::private().only([Part::ClickHouse])).unwrap();
    let client = database(&stack).await;
    insert(&client, (0..1000).map(visit)).await;
    insert_with_token(&client, "visits:0:0-1").await.unwrap();
    stack.kill(Part::ClickHouse).unwrap();
    stack.restart(Part::ClickHouse).unwrap();
    insert_with_token(&client, "visits:0:0-1").await.unwrap();
    assert_eq!(count(&client, "visits").await, 1002);
}
