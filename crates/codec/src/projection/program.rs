//! The program of a projection and the machine that runs it: skip, copy, descend.

use saphan_model::limits::{SUBMISSION_BYTES_MAX, TEXT_BYTES_MAX};

use crate::cursor::Cursor;
use crate::malformed::{Fault, Malformed};
use crate::wire::put_length;

/// The wire kind of a value, enough to find its end and to check it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Int,
    Long,
    Fixed(usize),
    Text,
    Bytes,
    Enum(usize),
    Nullable(Box<Kind>),
    Array(Box<Kind>),
    Record(Vec<Kind>),
}

/// One step over the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Op {
    /// Pass over a value.
    Skip(Kind),
    /// Take a value as it is.
    Copy(Kind),
    /// Write the union index of a value: the field is nullable in the derived schema only.
    Mark,
    /// A nullable value; run the steps if it is there.
    Nullable(Vec<Op>),
    /// An array; run the steps for each item, which takes at least so many bytes.
    Array(Vec<Op>, usize),
}

impl Kind {
    /// Fewest bytes a value takes.
    pub(super) fn least_bytes(&self) -> usize {
        match self {
            Self::Fixed(n) => *n,
            Self::Record(fields) => fields.iter().map(Self::least_bytes).sum(),
            _ => 1,
        }
    }

    /// Moves past a value. `TAKEN` values are checked for all a reader would stumble over, others
    /// only for what is needed to find their end.
    fn pass<const TAKEN: bool>(&self, cursor: &mut Cursor<'_>) -> Result<(), Malformed> {
        match self {
            Self::Bool => {
                if cursor.byte()? > 1 {
                    return Err(cursor.fault(Fault::Value));
                }
            }
            Self::Int => drop(cursor.int()?),
            Self::Long => drop(cursor.long()?),
            Self::Fixed(n) => drop(cursor.take(*n)?),
            Self::Text if TAKEN => drop(cursor.text(TEXT_BYTES_MAX)?),
            Self::Text => {
                let n = cursor.length(TEXT_BYTES_MAX)?;
                cursor.take(n)?;
            }
            Self::Bytes => {
                let n = cursor.length(SUBMISSION_BYTES_MAX)?;
                cursor.take(n)?;
            }
            Self::Enum(n) => drop(cursor.symbol(*n)?),
            Self::Nullable(inner) => {
                if cursor.present()? {
                    inner.pass::<TAKEN>(cursor)?;
                }
            }
            Self::Array(item) => pass_array::<TAKEN>(item, cursor)?,
            Self::Record(fields) => {
                for field in fields {
                    field.pass::<TAKEN>(cursor)?;
                }
            }
        }
        Ok(())
    }
}

fn pass_array<const TAKEN: bool>(item: &Kind, cursor: &mut Cursor<'_>) -> Result<(), Malformed> {
    let mut had = 0;
    while let Some(block) = cursor.block(had, item.least_bytes())? {
        for _ in 0..block.items {
            item.pass::<TAKEN>(cursor)?;
        }
        had += block.items;
        cursor.close(block)?;
    }
    Ok(())
}

/// Runs the steps, appending what they take.
pub(super) fn run(ops: &[Op], cursor: &mut Cursor<'_>, out: &mut Vec<u8>) -> Result<(), Malformed> {
    for op in ops {
        match op {
            Op::Skip(kind) => kind.pass::<false>(cursor)?,
            Op::Copy(kind) => {
                let start = cursor.at();
                kind.pass::<true>(cursor)?;
                out.extend_from_slice(cursor.since(start));
            }
            Op::Mark => out.push(2),
            Op::Nullable(inner) => {
                if cursor.present()? {
                    out.push(2);
                    run(inner, cursor, out)?;
                } else {
                    out.push(0);
                }
            }
            Op::Array(item, least_bytes) => run_array(item, *least_bytes, cursor, out)?,
        }
    }
    Ok(())
}

fn run_array(
    item: &[Op],
    least_bytes: usize,
    cursor: &mut Cursor<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Malformed> {
    let mut had = 0;
    while let Some(block) = cursor.block(had, least_bytes)? {
        put_length(block.items, out);
        for _ in 0..block.items {
            run(item, cursor, out)?;
        }
        had += block.items;
        cursor.close(block)?;
    }
    out.push(0);
    Ok(())
}

/// Joins neighbouring skips, so that the machine takes fewer steps.
pub(super) fn tighten(ops: Vec<Op>) -> Vec<Op> {
    let mut tight: Vec<Op> = Vec::with_capacity(ops.len());
    for op in ops {
        match (tight.last_mut(), op) {
            (Some(Op::Skip(Kind::Record(kinds))), Op::Skip(kind)) => kinds.push(kind),
            (_, Op::Skip(kind)) => tight.push(Op::Skip(Kind::Record(vec![kind]))),
            (_, op) => tight.push(op),
        }
    }
    tight
}

/// Drops skips at the end: where nothing more is taken, nothing more need be read.
pub(super) fn stop_early(mut ops: Vec<Op>) -> Vec<Op> {
    while matches!(ops.last(), Some(Op::Skip(_))) {
        ops.pop();
    }
    ops
}
