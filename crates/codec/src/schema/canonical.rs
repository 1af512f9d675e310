//! The parsing canonical form of a schema, and CRC-64-AVRO over it.
//!
//! Avro's specification makes a primitive type a plain name after all other attributes are gone
//! (rule PRIMITIVES after STRIP). `apache_avro` looks for that before it strips, so that a `long`
//! with a `logicalType` stays `{"type":"long"}` in its form and gets another fingerprint than every
//! other Avro library gives it. Here its form, with full names and in one order, is reduced again.

use apache_avro::rabin::Rabin;
use digest::Digest;
use serde_json::{Map, Value};

/// Attributes of the form, in their order.
const KEPT: &[&str] = &["name", "type", "fields", "symbols", "items", "values", "size"];

/// The canonical form.
pub(super) fn canonical(schema: &apache_avro::Schema) -> String {
    let form = schema.canonical_form();
    let json: Value = serde_json::from_str(&form).expect("apache_avro writes JSON");
    let mut out = String::with_capacity(form.len());
    put(&json, &mut out);
    out
}

/// A schema: a name, a union, or an object.
fn put(schema: &Value, out: &mut String) {
    match schema {
        Value::Object(map) => match primitive(map) {
            Some(name) => out.push_str(&name.to_string()),
            None => put_object(map, out),
        },
        Value::Array(items) => put_list(items, out),
        name_or_number => out.push_str(&name_or_number.to_string()),
    }
}

/// The name of the type, where an object of the form says nothing else. A field is no such object:
/// it has a name.
fn primitive(map: &Map<String, Value>) -> Option<&Value> {
    let says_only_its_type = KEPT.iter().filter(|key| map.contains_key(**key)).eq(&["type"]);
    map.get("type").filter(|it| says_only_its_type && it.is_string())
}

fn put_object(map: &Map<String, Value>, out: &mut String) {
    let kept = KEPT.iter().filter_map(|key| map.get(*key).map(|value| (*key, value)));
    out.push('{');
    for (i, (key, value)) in kept.enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push('"');
        out.push_str(key);
        out.push_str("\":");
        put(value, out);
    }
    out.push('}');
}

/// Branches of a union, fields of a record or symbols of an enumeration.
fn put_list(items: &[Value], out: &mut String) {
    out.push('[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        put(item, out);
    }
    out.push(']');
}

/// CRC-64-AVRO.
pub(super) fn crc64(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(Rabin::digest(bytes).into())
}

#[cfg(test)]
mod tests {
    use crate::record::Record;

    use super::*;

    fn form(schema: &str) -> String {
        canonical(&apache_avro::Schema::parse_str(schema).expect("a schema"))
    }

    #[test]
    fn a_primitive_is_its_name_whatever_was_said_about_it() {
        for (schema, expected) in [
            (r#""long""#, r#""long""#),
            (r#"{"type":"long","logicalType":"timestamp-millis"}"#, r#""long""#),
            (r#"["null",{"type":"int","logicalType":"date"}]"#, r#"["null","int"]"#),
            (
                r#"{"type":"array","items":{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}}"#,
                r#"{"type":"array","items":"bytes"}"#,
            ),
            (
                r#"{"type":"map","values":{"type":"string","logicalType":"uuid"}}"#,
                r#"{"type":"map","values":"string"}"#,
            ),
        ] {
            assert_eq!(form(schema), expected);
        }
    }

    #[test]
    fn what_is_no_primitive_keeps_what_it_needs() {
        let schema = r#"{"fields":[
            {"doc":"d","type":{"type":"long","logicalType":"timestamp-millis"},"name":"at"},
            {"name":"type","type":"string","default":""},
            {"name":"id","type":{"size":16,"type":"fixed","name":"Id","personal":"identifier"}},
            {"name":"kind","type":{"type":"enum","name":"x.Kind","symbols":["a","b"],"default":"a"}},
            {"name":"again","type":["null","Id"]}
            ],"type":"record","namespace":"n","name":"R","aliases":["S"]}"#;
        let expected = r#"{"name":"n.R","type":"record","fields":[{"name":"at","type":"long"},"#
            .to_owned()
            + r#"{"name":"type","type":"string"},"#
            + r#"{"name":"id","type":{"name":"n.Id","type":"fixed","size":16}},"#
            + r#"{"name":"kind","type":{"name":"x.Kind","type":"enum","symbols":["a","b"]}},"#
            + r#"{"name":"again","type":["null","n.Id"]}]}"#;
        assert_eq!(form(schema), expected);
    }

    /// From the reference implementation's own table of test cases.
    #[test]
    fn fingerprints_of_the_specification() {
        for (text, expected) in [
            ("", -4_513_414_715_797_952_619),
            (r#""null""#, 7_195_948_357_588_979_594_i64),
            (r#""int""#, 8_247_732_601_305_521_295),
            (r#""long""#, -3_434_872_931_120_570_953),
            (r#""string""#, -8_142_146_995_180_207_161),
        ] {
            assert_eq!(crc64(text.as_bytes()).cast_signed(), expected, "{text}");
        }
    }

    /// Computed by fastavro 1.12.1 with `tests/foreign/fingerprint.py`, from the same files.
    #[test]
    fn every_record_has_the_fingerprint_other_libraries_give_it() {
        for (record, expected) in FASTAVRO {
            assert_eq!(record.fingerprint(), *expected, "{}", record.name());
        }
        assert!(FASTAVRO.iter().map(|(record, _)| record).eq(Record::ALL), "one line a record");
    }

    const FASTAVRO: &[(Record, u64)] = &[
        (Record::Submission, 0xE967_186F_8CD3_44FF),
        (Record::SubmissionBatch, 0xD06E_85A7_02C3_C599),
        (Record::Person, 0x7CE9_A712_5389_739B),
        (Record::Encounter, 0x5AC4_47B7_A297_6423),
        (Record::Referral, 0x2F96_A1F5_14FA_D899),
        (Record::ReferralReply, 0x1822_FC4A_2F39_87C3),
        (Record::Condition, 0xFA2A_677E_5398_7B86),
        (Record::Immunisation, 0x4C48_8482_2C2C_9D57),
        (Record::Maternity, 0x6CA7_FFD2_74A6_9CEF),
        (Record::Screening, 0x65F8_99FE_7B59_982D),
        (Record::Appointment, 0x6E3D_BEDF_7EE0_1272),
        (Record::Death, 0xCD43_5AE9_43AB_9DF4),
        (Record::Directive, 0xB6AC_5AB9_558F_48F7),
        (Record::Link, 0x8882_6912_D05E_D4C4),
        (Record::Retraction, 0xAAB8_C7E9_9BDE_DF15),
        (Record::Decision, 0xFAF6_22F1_76B2_033F),
        (Record::Quarantined, 0x9AD0_E0A5_5EAF_85F3),
        (Record::AdmissionLedger, 0x1102_3284_23EB_A9E8),
        (Record::EventState, 0x900D_31B2_D35B_1253),
        (Record::LinkState, 0xACA6_7915_28F8_FEE6),
        (Record::RefusalState, 0xED65_230E_55CB_1E2A),
        (Record::ConsentState, 0x831A_AAAA_9F45_FDE1),
        (Record::Holding, 0x1F58_F66D_7981_6B0C),
        (Record::ConsentChange, 0x3A69_FAA6_FB8A_66DC),
    ];
}
