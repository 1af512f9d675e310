//! What admit tells its tally, and when.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use saphan_codec::SchemaIds;
use saphan_kafka::{Headers, Processor, Record};
use saphan_model::admission::AdmissionLedger;
use saphan_model::{Subject, Submission};
use saphan_pipeline::admit::{Admit, Context};
use saphan_pipeline::tally::Tally;
use saphan_topology::Names;

use crate::samples::{known, visit};
use crate::world::{keys, topology};

#[derive(Default)]
struct Told {
    by_code: Mutex<BTreeMap<String, u64>>,
    in_ledgers: Mutex<i64>,
}

impl Tally for Told {
    fn admitted(&self, ledger: &AdmissionLedger) {
        *self.in_ledgers.lock().expect("whole") +=
            ledger.counts.iter().map(|it| it.quarantined).sum::<i64>();
    }

    fn quarantined(&self, code: &str, submissions: u64) {
        *self.by_code.lock().expect("whole").entry(code.to_owned()).or_default() += submissions;
    }
}

#[test]
fn what_is_set_aside_is_told_by_code_once_it_is_committed() {
    let (ids, told) = (Arc::new(SchemaIds::sequential()), Arc::new(Told::default()));
    let context = Context { keys: keys(), topology: topology() };
    let mut admit = Admit::new(context, ids.clone(), &Names::default(), told.clone());
    admit.assign(0);
    admit.restored(0, None).expect("an empty state");

    let stranger = |number| {
        let facility = "00000".to_owned();
        Submission { facility, ..visit(number, "J00", known()) }
    };
    let (one, other) = (stranger("1"), stranger("4"));
    let nobody = visit("2", "J00", Subject::default());
    let mut values = vec![b"no submission".to_vec()];
    for it in [&one, &one, &other, &nobody, &visit("3", "J00", known())] {
        let mut value = Vec::new();
        saphan_codec::encode_framed(it, &ids, &mut value);
        values.push(value);
    }
    let batch = |admit: &mut Admit, first: i64| {
        for (offset, value) in (first..).zip(&values) {
            let record = Record {
                topic: "ingest.v1",
                partition: 0,
                offset,
                append_time_ms: 1_790_000_000_000,
                key: None,
                headers: Headers::Slice(&[]),
                value: Some(value),
            };
            admit.apply(&record, &mut Vec::new()).expect("no failure");
        }
        admit.before_commit(&mut Vec::new()).expect("no failure");
    };
    batch(&mut admit, 0);
    admit.rolled_back();
    assert!(told.by_code.lock().expect("whole").is_empty(), "nothing came of it");

    batch(&mut admit, 0);
    admit.committed();
    let by_code = told.by_code.lock().expect("whole").clone();
    let by_code: Vec<_> = by_code.iter().map(|it| (it.0.as_str(), *it.1)).collect();
    assert_eq!(by_code, [("SP-1301", 1), ("SP-1302", 2), ("SP-1303", 1)]);
    assert_eq!(
        *told.in_ledgers.lock().expect("whole"),
        4,
        "the ledger says the same; a resend is not set aside again"
    );
}
