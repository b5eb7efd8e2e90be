//! Words in a PNG file, beside its pixels. The pixels are not touched: what is between the words stays, to the byte.
//!
//! Written are `iTXt` chunks, which hold any text; read are `tEXt` and `zTXt` too, which other programs write.

use std::io::Read;

use flate2::read::ZlibDecoder;
use juxta_wire::media::PictureText;

use crate::MediaError;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Bytes of a text that was compressed. What is longer is no prompt, and may be made to fill the memory.
const LONGEST: u64 = 4 << 20;

/// Puts texts before the pixels. A text that is there under the same keyword is replaced.
///
/// # Errors
/// When it is no PNG, or when a keyword is none: 1 to 79 letters of Latin-1.
pub fn written(png: &[u8], texts: &[PictureText]) -> Result<Vec<u8>, MediaError> {
    let mut file = SIGNATURE.to_vec();
    for (at, chunk) in chunks(png)?.into_iter().enumerate() {
        let is_replaced = text_of(&chunk).is_some_and(|old| texts.iter().any(|new| new.keyword == old.keyword));
        if !is_replaced {
            file.extend_from_slice(chunk.whole);
        }
        // The head is the first chunk, whatever follows.
        if at == 0 {
            for text in texts {
                push_chunk(&mut file, text)?;
            }
        }
    }
    Ok(file)
}

/// The texts of a PNG, in their order.
///
/// # Errors
/// When it is no PNG.
pub fn read(png: &[u8]) -> Result<Vec<PictureText>, MediaError> {
    Ok(chunks(png)?.iter().filter_map(text_of).collect())
}

struct Chunk<'a> {
    kind: &'a [u8],
    data: &'a [u8],
    /// With length, kind and checksum.
    whole: &'a [u8],
}

/// All chunks up to the one that ends the file. What stands behind that is no part of the picture.
fn chunks(png: &[u8]) -> Result<Vec<Chunk<'_>>, MediaError> {
    let mut rest = png.strip_prefix(SIGNATURE).ok_or(MediaError::NoPng)?;
    let mut chunks = Vec::new();
    while let Some((head, _)) = rest.split_first_chunk::<8>() {
        let [length @ .., _, _, _, _] = head;
        let length = u32::from_be_bytes(*length) as usize;
        let whole = length.checked_add(12).and_then(|length| rest.get(..length)).ok_or(MediaError::NoPng)?;
        let chunk = Chunk { kind: &whole[4..8], data: &whole[8..8 + length], whole };
        let is_end = chunk.kind == b"IEND";
        rest = &rest[whole.len()..];
        chunks.push(chunk);
        if is_end {
            let begins = chunks.first().is_some_and(|first| first.kind == b"IHDR");
            return if begins { Ok(chunks) } else { Err(MediaError::NoPng) };
        }
    }
    Err(MediaError::NoPng)
}

fn text_of(chunk: &Chunk<'_>) -> Option<PictureText> {
    let (keyword, rest) = split_at_zero(chunk.data)?;
    let text = match chunk.kind {
        b"tEXt" => latin(rest),
        // The method of compression comes first; there is only one.
        b"zTXt" => latin(&inflated(rest.strip_prefix(b"\0")?)?),
        b"iTXt" => {
            // Whether it is compressed, by which method; then the language and the keyword in it.
            let (flags, rest) = rest.split_first_chunk::<2>()?;
            let (_, rest) = split_at_zero(rest)?;
            let (_, text) = split_at_zero(rest)?;
            match flags {
                [0, _] => String::from_utf8_lossy(text).into_owned(),
                [1, 0] => String::from_utf8_lossy(&inflated(text)?).into_owned(),
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(PictureText { keyword: latin(keyword), text })
}

fn push_chunk(file: &mut Vec<u8>, text: &PictureText) -> Result<(), MediaError> {
    let keyword: Result<Vec<u8>, _> = text.keyword.chars().map(u8::try_from).collect();
    let wrong = || MediaError::Picture(format!("“{}” is no keyword", text.keyword));
    let keyword = keyword.map_err(|_| wrong())?;
    if keyword.is_empty() || keyword.len() > 79 || keyword.contains(&0) {
        return Err(wrong());
    }
    let mut chunk = b"iTXt".to_vec();
    chunk.extend_from_slice(&keyword);
    chunk.extend_from_slice(b"\0\0\0\0\0");
    chunk.extend_from_slice(text.text.as_bytes());
    let length = u32::try_from(chunk.len() - 4).map_err(|_| MediaError::PictureTooLarge)?;
    file.extend_from_slice(&length.to_be_bytes());
    file.extend_from_slice(&chunk);
    file.extend_from_slice(&crc32fast::hash(&chunk).to_be_bytes());
    Ok(())
}

fn split_at_zero(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == 0)?;
    Some((&bytes[..at], &bytes[at + 1..]))
}

/// `None` for what is damaged or too long.
fn inflated(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    ZlibDecoder::new(bytes).take(LONGEST + 1).read_to_end(&mut text).ok()?;
    (text.len() as u64 <= LONGEST).then_some(text)
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use flate2::Compression;
    use flate2::read::ZlibEncoder;
    use image::{ImageFormat, Rgb, RgbImage};

    use super::*;

    fn png() -> Vec<u8> {
        let pixels = RgbImage::from_fn(40, 30, |x, y| Rgb([x as u8 * 6, y as u8 * 8, 99]));
        let mut out = Cursor::new(Vec::new());
        pixels.write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    fn text(keyword: &str, text: &str) -> PictureText {
        PictureText { keyword: keyword.to_owned(), text: text.to_owned() }
    }

    fn of_pixels(png: &[u8]) -> Vec<u8> {
        let of_pixels = chunks(png).unwrap().into_iter().filter(|chunk| chunk.kind == b"IDAT");
        of_pixels.flat_map(|chunk| chunk.whole.to_vec()).collect()
    }

    #[test]
    fn texts_come_back_and_the_pixels_are_the_same_bytes() {
        let png = png();
        let texts =
            vec![text("prompt", "東京 \"quoted\" \\ 👩‍👩‍👧\r\n\0behind"), text("parameters", ""), text("é", "Latin")];
        let with = written(&png, &texts).unwrap();
        assert_eq!(read(&with).unwrap(), texts);
        assert_eq!(of_pixels(&with), of_pixels(&png));
        assert_eq!(image::load_from_memory(&with).unwrap(), image::load_from_memory(&png).unwrap());
        assert_eq!(read(&png).unwrap(), []);
        assert_eq!(written(&png, &[]).unwrap(), png);

        let huge = text("prompt", &"ä".repeat(1 << 20));
        let again = written(&with, std::slice::from_ref(&huge)).unwrap();
        assert_eq!(read(&again).unwrap(), [huge, texts[1].clone(), texts[2].clone()], "one under each keyword");
    }

    /// The picture with a chunk behind its head.
    fn with_chunk(data: &[u8]) -> Vec<u8> {
        let mut chunk = u32::try_from(data.len() - 4).unwrap().to_be_bytes().to_vec();
        chunk.extend_from_slice(data);
        chunk.extend_from_slice(&crc32fast::hash(data).to_be_bytes());
        let mut png = png();
        png.splice(33..33, chunk);
        png
    }

    fn deflated(head: &[u8], text: &[u8]) -> Vec<u8> {
        let mut chunk = head.to_vec();
        ZlibEncoder::new(text, Compression::best()).read_to_end(&mut chunk).unwrap();
        chunk
    }

    #[test]
    fn what_other_programs_wrote_is_read() {
        let chunks = [
            b"tEXtparameters\0Gr\xf6\xdfe".to_vec(),
            deflated(b"zTXtparameters\0\0", b"Gr\xf6\xdfe"),
            deflated(b"iTXtparameters\0\x01\0de\0\0", "Größe".as_bytes()),
        ];
        for chunk in chunks {
            assert_eq!(read(&with_chunk(&chunk)).unwrap(), [text("parameters", "Größe")]);
        }
        let bomb = deflated(b"zTXtparameters\0\0", &vec![b'a'; LONGEST as usize + 1]);
        for passed_over in [bomb, b"zTXtparameters\0\0damaged".to_vec(), b"iTXtparameters\0\x02\0\0\0a".to_vec()] {
            assert_eq!(read(&with_chunk(&passed_over)).unwrap(), []);
        }
        let png = with_chunk(b"tEXtparameters\0old");
        assert_eq!(read(&written(&png, &[text("parameters", "new")]).unwrap()).unwrap(), [text("parameters", "new")]);
    }

    #[test]
    fn what_is_no_png_or_no_keyword_is_refused() {
        let png = png();
        for wrong in [&b""[..], b"GIF89a", SIGNATURE, &png[..40], &png[..png.len() - 1]] {
            assert!(matches!(read(wrong), Err(MediaError::NoPng)));
        }
        let mut endless = png.clone();
        endless[33..37].copy_from_slice(&[0xff; 4]);
        assert!(matches!(read(&endless), Err(MediaError::NoPng)));
        for keyword in ["", "東京", "a\0b", &"k".repeat(80)] {
            assert!(matches!(written(&png, &[text(keyword, "")]), Err(MediaError::Picture(_))), "{keyword:?}");
        }
    }
}
