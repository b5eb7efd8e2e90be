//! Pictures: their pixels, and smaller ones made of them.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use juxta_wire::media::{PictureFormat, Shrink, SmallerPicture};

use crate::{MediaError, file};

/// Pixels that an edge may have.
pub const LONGEST_EDGE: u32 = 32_768;
/// Bytes that the pixels of one picture may take.
const MOST_MEMORY: u64 = 512 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureFacts {
    /// As it is shown.
    pub width: u32,
    pub height: u32,
    /// The file asks for its pixels to be turned or mirrored first.
    pub turned: bool,
}

/// A picture in a file's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub bytes: Vec<u8>,
    pub media_type: &'static str,
    pub width: u32,
    pub height: u32,
}

impl Picture {
    /// As a `data:` URL.
    pub fn url(&self) -> SmallerPicture {
        SmallerPicture {
            url: file::data_url(self.media_type, &self.bytes),
            bytes: self.bytes.len() as u64,
            width: self.width,
            height: self.height,
        }
    }
}

/// Reads the head of a picture.
///
/// # Errors
/// When it is none, or one that is too large to be decoded.
pub fn facts(bytes: &[u8]) -> Result<PictureFacts, MediaError> {
    let mut decoder = decoder(bytes)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let (width, height) = decoder.dimensions();
    let (width, height) = if on_its_side(orientation) { (height, width) } else { (width, height) };
    Ok(PictureFacts { width, height, turned: orientation != Orientation::NoTransforms })
}

/// Makes a picture smaller: turned upright as its file asks, its longest edge at most as given, in another format. Of a
/// moving picture the first frame is left. Nothing that the file says beside its pixels goes along.
///
/// # Errors
/// When it cannot be decoded within the limits.
pub fn smaller(bytes: &[u8], shrink: &Shrink) -> Result<Picture, MediaError> {
    let mut pixels = pixels(bytes)?;
    let edge = shrink.longest_edge.max(1);
    if pixels.width().max(pixels.height()) > edge {
        pixels = pixels.resize(edge, edge, FilterType::Lanczos3);
    }
    encoded(pixels, shrink.format, shrink.quality)
}

/// The same pixels in another format. A picture that has the format already stays as it is, to the byte.
///
/// # Errors
/// As [`smaller`].
pub fn converted(bytes: &[u8], format: PictureFormat, quality: u8) -> Result<Picture, MediaError> {
    if file::media_type(bytes) == Some(media_type(format)) {
        let PictureFacts { width, height, .. } = facts(bytes)?;
        return Ok(Picture { bytes: bytes.to_vec(), media_type: media_type(format), width, height });
    }
    encoded(pixels(bytes)?, format, quality)
}

/// The pixels as they are to be shown.
pub(crate) fn pixels(bytes: &[u8]) -> Result<DynamicImage, MediaError> {
    let mut decoder = decoder(bytes)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut pixels = DynamicImage::from_decoder(decoder).map_err(said)?;
    pixels.apply_orientation(orientation);
    Ok(pixels)
}

fn media_type(format: PictureFormat) -> &'static str {
    match format {
        PictureFormat::Jpeg => "image/jpeg",
        PictureFormat::Png => "image/png",
        PictureFormat::Webp => "image/webp",
    }
}

/// `quality` is 1 to 100, for JPEG.
pub(crate) fn encoded(pixels: DynamicImage, format: PictureFormat, quality: u8) -> Result<Picture, MediaError> {
    let (width, height) = (pixels.width(), pixels.height());
    let mut out = Cursor::new(Vec::new());
    match format {
        PictureFormat::Jpeg => {
            let encoder = JpegEncoder::new_with_quality(&mut out, quality.clamp(1, 100));
            on_white(&pixels).write_with_encoder(encoder).map_err(said)?;
        }
        PictureFormat::Png => pixels.write_to(&mut out, ImageFormat::Png).map_err(said)?,
        // Its encoder takes eight bits a channel.
        PictureFormat::Webp => {
            DynamicImage::from(pixels.into_rgba8()).write_to(&mut out, ImageFormat::WebP).map_err(said)?;
        }
    }
    Ok(Picture { bytes: out.into_inner(), media_type: media_type(format), width, height })
}

/// The same from one `data:` URL to another.
///
/// # Errors
/// As [`smaller`], and when the URL is none of base64.
pub fn smaller_url(url: &str, shrink: &Shrink) -> Result<SmallerPicture, MediaError> {
    smaller(&file::from_base64(url)?, shrink).map(|made| made.url())
}

/// JPEG has no transparency: what shows through is white, as on paper, and not black.
pub(crate) fn on_white(pixels: &DynamicImage) -> DynamicImage {
    if !pixels.color().has_alpha() {
        return DynamicImage::from(pixels.to_rgb8());
    }
    let mut opaque = pixels.to_rgba8();
    for pixel in opaque.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0.map(u32::from);
        let over = |channel: u32| ((channel * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        pixel.0 = [over(red), over(green), over(blue), 255];
    }
    DynamicImage::from(DynamicImage::from(opaque).to_rgb8())
}

fn on_its_side(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    )
}

fn decoder(bytes: &[u8]) -> Result<impl ImageDecoder, MediaError> {
    if bytes.is_empty() {
        return Err(MediaError::Empty);
    }
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| MediaError::Unknown)?;
    if reader.format().is_none() {
        return Err(MediaError::Unknown);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_EDGE);
    limits.max_image_height = Some(LONGEST_EDGE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(said)?;
    if decoder.total_bytes() > MOST_MEMORY {
        return Err(MediaError::PictureTooLarge);
    }
    Ok(decoder)
}

fn said(error: ImageError) -> MediaError {
    match error {
        ImageError::Limits(_) => MediaError::PictureTooLarge,
        other => MediaError::Picture(other.to_string().trim_end_matches('.').to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    /// Red on the left half, blue on the right one.
    fn two_halves(format: ImageFormat) -> Vec<u8> {
        let pixels = RgbImage::from_fn(64, 32, |x, _| if x < 32 { Rgb([250, 0, 0]) } else { Rgb([0, 0, 250]) });
        let mut out = Cursor::new(Vec::new());
        DynamicImage::from(pixels).write_to(&mut out, format).expect("a picture");
        out.into_inner()
    }

    /// The same as a JPEG whose Exif asks to be turned by a quarter, clockwise.
    fn turned() -> Vec<u8> {
        let plain = two_halves(ImageFormat::Jpeg);
        let mut tiff = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01".to_vec();
        tiff.extend_from_slice(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0");
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe1];
        bytes.extend_from_slice(&(tiff.len() as u16 + 2).to_be_bytes());
        bytes.extend_from_slice(&tiff);
        bytes.extend_from_slice(&plain[2..]);
        bytes
    }

    fn shrink(longest_edge: u32, format: PictureFormat) -> Shrink {
        Shrink { longest_edge, format, quality: 80 }
    }

    #[test]
    fn every_format_gets_smaller_and_keeps_its_shape() {
        for source in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            let bytes = two_halves(source);
            assert_eq!(facts(&bytes).unwrap(), PictureFacts { width: 64, height: 32, turned: false }, "{source:?}");
            for (format, expected) in [
                (PictureFormat::Jpeg, ImageFormat::Jpeg),
                (PictureFormat::Png, ImageFormat::Png),
                (PictureFormat::Webp, ImageFormat::WebP),
            ] {
                let small = smaller(&bytes, &shrink(16, format)).unwrap();
                assert_eq!((small.width, small.height), (16, 8));
                assert_eq!(image::guess_format(&small.bytes).unwrap(), expected);
                let pixels = image::load_from_memory(&small.bytes).unwrap().to_rgb8();
                let (left, right) = (pixels.get_pixel(2, 4).0, pixels.get_pixel(13, 4).0);
                assert!(left[0] > 200 && left[2] < 60 && right[2] > 200 && right[0] < 60, "{left:?} {right:?}");
            }
            let same = smaller(&bytes, &shrink(4_096, PictureFormat::Png)).unwrap();
            assert_eq!((same.width, same.height), (64, 32), "nothing is made larger");
        }
    }

    #[test]
    fn a_picture_is_saved_in_another_format_and_stays_itself_in_its_own() {
        let png = two_halves(ImageFormat::Png);
        assert_eq!(converted(&png, PictureFormat::Png, 80).unwrap().bytes, png);
        for format in [PictureFormat::Jpeg, PictureFormat::Webp] {
            let other = converted(&png, format, 90).unwrap();
            assert_eq!((file::media_type(&other.bytes), other.width, other.height), (Some(other.media_type), 64, 32));
        }
        assert!(matches!(converted(&png[..40], PictureFormat::Webp, 80), Err(MediaError::Picture(_))));
        assert_eq!(converted(&turned(), PictureFormat::Png, 80).unwrap().height, 64);
    }

    #[test]
    fn what_a_file_asks_to_be_turned_is_turned() {
        let bytes = turned();
        assert_eq!(facts(&bytes).unwrap(), PictureFacts { width: 32, height: 64, turned: true });
        let small = smaller(&bytes, &shrink(16, PictureFormat::Png)).unwrap();
        assert_eq!((small.width, small.height), (8, 16));
        let pixels = image::load_from_memory(&small.bytes).unwrap().to_rgb8();
        assert!(pixels.get_pixel(4, 2).0[0] > 150, "what was left is above");
        assert!(!facts(&small.bytes).unwrap().turned, "and it is not turned a second time");
    }

    #[test]
    fn a_url_of_data_becomes_another_one() {
        let url = file::data_url("image/png", &two_halves(ImageFormat::Png));
        let made = smaller_url(&url, &shrink(16, PictureFormat::Jpeg)).unwrap();
        let bytes = file::from_base64(&made.url).unwrap();
        assert!(made.url.starts_with("data:image/jpeg;base64,"));
        assert_eq!((bytes.len() as u64, facts(&bytes).unwrap().width, made.height), (made.bytes, 16, 8));
        for wrong in ["https://example.org/a.png", "data:image/png,abc", "ä"] {
            assert!(matches!(smaller_url(wrong, &shrink(1, PictureFormat::Png)), Err(MediaError::NoBase64)), "{wrong}");
        }
    }

    #[test]
    fn what_shows_through_is_white_in_a_jpeg() {
        let glass = RgbaImage::from_pixel(8, 8, Rgba([0, 0, 0, 0]));
        let mut out = Cursor::new(Vec::new());
        DynamicImage::from(glass).write_to(&mut out, ImageFormat::Png).unwrap();
        let small = smaller(&out.into_inner(), &shrink(8, PictureFormat::Jpeg)).unwrap();
        assert!(image::load_from_memory(&small.bytes).unwrap().to_rgb8().get_pixel(3, 3).0[0] > 250);
    }

    #[test]
    fn what_is_no_picture_or_too_large_says_so() {
        assert!(matches!(facts(b""), Err(MediaError::Empty)));
        assert!(matches!(facts(b"hello"), Err(MediaError::Unknown)));
        let png = two_halves(ImageFormat::Png);
        assert!(matches!(smaller(&png[..png.len() / 2], &shrink(8, PictureFormat::Png)), Err(MediaError::Picture(_))));
        // A head that claims 60,000 x 60,000 pixels is not believed with memory.
        let mut gif = two_halves(ImageFormat::Gif);
        gif[6..10].copy_from_slice(&[0x60, 0xea, 0x60, 0xea]);
        assert!(matches!(facts(&gif), Err(MediaError::PictureTooLarge)));
    }
}
