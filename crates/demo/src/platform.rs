//! The platform of one run: its folder, its configuration, its processes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use saphan_devstack::{Addresses, ports};

use crate::child::{Launch, Running};

/// How the roles are spread over processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// One process for all, as in a province.
    Together,
    /// One process a role, as in the ministry, and several for each consumer group; each can be killed alone.
    Apart {
        /// Processes of each role that is a consumer group.
        workers: u32,
    },
}

/// Where things are.
#[derive(Clone, Debug)]
pub struct Site {
    /// The run's folder.
    pub dir: PathBuf,
    /// The configuration file.
    pub config: PathBuf,
    /// The `saphan` binary.
    pub program: PathBuf,
    /// Before every topic and group name.
    pub prefix: String,
    /// The ClickHouse database.
    pub database: String,
    /// Gateway address.
    pub gateway: String,
    /// Pages address.
    pub pages: String,
    /// Addresses of the real parts.
    pub parts: Addresses,
    /// Topics and contracts.
    pub topology: PathBuf,
}

/// The processes.
pub struct Platform {
    /// Where things are.
    pub site: Site,
    /// What runs.
    pub roles: Vec<Running>,
    /// Start a role again that ended by itself, as an orchestrator would; otherwise that is a failure.
    pub supervised: bool,
}

/// The roles that are consumer groups: each can have several workers.
pub const GROUPS: &[&str] =
    &["admit", "route", "timeline", "statistics", "decisions", "operations"];

/// Workers of each role where all roles share a process.
const WORKERS_TOGETHER: u32 = 1;
/// Where route has one for itself: the program's own default.
const ROUTE_WORKERS: u32 = 2;

impl Site {
    /// Prepares a folder: configuration, keys, tokens. `feed` is the folder a synthetic province was made in.
    pub fn prepare(dir: &Path, feed: &Path, parts: &Addresses, prefix: &str) -> Result<Self> {
        std::fs::create_dir_all(dir.join("logs"))?;
        let program = sibling("saphan")?;
        let admin = ports::pick()?;
        let site = Self {
            config: dir.join("saphan.toml"),
            database: format!("saphan{}", prefix.replace(['-', '.'], "_"))
                .trim_end_matches('_')
                .to_owned(),
            gateway: format!("127.0.0.1:{}", ports::pick()?),
            pages: format!("127.0.0.1:{}", ports::pick()?),
            prefix: prefix.to_owned(),
            parts: parts.clone(),
            topology: topology(dir, parts)?,
            dir: dir.to_owned(),
            program,
        };
        std::fs::write(&site.config, site.configuration(feed, admin, WORKERS_TOGETHER))?;
        let keys = site.dir.join("keys.toml");
        if !keys.exists() {
            site.saphan(&["keys", "generate", path(&keys)?])?;
        }
        site.issue_tokens(feed)?;
        Ok(site)
    }

    /// Another platform on the same parts and with the same keys, under another prefix; `feed` as in
    /// [`Site::prepare`]. Its gateway knows no facility, and its contracts call nothing back when consent
    /// changes: what it is measured against cannot.
    pub fn beside(&self, feed: &Path, prefix: &str) -> Result<Self> {
        let dir = self.dir.join(format!("beside-{}", prefix.trim_end_matches('.')));
        std::fs::create_dir_all(dir.join("logs"))?;
        let admin = ports::pick()?;
        let site = Self {
            config: dir.join("saphan.toml"),
            prefix: prefix.to_owned(),
            topology: keeping(&self.topology, &dir.join("topology"))?,
            dir,
            ..self.clone()
        };
        std::fs::write(&site.config, site.configuration(feed, admin, ROUTE_WORKERS))?;
        std::fs::copy(self.dir.join("keys.toml"), site.dir.join("keys.toml"))?;
        Ok(site)
    }

    /// A token for every facility, as the operator would hand them out.
    fn issue_tokens(&self, feed: &Path) -> Result<()> {
        let facilities = std::fs::read_to_string(feed.join("facilities.csv"))?;
        for code in facilities.lines().skip(1).filter_map(|it| it.split(',').next()) {
            let edge = self.dir.join("edge").join(code);
            std::fs::create_dir_all(&edge)?;
            self.saphan(&["token", "create", code, "--out", path(&edge.join("token"))?])?;
        }
        Ok(())
    }

    fn configuration(&self, feed: &Path, admin: u16, workers: u32) -> String {
        let Self { dir, prefix, database, gateway, pages, parts, topology, .. } = self;
        let (dir, feed, topology) = (dir.display(), feed.display(), topology.display());
        format!(
            "[kafka]\nbootstrap = \"{}\"\ntopic-prefix = \"{prefix}\"\n\n[registry]\nurl = \"{}\"\n\n\
             [clickhouse]\nurl = \"{}\"\ndatabase = \"{database}\"\n\n[keys]\nfile = \"{dir}/keys.toml\"\n\n\
             [gateway]\nlisten = \"{gateway}\"\ntokens-file = \"{dir}/tokens.toml\"\n\
             facility-requests-per-second = 1000\nfacility-requests-burst = 1000\n\n\
             [serve]\nlisten = \"{pages}\"\n\n[admin]\nlisten = \"127.0.0.1:{admin}\"\n\n\
             [topology]\ndir = \"{topology}\"\nfacilities = \"{feed}/facilities.csv\"\n\n\
             [pipeline]\nworkers = {workers}\n",
            parts.kafka_bootstrap, parts.registry_url, parts.clickhouse_url,
        )
    }

    /// Runs a `saphan` command to its end; its output on failure.
    pub fn saphan(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new(&self.program)
            .arg("--config")
            .arg(&self.config)
            .args(arguments)
            .stdin(Stdio::null())
            .output()?;
        if !output.status.success() {
            bail!(
                "saphan {} failed ({}):\n{}",
                arguments.join(" "),
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs `saphan verify` over everything; whether it found nothing, and its report.
    pub fn verify(&self) -> Result<(bool, String)> {
        let output = Command::new(&self.program)
            .arg("--config")
            .arg(&self.config)
            .arg("verify")
            .stdin(Stdio::null())
            .output()?;
        let report = String::from_utf8_lossy(&output.stdout).into_owned();
        if report.is_empty() {
            bail!("saphan verify reported nothing:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok((output.status.success(), report))
    }

    /// The page of all regions, for the fiscal year (October to September) that the province's last visit
    /// falls in: the current one may have no data yet.
    pub fn regions_page(&self) -> String {
        let truth = self.dir.join("feed/truth/forward/visits.csv");
        let text = std::fs::read_to_string(truth).unwrap_or_default();
        let last = text.lines().skip(1).filter_map(|it| it.split(',').nth(1)).max();
        let month = last.and_then(|it| it.split_once('-'));
        let month =
            month.and_then(|it| Some((it.0.parse::<u16>().ok()?, it.1.parse::<u8>().ok()?)));
        let year = month.map_or_else(String::new, |(year, month)| {
            format!("?year={}", year + u16::from(month >= 10))
        });
        format!("http://{}/regions{year}", self.pages)
    }

    /// Topic or group name of this run.
    pub fn name(&self, plain: &str) -> String {
        format!("{}{plain}", self.prefix)
    }
}

impl Platform {
    /// Starts the roles and waits until the gateway answers.
    pub fn start(site: Site, spread: Spread, supervised: bool) -> Result<Self> {
        let mut launches = Vec::new();
        match spread {
            Spread::Together => launches.push(site.launch("saphan", "all")?),
            Spread::Apart { workers } => {
                launches.push(site.launch("gateway", "gateway")?);
                for ordinal in 0..workers {
                    for role in GROUPS {
                        let name = format!("{role}-{ordinal}");
                        launches.push(site.launch_copy(&name, role, ordinal)?);
                    }
                }
                launches.push(site.launch("serve", "serve")?);
            }
        }
        let roles = launches.iter().map(Launch::start).collect::<Result<_>>()?;
        let mut platform = Self { site, roles, supervised };
        platform.wait_ready(Duration::from_secs(60))?;
        Ok(platform)
    }

    fn wait_ready(&mut self, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        let addresses = [self.site.gateway.clone(), self.site.pages.clone()];
        for address in addresses {
            while std::net::TcpStream::connect(&address).is_err() {
                self.tend()?;
                if Instant::now() > deadline {
                    bail!(
                        "nothing listens on {address} after {patience:?}; see {}/logs",
                        self.site.dir.display()
                    );
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        Ok(())
    }

    /// Looks after roles that ended by themselves: starts them again, or fails with the end of their log.
    pub fn tend(&mut self) -> Result<()> {
        for role in &mut self.roles {
            if self.supervised {
                role.revive()?;
                continue;
            }
            if let Some(status) = role.ended()? {
                let log = std::fs::read_to_string(role.log()).unwrap_or_default();
                let lines: Vec<&str> = log.lines().rev().take(12).collect();
                let tail: Vec<&str> = lines.into_iter().rev().collect();
                bail!("role {} ended ({status}):\n{}", role.name(), tail.join("\n"));
            }
        }
        Ok(())
    }

    /// The metrics pages of all processes.
    pub fn metrics(&self) -> Result<Vec<String>> {
        let scrape = |admin: &str| {
            let mut answer = ureq::get(format!("http://{admin}/metrics")).call()?;
            Ok(answer.body_mut().read_to_string()?)
        };
        self.roles.iter().filter(|it| !it.away()).map(Running::admin).map(scrape).collect()
    }

    /// Stops all roles, the gateway first.
    pub fn stop(self) -> Result<()> {
        let mut trouble = Ok(());
        for role in self.roles {
            trouble = trouble.and(role.stop(Duration::from_secs(40)));
        }
        trouble
    }
}

impl Site {
    /// How to start roles in a process of their own.
    pub fn launch(&self, name: &str, roles: &str) -> Result<Launch> {
        self.launch_copy(name, roles, 0)
    }

    /// The same, for the `ordinal`th process of the role.
    fn launch_copy(&self, name: &str, roles: &str, ordinal: u32) -> Result<Launch> {
        let admin = format!("127.0.0.1:{}", ports::pick()?);
        Ok(Launch {
            name: name.to_owned(),
            program: self.program.clone(),
            arguments: vec![
                "--config".to_owned(),
                path(&self.config)?.to_owned(),
                "--set".to_owned(),
                format!("admin.listen={admin}"),
                "--set".to_owned(),
                format!("pipeline.ordinal={ordinal}"),
                "run".to_owned(),
                "--roles".to_owned(),
                roles.to_owned(),
                "--until-stdin-closes".to_owned(),
            ],
            log: self.dir.join("logs").join(format!("{name}.log")),
            admin,
        })
    }
}

/// The topology of a run: the repository's, or a copy of it that has as many copies as there are brokers.
fn topology(dir: &Path, parts: &Addresses) -> Result<PathBuf> {
    let own = PathBuf::from("topology");
    if parts.kafka_bootstrap.split(',').count() == 1 {
        return Ok(own);
    }
    let copy = dir.join("topology");
    copy_folder(&own, &copy)?;
    let file = copy.join("topics.toml");
    let text = std::fs::read_to_string(&file)?;
    let alone = "[profile.development]\nreplication = 1\nmin-in-sync = 1";
    anyhow::ensure!(text.contains(alone), "{} has no such profile: {alone}", file.display());
    let several = "[profile.development]\nreplication = 3\nmin-in-sync = 2";
    std::fs::write(&file, text.replace(alone, several))?;
    Ok(copy)
}

/// A copy of a topology whose contracts keep what was delivered.
fn keeping(own: &Path, copy: &Path) -> Result<PathBuf> {
    copy_folder(own, copy)?;
    for entry in std::fs::read_dir(copy.join("agencies"))? {
        let file = entry?.path();
        let text = std::fs::read_to_string(&file)?;
        std::fs::write(&file, text.replace("on-revoke = \"retract\"\n", ""))?;
    }
    Ok(copy.to_owned())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("read {}", from.display()))? {
        let (path, to) = {
            let it = entry?;
            (it.path(), to.join(it.file_name()))
        };
        if path.is_dir() {
            copy_folder(&path, &to)?
        } else {
            std::fs::copy(&path, &to).map(drop)?
        }
    }
    Ok(())
}

/// A binary built beside this one.
pub fn sibling(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let found = here.ancestors().skip(1).take(2).map(|it| it.join(name)).find(|it| it.is_file());
    found.with_context(|| {
        format!("{name} is not beside {}; run `cargo build --bins`", here.display())
    })
}

pub(crate) fn path(path: &Path) -> Result<&str> {
    path.to_str().context("paths are UTF-8")
}
