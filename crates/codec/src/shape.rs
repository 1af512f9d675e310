//! What a Rust type looks like on the wire, to be compared with the schema files.

/// The wire form of a type. Records name their fields lazily, so that a record may contain itself.
#[derive(Clone, Debug)]
pub enum Shape {
    /// `boolean`.
    Bool,
    /// `int`.
    Int,
    /// `long`.
    Long,
    /// `double`.
    Double,
    /// `string`.
    Text,
    /// `bytes`.
    Bytes,
    /// `int` with logical type `date`.
    Date,
    /// `long` with logical type `timestamp-millis`.
    TimestampMillis,
    /// A named `fixed` of 16 bytes.
    Fixed16(&'static str),
    /// A named `enum` with its symbols in wire order.
    Enum(&'static str, Vec<String>),
    /// `union [null, T]`.
    Nullable(Box<Shape>),
    /// `array`.
    Array(Box<Shape>),
    /// Personal data of the inner form.
    Personal(Box<Shape>),
    /// A named `record` and its fields in wire order.
    Record(&'static str, fn() -> Vec<(&'static str, Shape)>),
}
