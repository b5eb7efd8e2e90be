//! Any body, cut anywhere, gives the frames of the standard, and their offsets lead to the bytes they claim.
//!
//! `cargo +nightly fuzz run any-split`, from the folder above. The first bytes of an input say where to cut, the rest is
//! the body.
#![no_main]

#[path = "../../tests/support/found.rs"]
mod found;
#[path = "../../tests/support/reference.rs"]
mod reference;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((&cuts, rest)) = input.split_first() else { return };
    let (positions, body) = rest.split_at(usize::from(cuts % 8).min(rest.len()));
    let positions: Vec<usize> = positions.iter().map(|&at| usize::from(at)).collect();
    found::check(body, &positions);
});
