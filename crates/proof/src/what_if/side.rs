//! The two sets of contracts, with agencies and shapes numbered alike on both sides, so that a record
//! costs no text.

use std::collections::BTreeSet;

use saphan_model::Timestamp;
use saphan_model::contract::Contract;
use saphan_policy::{Action, AgencyIndex, RouteTable, RouteTableError};

use super::Row;
use super::change::{Place, Stand};
use super::shape::Shape;

/// Contracts in force and proposed.
pub(super) struct Sides {
    sides: [Side; 2],
    agencies: Vec<String>,
    shapes: Vec<Shape>,
}

/// One set of contracts.
pub(super) struct Side {
    pub(super) table: RouteTable,
    /// Place of each agency among those of both sides.
    agencies: Vec<usize>,
    /// Number of each rule's shape.
    shapes: Vec<usize>,
}

impl Sides {
    pub(super) fn new(current: RouteTable, proposed: RouteTable) -> Self {
        let ids = |it: &RouteTable| it.agencies().map(|it| it.1.to_string()).collect::<Vec<_>>();
        let both: BTreeSet<String> = ids(&current).into_iter().chain(ids(&proposed)).collect();
        let agencies: Vec<String> = both.into_iter().collect();
        let mut shapes = Vec::new();
        let sides = [current, proposed].map(|table| {
            let place = |id: &String| agencies.binary_search(id).expect("it is one of both");
            Side {
                agencies: ids(&table).iter().map(place).collect(),
                shapes: table.rules().map(|it| number(&mut shapes, Shape::of(it.rule))).collect(),
                table,
            }
        });
        Self { sides, agencies, shapes }
    }

    pub(super) fn each(&self) -> [&Side; 2] {
        self.sides.each_ref()
    }

    /// Number of agencies.
    pub(super) fn agencies(&self) -> usize {
        self.agencies.len()
    }

    pub(super) fn agency(&self, place: usize) -> &str {
        &self.agencies[place]
    }

    /// A place in words.
    pub(super) fn row(&self, Place { agency, event_type, change }: Place) -> Row {
        let change = change.shaped(&self.shapes);
        Row { agency: self.agencies[agency].clone(), event_type, change }
    }
}

impl Side {
    /// Place of one of its agencies among those of both sides.
    pub(super) fn place(&self, agency: AgencyIndex) -> usize {
        self.agencies[agency.get()]
    }

    /// The agency at a place; none where only the other side has it.
    pub(super) fn index_of(&self, place: usize) -> Option<AgencyIndex> {
        self.table.agencies().map(|it| it.0).find(|it| self.place(*it) == place)
    }

    /// How each agency stands to a record.
    pub(super) fn stands(&self, actions: &[Action<'_>], agencies: usize, out: &mut Vec<Stand>) {
        out.clear();
        out.resize(agencies, Stand::Apart);
        for action in actions {
            out[self.place(action.agency())] = match action {
                Action::Deliver(it) => Stand::Delivered(self.shapes[it.rule().get()]),
                Action::Withhold(it) => Stand::Withheld(it.reason),
                Action::Retract(it) => it.reason().map_or(Stand::Apart, Stand::Withheld),
            };
        }
    }
}

/// The number of a shape; equal shapes share one.
fn number(shapes: &mut Vec<Shape>, shape: Shape) -> usize {
    let known = shapes.iter().position(|it| *it == shape);
    known.unwrap_or_else(|| {
        shapes.push(shape);
        shapes.len() - 1
    })
}

/// Only the newest version of each contract, in force from the beginning of time.
pub(super) fn newest(table: &RouteTable) -> Result<RouteTable, RouteTableError> {
    let always = |it: &Contract| Contract { effective_from: Timestamp(i64::MIN), ..it.clone() };
    RouteTable::new(table.agencies().map(|it| always(table.newest_contract(it.0))).collect())
}
