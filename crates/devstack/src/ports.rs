//! TCP ports on loopback: which are free, who holds one that is not, which to take.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::error::DevstackError;
use crate::process;

/// Picked ports lie below the range Linux hands to outgoing connections (32768 and up), so that a client's
/// socket cannot take a port between its choice and its use.
const PICK: Range<u16> = 20_000..32_000;

/// What this process was given. The UDP socket of the same number tells every other process on the machine
/// that the port is spoken for, also while nobody listens on it: a server that was killed and is to come back
/// must not find a stranger in its place, nor its clients a stranger's answer.
static GIVEN: Mutex<BTreeMap<u16, UdpSocket>> = Mutex::new(BTreeMap::new());

/// Whether nothing listens on `port` of loopback.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// A port nobody listens on, given to nobody else for as long as this process lives.
pub fn pick() -> Result<u16, DevstackError> {
    let Range { start, end } = PICK;
    // Begins at random, so that two runs seldom try the same ports.
    let span = u64::from(end - start);
    let begin = RandomState::new().build_hasher().finish() % span;
    let begin = start + u16::try_from(begin).expect("below the span, which fits");
    let none = || DevstackError::State(format!("no free port between {start} and {end}"));
    pick_among((begin..end).chain(start..begin)).ok_or_else(none)
}

fn pick_among(mut ports: impl Iterator<Item = u16>) -> Option<u16> {
    ports.find(|port| hold(*port) == Hold::New && is_free(*port))
}

/// What came of asking for a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// It is ours from now on.
    New,
    /// It was ours before.
    Ours,
    /// It was given to another process.
    Others,
}

/// Asks for `port`, whether or not somebody listens on it.
pub(crate) fn hold(port: u16) -> Hold {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    if given.contains_key(&port) {
        return Hold::Ours;
    }
    match UdpSocket::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(socket) => {
            given.insert(port, socket);
            Hold::New
        }
        Err(_) => Hold::Others,
    }
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
    fn a_picked_port_is_free_and_given_to_nobody_else() {
        let port = pick().unwrap();
        assert!(is_free(port));
        assert_eq!(pick_among(port..=port), None, "to nobody in this process");
        assert!(UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_err(), "another sees that");
    }

    #[test]
    fn neither_what_is_listened_on_nor_what_another_was_given_is_picked() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let listened = listener.local_addr().unwrap().port();
        let anothers = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let given = anothers.local_addr().unwrap().port();
        let free = pick().unwrap();
        drop(GIVEN.lock().unwrap().remove(&free));
        assert_eq!(pick_among([listened, given, free].into_iter()), Some(free));
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
