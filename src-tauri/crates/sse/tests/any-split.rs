//! The same bytes give the same frames, however they are cut, and the frames that the standard asks for.

#[path = "support/found.rs"]
mod found;
#[path = "support/reference.rs"]
mod reference;

use proptest::collection::vec;
use proptest::prelude::*;

/// Bytes that mean something to the parser, alone and in the wrong places.
fn fragment() -> impl Strategy<Value = Vec<u8>> {
    let known: &[&[u8]] = &[
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"\r\r",
        b"\r\n\r\n",
        b"\n\r\n",
        b"data: ",
        b"data:",
        b"data",
        b"event: error",
        b"event:",
        b"id: 7",
        b"id",
        b"id: a\0b",
        b"retry: 3000",
        b"retry: 3s",
        b"retry: 99999999999999999999",
        b": ping",
        b":",
        b" ",
        b"datax: no",
        b"Data: no",
        b"\xEF\xBB\xBF",
        b"\xEF\xBB",
        b"\0",
        b"\xFF",
        b"\xC3\xA9",
        b"\xC3",
        b"\xF0\x9F\xA6\x80",
        b"\xF0\x9F",
        b"\x80",
        b"{\"a\":1}",
        b"[DONE]",
        b"data: x\n\n",
        b"data: x\r\n\r\n",
    ];
    prop_oneof![
        12 => (0..known.len()).prop_map(move |at| known[at].to_vec()),
        1 => vec(any::<u8>(), 0..12),
        1 => "[a-z:\\n\\r ]{0,20}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_of_the_same_bytes_gives_the_frames_of_the_standard(
        fragments in vec(fragment(), 0..24),
        positions in vec(any::<usize>(), 0..8),
    ) {
        found::check(&fragments.concat(), &positions);
    }
}
