//! One closed enum, one stable spelling of each value on the wire.

/// Declares a field-less enum with its kebab-case wire names, in an order that never changes:
/// the position is the Avro symbol index, so new values are appended only.
macro_rules! wire_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        $vis enum $name { $($(#[$vmeta])* $variant,)+ }

        impl $name {
            /// Every value, in wire order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The kebab-case name used in files, headers, metrics and pages.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The position in wire order (the Avro enum index).
            pub const fn index(self) -> usize { self as usize }

            /// The value at a position in wire order.
            pub fn from_index(index: usize) -> Option<Self> { Self::ALL.get(index).copied() }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ids::UnknownName;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|it| it.as_str() == text)
                    .ok_or_else(|| $crate::ids::UnknownName::new(stringify!($name), Self::ALL.iter().map(|it| it.as_str())))
            }
        }
    };
}
pub(crate) use wire_enum;
