//! Sections: what a configuration consists of, declared once with name, kind, default and meaning.

use super::value::Raw;

/// One setting, as the reference page and error texts know it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// The Rust field; [`Key::name`] is what people write.
    pub field: &'static str,
    /// What it expects.
    pub expects: &'static str,
    /// May come from the environment only.
    pub secret: bool,
    /// What it means.
    pub doc: &'static str,
}

impl Key {
    /// The name people write in a file: kebab-case.
    pub fn name(&self) -> String {
        self.field.replace('_', "-")
    }
}

/// One `[table]` of the file.
pub(crate) trait Section {
    /// Its settings.
    fn keys(&self) -> &'static [Key];
    /// What it is about.
    fn doc(&self) -> &'static str;
    /// Sets one; false when the value is of another kind. The field must be one of `keys`.
    fn set(&mut self, field: &str, raw: &Raw) -> bool;
    /// The value in force, by position in `keys`; `None` when not set.
    fn show(&self) -> Vec<Option<toml::Value>>;
}

/// Declares a section.
macro_rules! section {
    ($(#[doc = $about:literal])+ $name:ident {
        $($(#[doc = $doc:literal])+ $field:ident: $kind:ty = $default:expr,)+
    }) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $($(#[doc = $doc])+ pub $field: $kind,)+ }

        impl Default for $name {
            fn default() -> Self { Self { $($field: $default,)+ } }
        }

        impl $crate::config::section::Section for $name {
            fn keys(&self) -> &'static [$crate::config::section::Key] {
                use $crate::config::value::Value;
                const { &[$($crate::config::section::Key {
                    field: stringify!($field),
                    expects: <$kind as Value>::EXPECTS,
                    secret: <$kind as Value>::SECRET,
                    doc: concat!($($doc, "\n"),+),
                }),+] }
            }
            fn doc(&self) -> &'static str { concat!($($about, "\n"),+) }
            fn set(&mut self, field: &str, raw: &$crate::config::value::Raw) -> bool {
                use $crate::config::value::Value;
                match field {
                    $(stringify!($field) => <$kind as Value>::read(raw).map(|it| self.$field = it),)+
                    _ => None,
                }.is_some()
            }
            fn show(&self) -> Vec<Option<toml::Value>> {
                use $crate::config::value::Value;
                vec![$(self.$field.show()),+]
            }
        }
    };
}
pub(crate) use section;

/// Declares the whole configuration from its sections.
macro_rules! sections {
    ($(#[$meta:meta])* $name:ident { $($(#[$fmeta:meta])* $field:ident: $section:ty,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name { $($(#[$fmeta])* pub $field: $section,)+ }

        impl $name {
            /// Sections by the name people write.
            pub(crate) fn sections(&self) -> Vec<(&'static str, &dyn $crate::config::section::Section)> {
                vec![$((stringify!($field), &self.$field as _)),+]
            }
            pub(crate) fn section_mut(
                &mut self, name: &str,
            ) -> Option<&mut dyn $crate::config::section::Section> {
                match name { $(stringify!($field) => Some(&mut self.$field as _),)+ _ => None }
            }
        }
    };
}
pub(crate) use sections;
