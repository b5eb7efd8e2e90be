//! Which ids a file has: 16 bytes of a digest and a number for each, so that a million of them take some fifty megabytes.

use std::collections::{HashMap, HashSet};

use sha2::{Digest as _, Sha256};

/// Two ids with one digest are the same id.
pub(crate) type Digest = [u8; 16];

pub(crate) fn digest(id: &str) -> Digest {
    let mut digest = Digest::default();
    digest.copy_from_slice(&Sha256::digest(id.as_bytes())[..16]);
    digest
}

#[derive(Debug, Default)]
pub(super) struct Ids {
    lines: HashMap<Digest, u64>,
    /// Offered for lines that have none of their own.
    offered: HashSet<Digest>,
}

impl Ids {
    /// The first line with this id.
    pub fn line_of(&self, id: &Digest) -> Option<u64> {
        self.lines.get(id).copied()
    }

    pub fn add(&mut self, id: Digest, line: u64) {
        self.lines.entry(id).or_insert(line);
    }

    /// `wish`, or what is made of it by counting, so that no line read until now has it.
    pub fn free(&mut self, wish: &str) -> String {
        let mut number = 1u64;
        loop {
            let id = if number == 1 { wish.to_owned() } else { format!("{wish}-{number}") };
            let known = digest(&id);
            if !self.lines.contains_key(&known) && self.offered.insert(known) {
                return id;
            }
            number += 1;
        }
    }

    /// Whether a line has an id that was offered when the line had not been read yet.
    pub fn is_taken(&self, id: &str) -> bool {
        self.lines.contains_key(&digest(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_is_free_and_offered_once() {
        let mut ids = Ids::default();
        ids.add(digest("a"), 1);
        ids.add(digest("a-2"), 2);
        ids.add(digest("a"), 3);
        assert_eq!(ids.line_of(&digest("a")), Some(1));
        assert_eq!([ids.free("a"), ids.free("a"), ids.free("b")], ["a-3", "a-4", "b"]);
        assert!(ids.is_taken("a-2") && !ids.is_taken("a-3"));
    }
}
