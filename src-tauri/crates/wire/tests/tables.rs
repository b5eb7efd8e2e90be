//! The parameter tables that the page's own double of the engine reads.

use juxta_wire::params;

/// With `JUXTA_WRITE_TABLES` set, the page's file is written instead of read.
#[test]
fn the_pages_own_double_has_the_tables_of_today() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../ui/src/platform/memory/tables.json");
    let now = serde_json::to_value(params::tables()).expect("JSON");
    if std::env::var_os("JUXTA_WRITE_TABLES").is_some() {
        let text = serde_json::to_string_pretty(&params::tables()).expect("JSON");
        std::fs::write(path, format!("{text}\n")).expect("the page's tables");
    }
    let kept = std::fs::read_to_string(path).expect("the page's tables");
    let kept: serde_json::Value = serde_json::from_str(&kept).expect("JSON");
    assert!(kept == now, "run this test once with JUXTA_WRITE_TABLES=1");
}
