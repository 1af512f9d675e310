//! The JSON body of `POST /v1/revocations`. What is wrong with it is told without a word of it.

use saphan_model::directive::{Grantor, Method};
use saphan_model::{CitizenId, Date, Private, Subject};
use serde::Deserialize;

use super::{Fault, Withdrawal, directive_id, signed_on};

/// Longest number of a person inside a facility.
const LOCAL_ID_BYTES_MAX: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    directive: String,
    citizen_id: Option<String>,
    local_id: Option<String>,
    grantor: String,
    method: String,
    signed_on: Option<String>,
}

/// Reads a body; `today` is the day in Thailand.
///
/// # Errors
/// The first thing that is wrong.
pub fn read(body: &[u8], today: Date) -> Result<Withdrawal, Fault> {
    let body: Body = serde_json::from_slice(body).map_err(|_| Fault::Form)?;
    let method: Method = body.method.parse().map_err(|_| Fault::Word)?;
    Ok(Withdrawal {
        directive_id: directive_id(&body.directive)?,
        subject: subject(body.citizen_id.as_deref(), body.local_id)?,
        grantor: body.grantor.parse::<Grantor>().map_err(|_| Fault::Word)?,
        paper_signed_on: match (method, body.signed_on) {
            (Method::WitnessedPaper, Some(day)) => Some(signed_on(&day, today)?),
            (Method::Electronic, None) => None,
            _ => return Err(Fault::SignedOn),
        },
    })
}

fn subject(citizen_id: Option<&str>, local_id: Option<String>) -> Result<Subject, Fault> {
    match (citizen_id, local_id) {
        (Some(text), None) => {
            let citizen_id = CitizenId::parse(text).map_err(|_| Fault::Person)?;
            Ok(Subject { citizen_id: Some(citizen_id), local_id: None })
        }
        (None, Some(text)) if (1..=LOCAL_ID_BYTES_MAX).contains(&text.len()) => {
            Ok(Subject { citizen_id: None, local_id: Some(Private::new(text)) })
        }
        _ => Err(Fault::Person),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn good() -> Value {
        json!({
            "directive": "d-1",
            "citizen_id": "1234567890121",
            "grantor": "guardian",
            "method": "witnessed-paper",
            "signed_on": "2026-01-02",
        })
    }

    fn of(body: &Value) -> Result<Withdrawal, Fault> {
        read(body.to_string().as_bytes(), Date::from_ymd(2026, 11, 26).expect("a day"))
    }

    /// A good body with one field changed, or taken out.
    #[track_caller]
    fn check(field: &str, to: Value, fault: Fault) {
        let mut body = good();
        let fields = body.as_object_mut().expect("an object");
        match to {
            Value::Null => _ = fields.remove(field),
            to => _ = fields.insert(field.to_owned(), to),
        }
        assert_eq!(of(&body).err(), Some(fault), "{field}");
        assert!(!fault.to_string().contains("123"), "nothing of it is repeated");
    }

    #[test]
    fn a_good_body_is_read_whole() {
        let it = of(&good()).expect("good");
        assert_eq!((it.directive_id.as_str(), it.grantor), ("d-1", Grantor::Guardian));
        assert_eq!(it.paper_signed_on, Date::from_ymd(2026, 1, 2));
        assert_eq!(it.subject.citizen_id, CitizenId::parse("1234567890121").ok());
        let local = json!({ "directive": "d-1", "local_id": "7", "grantor": "patient", "method": "electronic" });
        let it = of(&local).expect("good");
        assert_eq!(it.subject.local_id, Some(Private::new("7".to_owned())));
        assert_eq!((it.paper_signed_on, it.grantor), (None, Grantor::Patient));
    }

    #[test]
    fn each_fault_is_named() {
        check("directive", Value::Null, Fault::Form);
        check("directive", json!(7), Fault::Form);
        check("note", json!("he said"), Fault::Form);
        check("facility", json!("10670"), Fault::Form);
        check("directive", json!(""), Fault::Directive);
        check("directive", json!("a b"), Fault::Directive);
        check("directive", json!("x".repeat(65)), Fault::Directive);
        check("citizen_id", Value::Null, Fault::Person);
        check("citizen_id", json!("1234567890122"), Fault::Person);
        check("local_id", json!("7"), Fault::Person);
        check("grantor", json!("neighbour"), Fault::Word);
        check("method", json!("oral"), Fault::Word);
        check("method", json!("electronic"), Fault::SignedOn);
        check("signed_on", Value::Null, Fault::SignedOn);
        check("signed_on", json!("2569-01-02"), Fault::SignedOn);
        let day = Date::from_ymd(2026, 11, 26).expect("a day");
        for body in ["", "[]", "{", "\"1234567890121\"", "{} {}"] {
            assert_eq!(read(body.as_bytes(), day), Err(Fault::Form), "{body}");
        }
    }
}
