//! What comes from the log and what goes to it. Owns the shapes only; must not know what the bytes
//! mean. No type here prints its key, value or header values.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};
use smallvec::SmallVec;

/// A key on its way out. Most are a name of 16 or 33 bytes and need no allocation of their own.
pub type Key = SmallVec<[u8; 40]>;

/// One record of the log, borrowed from the client's fetch buffer.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    /// Topic the record was read from.
    pub topic: &'a str,
    /// Partition of the topic.
    pub partition: i32,
    /// Position in the partition. Positions grow but are not contiguous: transaction markers take some.
    pub offset: i64,
    /// Milliseconds since 1970 (UTC) at which the broker appended the record. Requires
    /// `message.timestamp.type=LogAppendTime` on the topic; 0 when the broker gave none.
    pub append_time_ms: i64,
    /// The key, if any.
    pub key: Option<&'a [u8]>,
    /// Name-value pairs beside the value.
    pub headers: Headers<'a>,
    /// The value; `None` is a tombstone.
    pub value: Option<&'a [u8]>,
}

/// One record, owned.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordBuf {
    /// Topic the record was read from.
    pub topic: Arc<str>,
    /// Partition of the topic.
    pub partition: i32,
    /// Position in the partition.
    pub offset: i64,
    /// Milliseconds since 1970 (UTC) at which the broker appended the record.
    pub append_time_ms: i64,
    /// The key, if any.
    pub key: Option<Vec<u8>>,
    /// Name-value pairs beside the value.
    pub headers: Vec<Header>,
    /// The value; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
}

/// One record to be appended.
#[derive(Clone, PartialEq, Eq)]
pub struct Outbound {
    /// Destination topic; clone one `Arc` instead of building the name anew.
    pub topic: Arc<str>,
    /// Destination partition; `None` hashes the key with murmur2, as Java clients do.
    pub partition: Option<i32>,
    /// The key, if any.
    pub key: Option<Key>,
    /// Name-value pairs beside the value; mostly one.
    pub headers: SmallVec<[Header; 1]>,
    /// The value; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Set, and unique in a batch, on a record whose place is to be told, see
    /// [`crate::Processor::placed`].
    pub mark: Option<NonZeroU32>,
}

/// One name-value pair beside the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// The name, usually a constant.
    pub name: Cow<'static, str>,
    /// The value; one can be that of many records.
    pub value: Arc<[u8]>,
}

/// Headers of a borrowed record, looked up lazily.
#[derive(Clone, Copy)]
pub enum Headers<'a> {
    /// Held by this process, also for tests.
    Slice(&'a [Header]),
    /// Held by the client's fetch buffer.
    Native(NativeHeaders<'a>),
}

/// Headers inside the client's fetch buffer. The client takes them apart when they are first asked for.
#[derive(Clone, Copy)]
pub struct NativeHeaders<'a>(&'a BorrowedMessage<'a>);

impl Header {
    /// A header with a constant or owned name.
    pub fn new(name: impl Into<Cow<'static, str>>, value: impl AsRef<[u8]>) -> Self {
        Self { name: name.into(), value: value.as_ref().into() }
    }
}

impl<'a> Headers<'a> {
    /// No headers.
    pub const NONE: Headers<'static> = Headers::Slice(&[]);

    /// Number of headers.
    pub fn len(&self) -> usize {
        match self {
            Headers::Slice(slice) => slice.len(),
            Headers::Native(native) => native.0.headers().map_or(0, |it| it.count()),
        }
    }

    /// True without headers.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Name and value of the header at `index`, in the order they were written; `None` past the end.
    pub fn at(&self, index: usize) -> Option<(&'a str, &'a [u8])> {
        match *self {
            Headers::Slice(slice) => slice.get(index).map(|it| (it.name.as_ref(), &it.value[..])),
            Headers::Native(native) => {
                let it = native.0.headers()?.try_get(index)?;
                Some((it.key, it.value.unwrap_or_default()))
            }
        }
    }

    /// Value of the last header called `name`.
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        (0..self.len()).rev().filter_map(|it| self.at(it)).find(|it| it.0 == name).map(|it| it.1)
    }

    /// All headers in the order they were written.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> + use<'a> {
        let it = *self;
        (0..it.len()).filter_map(move |index| it.at(index))
    }
}

impl<'a> Record<'a> {
    /// Bytes of key and value, what limits and metrics count.
    pub fn size(&self) -> usize {
        self.key.map_or(0, <[u8]>::len) + self.value.map_or(0, <[u8]>::len)
    }

    pub(crate) fn from_message(message: &'a BorrowedMessage<'_>) -> Self {
        Record {
            topic: message.topic(),
            partition: message.partition(),
            offset: message.offset(),
            append_time_ms: message.timestamp().to_millis().unwrap_or(0),
            key: message.key(),
            headers: Headers::Native(NativeHeaders(message)),
            value: message.payload(),
        }
    }

    /// Copies the record; `topic` is the interned name of [`Record::topic`].
    pub fn to_buf(&self, topic: Arc<str>) -> RecordBuf {
        RecordBuf {
            topic,
            partition: self.partition,
            offset: self.offset,
            append_time_ms: self.append_time_ms,
            key: self.key.map(<[u8]>::to_vec),
            headers: self.headers.iter().map(|it| Header::new(it.0.to_owned(), it.1)).collect(),
            value: self.value.map(<[u8]>::to_vec),
        }
    }
}

impl RecordBuf {
    /// The borrowed form.
    pub fn as_record(&self) -> Record<'_> {
        Record {
            topic: &self.topic,
            partition: self.partition,
            offset: self.offset,
            append_time_ms: self.append_time_ms,
            key: self.key.as_deref(),
            headers: Headers::Slice(&self.headers),
            value: self.value.as_deref(),
        }
    }
}

impl Outbound {
    /// A record without headers whose partition follows from its key.
    pub fn keyed(topic: Arc<str>, key: impl AsRef<[u8]>, value: impl Into<Vec<u8>>) -> Self {
        Self {
            topic,
            partition: None,
            key: Some(Key::from_slice(key.as_ref())),
            headers: SmallVec::new(),
            value: Some(value.into()),
            mark: None,
        }
    }

    /// A row of a compacted state topic: explicit partition, `None` deletes the row.
    pub fn state(
        topic: Arc<str>,
        partition: i32,
        key: impl AsRef<[u8]>,
        value: Option<Vec<u8>>,
    ) -> Self {
        Self {
            topic,
            partition: Some(partition),
            key: Some(Key::from_slice(key.as_ref())),
            headers: SmallVec::new(),
            value,
            mark: None,
        }
    }

    /// The record with one more header.
    #[must_use]
    pub fn with(mut self, header: Header) -> Self {
        self.headers.push(header);
        self
    }

    /// Bytes of key, value and header values.
    pub fn size(&self) -> usize {
        self.key.as_ref().map_or(0, SmallVec::len)
            + self.value.as_ref().map_or(0, Vec::len)
            + self.headers.iter().map(|it| it.value.len()).sum::<usize>()
    }
}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Record({}/{}/{}, {} bytes)",
            self.topic,
            self.partition,
            self.offset,
            self.size()
        )
    }
}

impl fmt::Debug for RecordBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_record().fmt(f)
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outbound({}, {} bytes)", self.topic, self.size())
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Header({}, {} bytes)", self.name, self.value.len())
    }
}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Headers({})", self.len())
    }
}
