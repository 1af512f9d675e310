use super::Shown::{Exact, Hidden, Small};
use super::*;

fn counts(cells: &[(&str, &str, u64)]) -> Counts {
    let mut counts = Counts::default();
    for (row, column, n) in cells {
        counts.add(row, column, *n);
    }
    counts
}

#[test]
fn the_last_level_is_shown() {
    let country = counts(&[("7", "oct", 30), ("8", "oct", 9)]);
    let region = counts(&[("40", "oct", 20), ("41", "oct", 10)]);
    let drill = Drill::down(&[country, region], &["7".to_owned()]);
    assert_eq!(drill.rows, ["40", "41"]);
    assert_eq!(drill.cell("40", "oct"), Exact(20));
    assert_eq!(drill.column_total("oct"), Exact(30));
    assert_eq!(drill.cell("99", "oct"), Exact(0));
}

#[test]
fn what_is_hidden_above_is_hidden_below() {
    let country = counts(&[("7", "oct", 30), ("7", "nov", 40), ("8", "oct", 3), ("8", "nov", 50)]);
    let top = Drill::down(std::slice::from_ref(&country), &[]);
    assert_eq!((top.cell("8", "oct"), top.cell("7", "oct")), (Small, Hidden));
    let region = counts(&[("40", "oct", 20), ("41", "oct", 10), ("40", "nov", 40)]);
    let below = Drill::down(&[country, region], &["7".to_owned()]);
    assert_eq!(below.column_total("oct"), Hidden);
    let shown = ["40", "41"].map(|it| below.cell(it, "oct"));
    assert!(shown.contains(&Hidden), "else the total could be added up: {shown:?}");
}

#[test]
fn a_place_without_data_has_an_empty_table() {
    let country = counts(&[("7", "oct", 30)]);
    let drill = Drill::down(&[country, Counts::default()], &["9".to_owned()]);
    assert!(drill.is_empty());
    assert_eq!(drill.column_total("oct"), Exact(0));
}

#[test]
fn what_is_sent_and_what_is_received_hide_the_same() {
    // Region 7 sends 3 to 8 and 20 to 9; the receiving side must not show what the sending side hides.
    let sent = counts(&[("7", "8", 3), ("7", "9", 20), ("6", "8", 30), ("6", "9", 40)]);
    let matrix = Drill::down(std::slice::from_ref(&sent), &[]);
    assert_eq!((matrix.cell("7", "8"), matrix.cell("7", "9")), (Small, Hidden));
    let received = counts(&[("a", "7", 20), ("a", "6", 25), ("b", "6", 15)]);
    let drill = Drill::down_turned(&sent, &[received], &["9".to_owned()]);
    assert_eq!(drill.column_total("7"), Hidden);
    assert_ne!(drill.cell("a", "7"), Exact(20));
}
