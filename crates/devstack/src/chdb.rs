//! The binding to libchdb: the ClickHouse engine as a library. The only `unsafe` code of the project.
//!
//! Owns loading the library and the rules its handles follow; knows nothing of HTTP. Written against the
//! C header of chdb-core 26.7 (`programs/local/chdb.h`). Rules kept here, so that callers are safe:
//!
//! - the library is never unloaded (its threads outlive any caller), so its functions are `'static`;
//! - a connection runs one statement at a time: every method takes `&mut self`;
//! - every result and insert stream is destroyed, on error paths too;
//! - one data path per process: [`Engine::open`] is called once.
#![allow(unsafe_code, reason = "calls into a C library; each block says why it is sound")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;
use std::ptr;
use std::slice;

use libloading::Library;

/// An error the engine reported, as it said it: `Code: 62. DB::Exception: …`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EngineError(pub String);

/// What a statement gave back.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Output {
    /// The result in the format asked for.
    pub bytes: Vec<u8>,
    /// Rows read from storage.
    pub rows_read: u64,
    /// Bytes read from storage.
    pub bytes_read: u64,
    /// Rows written, including those of materialized views.
    pub rows_written: u64,
    /// Bytes written.
    pub bytes_written: u64,
}

/// What a statement would do, told without running it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Analysis {
    /// Number of statements in the text; 0 when it does not parse.
    pub n_statements: u32,
    /// What kind they are.
    pub kind: Kind,
}

/// What a statement does to state that outlives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Leaves no trace.
    Read,
    /// Changes a database.
    Write,
    /// Changes the session or the server: `USE`, `SET`, `SYSTEM`, functions, users.
    Control,
    /// Does not parse.
    Unknown,
}

/// A named query parameter and its value, as text.
pub type Param = (String, String);

#[repr(C)]
struct RawConnection {
    internal: *mut c_void,
}

#[repr(C)]
struct RawResult {
    internal: *mut c_void,
}

#[repr(C)]
struct RawStream {
    internal: *mut c_void,
}

#[repr(C)]
struct RawAnalysis {
    struct_size: u32,
    statement_count: u32,
    flags: u32,
    query_class: u32,
}

type ConnectionPointer = *mut RawConnection;
type ResultPointer = *mut RawResult;
type StreamPointer = *mut RawStream;
type Text = *const c_char;

type WithParams<T> = unsafe extern "C" fn(
    ConnectionPointer,
    Text,
    usize,
    Text,
    usize,
    *const Text,
    *const usize,
    *const Text,
    *const usize,
    usize,
) -> T;
type Classify =
    unsafe extern "C" fn(ConnectionPointer, Text, usize, Text, usize, *mut RawAnalysis) -> c_int;

struct Functions {
    set_signal_handlers_enabled: unsafe extern "C" fn(c_int),
    connect: unsafe extern "C" fn(c_int, *mut *mut c_char) -> *mut ConnectionPointer,
    close_conn: unsafe extern "C" fn(*mut ConnectionPointer),
    shutdown: unsafe extern "C" fn() -> c_int,
    query: WithParams<ResultPointer>,
    classify: Classify,
    insert: WithParams<StreamPointer>,
    append: unsafe extern "C" fn(StreamPointer, *const c_void, usize) -> c_int,
    done: unsafe extern "C" fn(StreamPointer) -> ResultPointer,
    insert_error: unsafe extern "C" fn(StreamPointer) -> Text,
    destroy_insert: unsafe extern "C" fn(StreamPointer),
    buffer: unsafe extern "C" fn(ResultPointer) -> *const c_char,
    length: unsafe extern "C" fn(ResultPointer) -> usize,
    error: unsafe extern "C" fn(ResultPointer) -> Text,
    rows_read: unsafe extern "C" fn(ResultPointer) -> u64,
    bytes_read: unsafe extern "C" fn(ResultPointer) -> u64,
    rows_written: unsafe extern "C" fn(ResultPointer) -> u64,
    bytes_written: unsafe extern "C" fn(ResultPointer) -> u64,
    destroy_result: unsafe extern "C" fn(ResultPointer),
}

/// The loaded engine, bound to one data folder.
pub struct Engine {
    functions: &'static Functions,
    arguments: Vec<CString>,
}

impl Engine {
    /// Loads the library and binds it to `data`. Once per process.
    pub fn open(library: &Path, data: &Path) -> Result<Self, EngineError> {
        let path = |it: &Path| {
            let text = format!("--path={}", it.display());
            CString::new(text).map_err(|_| EngineError("the data path holds a NUL".to_owned()))
        };
        let arguments = vec![CString::from(c"clickhouse"), path(data)?];
        let functions = load(library).map_err(|it| EngineError(it.to_string()))?;
        let functions: &'static Functions = Box::leak(Box::new(functions));
        // SAFETY: takes a plain integer; called before any connection, as the header demands.
        unsafe { (functions.set_signal_handlers_enabled)(0) };
        Ok(Self { functions, arguments })
    }

    /// Opens a connection. The engine runs as long as at least one is open.
    pub fn connect(&self) -> Result<Connection, EngineError> {
        let mut arguments: Vec<*mut c_char> =
            self.arguments.iter().map(|it| it.as_ptr().cast_mut()).collect();
        let n = c_int::try_from(arguments.len()).expect("two arguments");
        // SAFETY: the pointers are to NUL-terminated strings that live through the call; the engine reads
        // them, as main() would its own.
        let handle = unsafe { (self.functions.connect)(n, arguments.as_mut_ptr()) };
        if handle.is_null() {
            return Err(EngineError("the engine refused the connection".to_owned()));
        }
        Ok(Connection { functions: self.functions, handle })
    }

    /// Stops the engine's threads; all connections must be closed.
    pub fn shutdown(self) {
        // SAFETY: takes nothing; with a connection still open it does nothing.
        unsafe { (self.functions.shutdown)() };
    }
}

/// Loads the library for good and looks every function up.
fn load(library: &Path) -> Result<Functions, libloading::Error> {
    // SAFETY: the file's sum was checked against its pin, so this is the library the header describes. It is
    // leaked, so neither its initialisers nor its threads ever see it unloaded.
    let library: &'static Library = Box::leak(Box::new(unsafe { Library::new(library)? }));
    // SAFETY: each name has, in the header, the signature its field is declared with.
    unsafe {
        Ok(Functions {
            set_signal_handlers_enabled: *library.get(c"chdb_set_signal_handlers_enabled")?,
            connect: *library.get(c"chdb_connect")?,
            close_conn: *library.get(c"chdb_close_conn")?,
            shutdown: *library.get(c"chdb_shutdown")?,
            query: *library.get(c"chdb_query_with_params_n")?,
            classify: *library.get(c"chdb_classify_query_n")?,
            insert: *library.get(c"chdb_stream_insert_with_params_n")?,
            append: *library.get(c"chdb_stream_append")?,
            done: *library.get(c"chdb_stream_done")?,
            insert_error: *library.get(c"chdb_stream_insert_error")?,
            destroy_insert: *library.get(c"chdb_destroy_insert_stream")?,
            buffer: *library.get(c"chdb_result_buffer")?,
            length: *library.get(c"chdb_result_length")?,
            error: *library.get(c"chdb_result_error")?,
            rows_read: *library.get(c"chdb_result_rows_read")?,
            bytes_read: *library.get(c"chdb_result_bytes_read")?,
            rows_written: *library.get(c"chdb_result_rows_written")?,
            bytes_written: *library.get(c"chdb_result_bytes_written")?,
            destroy_result: *library.get(c"chdb_destroy_query_result")?,
        })
    }
}

/// One session of the engine. After an error it should be dropped: it keeps the failed statement's tables
/// referenced until its next one.
pub struct Connection {
    functions: &'static Functions,
    handle: *mut ConnectionPointer,
}

// SAFETY: the header allows a connection to be used from any thread, one statement at a time; `&mut self` on
// every method gives the second half.
unsafe impl Send for Connection {}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: `handle` came from connect and is closed once, here.
        unsafe { (self.functions.close_conn)(self.handle) };
    }
}

impl Connection {
    /// Runs one statement and collects its result in `format`.
    pub fn query(
        &mut self,
        sql: &[u8],
        format: &str,
        params: &[Param],
    ) -> Result<Output, EngineError> {
        let params = RawParams::of(params);
        // SAFETY: every pointer goes with the length of the slice it comes from, and outlives the call.
        let result = unsafe {
            (self.functions.query)(
                *self.handle,
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
                params.names.as_ptr(),
                params.name_lens.as_ptr(),
                params.values.as_ptr(),
                params.value_lens.as_ptr(),
                params.names.len(),
            )
        };
        self.collect(result)
    }

    /// Runs an INSERT statement (without its FORMAT clause) on `data` in `format`.
    pub fn insert(
        &mut self,
        sql: &[u8],
        format: &str,
        params: &[Param],
        data: &[u8],
    ) -> Result<Output, EngineError> {
        let params = RawParams::of(params);
        // SAFETY: as in `query`; the stream is destroyed by the guard, before the connection can be used
        // again.
        let stream = unsafe {
            (self.functions.insert)(
                *self.handle,
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
                params.names.as_ptr(),
                params.name_lens.as_ptr(),
                params.values.as_ptr(),
                params.value_lens.as_ptr(),
                params.names.len(),
            )
        };
        let stream = Stream { functions: self.functions, pointer: stream };
        stream.check()?;
        // SAFETY: the stream is open; the engine copies the bytes.
        let state =
            unsafe { (self.functions.append)(stream.pointer, data.as_ptr().cast(), data.len()) };
        if state != 0 {
            stream.check()?;
        }
        // SAFETY: the stream is open and finished once; its result is destroyed by `collect`.
        let result = unsafe { (self.functions.done)(stream.pointer) };
        self.collect(result)
    }

    /// Tells what `sql` would do, without running it.
    pub fn classify(&mut self, sql: &[u8]) -> Result<Analysis, EngineError> {
        let struct_size = u32::try_from(size_of::<RawAnalysis>()).expect("16 bytes");
        let mut raw = RawAnalysis { struct_size, statement_count: 0, flags: 0, query_class: 4 };
        // SAFETY: pointer and length belong together, a null target database is allowed, and the engine
        // writes no more than `struct_size` bytes.
        let state = unsafe {
            (self.functions.classify)(
                *self.handle,
                sql.as_ptr().cast(),
                sql.len(),
                ptr::null(),
                0,
                &raw mut raw,
            )
        };
        if state != 0 {
            return Err(EngineError("the engine could not analyse the statement".to_owned()));
        }
        let kind = match raw.query_class {
            0 => Kind::Read,
            1 => Kind::Write,
            2 | 3 => Kind::Control,
            _ => Kind::Unknown,
        };
        Ok(Analysis { n_statements: raw.statement_count, kind })
    }

    /// Copies a result out and destroys it.
    fn collect(&self, result: ResultPointer) -> Result<Output, EngineError> {
        if result.is_null() {
            return Err(EngineError("the engine gave no result".to_owned()));
        }
        let it = self.functions;
        // SAFETY: the result is valid until destroyed, below; its buffer holds `length` bytes, its error is
        // null or NUL-terminated, and both are copied before.
        unsafe {
            let output = match text_of((it.error)(result)) {
                Some(error) => Err(EngineError(error)),
                None => Ok(Output {
                    bytes: bytes_of((it.buffer)(result), (it.length)(result)),
                    rows_read: (it.rows_read)(result),
                    bytes_read: (it.bytes_read)(result),
                    rows_written: (it.rows_written)(result),
                    bytes_written: (it.bytes_written)(result),
                }),
            };
            (it.destroy_result)(result);
            output
        }
    }
}

/// An open insert, destroyed when dropped (which cancels it unless it was finished).
struct Stream {
    functions: &'static Functions,
    pointer: StreamPointer,
}

impl Stream {
    fn check(&self) -> Result<(), EngineError> {
        // SAFETY: the pointer is valid until dropped; the error is null or NUL-terminated.
        match unsafe { text_of((self.functions.insert_error)(self.pointer)) } {
            Some(error) => Err(EngineError(error)),
            None => Ok(()),
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: made by the engine, destroyed once, here.
        unsafe { (self.functions.destroy_insert)(self.pointer) };
    }
}

/// Parameters in the form the engine takes: four parallel arrays that borrow from the pairs.
struct RawParams {
    names: Vec<Text>,
    name_lens: Vec<usize>,
    values: Vec<Text>,
    value_lens: Vec<usize>,
}

impl RawParams {
    fn of(params: &[Param]) -> Self {
        Self {
            names: params.iter().map(|(name, _)| name.as_ptr().cast()).collect(),
            name_lens: params.iter().map(|(name, _)| name.len()).collect(),
            values: params.iter().map(|(_, value)| value.as_ptr().cast()).collect(),
            value_lens: params.iter().map(|(_, value)| value.len()).collect(),
        }
    }
}

/// Copies a C string; none when null or empty.
///
/// # Safety
/// `text` is null or points to a NUL-terminated string.
unsafe fn text_of(text: Text) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: by the contract of this function.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
    (!text.is_empty()).then_some(text)
}

/// Copies a buffer; empty when null.
///
/// # Safety
/// `buffer` is null or points to `length` readable bytes.
unsafe fn bytes_of(buffer: *const c_char, length: usize) -> Vec<u8> {
    if buffer.is_null() || length == 0 {
        return Vec::new();
    }
    // SAFETY: by the contract of this function.
    unsafe { slice::from_raw_parts(buffer.cast::<u8>(), length) }.to_vec()
}
