//! Wire forms of the model's identifiers, times and wrappers.

use saphan_model::label::Labels;
use saphan_model::{CitizenId, Date, EventId, Label, PatientId, Private, Revision, Timestamp};

use super::{Wire, put_bytes, put_length};
use crate::cursor::Cursor;
use crate::malformed::{Fault, Malformed};
use crate::shape::Shape;

macro_rules! fixed16 {
    ($($name:ident = $avro:literal,)+) => {$(
        impl Wire for $name {
            const LEAST_BYTES: usize = 16;
            #[inline]
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.0);
            }
            #[inline]
            fn get(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
                cursor.take16().map(Self)
            }
            fn shape() -> Shape {
                Shape::Fixed16($avro)
            }
        }
    )+};
}

fixed16! {
    EventId = "th.saphan.EventId",
    Revision = "th.saphan.Revision",
    PatientId = "th.saphan.PatientId",
}

impl Wire for Date {
    const LEAST_BYTES: usize = 1;
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
    #[inline]
    fn get(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        cursor.int().map(Self)
    }
    fn shape() -> Shape {
        Shape::Date
    }
}

impl Wire for Timestamp {
    const LEAST_BYTES: usize = 1;
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
    #[inline]
    fn get(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        cursor.long().map(Self)
    }
    fn shape() -> Shape {
        Shape::TimestampMillis
    }
}

impl<T: Wire> Wire for Private<T> {
    const LEAST_BYTES: usize = T::LEAST_BYTES;
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        self.reveal().put(out);
    }
    #[inline]
    fn get(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        T::get(cursor).map(Self::new)
    }
    fn shape() -> Shape {
        Shape::Personal(Box::new(T::shape()))
    }
}

impl Wire for CitizenId {
    const LEAST_BYTES: usize = 14;
    fn put(&self, out: &mut Vec<u8>) {
        put_bytes(self.reveal().as_bytes(), out);
    }
    fn get(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let text = cursor.text(13)?;
        Self::parse(text).map_err(|_| cursor.fault(Fault::Value))
    }
    fn shape() -> Shape {
        Shape::Personal(Box::new(Shape::Text))
    }
}

/// An array of symbols in wire order; reading takes any order and repeats.
impl Wire for Labels {
    const LEAST_BYTES: usize = 1;
    fn put(&self, out: &mut Vec<u8>) {
        if !self.is_empty() {
            put_length(self.iter().count(), out);
            for label in self.iter() {
                label.put(out);
            }
        }
        out.push(0);
    }
    fn get(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let mut labels = Self::NONE;
        let mut had = 0;
        while let Some(block) = cursor.block(had, Label::LEAST_BYTES)? {
            for _ in 0..block.items {
                labels = labels.with(Label::get(cursor)?);
            }
            had += block.items;
            cursor.close(block)?;
        }
        Ok(labels)
    }
    fn shape() -> Shape {
        Shape::Array(Box::new(Label::shape()))
    }
}
