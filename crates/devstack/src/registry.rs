//! The registry part: Apicurio with its tables in a file, so that schema ids survive a restart.

use std::path::Path;
use std::process::Command;

use crate::layout::Layout;

/// Name of its process.
pub(crate) const PROCESS: &str = "registry";

/// Path of the API that Confluent clients speak.
const API: &str = "/apis/ccompat/v7";

/// Base URL of the Confluent-compatible API.
pub(crate) fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}{API}")
}

/// A path that answers 200 once schemas can be stored.
pub(crate) fn health_path() -> String {
    format!("{API}/subjects")
}

/// The command that runs the registry on `port`.
pub(crate) fn prepare(layout: &Layout, jar: &Path, port: u16) -> Command {
    // WRITE_DELAY=0: an id that was handed out is on disk, also after a kill.
    let database = layout.data(PROCESS).join("registry");
    let database = format!("jdbc:h2:file:{};WRITE_DELAY=0", database.display());
    let settings = [
        ("quarkus.http.host", "127.0.0.1".to_owned()),
        ("quarkus.http.port", port.to_string()),
        ("quarkus.http.access-log.enabled", "false".to_owned()),
        ("quarkus.log.category.\"io.apicurio\".level", "WARN".to_owned()),
        ("quarkus.banner.enabled", "false".to_owned()),
        ("apicurio.storage.kind", "sql".to_owned()),
        ("apicurio.storage.sql.kind", "h2".to_owned()),
        ("apicurio.datasource.url", database),
        ("apicurio.datasource.jdbc.initial-size", "2".to_owned()),
        ("apicurio.datasource.jdbc.min-size", "2".to_owned()),
        ("apicurio.datasource.jdbc.max-size", "16".to_owned()),
        // One id per schema content, the same for every subject, as Confluent's registry has it.
        ("apicurio.ccompat.legacy-id-mode.enabled", "false".to_owned()),
        // The same schema written with other spacing or order of attributes is the same schema.
        ("apicurio.ccompat.use-canonical-hash", "true".to_owned()),
    ];
    let mut command = Command::new("java");
    // A cheap compiler and collector: it starts sooner and needs less memory, and is never busy.
    command.args(["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]);
    for (name, value) in settings {
        command.arg(format!("-D{name}={value}"));
    }
    command.arg("-jar").arg(jar);
    command
}
