//! Any text is a curl command or is refused with words, and never more than that.
//!
//! `cargo +nightly fuzz run curl -- -dict=fuzz/curl.dict`, from the folder above.
#![no_main]

#[path = "../../tests/support/readers.rs"]
#[allow(dead_code, reason = "the other target uses the other half")]
mod readers;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    readers::check_curl(input);
});
