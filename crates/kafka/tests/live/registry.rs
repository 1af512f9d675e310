//! The contract with a Confluent-compatible registry.

use saphan_kafka::{Level, Registry, RegistryConfig, RegistryError};

use crate::support::stack;

const ONE: &str = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}"#;
const TWO: &str = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":["null","string"],"default":null}]}"#;
const BROKEN: &str = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"string"}]}"#;

#[test]
fn schemas_are_registered_found_and_guarded() {
    let registry = Registry::new(&RegistryConfig::new(stack().registry_url()));
    let subject = format!("{}.ก/ข", stack().unique_prefix());
    assert_eq!(registry.id_of(&subject, ONE), Ok(None));
    assert_eq!(registry.versions(&subject), Ok(vec![]));
    assert!(registry.check(&subject, ONE).unwrap().compatible, "a new subject accepts anything");

    let id = registry.register(&subject, ONE).unwrap();
    assert_eq!(registry.register(&subject, ONE), Ok(id));
    assert_eq!(registry.id_of(&subject, ONE), Ok(Some(id)));
    assert_eq!(registry.schema(id).unwrap().as_deref(), Some(ONE));
    assert!(registry.subjects().unwrap().contains(&subject));

    registry.set_compatibility(&subject, Level::FullTransitive).unwrap();
    assert_eq!(registry.compatibility(&subject).unwrap().as_deref(), Some("FULL_TRANSITIVE"));
    assert!(!registry.check(&subject, BROKEN).unwrap().compatible);
    let error = registry.register(&subject, BROKEN).unwrap_err();
    let RegistryError::Incompatible { message, .. } = &error else { panic!("{error}") };
    assert!(!message.is_empty());

    assert!(registry.check(&subject, TWO).unwrap().compatible);
    let second = registry.register(&subject, TWO).unwrap();
    assert_ne!(second, id);
    assert_eq!(registry.versions(&subject), Ok(vec![1, 2]));
    assert_eq!(registry.version(&subject, 2).unwrap().as_deref(), Some(TWO));
    assert_eq!(registry.version(&subject, 3), Ok(None));
    assert_eq!(registry.schema(u32::MAX >> 1), Ok(None));
}

#[test]
fn a_registry_that_does_not_answer_is_named_as_such() {
    let mut config = RegistryConfig::new("http://127.0.0.1:1/apis/ccompat/v7");
    config.timeout_ms = 500;
    let error = Registry::new(&config).subjects().unwrap_err();
    assert_eq!(error.code(), "SP-1520", "{error}");
}

#[test]
fn nonsense_is_refused_with_the_registrys_words() {
    let registry = Registry::new(&RegistryConfig::new(stack().registry_url()));
    let error = registry.register(&stack().unique_prefix(), "{").unwrap_err();
    assert_eq!(error.code(), "SP-1521", "{error}");
}
