//! One measured figure and what it is held against.

use serde_json::{Value, json};

/// One measured figure.
#[derive(Debug)]
pub struct Figure {
    name: &'static str,
    value: f64,
    unit: &'static str,
    against: Against,
}

/// What a figure is held against.
#[derive(Clone, Copy, Debug)]
enum Against {
    Nothing,
    /// More is better.
    AtLeast(f64),
    /// Less is better.
    AtMost(f64),
    /// Another program, measured in the same run.
    Peer {
        name: &'static str,
        value: f64,
        less_is_better: bool,
        /// The ratio that is aimed at, if any.
        least: Option<f64>,
    },
}

impl Figure {
    /// A figure that is held against nothing.
    pub const fn new(name: &'static str, value: f64, unit: &'static str) -> Self {
        Self { name, value, unit, against: Against::Nothing }
    }

    /// More is better, and so much is wanted.
    #[must_use]
    pub const fn at_least(self, least: f64) -> Self {
        Self { against: Against::AtLeast(least), ..self }
    }

    /// Less is better, and so much is allowed.
    #[must_use]
    pub const fn at_most(self, most: f64) -> Self {
        Self { against: Against::AtMost(most), ..self }
    }

    /// More is better; the peer reached `value`, and `least` times as much is wanted.
    #[must_use]
    pub const fn more_than(self, name: &'static str, value: f64, least: f64) -> Self {
        Self {
            against: Against::Peer { name, value, less_is_better: false, least: Some(least) },
            ..self
        }
    }

    /// More is better; the peer reached `value`, for the reader to know.
    #[must_use]
    pub const fn beside(self, name: &'static str, value: f64) -> Self {
        Self { against: Against::Peer { name, value, less_is_better: false, least: None }, ..self }
    }

    /// Less is better; the peer needed `value`, and a `least`th of it is wanted.
    #[must_use]
    pub const fn less_than(self, name: &'static str, value: f64, least: f64) -> Self {
        Self {
            against: Against::Peer { name, value, less_is_better: true, least: Some(least) },
            ..self
        }
    }

    /// Above 1 is better than the target or the peer.
    fn ratio(&self) -> Option<f64> {
        match self.against {
            Against::Nothing => None,
            Against::AtLeast(least) => Some(self.value / least),
            Against::AtMost(most) => Some(most / self.value),
            Against::Peer { value, less_is_better: true, .. } => Some(value / self.value),
            Against::Peer { value, .. } => Some(self.value / value),
        }
    }

    fn peer(&self) -> String {
        let unit = self.unit;
        match self.against {
            Against::Nothing => "none".to_owned(),
            Against::AtLeast(least) => format!("target: at least {least} {unit}"),
            Against::AtMost(most) => format!("target: at most {most} {unit}"),
            Against::Peer { name, value, least: None, .. } => format!("{name}: {value:.1} {unit}"),
            Against::Peer { name, value, least: Some(least), .. } => {
                format!("{name}: {value:.1} {unit}; target: ratio at least {least}")
            }
        }
    }

    /// `{name, value, unit, peer, ratio}`.
    pub fn json(&self) -> Value {
        json!({
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "peer": self.peer(),
            "ratio": self.ratio(),
        })
    }

    /// A line of the table.
    pub fn line(&self) -> String {
        let ratio = self.ratio().map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
        let Self { name, value, unit, .. } = self;
        format!("{name:<52} {value:>12.1} {unit:<18} {ratio:>7}  {}", self.peer())
    }

    /// The line over the table.
    pub fn heading() -> String {
        format!("\n{:<52} {:>12} {:<18} {:>7}  against", "bench", "value", "unit", "ratio")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_above_one_is_better() {
        let figure = Figure::new("speed", 30.0, "events/s");
        assert_eq!(figure.ratio(), None);
        assert_eq!(figure.at_least(20.0).ratio(), Some(1.5));
        let less = || Figure::new("memory", 50.0, "MB");
        assert_eq!(less().at_most(100.0).ratio(), Some(2.0));
        assert_eq!(less().less_than("peer", 200.0, 4.0).ratio(), Some(4.0));
        assert_eq!(less().more_than("peer", 200.0, 1.0).ratio(), Some(0.25));
    }
}
