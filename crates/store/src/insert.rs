//! Idempotent inserts for sinks, which are plain threads.
//!
//! A batch is encoded once and sent as one block under a token that names it. Sent again after a
//! fault, the same rows give the same bytes under the same token, and ClickHouse keeps one copy.

use std::sync::Arc;

use bytes::Bytes;
use tokio::runtime::Runtime;

use crate::failure::Failure;
use crate::row::{Row, RowBuf};
use crate::store::Store;

/// Most rows of one block. Below `max_insert_block_size`, so the server does not cut it.
const BLOCK_ROWS_MAX: usize = 100_000;
/// Most bytes of one block.
const BLOCK_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Pinned, because a server that cuts blocks elsewhere on a retry counts rows twice.
const SETTINGS: [(&str, &str); 6] = [
    ("async_insert", "0"),
    ("insert_deduplicate", "1"),
    ("deduplicate_blocks_in_dependent_materialized_views", "1"),
    ("max_insert_block_size", "1048576"),
    ("min_insert_block_size_rows", "1048576"),
    ("min_insert_block_size_bytes", "1073741824"),
];

/// An insert that did not happen, or of which that is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the batch could not be written to table {table}: {failure}")]
pub struct InsertError {
    /// The table.
    pub table: &'static str,
    /// Why; says whether to send the same batch again.
    pub failure: Failure,
}

/// Writes batches, blocking the calling thread. Cheap to clone and share between sinks.
/// Must not be called from inside an async runtime.
#[derive(Clone)]
pub struct Inserts {
    store: Store,
    runtime: Arc<Runtime>,
}

impl std::fmt::Debug for Inserts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inserts").field("store", &self.store).finish_non_exhaustive()
    }
}

/// One block: encoded rows and the token that names them.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    token: String,
    bytes: Vec<u8>,
}

impl Inserts {
    /// Starts one thread of its own for the traffic.
    pub fn new(store: Store) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("saphan-store")
            .enable_all()
            .build()?;
        Ok(Self { store, runtime: Arc::new(runtime) })
    }

    /// Writes rows to their table. `token` names the batch for ever: the same token must always come
    /// with the same rows in the same order. One token may serve several tables.
    pub fn write<R: Row>(&self, rows: &[R], token: &str) -> Result<(), InsertError> {
        for block in blocks(rows, token) {
            self.runtime
                .block_on(self.send::<R>(block))
                .map_err(|failure| InsertError { table: R::TABLE, failure })?;
        }
        Ok(())
    }

    async fn send<R: Row>(&self, block: Block) -> Result<(), Failure> {
        let sql = format!("INSERT INTO {} ({}) FORMAT RowBinary", R::TABLE, R::COLUMNS);
        let wait = Some(self.store.config().insert_timeout());
        let mut insert = self.store.inside().insert_formatted_with(sql).with_timeouts(wait, wait);
        for (name, value) in SETTINGS {
            insert = insert.with_setting(name, value);
        }
        insert = insert.with_setting("insert_deduplication_token", block.token);
        insert.send(Bytes::from(block.bytes)).await?;
        insert.end().await?;
        Ok(())
    }
}

fn blocks<R: Row>(rows: &[R], token: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut buf = RowBuf::default();
    let mut n_rows = 0;
    let mut close = |buf: &mut RowBuf| {
        let token = format!("{token}/{}/{}", R::TABLE, blocks.len());
        blocks.push(Block { token, bytes: buf.take() });
    };
    for row in rows {
        row.put(&mut buf);
        n_rows += 1;
        if n_rows == BLOCK_ROWS_MAX || buf.n_bytes() >= BLOCK_BYTES_MAX {
            close(&mut buf);
            n_rows = 0;
        }
    }
    if n_rows > 0 {
        close(&mut buf);
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Number(u8);

    impl Row for Number {
        const TABLE: &'static str = "number";
        const COLUMNS: &'static str = "n";

        fn put(&self, out: &mut RowBuf) {
            out.u8(self.0);
        }
    }

    fn numbers(n: usize) -> Vec<Number> {
        (0..n).map(|i| Number((i % 251) as u8)).collect()
    }

    #[test]
    fn no_rows_give_no_block() {
        assert!(blocks(&numbers(0), "t").is_empty());
    }

    #[test]
    fn a_batch_is_one_block_named_after_token_and_table() {
        let expected = Block { token: "t/number/0".to_owned(), bytes: vec![0, 1, 2] };
        assert_eq!(blocks(&numbers(3), "t"), [expected]);
    }

    #[test]
    fn a_large_batch_is_cut_at_the_same_rows_each_time() {
        let rows = numbers(2 * BLOCK_ROWS_MAX + 1);
        let cut = blocks(&rows, "t");
        assert_eq!(
            cut.iter().map(|it| it.bytes.len()).collect::<Vec<_>>(),
            [BLOCK_ROWS_MAX, BLOCK_ROWS_MAX, 1]
        );
        assert_eq!(cut[2].token, "t/number/2");
        assert_eq!(cut, blocks(&rows, "t"));
    }

    #[test]
    fn whole_blocks_leave_no_empty_one() {
        assert_eq!(blocks(&numbers(BLOCK_ROWS_MAX), "t").len(), 1);
    }
}
