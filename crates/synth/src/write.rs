//! Files of the feed: zips in each facility's own manner, consent directives a line each.
//! Collects what each file states for the oracle.

use std::collections::BTreeSet;
use std::io::{Cursor, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::columns::Table;
use crate::consent::{Recorded, json};
use crate::error::SynthError;
use crate::feed::{FeedFile, Item, Place};
use crate::plan::{Plan, Zip};
use crate::rows::{self, Desk, Fact, Statement};
use crate::world::facility::Format;
use crate::world::{Header, World};

/// The folder of a phase.
pub fn phase_folder(phase: u8) -> String {
    let kind = if phase % 2 == 1 { "consent" } else { "clinical" };
    format!("{phase}-{kind}")
}

/// Writes one zip under `feed` and says what it states.
pub fn zip(feed: &Path, world: &World, plan: &Plan, zip: &Zip) -> Result<FeedFile, SynthError> {
    let desk = Desk { world, plan, facility: zip.facility, stage: zip.stage, made: zip.made };
    let format = world.facilities[usize::from(zip.facility)].format;
    let mut statements = people(&desk, plan, zip);
    for task in &zip.tasks {
        rows::statements(&desk, *task, &mut statements);
    }
    let mut tables = Tables::new(format);
    let items = statements.into_iter().map(|it| tables.take(it)).collect();
    let name = format!("{}.zip", zip.stem);
    let path = feed.join(phase_folder(zip.phase)).join(&name);
    let bytes = tables.pack(&zip.stem).map_err(SynthError::write(&path))?;
    std::fs::write(&path, bytes).map_err(SynthError::write(&path))?;
    Ok(FeedFile { phase: zip.phase, facility: zip.facility, name, items })
}

/// Person rows of everybody the zip speaks of.
fn people(desk: &Desk<'_>, plan: &Plan, zip: &Zip) -> Vec<Statement> {
    let registrations: BTreeSet<u32> = zip.tasks.iter().map(|it| plan.registration(*it)).collect();
    registrations.into_iter().map(|it| rows::person(desk, it)).collect()
}

/// Writes the directives of a phase into `folder`, one file for each facility, and says what they state.
pub fn consents(
    folder: &Path,
    world: &World,
    phase: u8,
    recorded: Vec<Recorded>,
) -> Result<Vec<FeedFile>, SynthError> {
    let mut files: Vec<FeedFile> = Vec::new();
    let mut text = String::new();
    let mut recorded = recorded.into_iter().peekable();
    while let Some((facility, directive)) = recorded.next() {
        let hospcode = &world.facilities[usize::from(facility)].hospcode;
        text.push_str(&json::line(&directive, hospcode));
        text.push('\n');
        let item = Item::Directive(Box::new(directive));
        match files.last_mut().filter(|it| it.facility == facility) {
            Some(file) => file.items.push(item),
            None => files.push(FeedFile {
                phase,
                facility,
                name: format!("{hospcode}.ndjson"),
                items: vec![item],
            }),
        }
        if recorded.peek().is_none_or(|it| it.0 != facility) {
            let path = folder.join(format!("{hospcode}.ndjson"));
            std::fs::write(&path, &text).map_err(SynthError::write(&path))?;
            text.clear();
        }
    }
    Ok(files)
}

/// The inner files of one zip while they grow.
struct Tables {
    format: Format,
    /// Text and number of lines, by table.
    texts: Vec<(String, u32)>,
}

impl Tables {
    fn new(format: Format) -> Self {
        Self { format, texts: vec![(String::new(), 0); Table::ALL.len()] }
    }

    /// Adds the rows of a statement and says what it states.
    fn take(&mut self, statement: Statement) -> Item {
        let mut place = Place { file: "", line: 0 };
        for row in &statement.rows {
            if self.texts[row.table as usize].1 == 0 && self.format.header != Header::None {
                let header = header(row.table, self.format);
                self.line(row.table, &header);
            }
            self.line(row.table, row.line(self.format.year_2016));
            place = Place { file: row.table.name(), line: self.texts[row.table as usize].1 };
        }
        match statement.fact {
            Fact::Put(put) => Item::Put(put),
            Fact::Retract(event_type, key) => Item::Retract { event_type, key: key.into(), place },
            Fact::Defect(code) => Item::Defect { code, place },
        }
    }

    fn line(&mut self, table: Table, line: &str) {
        let (text, lines) = &mut self.texts[table as usize];
        text.push_str(line);
        text.push_str(if self.format.crlf { "\r\n" } else { "\n" });
        *lines += 1;
    }

    /// The zip: one folder of its own name, the files with rows in it.
    fn pack(self, stem: &str) -> std::io::Result<Vec<u8>> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(1));
        for (table, (text, lines)) in Table::ALL.iter().zip(&self.texts) {
            if *lines == 0 {
                continue;
            }
            writer.start_file(format!("{stem}/{}.txt", table.name()), options)?;
            if self.format.tis620 {
                writer.write_all(&encoding_rs::WINDOWS_874.encode(text).0)?;
            } else {
                writer.write_all(text.as_bytes())?;
            }
        }
        Ok(writer.finish()?.into_inner())
    }
}

/// The names of the columns, as this exporter spells them.
fn header(table: Table, format: Format) -> String {
    let columns = table.columns();
    let count = if format.year_2016 { columns.count_2016 } else { columns.names.len() };
    let misspelt = format.header == Header::Misspelt;
    let names: Vec<&str> = columns.names[..count]
        .iter()
        .map(|name| match (misspelt, table, *name) {
            (true, Table::Service | Table::DiagnosisOpd | Table::LabFu, "DATE_SERV") => {
                "DATE_SERRV"
            }
            (true, _, "CLINICALVALUE") => "CLINICALVAULE",
            (_, _, name) => name,
        })
        .collect();
    names.join("|")
}
