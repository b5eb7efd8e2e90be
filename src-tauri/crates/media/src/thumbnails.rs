//! Small pictures, made once for each file and size.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use juxta_wire::media::{PictureFormat, Shrink};
use sha2::{Digest, Sha256};

use crate::MediaError;
use crate::picture::{Picture, smaller};

/// Bytes of all that are kept.
const MOST_BYTES: usize = 64 << 20;

/// By what a file holds and not by where it came from, so that the same picture of two answers is made small once.
#[derive(Default)]
pub struct Thumbnails {
    kept: Mutex<Kept>,
}

type Key = ([u8; 32], u32);

#[derive(Default)]
struct Kept {
    pictures: HashMap<Key, (u64, Arc<Picture>)>,
    bytes: usize,
    /// Counts the looks, to tell which one was wanted last.
    looks: u64,
}

impl Thumbnails {
    /// A picture whose longest edge is at most `edge`, as a PNG.
    ///
    /// # Errors
    /// When it cannot be decoded within the limits.
    pub fn of(&self, bytes: &[u8], edge: u32) -> Result<Arc<Picture>, MediaError> {
        let key = (Sha256::digest(bytes).into(), edge);
        if let Some(known) = self.known(&key) {
            return Ok(known);
        }
        let shrink = Shrink { longest_edge: edge, format: PictureFormat::Png, quality: 100 };
        let made = Arc::new(smaller(bytes, &shrink)?);
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).keep(key, Arc::clone(&made));
        Ok(made)
    }

    fn known(&self, key: &Key) -> Option<Arc<Picture>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.looks += 1;
        let looks = kept.looks;
        let (last, picture) = kept.pictures.get_mut(key)?;
        *last = looks;
        Some(Arc::clone(picture))
    }
}

impl Kept {
    /// Lets go of those that were not wanted for the longest time until the new one fits.
    fn keep(&mut self, key: Key, picture: Arc<Picture>) {
        self.bytes += picture.bytes.len();
        self.looks += 1;
        if let Some((_, old)) = self.pictures.insert(key, (self.looks, picture)) {
            self.bytes -= old.bytes.len();
        }
        while self.bytes > MOST_BYTES && self.pictures.len() > 1 {
            let oldest = self.pictures.iter().min_by_key(|(_, (last, _))| *last).map(|(key, _)| *key);
            let Some((_, old)) = oldest.and_then(|key| self.pictures.remove(&key)) else { return };
            self.bytes -= old.bytes.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, Rgb, RgbImage};

    use super::*;

    #[test]
    fn the_same_bytes_are_made_small_once_for_each_size() {
        let mut out = Cursor::new(Vec::new());
        RgbImage::from_pixel(200, 100, Rgb([1, 2, 3])).write_to(&mut out, ImageFormat::Png).unwrap();
        let file = out.into_inner();
        let thumbnails = Thumbnails::default();
        let first = thumbnails.of(&file, 50).unwrap();
        assert_eq!((first.width, first.height), (50, 25));
        assert!(Arc::ptr_eq(&first, &thumbnails.of(&file.clone(), 50).unwrap()));
        assert_eq!(thumbnails.of(&file, 20).unwrap().width, 20);
        assert!(thumbnails.of(b"no picture", 20).is_err());
    }

    #[test]
    fn what_was_not_wanted_for_long_goes_first() {
        let mut kept = Kept::default();
        let large = |fill: u8| {
            let bytes = vec![fill; MOST_BYTES / 2 - 1];
            Arc::new(Picture { bytes, media_type: "image/png", width: 1, height: 1 })
        };
        for number in 0..4 {
            kept.keep(([number; 32], 1), large(number));
        }
        let mut left: Vec<u8> = kept.pictures.keys().map(|(digest, _)| digest[0]).collect();
        left.sort_unstable();
        assert_eq!((left, kept.bytes <= MOST_BYTES), (vec![2, 3], true));
    }
}
