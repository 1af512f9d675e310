//! Every Rust record is laid out as its schema file says: names, order, types.

use apache_avro::Schema;
use apache_avro::schema::{Name, RecordSchema};
use saphan_codec::{Named, Record, Shape, Wire};
use saphan_model::Envelope;
use saphan_model::body::{
    Appointment, Condition, Death, Encounter, Immunisation, Maternity, Person, Referral,
    ReferralReply, Screening,
};
use saphan_model::directive::Directive;
use std::collections::HashMap;

/// Walks shape and schema together; panics with the path where they differ.
struct Walk {
    names: HashMap<Name, Schema>,
    open: Vec<Name>,
}

impl Walk {
    fn compare(&mut self, shape: &Shape, schema: &Schema, path: &str) {
        match (shape, schema) {
            (_, Schema::Ref { name }) => {
                if !self.open.contains(name) {
                    let schema = self
                        .names
                        .get(name)
                        .cloned()
                        .unwrap_or_else(|| panic!("{path}: {name} is not defined before"));
                    self.compare(shape, &schema, path);
                }
            }
            (Shape::Bool, Schema::Boolean)
            | (Shape::Int, Schema::Int)
            | (Shape::Long, Schema::Long)
            | (Shape::Double, Schema::Double)
            | (Shape::Text, Schema::String)
            | (Shape::Bytes, Schema::Bytes)
            | (Shape::Date, Schema::Date)
            | (Shape::TimestampMillis, Schema::TimestampMillis) => {}
            (Shape::Personal(inner), _) => self.compare(inner, schema, path),
            (Shape::Fixed16(name), Schema::Fixed(fixed)) => {
                self.names.insert(fixed.name.clone(), schema.clone());
                assert_eq!((*name, fixed.size), (full(&fixed.name).as_str(), 16), "{path}");
            }
            (Shape::Enum(name, symbols), Schema::Enum(it)) => {
                self.names.insert(it.name.clone(), schema.clone());
                assert_eq!(*name, full(&it.name), "{path}");
                assert_eq!(symbols, &it.symbols, "{path}");
            }
            (Shape::Nullable(inner), Schema::Union(union)) => {
                let [Schema::Null, branch] = union.variants() else { panic!("{path}: {union:?}") };
                self.compare(inner, branch, path);
            }
            (Shape::Array(inner), Schema::Array(array)) => {
                self.compare(inner, &array.items, &format!("{path}[]"));
            }
            (Shape::Record(name, fields), Schema::Record(record)) => {
                assert_eq!(*name, full(&record.name), "{path}");
                self.names.insert(record.name.clone(), schema.clone());
                self.open.push(record.name.clone());
                self.fields(&fields(), record, path);
                self.open.pop();
            }
            _ => panic!("{path}: {shape:?} is written, the schema says {schema:?}"),
        }
    }

    fn fields(&mut self, fields: &[(&str, Shape)], record: &RecordSchema, path: &str) {
        let written: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        let declared: Vec<&str> = record.fields.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(written, declared, "{path}: field names in order");
        for ((name, shape), field) in fields.iter().zip(&record.fields) {
            let path = format!("{path}.{name}");
            let personal = field.custom_attributes.contains_key("personal");
            assert_eq!(
                personal,
                is_personal(shape),
                "{path}: `personal` where the model is private"
            );
            assert!(field.doc.as_ref().is_some_and(|it| it.len() > 3), "{path} has no doc");
            self.compare(shape, &field.schema, &path);
        }
    }
}

fn is_personal(shape: &Shape) -> bool {
    match shape {
        Shape::Personal(_) => true,
        Shape::Nullable(inner) | Shape::Array(inner) => is_personal(inner),
        _ => false,
    }
}

fn full(name: &Name) -> String {
    name.fullname(None)
}

#[track_caller]
fn check(shape: &Shape, record: Record) {
    let schema = Schema::parse_str(record.schema()).expect("a schema");
    let mut walk = Walk { names: HashMap::new(), open: Vec::new() };
    walk.compare(shape, &schema, record.name());
}

#[test]
fn whole_records_match_their_schemas() {
    fn it<T: Named>() {
        check(&T::shape(), T::RECORD);
    }
    it::<saphan_model::Submission>();
    it::<saphan_codec::SubmissionBatch>();
    it::<saphan_model::decision::Decision>();
    it::<saphan_model::admission::Quarantined>();
    it::<saphan_model::admission::AdmissionLedger>();
    it::<saphan_model::admission::EventState>();
    it::<saphan_model::admission::LinkState>();
    it::<saphan_model::admission::RefusalState>();
    it::<saphan_model::admission::ConsentState>();
    it::<saphan_model::admission::Holding>();
    it::<saphan_model::admission::ConsentChange>();
}

#[test]
fn log_records_match_their_schemas() {
    let bodies: &[(Record, Shape)] = &[
        (Record::Person, Person::shape()),
        (Record::Encounter, Encounter::shape()),
        (Record::Referral, Referral::shape()),
        (Record::ReferralReply, ReferralReply::shape()),
        (Record::Condition, Condition::shape()),
        (Record::Immunisation, Immunisation::shape()),
        (Record::Maternity, Maternity::shape()),
        (Record::Screening, Screening::shape()),
        (Record::Appointment, Appointment::shape()),
        (Record::Death, Death::shape()),
        (Record::Directive, Directive::shape()),
        (Record::Link, saphan_codec::log::link_shape()),
        (Record::Retraction, saphan_codec::log::retraction_shape()),
    ];
    for (record, body) in bodies {
        let schema = Schema::parse_str(record.schema()).expect("a schema");
        let Schema::Record(it) = &schema else { panic!("{record:?} is a record") };
        assert_eq!(full(&it.name), record.name());
        let names: Vec<&str> = it.fields.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["envelope", "body"], "{record:?}");
        let mut walk = Walk { names: HashMap::new(), open: Vec::new() };
        walk.compare(&Envelope::shape(), &it.fields[0].schema, record.name());
        walk.compare(body, &it.fields[1].schema, record.name());
    }
}

#[test]
fn names_are_those_of_the_files() {
    for record in Record::ALL {
        assert_eq!(Record::of_name(record.name()), Some(*record));
        assert!(record.schema().contains(&format!(
            "\"name\":\"{}\"",
            record.name().rsplit('.').next().expect("a name")
        )));
    }
}
