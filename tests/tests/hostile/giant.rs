//! Documents that unpack to a gigabyte: time and memory stay bounded, whatever they hold.

use std::time::Duration;

use tempfile::tempdir;

use crate::child::Ended;
use crate::document::{Document, SERVICE, service, visit, visits};
use crate::report::{dry_run, places};

const FACILITY: &str = "99001";
const MIB: usize = 1 << 20;
const TIME_MAX: Duration = Duration::from_secs(60);
const MEMORY_MIB_MAX: u64 = 300;

#[track_caller]
fn bounded(ended: &Ended) {
    assert!(ended.took < TIME_MAX, "took {:?}", ended.took);
    // Less than a process needs to start with would mean that nothing was measured.
    assert!((4..MEMORY_MIB_MAX).contains(&ended.peak_mib), "held {} MiB", ended.peak_mib);
}

/// A gigabyte in one row, packed two hundred times and more: refused before it is unpacked.
#[test]
fn a_bomb_is_refused_at_once() {
    let folder = tempdir().expect("a folder");
    let (head, row) = (format!("{SERVICE}\n"), vec![b'x'; MIB]);
    let pieces = [(head.as_bytes(), 1), (&row[..], 1024)];
    let path = Document::of(FACILITY).write_streamed(folder.path(), "SERVICE.txt", &pieces);
    assert!(std::fs::metadata(&path).expect("written").len() < 2 << 20, "it packs well");
    let (report, ended) = dry_run(&path);
    assert_eq!((report["error"]["code"].as_str(), ended.status), (Some("SP-1114"), Some(1)));
    assert!(ended.took < Duration::from_secs(5), "took {:?}", ended.took);
    bounded(&ended);
}

/// A gigabyte in one row that packs just badly enough to be believed: one defect, and the rows before and
/// behind it come out.
#[test]
fn a_row_of_a_gigabyte_is_one_defect() {
    let folder = tempdir().expect("a folder");
    let row = badly_packed(MIB);
    let (before, after) =
        (service(&visits(FACILITY, 2)), format!("\n{}\n", visit(FACILITY, 9, "20260102")));
    let pieces = [(before.as_bytes(), 1), (&row[..], 1024), (after.as_bytes(), 1)];
    let path = Document::of(FACILITY).write_streamed(folder.path(), "SERVICE.txt", &pieces);
    let (report, ended) = dry_run(&path);
    assert_eq!(places(&report), ["SP-1112 SERVICE.txt:4"]);
    assert_eq!((report["events"]["encounter"].as_u64(), ended.status), (Some(3), Some(0)));
    bounded(&ended);
}

/// Runs of one letter with another between them, so that it packs about a hundred times.
fn badly_packed(bytes: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_u32;
    (0..bytes)
        .map(|at| {
            if at % 512 != 0 {
                return b'x';
            }
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b'a' + u8::try_from(state >> 24).expect("eight bits") % 20
        })
        .collect()
}
