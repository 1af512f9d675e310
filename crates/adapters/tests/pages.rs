//! Every code an adapter gives has its page.

use std::path::Path;

#[test]
fn every_code_has_a_page() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
    for code in (1101..=1119).chain(1120..=1129).map(|it| format!("SP-{it}")) {
        let page = std::fs::read_to_string(pages.join(format!("{code}.md"))).unwrap_or_default();
        assert!(page.starts_with(&format!("# {code}: ")), "docs/errors/{code}.md");
        assert!(page.contains("**Cause.**") && page.contains("**What to do.**"), "{code}");
    }
}
