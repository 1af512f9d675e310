//! The ClickHouse part: the embedded engine behind `saphan-dev clickhouse-server`, or a server of the PATH.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::DevstackError;
use crate::fetch::ClickHouseServer;
use crate::layout::{Layout, write_atomically};

/// Name of its process.
pub(crate) const PROCESS: &str = "clickhouse";

/// Which engine serves.
#[derive(Debug, Clone)]
pub(crate) enum Engine {
    /// A ClickHouse server found on the PATH.
    Server(ClickHouseServer),
    /// libchdb behind our own HTTP server.
    Embedded {
        /// The `saphan-dev` program.
        program: PathBuf,
        /// The library.
        library: PathBuf,
    },
}

/// Base URL of the HTTP interface.
pub(crate) fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// The command that serves ClickHouse on `port`.
pub(crate) fn prepare(
    layout: &Layout,
    engine: &Engine,
    port: u16,
) -> Result<Command, DevstackError> {
    let data = layout.data(PROCESS);
    match engine {
        Engine::Embedded { program, library } => {
            let mut command = Command::new(program);
            command.arg("clickhouse-server").args(["--port", &port.to_string(), "--data"]);
            command.arg(&data).arg("--library").arg(library);
            Ok(command)
        }
        Engine::Server(server) => {
            let (config, users) =
                (layout.conf("clickhouse.xml"), layout.conf("clickhouse-users.xml"));
            write_atomically(&config, &server_config(&data, &users, port))?;
            write_atomically(&users, SERVER_USERS)?;
            let mut command = Command::new(&server.program);
            command.arg("server").arg(format!("--config-file={}", config.display()));
            Ok(command)
        }
    }
}

fn server_config(data: &Path, users: &Path, port: u16) -> String {
    let data = data.display();
    let users = users.display();
    format!(
        "<clickhouse>
  <logger><level>warning</level><console>1</console></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>{port}</http_port>
  <timezone>UTC</timezone>
  <path>{data}/</path>
  <tmp_path>{data}/tmp/</tmp_path>
  <user_files_path>{data}/user_files/</user_files_path>
  <format_schema_path>{data}/format_schemas/</format_schema_path>
  <mark_cache_size>67108864</mark_cache_size>
  <user_directories><users_xml><path>{users}</path></users_xml></user_directories>
</clickhouse>
"
    )
}

/// One user, from loopback only: the stack is a developer's own.
const SERVER_USERS: &str = "\
<clickhouse>
  <profiles><default><max_execution_time>120</max_execution_time></default></profiles>
  <quotas><default/></quotas>
  <users><default>
    <password></password>
    <networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile><quota>default</quota>
    <access_management>1</access_management>
  </default></users>
</clickhouse>
";
