//! Where two pictures differ.

use image::{DynamicImage, Rgba, RgbaImage};
use juxta_wire::media::PictureFormat;

use crate::MediaError;
use crate::picture::{Picture, encoded, pixels};

#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Of all pixels, those that differ: 0 to 1.
    pub share: f64,
    pub different: u64,
    pub pixels: u64,
    /// The greatest distance of a channel, 0 to 255.
    pub greatest: u8,
    /// As a PNG: what differs in red, the stronger the more, over the first picture in pale grey.
    pub picture: Picture,
}

/// Compares pixel by pixel. A pixel differs when one of its channels does by more than `tolerance`.
///
/// # Errors
/// When a picture cannot be decoded, or when they have different sizes.
pub fn difference(one: &[u8], other: &[u8], tolerance: u8) -> Result<Difference, MediaError> {
    let (one, other) = (pixels(one)?.into_rgba8(), pixels(other)?.into_rgba8());
    if one.dimensions() != other.dimensions() {
        return Err(MediaError::DifferentSizes { one: one.dimensions(), other: other.dimensions() });
    }
    let (mut different, mut greatest) = (0_u64, 0);
    let mut shown = RgbaImage::new(one.width(), one.height());
    for ((one, other), shown) in one.pixels().zip(other.pixels()).zip(shown.pixels_mut()) {
        let apart = distance(one, other);
        greatest = greatest.max(apart);
        *shown = pale(one);
        if apart > tolerance {
            different += 1;
            // Weaker than this would not be seen.
            let strength = 96 + u32::from(apart) * 159 / 255;
            let mix = |from: u8, to: u32| ((u32::from(from) * (255 - strength) + to * strength) / 255) as u8;
            *shown = Rgba([mix(shown.0[0], 214), mix(shown.0[1], 24), mix(shown.0[2], 24), 255]);
        }
    }
    let pixels = u64::from(one.width()) * u64::from(one.height());
    let picture = encoded(DynamicImage::from(shown), PictureFormat::Png, 100)?;
    Ok(Difference { share: different as f64 / pixels.max(1) as f64, different, pixels, greatest, picture })
}

/// What nobody sees has no colour.
fn distance(one: &Rgba<u8>, other: &Rgba<u8>) -> u8 {
    if one.0[3] == 0 && other.0[3] == 0 {
        return 0;
    }
    one.0.iter().zip(other.0).map(|(one, other)| one.abs_diff(other)).max().unwrap_or_default()
}

fn pale(pixel: &Rgba<u8>) -> Rgba<u8> {
    let [red, green, blue, alpha] = pixel.0.map(u32::from);
    let grey = (red * 299 + green * 587 + blue * 114) / 1_000;
    let on_white = (grey * alpha + 255 * (255 - alpha)) / 255;
    let pale = (255 - (255 - on_white) * 2 / 5) as u8;
    Rgba([pale, pale, pale, 255])
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::ImageFormat;

    use super::*;

    fn png(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        RgbaImage::from_fn(width, height, |x, y| Rgba(pixel(x, y))).write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    #[test]
    fn the_share_is_that_of_the_pixels_that_differ() {
        let one = png(10, 10, |_, _| [100, 100, 100, 255]);
        let other = png(10, 10, |x, y| if x < 5 && y < 5 { [100, 160, 100, 255] } else { [100, 100, 101, 255] });
        let exact = difference(&one, &other, 0).unwrap();
        assert_eq!((exact.share, exact.different, exact.pixels, exact.greatest), (1.0, 100, 100, 60));
        let tolerant = difference(&one, &other, 1).unwrap();
        assert_eq!((tolerant.share, tolerant.different), (0.25, 25));
        let shown = image::load_from_memory(&tolerant.picture.bytes).unwrap().to_rgb8();
        let (changed, same) = (shown.get_pixel(2, 2).0, shown.get_pixel(8, 8).0);
        assert!(changed[0] > changed[1] + 40 && same[0] == same[1] && same[0] > 150, "{changed:?} {same:?}");
        assert_eq!(difference(&one, &one, 0).unwrap().share, 0.0);
    }

    #[test]
    fn other_sizes_are_no_comparison_and_what_is_invisible_is_equal() {
        let error = difference(&png(2, 3, |_, _| [0; 4]), &png(3, 2, |_, _| [0; 4]), 0).unwrap_err();
        assert_eq!(error.to_string(), "The pictures have different sizes: 2 × 3 and 3 × 2 pixels.");
        let (black, white) = (png(2, 2, |_, _| [0; 4]), png(2, 2, |_, _| [255, 255, 255, 0]));
        assert_eq!(difference(&black, &white, 0).unwrap().different, 0);
    }
}
