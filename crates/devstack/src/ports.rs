//! TCP ports on loopback: which are free, who holds one that is not, which to take.

use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

use crate::process;

/// Picked ports lie below the range Linux hands to outgoing connections (32768 and up), so that a client's
/// socket cannot take a port between its choice and its use.
const PICK_FROM: u16 = 20_000;
const PICK_TO: u16 = 32_000;

/// Whether nothing listens on `port` of loopback.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// A free port that is in none of `taken`; begins at random so that two runs seldom meet.
pub(crate) fn pick(taken: &[u16]) -> Option<u16> {
    let span = u64::from(PICK_TO - PICK_FROM);
    let begin = RandomState::new().build_hasher().finish() % span;
    (0..span)
        .map(|step| PICK_FROM + u16::try_from((begin + step) % span).expect("span fits u16"))
        .find(|port| !taken.contains(port) && is_free(*port))
}

/// Who listens on `port`, in words: the stack, or the process, or `another process`.
pub(crate) fn holder(port: u16) -> String {
    let Some(pid) = listener(port) else { return "another process".to_owned() };
    match process::mark_of(pid) {
        Some((root, _)) => format!("the stack in {root} (process {pid})"),
        None => {
            let name = process::name_of(pid).unwrap_or_else(|| "unknown".to_owned());
            format!("process {pid} ({name})")
        }
    }
}

fn listener(port: u16) -> Option<i32> {
    let sockets: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|it| fs::read_to_string(it).ok())
        .flat_map(|table| listening_inodes(&table, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    process::pids().find(|pid| {
        let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
        entries.flatten().any(|fd| {
            fs::read_link(fd.path())
                .is_ok_and(|to| sockets.iter().any(|it| to.as_os_str() == it.as_str()))
        })
    })
}

/// Inodes of the listening sockets on `port` in a table of `/proc/net/tcp` form.
fn listening_inodes(table: &str, port: u16) -> Vec<String> {
    let local_end = format!(":{port:04X}");
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let listens = fields.get(1)?.ends_with(&local_end) && *fields.get(3)? == "0A";
            listens.then(|| fields.get(9).map(|it| (*it).to_owned()))?
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_makes_its_port_taken_and_is_named() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(!is_free(port));
        assert!(holder(port).contains(&format!("process {}", std::process::id())));
    }

    #[test]
    fn picked_ports_are_free_and_distinct() {
        let first = pick(&[]).unwrap();
        let second = pick(&[first]).unwrap();
        assert_ne!(first, second);
        assert!(is_free(first) && is_free(second));
    }

    #[test]
    fn only_listeners_of_the_port_are_taken_from_the_table() {
        let table = "  sl  local_address rem_address   st tx rx tr tm retr uid timeout inode\n\
                     0: 0100007F:2383 00000000:0000 0A 0:0 0:0 0 0 0 111 1\n\
                     1: 0100007F:2383 0100007F:D431 01 0:0 0:0 0 0 0 222 1\n\
                     2: 0100007F:1F91 00000000:0000 0A 0:0 0:0 0 0 0 333 1\n";
        assert_eq!(listening_inodes(table, 9091), vec!["111".to_owned()]);
    }
}
