//! Pictures that wait to be fetched.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

/// How long a URL is good.
const KEPT: Duration = Duration::from_secs(600);
/// The oldest makes room.
const MOST: usize = 128;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Picture {
    pub(crate) token: String,
    pub(crate) bytes: Bytes,
    pub(crate) media_type: &'static str,
    /// It is given to those who have the key.
    pub(crate) keyed: bool,
    pub(crate) until: Instant,
}

#[derive(Debug, Default)]
pub(crate) struct Shelf {
    pictures: VecDeque<Picture>,
}

impl Shelf {
    pub(crate) fn put(&mut self, picture: Picture) {
        if self.pictures.len() == MOST {
            self.pictures.pop_front();
        }
        self.pictures.push_back(picture);
    }

    pub(crate) fn find(&self, token: &str) -> Option<&Picture> {
        self.pictures.iter().find(|picture| picture.token == token)
    }
}

/// When a picture made now expires.
pub(crate) fn end() -> Instant {
    Instant::now() + KEPT
}
