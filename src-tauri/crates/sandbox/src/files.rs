//! Files that were uploaded to Scale's `/v5/files`, in memory until the sandbox ends.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use md5::{Digest as _, Md5};
use serde_json::{Map, Value, json};

/// The oldest make room when all together are larger.
const MOST_BYTES: usize = 256 * 1024 * 1024;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct File {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) bytes: Bytes,
    pub(crate) tags: Map<String, Value>,
    checksum: String,
    created_at: String,
}

impl File {
    pub(crate) fn new(id: String, name: String, media_type: String, bytes: Bytes) -> Self {
        let checksum = Md5::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { id, name, media_type, bytes, tags: Map::new(), checksum, created_at: now() }
    }

    /// As the API writes it.
    pub(crate) fn row(&self) -> Value {
        json!({ "id": self.id, "object": "file", "filename": self.name, "size": self.bytes.len(),
            "mime_type": self.media_type, "md5_checksum": self.checksum, "tags": self.tags,
            "created_at": self.created_at, "created_by": { "id": "sandbox", "type": "user", "object": "identity" } })
    }
}

/// Oldest first.
#[derive(Debug, Default)]
pub(crate) struct Files {
    all: Vec<File>,
}

impl Files {
    pub(crate) fn keep(&mut self, file: File) {
        self.all.push(file);
        while self.all.len() > 1 && self.all.iter().map(|file| file.bytes.len()).sum::<usize>() > MOST_BYTES {
            self.all.remove(0);
        }
    }

    pub(crate) fn all(&self) -> &[File] {
        &self.all
    }

    pub(crate) fn find(&self, id: &str) -> Option<&File> {
        self.all.iter().find(|file| file.id == id)
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut File> {
        self.all.iter_mut().find(|file| file.id == id)
    }

    /// False when there was none.
    pub(crate) fn delete(&mut self, id: &str) -> bool {
        let before = self.all.len();
        self.all.retain(|file| file.id != id);
        self.all.len() < before
    }
}

/// The moment in UTC, as ISO 8601.
fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{}.{:06}Z", date_and_time(since.as_secs()), since.subsec_micros())
}

/// Unix seconds in UTC, as ISO 8601.
pub(crate) fn utc(seconds: u64) -> String {
    format!("{}Z", date_and_time(seconds))
}

fn date_and_time(seconds: u64) -> String {
    let (days, seconds) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// Year, month and day of so many days after 1970 began.
fn date(mut days: u64) -> (u64, u64, u64) {
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        if days < length {
            break;
        }
        days -= length;
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        for (days, expected) in
            [(0, (1970, 1, 1)), (59, (1970, 3, 1)), (11_016, (2000, 2, 29)), (20_779, (2026, 11, 22))]
        {
            assert_eq!(date(days), expected);
        }
    }
}
