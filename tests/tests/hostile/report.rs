//! What `saphan adapter f43 --json` prints, taken apart.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::child::{self, Ended, saphan};

/// Reads one document without sending; the report and how the program ended.
#[track_caller]
pub fn dry_run(document: &Path) -> (Value, Ended) {
    let path = document.to_str().expect("a path of ours");
    let mut command = saphan(&["adapter", "f43", "--dry-run", "--json", path]);
    let ended = child::run(&mut command, Duration::from_secs(60));
    let report = serde_json::from_str(ended.output.trim())
        .unwrap_or_else(|error| panic!("no report, {error}: {ended:?}"));
    (report, ended)
}

/// Every defect as `CODE file:line column`, sorted by code.
pub fn places(report: &Value) -> Vec<String> {
    let text = |it: &Value| it.as_str().unwrap_or("?").to_owned();
    let mut all = Vec::new();
    for defect in report["defects"].as_array().expect("a list of defects") {
        let places = defect["places"].as_array().expect("a list of places");
        assert!(defect["remedy"].as_str().is_some_and(|it| it.len() > 20), "a remedy: {defect}");
        for it in places {
            let (file, column) = (text(&it["file"]), text(&it["column"]));
            let place = format!("{} {file}:{} {column}", text(&defect["code"]), it["line"]);
            all.push(place.trim_end().to_owned());
        }
    }
    all
}

/// The figures of one inner file: rows, used, refused. Every row must have one end.
#[track_caller]
pub fn rows(report: &Value, file: &str) -> [u64; 3] {
    let files = report["files"].as_array().expect("a list of files");
    let it = files.iter().find(|it| it["file"] == file).expect("the file was read");
    let figure = |name: &str| it[name].as_u64().expect("a figure");
    let ends = ["used", "replaced", "refused", "with_refused_parent"].map(figure);
    assert_eq!(figure("rows"), ends.iter().sum::<u64>(), "{it}");
    [figure("rows"), figure("used"), figure("refused")]
}
