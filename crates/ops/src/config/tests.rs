use std::io::Write;

use super::*;

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

fn load(text: &str, env: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Loaded, ConfigErrors> {
    let file = file(text);
    Config::load(&Sources { file: Some(file.path()), environment: pairs(env), flags: pairs(flags) })
}

/// Each problem as `code place message`, the file's path shortened to `file`.
#[track_caller]
fn check(text: &str, env: &[(&str, &str)], flags: &[(&str, &str)], expected: &[&str]) {
    let errors = load(text, env, flags).expect_err("refused").0;
    let told: Vec<String> = errors
        .iter()
        .map(|it| {
            let place = match &it.origin {
                Some(Origin::File { line, .. }) => format!("file:{line}"),
                Some(other) => other.to_string(),
                None => "-".to_owned(),
            };
            assert!(!it.hint.is_empty());
            format!("{} {place} {}", it.code, it.message)
        })
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn later_sources_win() {
    let text = "[gateway]\nrequests-max = 5\nlisten = \"127.0.0.1:1\"\n[log]\nformat = \"json\"\n";
    let from_file = load(text, &[], &[]).expect("good").config;
    assert_eq!((from_file.gateway.requests_max, from_file.log.format), (5, LogFormat::Json));
    assert_eq!(from_file.gateway.facility_requests_burst, 40, "a default");

    let env = [("SAPHAN_GATEWAY__REQUESTS_MAX", "6"), ("HOME", "/root"), ("SAPHAN_STACK", "x")];
    let from_env = load(text, &env, &[]).expect("good");
    assert_eq!(from_env.config.gateway.requests_max, 6);
    let from_flag = load(text, &env, &[("gateway.requests-max", "7")]).expect("good");
    assert_eq!(from_flag.config.gateway.requests_max, 7);
    assert_eq!(from_flag.config.gateway.listen.port(), 1);

    let dump = from_flag.dump();
    for line in
        ["requests-max = 7 # flag gateway.requests-max", "facility-requests-burst = 40 # default"]
    {
        assert!(dump.contains(line), "{dump}");
    }
    assert!(
        from_env.dump().contains("requests-max = 6 # environment SAPHAN_GATEWAY__REQUESTS_MAX")
    );
}

#[test]
fn every_problem_is_told_with_its_place() {
    check(
        "[gateway]\nlistn = \"127.0.0.1:1\"\nrequests-max = \"many\"\n\n[gatewy]\nlisten = 1\nx = 2\n",
        &[("SAPHAN_GATEWAY_LISTEN", "x"), ("SAPHAN_LOG__LEVEL", "loud")],
        &[("listen", "x"), ("serve.listen", "nowhere")],
        &[
            "SP-1001 file:5 unknown section [gatewy]",
            "SP-1001 environment SAPHAN_GATEWAY_LISTEN SAPHAN_GATEWAY_LISTEN names no setting",
            "SP-1001 flag listen \"listen\" names no setting",
            "SP-1001 file:2 unknown key \"listn\" in [gateway]",
            "SP-1002 file:3 gateway.requests-max has a value of another kind",
            "SP-1002 environment SAPHAN_LOG__LEVEL log.level has a value of another kind",
            "SP-1002 flag serve.listen serve.listen has a value of another kind",
        ],
    );
}

#[test]
fn what_is_not_a_setting_is_refused() {
    check("a = 1\n", &[], &[], &["SP-1001 file:1 \"a\" stands outside any [section]"]);
    check(
        "[log]\nlevel = [\"info\"]\n",
        &[],
        &[],
        &["SP-1002 file:2 log.level has a value of another kind"],
    );
    check(
        "[gateway]\nrequests_max = 3\n",
        &[],
        &[],
        &["SP-1001 file:2 unknown key \"requests_max\" in [gateway]"],
    );
    let error = load("[log\n", &[], &[]).expect_err("refused").0.remove(0);
    assert_eq!(error.code, "SP-1004");
    let missing = Sources { file: Some(Path::new("/nonexistent.toml")), ..Sources::default() };
    assert_eq!(Config::load(&missing).expect_err("refused").0[0].code, "SP-1003");
}

#[test]
fn a_secret_stands_neither_in_the_file_nor_on_the_command_line() {
    let refused = "the secret clickhouse.password stands in plain sight";
    check(
        "[clickhouse]\npassword = \"hunter2\"\n",
        &[],
        &[],
        &[&format!("SP-1005 file:2 {refused}")],
    );
    check(
        "",
        &[],
        &[("clickhouse.password", "hunter2")],
        &[&format!("SP-1005 flag clickhouse.password {refused}")],
    );
}

#[test]
fn secrets_come_from_environment_or_file_and_stay_hidden() {
    let secret = file("hunter2\n");
    let path = secret.path().display();
    let text = format!("[clickhouse]\npassword-file = \"{path}\"\n");
    let loaded = load(&text, &[], &[]).expect("good");
    assert_eq!(loaded.config.clickhouse.password.as_ref().map(Secret::expose), Some("hunter2"));
    let both = load(&text, &[("SAPHAN_CLICKHOUSE__PASSWORD", "better")], &[]).expect("good");
    assert_eq!(both.config.clickhouse.password.as_ref().map(Secret::expose), Some("better"));
    for text in [loaded.dump(), format!("{loaded:?}"), both.dump(), format!("{both:?}")] {
        assert!(!text.contains("hunter2") && !text.contains("better"), "{text}");
    }
    assert!(loaded.dump().contains("password = \"(hidden)\" # default"));
}

#[cfg(unix)]
#[test]
fn a_secret_file_open_to_all_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let secret = file("hunter2\n");
    std::fs::set_permissions(secret.path(), std::fs::Permissions::from_mode(0o644)).expect("set");
    let text = format!("[kafka]\npassword-file = \"{}\"\n", secret.path().display());
    let error = load(&text, &[], &[]).expect_err("refused").to_string();
    assert!(error.contains("SP-1006") && error.contains("chmod") && !error.contains("hunter2"));
}

#[test]
fn the_reference_names_every_setting_and_loads() {
    let text = Config::reference();
    assert_eq!(load(&text, &[], &[]).expect("good").config, Config::default());
    for (_, section) in Config::default().sections() {
        for key in section.keys() {
            assert!(text.contains(&key.name()), "{}", key.name());
        }
    }
}
