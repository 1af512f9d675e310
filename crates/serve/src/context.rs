//! What a request asks for, and the frame its answer gets.

use saphan_model::Timestamp;
use serde::Deserialize;

use crate::calendar::{self, FiscalYear};
use crate::directory::Directory;
use crate::error::PageError;
use crate::lang::Lang;
use crate::state::AppState;
use crate::text::Texts;
use crate::view::{Link, Page, Section};

/// The parameters of every page.
#[derive(Debug, Default, Deserialize)]
pub struct Question {
    lang: Option<String>,
    year: Option<String>,
    /// `csv` asks for a table instead of the page.
    pub format: Option<String>,
    /// Which table.
    pub table: Option<String>,
    refresh: Option<String>,
}

/// A request understood.
pub struct Context {
    /// Tables, names, figures.
    pub state: AppState,
    /// The reader's language.
    pub lang: Lang,
    /// The fiscal year asked for, or the current one.
    pub year: FiscalYear,
    /// Whether a page that refreshes itself may.
    pub refresh: bool,
    /// The path of the page.
    pub path: String,
    /// The time of the request.
    pub now: Timestamp,
}

impl Question {
    /// The language to tell an error in.
    pub fn lang(&self) -> Lang {
        self.lang.as_deref().and_then(Lang::parse).unwrap_or_default()
    }

    /// Reads the parameters.
    pub fn read(&self, state: &AppState, path: &str) -> Result<Context, PageError> {
        let now = (state.now)();
        let lang = match &self.lang {
            Some(text) => Lang::parse(text).ok_or(PageError::Question)?,
            None => Lang::default(),
        };
        let year = match &self.year {
            Some(text) => FiscalYear::parse(text).ok_or(PageError::Question)?,
            None => FiscalYear::of(now),
        };
        let refresh = match self.refresh.as_deref() {
            None | Some("on") => true,
            Some("off") => false,
            Some(_) => return Err(PageError::Question),
        };
        let (state, path) = (state.clone(), path.to_owned());
        Ok(Context { state, lang, year, refresh, path, now })
    }
}

impl Context {
    /// All sentences.
    pub const fn texts(&self) -> &'static Texts {
        self.lang.texts()
    }

    /// All names.
    pub fn directory(&self) -> &Directory {
        &self.state.directory
    }

    /// The address of a page in the reader's language and year.
    pub fn href(&self, path: &str) -> String {
        address(path, self.lang, self.year)
    }

    /// A link to a page.
    pub fn link(&self, text: impl Into<String>, path: &str) -> Link {
        Link { text: text.into(), href: self.href(path), ..Link::default() }
    }

    /// A page with its frame; `crumbs` leads to it from the start page.
    pub fn page(&self, title: String, crumbs: Vec<Link>, sections: Vec<Section>) -> Page {
        let t = self.texts();
        let here = |path: &str| match path {
            "/" => self.path == "/",
            "/regions" => {
                ["/regions", "/provinces", "/facilities"].iter().any(|it| self.path.starts_with(it))
            }
            other => self.path.starts_with(other),
        };
        let menu = [
            (t.home_title, "/"),
            (t.regions_title, "/regions"),
            (t.conservation_title, "/conservation"),
            (t.agencies_title, "/agencies"),
            (t.quarantine_title, "/quarantine"),
        ];
        let menu =
            menu.map(|(text, path)| Link { here: here(path), ..self.link(text, path) }).to_vec();
        let home = (self.path != "/").then(|| self.link(t.home_title, "/"));
        Page {
            t,
            lang: self.lang,
            title,
            intro: Vec::new(),
            crumbs: home.into_iter().chain(crumbs).collect(),
            years: Vec::new(),
            other_language: address(&self.path, self.lang.other(), self.year),
            menu,
            as_of: calendar::instant(self.now, self.lang),
            refresh: None,
            csv: format!("{}&format=csv&table=", self.href(&self.path)),
            sections,
        }
    }

    /// The choice of fiscal years.
    pub fn years(&self) -> Vec<Link> {
        let link = |year: FiscalYear| Link {
            text: year.label(self.lang),
            href: address(&self.path, self.lang, year),
            note: String::new(),
            here: year == self.year,
        };
        let mut years: Vec<FiscalYear> = FiscalYear::with_recent(self.now).collect();
        if !years.contains(&self.year) {
            years.push(self.year);
            years.sort_unstable_by(|a, b| b.cmp(a));
        }
        years.into_iter().map(link).collect()
    }
}

fn address(path: &str, lang: Lang, year: FiscalYear) -> String {
    format!("{path}?lang={}&year={}", lang.tag(), year.label(lang))
}
