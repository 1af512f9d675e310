//! What a page is made of, before it is HTML. Pages build these values; templates only print them.

use askama::Template;

use crate::chart::Chart;
use crate::figure::{Figure, Mark};
use crate::lang::Lang;
use crate::suppress::Shown;
use crate::text::Texts;

/// A table: every figure of a page stands in one, and each can be had as CSV.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Names it in the page and in `?table=`.
    pub id: &'static str,
    /// What it shows.
    pub caption: String,
    /// Column heads, that of the row head first. With `coded` the code's own head comes before.
    pub head: Vec<String>,
    /// Rows.
    pub rows: Vec<Row>,
    /// The CSV has a column with each row's code before its head.
    pub coded: bool,
    /// The page shows so many rows and leaves the rest to the CSV; 0 shows all.
    pub page_rows_max: usize,
}

/// A row of a table.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// What it is about.
    pub head: String,
    /// Its code, for the CSV; empty where `coded` is false.
    pub code: String,
    /// Where its head leads, empty when nowhere.
    pub href: String,
    /// One for each further column.
    pub figures: Vec<Figure>,
    /// It sums the others.
    pub total: bool,
}

impl Table {
    /// Does it hold a figure that is not shown as it is?
    pub fn hides(&self) -> bool {
        let hidden = |it: &Figure| matches!(it, Figure::People(Shown::Small | Shown::Hidden));
        self.rows.iter().any(|row| row.figures.iter().any(hidden))
    }

    /// Does the column hold figures, so that its head stands to the right? Column 0 is the row head.
    pub fn numeric(&self, column: &usize) -> bool {
        let figure = |row: &Row| column.checked_sub(1).and_then(|i| row.figures.get(i)).cloned();
        let first = self.rows.iter().find_map(figure);
        matches!(
            first,
            Some(Figure::People(_) | Figure::Count(_) | Figure::Nothing | Figure::Mark(..))
        )
    }

    /// Rows the page shows.
    pub fn page_rows(&self) -> &[Row] {
        let most = if self.page_rows_max == 0 { usize::MAX } else { self.page_rows_max };
        &self.rows[..self.rows.len().min(most)]
    }

    /// Heads as the page shows them: codes are part of the CSV only.
    pub fn page_head(&self) -> &[String] {
        &self.head[usize::from(self.coded)..]
    }
}

/// A link.
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// Its words.
    pub text: String,
    /// Where it leads.
    pub href: String,
    /// A sentence beside it, empty when none.
    pub note: String,
    /// It leads to where the reader is.
    pub here: bool,
}

/// One sum of the conservation law.
#[derive(Clone, Debug)]
pub struct Equation {
    /// Its name.
    pub title: &'static str,
    /// The left side.
    pub left: Term,
    /// The right side, to be added up.
    pub right: Vec<Term>,
    /// Does it hold?
    pub mark: Mark,
    /// In words.
    pub verdict: String,
    /// What is not part of it, empty when nothing.
    pub note: String,
}

/// A term of a sum.
#[derive(Clone, Debug)]
pub struct Term {
    /// Its name.
    pub name: &'static str,
    /// Its value as written.
    pub value: String,
}

/// A part of a page.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// Names it in the page.
    pub id: &'static str,
    /// Its heading.
    pub heading: String,
    /// Sentences under the heading.
    pub intro: Vec<String>,
    /// A chart, drawn from the first table.
    pub chart: Option<Chart>,
    /// Sums.
    pub equations: Vec<Equation>,
    /// Tables.
    pub tables: Vec<Table>,
    /// Links.
    pub links: Vec<Link>,
    /// Said in place of tables when there is nothing to show.
    pub empty: String,
}

/// A whole page.
#[derive(Template)]
#[template(path = "page.html")]
pub struct Page {
    /// All sentences.
    pub t: &'static Texts,
    /// Its language.
    pub lang: Lang,
    /// Its title.
    pub title: String,
    /// Sentences under the title.
    pub intro: Vec<String>,
    /// The way down from the start page.
    pub crumbs: Vec<Link>,
    /// Fiscal years to choose from; empty where none matters.
    pub years: Vec<Link>,
    /// Same page, other language.
    pub other_language: String,
    /// Main pages.
    pub menu: Vec<Link>,
    /// When it was made.
    pub as_of: String,
    /// Seconds until the browser asks again.
    pub refresh: Option<u32>,
    /// Its address with everything but the table, to which CSV links add theirs.
    pub csv: String,
    /// Parts.
    pub sections: Vec<Section>,
}

impl Page {
    /// The table a CSV was asked for.
    pub fn table(&self, id: &str) -> Option<&Table> {
        self.sections.iter().flat_map(|it| &it.tables).find(|it| it.id == id)
    }
}
