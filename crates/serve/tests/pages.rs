//! Every page in one language at least, as it was when somebody last looked at it.

mod kit;

use kit::{Log, Site};

#[test]
fn pages_are_as_they_were_looked_at() {
    let site = Site::full(Log::Moving);
    for (path, golden) in [
        ("/", "home.th.html"),
        ("/?lang=en", "home.en.html"),
        ("/regions?lang=th", "regions.th.html"),
        ("/regions?lang=en", "regions.en.html"),
        ("/regions/9?lang=en", "region-9.en.html"),
        ("/provinces/30?lang=th&year=2569", "province-30.th.html"),
        ("/facilities/99003?lang=th", "facility-99003.th.html"),
        ("/facilities/99001?lang=en&year=2026", "facility-99001.en.html"),
        ("/conservation?lang=th", "conservation.th.html"),
        ("/conservation?lang=en&refresh=off", "conservation.en.html"),
        ("/agencies?lang=en", "agencies.en.html"),
        ("/quarantine?lang=th", "quarantine.th.html"),
        ("/quarantine/99001?lang=en", "quarantine-99001.en.html"),
    ] {
        site.check(path, 200, golden);
    }
    for (path, golden) in [
        ("/provinces/30?lang=en&format=csv&table=visits", "province-30.visits.en.csv"),
        ("/provinces/30?lang=en&format=csv&table=diagnoses", "province-30.diagnoses.en.csv"),
        ("/regions?lang=th&format=csv&table=referrals-out", "regions.referrals.th.csv"),
        ("/regions/9?lang=th&format=csv&table=completeness", "region-9.completeness.th.csv"),
        ("/quarantine/99001?lang=en&format=csv&table=places", "quarantine-99001.en.csv"),
    ] {
        site.check(path, 200, golden);
    }
}

#[test]
fn a_country_without_data_says_so() {
    let site = Site::empty(Log::Silent);
    for (path, golden) in [
        ("/regions?lang=th", "empty-regions.th.html"),
        ("/conservation?lang=en", "empty-conservation.en.html"),
    ] {
        site.check(path, 200, golden);
    }
    for path in ["/agencies", "/quarantine", "/facilities/99001", "/regions/13?year=2560"] {
        assert_eq!(site.get(path).status, 200, "{path}");
    }
}

#[test]
fn what_cannot_be_shown_is_said_with_a_code() {
    let site = Site::down();
    site.check("/", 200, "home.th.html");
    site.check("/regions?lang=th", 503, "down.th.html");
    let answer = site.get("/conservation?lang=en");
    assert!(answer.status == 503 && answer.body.contains("SP-1801"), "{}", answer.body);
    assert!(answer.head.contains("retry-after: 10"), "{}", answer.head);
    for (path, status, code) in [
        ("/nothing", 404, "SP-1802"),
        ("/regions/0", 404, "SP-1802"),
        ("/regions/14", 404, "SP-1802"),
        ("/regions/9x", 404, "SP-1802"),
        ("/provinces/99", 404, "SP-1802"),
        ("/facilities/12345", 404, "SP-1802"),
        ("/facilities/1%27%20OR%201", 404, "SP-1802"),
        ("/quarantine/12345", 404, "SP-1802"),
        ("/?lang=fr", 400, "SP-1803"),
        ("/?year=99", 400, "SP-1803"),
        ("/?format=xml", 400, "SP-1803"),
        ("/?format=csv", 400, "SP-1803"),
        ("/?format=csv&table=nothing", 400, "SP-1803"),
        ("/conservation?refresh=1", 400, "SP-1803"),
    ] {
        let answer = site.get(path);
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.body.contains(code), "{path}");
    }
}

#[test]
fn every_answer_forbids_foreign_content_and_storing() {
    let site = Site::down();
    for path in ["/", "/regions", "/nothing", "/assets/style.css"] {
        let head = site.get(path).head;
        assert!(
            head.contains("content-security-policy: default-src 'none'; style-src 'self'"),
            "{head}"
        );
        assert!(head.contains("x-content-type-options: nosniff"), "{head}");
        assert!(head.contains("referrer-policy: no-referrer"), "{head}");
        assert!(head.contains("cache-control: "), "{head}");
    }
    assert!(site.get("/").head.contains("cache-control: no-store"));
}

#[test]
fn a_csv_is_named_and_begins_with_a_byte_order_mark() {
    let site = Site::empty(Log::Silent);
    let answer = site.get("/regions/9?lang=en&format=csv&table=completeness");
    assert!(answer.head.contains("content-type: text/csv; charset=utf-8"), "{}", answer.head);
    assert!(
        answer.head.contains("filename=\"saphan-regions-9-completeness-2026.csv\""),
        "{}",
        answer.head
    );
    assert!(answer.body.starts_with('\u{feff}'));
}
