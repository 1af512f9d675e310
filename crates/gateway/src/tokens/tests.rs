use std::path::Path;

use saphan_model::{FacilityCode, Timestamp};

use super::*;

const NOW: Timestamp = Timestamp(1_767_225_600_000);

fn facility(code: &str) -> FacilityCode {
    code.parse().expect("a facility code")
}

fn give(path: &Path, code: &str) -> String {
    create(path, &facility(code), NOW).expect("made").reveal().to_owned()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn a_token_lets_its_facility_in_until_revoked() {
    let dir = folder();
    let path = dir.path().join("tokens.toml");
    let (first, second, other) = (give(&path, "10670"), give(&path, "10670"), give(&path, "10671"));
    let store = TokenStore::open(&path).expect("open");
    for (token, expected) in [(&first, "10670"), (&second, "10670"), (&other, "10671")] {
        assert_eq!(store.facility_of(token).as_deref(), Ok(expected));
    }

    assert_eq!(revoke(&path, &facility("10670"), NOW).expect("revoked"), 2);
    let third = give(&path, "10670");
    assert_eq!(store.facility_of(&first).as_deref(), Ok("10670"), "not read again yet");
    store.refresh();
    for (token, expected) in [
        (&first, Err(Denied::Revoked)),
        (&second, Err(Denied::Revoked)),
        (&third, Ok("10670".to_owned())),
        (&other, Ok("10671".to_owned())),
    ] {
        assert_eq!(store.facility_of(token), expected);
    }
    let lines = list(&path).expect("listed");
    let told: Vec<_> =
        lines.iter().map(|it| (it.facility.as_str(), it.revoked.is_some())).collect();
    assert_eq!(told, [("10670", true), ("10670", true), ("10671", false), ("10670", false)]);
}

#[test]
fn everything_else_is_unknown() {
    let dir = folder();
    let path = dir.path().join("tokens.toml");
    let token = give(&path, "10670");
    let store = TokenStore::open(&path).expect("open");
    let (secret, last) = (&token[13..], &token[..token.len() - 1]);
    let of_another = format!("saphan-10671-{secret}");
    let upper = token.to_uppercase();
    for guess in
        ["", "saphan-", "saphan-10670-", last, secret, &of_another, &upper, &format!("{token} ")]
    {
        assert_eq!(store.facility_of(guess), Err(Denied::Unknown), "{}", guess.len());
    }
}

#[test]
fn the_file_holds_no_token_and_is_the_owners() {
    let dir = folder();
    let path = dir.path().join("tokens.toml");
    let token = give(&path, "10670");
    let text = std::fs::read_to_string(&path).expect("read");
    assert!(!text.contains(&token[13..]) && text.contains("2026-01-01T00:00:00.000Z"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }
    let new = create(&path, &facility("10670"), NOW).expect("made");
    assert_eq!(format!("{new:?}"), "NewToken(…)");
}

#[test]
fn a_damaged_file_changes_nothing_while_running_and_stops_a_start() {
    let dir = folder();
    let path = dir.path().join("tokens.toml");
    let token = give(&path, "10670");
    let store = TokenStore::open(&path).expect("open");
    for text in [
        "[[token]]\nfacility = 1",
        "[[token]]\nfacility = \"10670\"\nsha256 = \"xx\"\ncreated = \"\"\n",
    ] {
        std::fs::write(&path, text).expect("written");
        store.refresh();
        assert!(store.facility_of(&token).is_ok());
        let error = TokenStore::open(&path).expect_err("refused").to_string();
        assert!(error.starts_with("SP-1222"), "{error}");
    }
    std::fs::remove_file(&path).expect("removed");
    store.refresh();
    assert!(store.facility_of(&token).is_ok());
    let error = TokenStore::open(&path).expect_err("refused").to_string();
    assert!(error.starts_with("SP-1221"), "{error}");
}

#[test]
fn mistakes_are_told() {
    let dir = folder();
    let path = dir.path().join("tokens.toml");
    let long = create(&path, &facility("AA0010670"), NOW).expect_err("refused").to_string();
    assert!(long.starts_with("SP-1223"), "{long}");
    give(&path, "10670");
    let none = revoke(&path, &facility("10671"), NOW).expect_err("refused").to_string();
    assert!(none.starts_with("SP-1224"), "{none}");
}

#[test]
fn tokens_made_at_once_are_all_kept() {
    let dir = folder();
    let path = dir.path().join("tokens.toml");
    std::thread::scope(|scope| {
        for n in 0..8 {
            let path = &path;
            scope.spawn(move || give(path, &format!("1067{n}")));
        }
    });
    assert_eq!(list(&path).expect("listed").len(), 8);
}
