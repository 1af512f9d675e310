//! The platform the tests send to: all roles in one process, on the shared parts, under names of its own.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use saphan_demo::board;
use saphan_demo::clickhouse;
use saphan_demo::platform::{Platform, Site, Spread};
use saphan_demo::settle::{Figures, settle};
use saphan_devstack::Stack;

use crate::child::{self, Ended, saphan};

/// The facility of directives, for itself: others count what theirs sent.
pub const COUNTER: &str = "99010";
/// Another facility of the kind, which must not have what is the first one's.
pub const OTHER_COUNTER: &str = "99011";
const COUNTER_ROWS: [&str; 2] = [
    "99010,,จุดรับความยินยอม,Consent desk (synthetic),regional,30,3001,9",
    "99011,,จุดรับความยินยอมอื่น,Another consent desk (synthetic),regional,30,3001,9",
];

/// A running platform.
pub struct Centre {
    /// Where things are.
    pub site: Site,
    /// Its process.
    pub platform: Mutex<Platform>,
}

impl Centre {
    /// The one that tests share; who holds it sends alone, so that figures can be compared.
    pub fn shared() -> MutexGuard<'static, Self> {
        static SHARED: OnceLock<Mutex<Centre>> = OnceLock::new();
        let start = || {
            let stack = Stack::shared().expect("the parts start");
            Mutex::new(Self::start(stack, &folder("shared")))
        };
        SHARED.get_or_init(start).lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes topics, schemas, keys and tokens, and starts the roles.
    pub fn start(stack: &Stack, dir: &Path) -> Self {
        let site = prepare(stack, dir);
        let platform = Platform::start(site.clone(), Spread::Together, false).expect("the roles");
        Self { site, platform: Mutex::new(platform) }
    }

    /// The folder of a facility's outbox and token.
    pub fn edge(&self, facility: &str) -> PathBuf {
        self.site.dir.join("edge").join(facility)
    }

    /// `saphan adapter f43` of a facility, ready to be given documents.
    pub fn adapter(&self, facility: &str) -> std::process::Command {
        self.of_facility(facility, &["adapter", "f43", "--json"])
    }

    /// `saphan` with arguments, on a facility's own machine.
    pub fn of_facility(&self, facility: &str, arguments: &[&str]) -> std::process::Command {
        of_facility(&self.site, facility, arguments)
    }

    /// Sends documents of a facility and waits until the program ends.
    #[track_caller]
    pub fn send(&self, facility: &str, documents: &[PathBuf]) -> Ended {
        child::run(self.adapter(facility).args(documents), Duration::from_secs(60))
    }

    /// Waits until nothing is in flight, and checks that everything received has exactly one end. The
    /// process must have lived through all of it.
    #[track_caller]
    pub fn quiet(&self) -> Figures {
        let figures =
            settle(&self.platform, Duration::from_secs(60), |_| {}).expect("all of it ends");
        let conserved = board::conservation(&figures, &self.site).expect("figures");
        assert!(conserved, "something was lost or counted twice: {figures:?}");
        figures
    }

    /// What the store counts.
    #[track_caller]
    pub fn count(&self, sql: &str) -> i64 {
        clickhouse::number(&self.site, sql).expect("the store answers")
    }

    /// A facility's submissions by how they ended: admitted, unchanged, quarantined.
    #[track_caller]
    pub fn ends(&self, facility: &str) -> [i64; 3] {
        ["admitted", "unchanged", "quarantined"].map(|column| {
            self.count(&format!(
                "SELECT toInt64(sum({column})) FROM admission FINAL WHERE facility = '{facility}'"
            ))
        })
    }

    /// Everything the platform wrote to its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.site.dir.join("logs/saphan.log")).expect("a log")
    }
}

/// A platform's folder, topics, schemas, keys and tokens; nothing runs yet.
pub fn prepare(stack: &Stack, dir: &Path) -> Site {
    // The roles read topology/ from the folder they run in.
    std::env::set_current_dir(root()).expect("the repository");
    std::fs::create_dir_all(dir).expect("a folder");
    let register = std::fs::read_to_string("topology/facilities.csv").expect("facilities");
    let mut rows: Vec<_> = register.lines().filter(|it| !it.starts_with('#')).collect();
    rows.extend(COUNTER_ROWS);
    std::fs::write(dir.join("facilities.csv"), rows.join("\n")).expect("room on the disk");
    let prefix = format!("{}.", stack.unique_prefix());
    let site = Site::prepare(dir, dir, stack.addresses(), &prefix).expect("a site");
    // A broker that is away is told in seconds here, not in the twenty of production.
    set(&site, "gateway", "produce-timeout-ms = 2000");
    site.saphan(&["topology", "apply"]).expect("topics and schemas");
    site
}

/// Adds a setting to a section of a platform's configuration.
pub fn set(site: &Site, section: &str, setting: &str) {
    let text = std::fs::read_to_string(&site.config).expect("its configuration");
    let head = format!("[{section}]\n");
    let text = text.replace(&head, &format!("{head}{setting}\n"));
    std::fs::write(&site.config, text).expect("room on the disk");
}

/// `saphan` with arguments, on the machine of a facility of a platform.
pub fn of_facility(site: &Site, facility: &str, arguments: &[&str]) -> std::process::Command {
    let edge = site.dir.join("edge").join(facility);
    let mut command = saphan(arguments);
    command
        .arg("--set")
        .arg(format!("edge.dir={}", edge.display()))
        .arg("--set")
        .arg(format!("edge.token-file={}", edge.join("token").display()))
        .arg("--set")
        .arg(format!("edge.gateway-url=http://{}", site.gateway));
    command
}

/// An empty folder for a run; it stays for looking into after a failure.
pub fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile").join(name);
    if dir.exists() {
        std::fs::remove_dir_all(&dir).expect("a folder of an earlier run");
    }
    dir
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent")
}
