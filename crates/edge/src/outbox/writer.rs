//! Taking submissions over in batches, so that the disk is asked once for many.

use super::{EncodedSubmission, Outbox, OutboxError};

/// Most submissions of one transaction.
const BATCH_EVENTS: usize = 500;
/// Most bytes of one transaction.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Gathers submissions and appends them together. They count as taken over only after
/// [`OutboxWriter::finish`]; dropping the writer leaves out what was not appended yet.
#[derive(Debug)]
#[must_use = "what is pushed counts only after finish"]
pub struct OutboxWriter<'a> {
    outbox: &'a mut Outbox,
    batch: Vec<EncodedSubmission>,
    bytes: usize,
    appended: u64,
}

impl<'a> OutboxWriter<'a> {
    pub(super) fn new(outbox: &'a mut Outbox) -> Self {
        Self { outbox, batch: Vec::new(), bytes: 0, appended: 0 }
    }

    /// Adds one; appends the batch when it is large enough.
    pub fn push(&mut self, submission: EncodedSubmission) -> Result<(), OutboxError> {
        self.bytes += submission.as_bytes().len();
        self.batch.push(submission);
        if self.batch.len() >= BATCH_EVENTS || self.bytes >= BATCH_BYTES {
            self.append()?;
        }
        Ok(())
    }

    /// Appends the rest; tells how many submissions this writer took over.
    pub fn finish(mut self) -> Result<u64, OutboxError> {
        self.append()?;
        Ok(self.appended)
    }

    fn append(&mut self) -> Result<(), OutboxError> {
        self.outbox.append(&self.batch)?;
        self.appended += u64::try_from(self.batch.len()).unwrap_or(u64::MAX);
        self.batch.clear();
        self.bytes = 0;
        Ok(())
    }
}
