//! Macros that lay records, enums and alternatives. Field order is wire order.

/// The form of a field, by way of a function that borrows it.
pub(crate) fn shape_of<R, T: crate::Wire>(_: impl Fn(&R) -> &T) -> crate::Shape {
    T::shape()
}

/// Lays a struct as a record: `record! { "full.name" => Type { field, field } }`.
/// `nested` marks a record that contains itself: its depth is limited. `checked by` names a
/// function that sees whether a record read is within its limits.
macro_rules! record {
    (@body $avro:literal => $name:ty { $($field:ident),+ $(,)? } $cursor:ident, $read:block) => {
        impl $crate::Wire for $name {
            // Every field takes at least one byte.
            const LEAST_BYTES: usize = [$(stringify!($field)),+].len();

            #[inline]
            fn put(&self, out: &mut Vec<u8>) {
                $($crate::Wire::put(&self.$field, out);)+
            }

            #[inline]
            fn get($cursor: &mut $crate::Cursor<'_>) -> Result<Self, $crate::Malformed> $read

            fn shape() -> $crate::Shape {
                $crate::Shape::Record($avro, || vec![
                    $((stringify!($field), $crate::wire::macros::shape_of(|it: &Self| &it.$field))),+
                ])
            }
        }
    };
    ($($avro:literal => $name:ty { $($field:ident),+ $(,)? })+) => {$(
        record!(@body $avro => $name { $($field),+ } cursor, {
            Ok(Self { $($field: $crate::Wire::get(cursor)?),+ })
        });
    )+};
    (checked by $check:path, $avro:literal => $name:ty { $($field:ident),+ $(,)? }) => {
        record!(@body $avro => $name { $($field),+ } cursor, {
            let value = Self { $($field: $crate::Wire::get(cursor)?),+ };
            if $check(&value) { Ok(value) } else { Err(cursor.fault($crate::Fault::Length)) }
        });
    };
    (nested $avro:literal => $name:ty { $($field:ident),+ $(,)? }) => {
        record!(@body $avro => $name { $($field),+ } cursor, {
            cursor.descend()?;
            let value = Self { $($field: $crate::Wire::get(cursor)?),+ };
            cursor.ascend();
            Ok(value)
        });
    };
}

/// Lays field-less enums of the model: index on the wire, `-` of the name as `_` in the symbol.
macro_rules! enums {
    ($($avro:literal => $name:ty,)+) => {$(
        impl $crate::Wire for $name {
            const LEAST_BYTES: usize = 1;

            #[inline]
            fn put(&self, out: &mut Vec<u8>) {
                $crate::wire::put_length(self.index(), out);
            }

            #[inline]
            fn get(cursor: &mut $crate::Cursor<'_>) -> Result<Self, $crate::Malformed> {
                Ok(Self::ALL[cursor.symbol(Self::ALL.len())?])
            }

            fn shape() -> $crate::Shape {
                let symbols = Self::ALL.iter().map(|it| it.as_str().replace('-', "_")).collect();
                $crate::Shape::Enum($avro, symbols)
            }
        }
    )+};
}

/// Lays an enum with data as a record of nullable fields of which exactly one is set. A union of
/// records would be shorter, but one more branch breaks every older reader; one more nullable
/// field does not.
macro_rules! one_of {
    ($avro:literal => $name:ty, $it:ident { $($field:ident: $inner:ty = [$($form:tt)+],)+ }) => {
        impl $crate::Wire for $name {
            const LEAST_BYTES: usize = [$(stringify!($field)),+].len();

            fn put(&self, out: &mut Vec<u8>) {
                $(if let $($form)+ = self {
                    out.push(2);
                    $crate::Wire::put($it, out);
                } else {
                    out.push(0);
                })+
            }

            fn get(cursor: &mut $crate::Cursor<'_>) -> Result<Self, $crate::Malformed> {
                let mut found = None;
                $(if cursor.present()? {
                    let $it = <$inner as $crate::Wire>::get(cursor)?;
                    if found.replace($($form)+).is_some() {
                        return Err(cursor.fault($crate::Fault::Alternatives));
                    }
                })+
                found.ok_or_else(|| cursor.fault($crate::Fault::Alternatives))
            }

            fn shape() -> $crate::Shape {
                $crate::Shape::Record($avro, || vec![
                    $((stringify!($field), <Option<$inner> as $crate::Wire>::shape())),+
                ])
            }
        }
    };
}

pub(crate) use {enums, one_of, record};
