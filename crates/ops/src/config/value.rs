//! The kinds of value a setting can have: how each is read from TOML, from plain text, and shown.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::secret::Secret;

/// A setting as its source gives it.
#[derive(Clone, Debug)]
pub(crate) enum Raw {
    /// From a file: typed already.
    Toml(toml::Value),
    /// From the environment or a flag.
    Text(String),
}

/// A kind of value.
pub(crate) trait Value: Sized {
    /// What the setting expects, to complete "expected …".
    const EXPECTS: &'static str;
    /// May not stand in a file or on a command line.
    const SECRET: bool = false;

    /// Reads it; `None` when it is of another kind.
    fn read(raw: &Raw) -> Option<Self>;

    /// Shows it; `None` when it is not set.
    fn show(&self) -> Option<toml::Value>;
}

fn text(raw: &Raw) -> Option<&str> {
    match raw {
        Raw::Toml(it) => it.as_str(),
        Raw::Text(it) => Some(it),
    }
}

impl Value for String {
    const EXPECTS: &'static str = "a text";
    fn read(raw: &Raw) -> Option<Self> {
        text(raw).map(str::to_owned)
    }
    fn show(&self) -> Option<toml::Value> {
        Some(toml::Value::String(self.clone()))
    }
}

impl Value for PathBuf {
    const EXPECTS: &'static str = "a path";
    fn read(raw: &Raw) -> Option<Self> {
        text(raw).filter(|it| !it.is_empty()).map(PathBuf::from)
    }
    fn show(&self) -> Option<toml::Value> {
        Some(toml::Value::String(self.display().to_string()))
    }
}

impl Value for SocketAddr {
    const EXPECTS: &'static str = "an address and port like 127.0.0.1:8080";
    fn read(raw: &Raw) -> Option<Self> {
        text(raw)?.parse().ok()
    }
    fn show(&self) -> Option<toml::Value> {
        Some(toml::Value::String(self.to_string()))
    }
}

impl Value for u64 {
    const EXPECTS: &'static str = "a whole number, 0 or more";
    fn read(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::Toml(it) => u64::try_from(it.as_integer()?).ok(),
            Raw::Text(it) => it.parse().ok(),
        }
    }
    fn show(&self) -> Option<toml::Value> {
        Some(toml::Value::Integer(i64::try_from(*self).unwrap_or(i64::MAX)))
    }
}

impl Value for bool {
    const EXPECTS: &'static str = "true or false";
    fn read(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::Toml(it) => it.as_bool(),
            Raw::Text(it) => it.parse().ok(),
        }
    }
    fn show(&self) -> Option<toml::Value> {
        Some(toml::Value::Boolean(*self))
    }
}

impl Value for Secret {
    const EXPECTS: &'static str = "a text";
    const SECRET: bool = true;
    fn read(raw: &Raw) -> Option<Self> {
        text(raw).map(Self::new)
    }
    fn show(&self) -> Option<toml::Value> {
        Some(toml::Value::String("(hidden)".to_owned()))
    }
}

impl<T: Value> Value for Option<T> {
    const EXPECTS: &'static str = T::EXPECTS;
    const SECRET: bool = T::SECRET;
    fn read(raw: &Raw) -> Option<Self> {
        T::read(raw).map(Some)
    }
    fn show(&self) -> Option<toml::Value> {
        self.as_ref().and_then(T::show)
    }
}

/// Declares an enum that is one of a few words in a configuration.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $crate::config::value::Value for $name {
            const EXPECTS: &'static str = concat!("one of:", $(" ", $word),+);
            fn read(raw: &$crate::config::value::Raw) -> Option<Self> {
                let word = <String as $crate::config::value::Value>::read(raw)?;
                match word.as_str() {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
            fn show(&self) -> Option<toml::Value> {
                Some(toml::Value::String(match self { $(Self::$variant => $word),+ }.to_owned()))
            }
        }
    };
}
pub(crate) use words;
