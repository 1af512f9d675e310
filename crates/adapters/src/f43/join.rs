//! The join of a family: parent rows and the rows that are parts of them, in bounded memory.
//!
//! A Grace hash join. First pass: each row is read far enough to know its key and put into the
//! bucket of its group (PID, SEQ, AN or REFERID). Second pass: bucket by bucket, parents become
//! events and children join them. A small document has one bucket and stays in memory.

use std::collections::HashMap;
use std::io;

use super::datasets::{Key, key, parse};
use super::defect::{Code, RowDefect};
use super::error::F43Error;
use super::family::Family;
use super::gathered::{Added, Event, Fit, Gathered};
use super::outlet::At;
use super::reading::Reading;
use super::row::{Fields, Row};
use super::source::{Entry, Source};
use super::spill::{Bucket, Spill};
use super::table::Table;
use super::typed::Typed;

/// Reads all files of a family and submits its events.
pub fn join(
    reading: &mut Reading<'_>,
    source: &mut Source,
    family: &Family,
) -> Result<(), F43Error> {
    let tables = [&[family.parent], family.children].concat();
    let entries: Vec<_> = tables.iter().flat_map(|it| source.of_table(*it)).collect();
    let bytes = entries.iter().map(|it| it.bytes).fold(0, u64::saturating_add);
    let spill = Spill::new(bytes, reading.bucket_bytes, &reading.spill_dir);
    let mut spill = spill.map_err(F43Error::Spill)?;
    let mut parents_refused = false;
    for entry in entries {
        let read = part(reading, source, &entry, &mut spill)?;
        parents_refused |= entry.table == family.parent && !read;
    }
    for bucket in spill.into_buckets() {
        let bucket = bucket.map_err(F43Error::Spill)?;
        Join { reading, family, parents_refused, groups: HashMap::new(), gathered: Vec::new() }
            .run(bucket)?;
    }
    Ok(())
}

/// First pass over one file; false when it was refused as a whole.
fn part(
    reading: &mut Reading<'_>,
    source: &mut Source,
    entry: &Entry,
    spill: &mut Spill,
) -> Result<bool, F43Error> {
    reading.each_row(source, entry, |this, at, row| {
        this.learn(entry.table, row)?;
        match key(entry.table, row) {
            Ok(key) => spill.put(key.group, at, row.line).map_err(F43Error::Spill),
            Err(defect) => Ok(this.outlet.refuse(at, defect, row.edited_at())?),
        }
    })
}

/// The second pass over one bucket.
struct Join<'j, 'a> {
    reading: &'j mut Reading<'a>,
    family: &'j Family,
    /// Was a whole file of parents refused? Then a child without one is no news.
    parents_refused: bool,
    /// Places in `gathered` by group.
    groups: HashMap<String, Vec<usize>>,
    gathered: Vec<Gathered>,
}

impl Join<'_, '_> {
    fn run(mut self, mut bucket: Bucket) -> Result<(), F43Error> {
        let mut fields = Fields::default();
        while let Some((at, line)) = bucket.next_row().map_err(F43Error::Spill)? {
            fields.split(line);
            // Moved out and back, since the row borrows it while the join changes.
            let layout = self.reading.layouts[usize::from(at.file)].take();
            let layout =
                layout.ok_or_else(|| F43Error::Spill(io::ErrorKind::InvalidData.into()))?;
            let long_codes = self.reading.long_codes;
            let row = Row { line, fields: &fields, slots: &layout.slots, long_codes };
            match key(layout.table, &row) {
                Err(defect) => self.reading.outlet.refuse(at, defect, row.edited_at())?,
                Ok(key) if layout.table == self.family.parent => self.parent(at, &row, &key)?,
                Ok(key) => self.child(layout.table, at, &row, &key)?,
            }
            self.reading.layouts[usize::from(at.file)] = Some(layout);
        }
        self.submit()
    }

    /// A parent row: the last one of a key that can be read is the event.
    fn parent(&mut self, at: At, row: &Row<'_>, key: &Key<'_>) -> Result<(), F43Error> {
        let event = self.event(row)?;
        let group = self.groups.entry(key.group.to_owned()).or_default();
        let former = group.iter().copied().find(|it| self.gathered[*it].same_event(key));
        let refused = event.as_ref().err().copied();
        let gathered = Gathered::new(at, key, event.ok());
        match (former, refused) {
            (None, _) => {
                group.push(self.gathered.len());
                self.gathered.push(gathered);
            }
            (Some(former), None) => {
                let former = std::mem::replace(&mut self.gathered[former], gathered);
                if former.event.is_some() {
                    self.reading.outlet.file(former.at.file).replaced += 1;
                }
            }
            (Some(_), Some(_)) => {}
        }
        if let Some(defect) = refused {
            self.reading.outlet.refuse(at, defect, row.edited_at())?;
        }
        Ok(())
    }

    /// The event of a parent row, or why there is none.
    fn event(&mut self, row: &Row<'_>) -> Result<Result<Box<Event>, RowDefect>, F43Error> {
        let draft = match parse(self.family.parent, row) {
            Ok(Typed::Event(draft)) => *draft,
            Ok(_) => return Ok(Err(RowDefect::row(Code::FieldCount))),
            Err(defect) => return Ok(Err(defect)),
        };
        let subject = self.reading.subject(&draft.identity)?;
        Ok(subject.map(|subject| Box::new(Event::new(subject, draft, row.line.len()))))
    }

    /// A child row joins its parent, shares its refusal, or is an orphan.
    fn child(
        &mut self,
        table: Table,
        at: At,
        row: &Row<'_>,
        key: &Key<'_>,
    ) -> Result<(), F43Error> {
        let outlet = &mut self.reading.outlet;
        let Some(place) = self.groups.get(key.group).and_then(|it| home(&self.gathered, it, key))
        else {
            if self.parents_refused {
                outlet.file(at.file).with_refused_parent += 1;
            } else {
                outlet.refuse(at, RowDefect::row(Code::Orphan), row.edited_at())?;
            }
            return Ok(());
        };
        let Some(event) = &mut self.gathered[place].event else {
            outlet.file(at.file).with_refused_parent += 1;
            return Ok(());
        };
        match parse(table, row) {
            Err(defect) => Ok(outlet.refuse(at, defect, row.edited_at())?),
            Ok(Typed::Part(part)) => match event.add(at.file, *part, row.line.len()) {
                Added::New => Ok(()),
                Added::Replaced(former) => {
                    outlet.file(former).replaced += 1;
                    Ok(())
                }
                Added::TooLarge => self.refuse_event(place),
            },
            Ok(_) => Ok(outlet.refuse(at, RowDefect::row(Code::FieldCount), None)?),
        }
    }

    /// Gives up an event that grew too large, with all its parts.
    fn refuse_event(&mut self, place: usize) -> Result<(), F43Error> {
        let outlet = &mut self.reading.outlet;
        let gathered = &mut self.gathered[place];
        for file in gathered.event.take().iter().flat_map(|it| it.part_files()) {
            outlet.file(file).with_refused_parent += 1;
        }
        Ok(outlet.refuse(gathered.at, RowDefect::row(Code::EventTooLarge), None)?)
    }

    /// Submits the bucket's events in the order of their parent rows.
    fn submit(self) -> Result<(), F43Error> {
        let outlet = &mut self.reading.outlet;
        for Gathered { at, event, .. } in self.gathered {
            let Some(event) = event else { continue };
            for file in event.part_files() {
                outlet.file(file).used += 1;
            }
            outlet.file(at.file).used += 1;
            outlet.put(at, event.finish())?;
        }
        Ok(())
    }
}

/// The parent a child belongs to: the one of its key, else the only one of its person and number.
fn home(gathered: &[Gathered], group: &[usize], key: &Key<'_>) -> Option<usize> {
    let of = |fit| group.iter().copied().filter(move |it| gathered[*it].fit(key) == fit);
    let mut loose = of(Fit::Loose);
    of(Fit::Exact).next().or_else(|| loose.next().filter(|_| loose.next().is_none()))
}
