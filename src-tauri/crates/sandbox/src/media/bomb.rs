//! A picture that is small until somebody unpacks it.

use std::sync::OnceLock;

use bytes::Bytes;

/// Pixels on each side, one bit each.
pub(crate) const SIDE: u32 = 40_000;
/// Bytes of a row, with the one that names its filter.
const ROW: u64 = SIDE as u64 / 8 + 1;

/// A black PNG of [`SIDE`] × [`SIDE`] pixels, about 1 MB.
pub(crate) fn png() -> Bytes {
    static PNG: OnceLock<Bytes> = OnceLock::new();
    PNG.get_or_init(|| {
        let mut head = [SIDE.to_be_bytes(), SIDE.to_be_bytes()].concat();
        // One bit, shades of grey, and the only ways to pack, to filter and to interlace that are plain.
        head.extend([1, 0, 0, 0, 0]);
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        chunk(&mut png, b"IHDR", &head);
        chunk(&mut png, b"IDAT", &zeros(ROW * u64::from(SIDE)));
        chunk(&mut png, b"IEND", &[]);
        png.into()
    })
    .clone()
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let start = png.len() + 4;
    png.extend((data.len() as u32).to_be_bytes());
    png.extend(kind);
    png.extend(data);
    let sum = crc32fast::hash(&png[start..]);
    png.extend(sum.to_be_bytes());
}

/// So many zeros as a zlib stream (RFC 1950): one block with the fixed codes of RFC 1951, in which the first zero is
/// repeated 258 at a time. Packing them properly would take seconds.
fn zeros(count: u64) -> Vec<u8> {
    let mut bits = Bits { bytes: vec![0x78, 0x01], pending: 0, filled: 0 };
    // The last block, with fixed codes.
    bits.push(0b011, 3);
    let single = |bits: &mut Bits| bits.push_code(0b0011_0000, 8);
    single(&mut bits);
    let left = count.saturating_sub(1);
    for _ in 0..left / 258 {
        // The longest match, at distance 1.
        bits.push_code(0b1100_0101, 8);
        bits.push_code(0, 5);
    }
    for _ in 0..left % 258 {
        single(&mut bits);
    }
    bits.push_code(0, 7);
    let mut bytes = bits.finish();
    // Adler-32 of zeros: the low half stays 1, the high half counts it once for each byte.
    let sum = ((count % 65_521) as u32) << 16 | 1;
    bytes.extend(sum.to_be_bytes());
    bytes
}

struct Bits {
    bytes: Vec<u8>,
    pending: u32,
    filled: u32,
}

impl Bits {
    /// The lowest bit first, as numbers stand in the stream.
    fn push(&mut self, value: u32, count: u32) {
        self.pending |= value << self.filled;
        self.filled += count;
        while self.filled >= 8 {
            self.bytes.push(self.pending as u8);
            self.pending >>= 8;
            self.filled -= 8;
        }
    }

    /// The highest bit first, as codes do.
    fn push_code(&mut self, code: u32, count: u32) {
        self.push(code.reverse_bits() >> (32 - count), count);
    }

    fn finish(mut self) -> Vec<u8> {
        if self.filled > 0 {
            self.push(0, 8 - self.filled);
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use image::{GenericImageView as _, ImageReader};

    use super::*;

    fn dimensions(png: &[u8]) -> (u32, u32) {
        ImageReader::with_format(std::io::Cursor::new(png), image::ImageFormat::Png).into_dimensions().expect("a head")
    }

    #[test]
    fn the_bomb_is_small_and_says_how_large_it_is() {
        let png = png();
        assert!(png.len() < 2_000_000, "{}", png.len());
        assert_eq!(dimensions(&png), (SIDE, SIDE));
    }

    #[test]
    fn a_small_one_of_the_same_make_unpacks() {
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut head = [800_u32.to_be_bytes(), 9_u32.to_be_bytes()].concat();
        head.extend([1, 0, 0, 0, 0]);
        chunk(&mut png, b"IHDR", &head);
        chunk(&mut png, b"IDAT", &zeros(101 * 9));
        chunk(&mut png, b"IEND", &[]);
        let picture = image::load_from_memory(&png).expect("a picture");
        assert_eq!(picture.dimensions(), (800, 9));
        assert!(picture.to_luma8().pixels().all(|pixel| pixel.0 == [0]));
    }
}
