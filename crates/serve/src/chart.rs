//! A column chart of twelve months, as SVG without script or style of its own.

use crate::figure::thousands;
use crate::suppress::Shown;

const WIDTH: u32 = 720;
const HEIGHT: u32 = 180;
const BASE: u32 = 150;
const TOP: u32 = 22;

/// A chart ready to be drawn; all lengths in its own units.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// Columns, left to right.
    pub columns: Vec<Column>,
    /// Width of the drawing.
    pub width: u32,
    /// Height of the drawing.
    pub height: u32,
    /// Where the columns stand.
    pub base: u32,
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height; 0 for a figure that is not shown.
    pub height: u32,
    /// Middle, for the words.
    pub middle: u32,
    /// Under it.
    pub label: String,
    /// Over it.
    pub value: String,
}

impl Chart {
    /// Draws figures with their labels. A figure that is not shown, or none, leaves its place empty.
    pub fn new(title: String, figures: &[(String, Option<Shown>)]) -> Self {
        let exact = |it: &Option<Shown>| match it {
            Some(Shown::Exact(n)) => *n,
            _ => 0,
        };
        let most = figures.iter().map(|(_, it)| exact(it)).max().unwrap_or(0).max(1);
        let step = WIDTH / u32::try_from(figures.len().max(1)).unwrap_or(WIDTH);
        let columns = figures.iter().zip(0..).map(|((label, shown), i)| {
            let height = u64::from(BASE - TOP) * exact(shown) / most;
            let height = u32::try_from(height).unwrap_or(0);
            Column {
                x: i * step + step / 6,
                y: BASE - height,
                width: step * 2 / 3,
                height,
                middle: i * step + step / 2,
                label: label.clone(),
                value: match shown {
                    Some(Shown::Exact(n)) => thousands(*n),
                    Some(Shown::Small) => "<5".to_owned(),
                    Some(Shown::Hidden) => "*".to_owned(),
                    None => String::new(),
                },
            }
        });
        Self { title, columns: columns.collect(), width: WIDTH, height: HEIGHT, base: BASE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_in_proportion_and_hidden_figures_have_none() {
        let figures = [
            ("a".to_owned(), Some(Shown::Exact(100))),
            ("b".to_owned(), Some(Shown::Exact(50))),
            ("c".to_owned(), Some(Shown::Small)),
            ("d".to_owned(), None),
        ];
        let chart = Chart::new("t".to_owned(), &figures);
        let heights: Vec<_> = chart.columns.iter().map(|it| it.height).collect();
        assert_eq!(heights, [BASE - TOP, (BASE - TOP) / 2, 0, 0]);
        assert_eq!((chart.columns[2].value.as_str(), chart.columns[3].value.as_str()), ("<5", ""));
        assert!(chart.columns.iter().all(|it| it.y + it.height == BASE));
    }

    #[test]
    fn no_figures_draw_nothing() {
        assert!(Chart::new("t".to_owned(), &[]).columns.is_empty());
    }
}
