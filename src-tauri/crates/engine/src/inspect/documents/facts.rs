//! What is true of the bytes of a document as a whole, found out as they come.

use sha2::{Digest, Sha256};

use super::json_scan::{JsonScan, Key};
use super::media::{self, Known};
use juxta_wire::document::DocumentMedia;

/// Digest and encoding.
#[derive(Default)]
pub struct Sum {
    digest: Sha256,
    utf8: Utf8,
}

impl Sum {
    pub fn feed(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.utf8.feed(bytes);
    }

    /// Lower-case hexadecimal SHA-256 of what was fed.
    pub fn sha256(&self) -> String {
        self.digest.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn is_utf8(&self) -> bool {
        !self.utf8.is_broken && self.utf8.begun.is_empty()
    }

    /// Nothing so far is wrong, though the last character may not be whole yet.
    fn may_be_utf8(&self) -> bool {
        !self.utf8.is_broken
    }
}

#[derive(Default)]
struct Utf8 {
    /// The bytes of a character whose end has not come yet.
    begun: Vec<u8>,
    is_broken: bool,
}

impl Utf8 {
    fn feed(&mut self, mut bytes: &[u8]) {
        while let ([first, rest @ ..], false, false) = (bytes, self.is_broken, self.begun.is_empty()) {
            self.begun.push(*first);
            bytes = rest;
            match str::from_utf8(&self.begun) {
                Ok(_) => self.begun.clear(),
                Err(error) => self.is_broken = error.error_len().is_some(),
            }
        }
        if self.is_broken {
            return;
        }
        if let Err(error) = str::from_utf8(bytes) {
            match error.error_len() {
                Some(_) => self.is_broken = true,
                None => self.begun.extend_from_slice(&bytes[error.valid_up_to()..]),
            }
        }
    }
}

/// What the bytes say.
#[derive(Default)]
pub struct Meaning {
    json: JsonScan,
    first: Vec<u8>,
}

impl Meaning {
    pub fn feed(&mut self, bytes: &[u8]) {
        let room = media::ENOUGH.saturating_sub(self.first.len());
        self.first.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.json.feed(bytes);
    }

    pub fn is_json(&self) -> bool {
        self.json.is_whole()
    }

    pub fn keys(&self) -> &[Key] {
        self.json.keys()
    }

    pub fn media(&self, sum: &Sum) -> (DocumentMedia, &'static str) {
        let json = self.json.is_whole() || self.json.is_nested();
        media::media(&Known { first: &self.first, utf8: sum.may_be_utf8(), json })
    }

    pub fn weight(&self) -> usize {
        self.json.weight() + self.first.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_and_encoding_do_not_depend_on_how_the_bytes_are_cut() {
        let cases: &[(&[u8], bool)] = &[
            (b"", true),
            ("a é 東 🌊".as_bytes(), true),
            (&"🌊".as_bytes()[..3], false),
            (b"a\xffb", false),
            (b"\xe6\x9d\x20", false),
            (b"\xed\xa0\x80", false),
        ];
        for (bytes, utf8) in cases {
            for size in [1, 2, 3, 100] {
                let mut sum = Sum::default();
                bytes.chunks(size).for_each(|chunk| sum.feed(chunk));
                assert_eq!(sum.is_utf8(), *utf8, "{bytes:?} in pieces of {size}");
                let mut whole = Sum::default();
                whole.feed(bytes);
                assert_eq!(sum.sha256(), whole.sha256());
            }
        }
        let mut sum = Sum::default();
        sum.feed(b"abc");
        assert_eq!(sum.sha256(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
