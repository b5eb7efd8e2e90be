//! Short lines of text drawn into pictures. The font knows Latin, Greek and Cyrillic letters; others become a box.

use ab_glyph::{Font, FontRef, InvalidFont, PxScale, ScaleFont, point};
use image::{Rgb, RgbImage};

use crate::MediaError;

const FONT: &[u8] = include_bytes!("../fonts/Inter-Regular.ttf");

pub(crate) struct Pen {
    font: FontRef<'static>,
    size: f32,
}

impl Pen {
    /// `size` is the height of a line's letters in pixels.
    pub(crate) fn new(size: f32) -> Result<Self, MediaError> {
        let font =
            FontRef::try_from_slice(FONT).map_err(|error: InvalidFont| MediaError::Picture(error.to_string()))?;
        Ok(Self { font, size })
    }

    pub(crate) fn line_height(&self) -> u32 {
        (self.size * 1.35).ceil() as u32
    }

    pub(crate) fn width(&self, line: &str) -> f32 {
        self.glyphs(line).1
    }

    /// The glyphs of a line with their places, and where it ends.
    fn glyphs(&self, line: &str) -> (Vec<(ab_glyph::GlyphId, f32)>, f32) {
        let font = self.font.as_scaled(PxScale::from(self.size));
        let (mut glyphs, mut at, mut last) = (Vec::new(), 0.0, None);
        for letter in line.chars() {
            let glyph = font.glyph_id(letter);
            at += last.map_or(0.0, |last| font.kern(last, glyph));
            glyphs.push((glyph, at));
            at += font.h_advance(glyph);
            last = Some(glyph);
        }
        (glyphs, at)
    }

    /// Words in lines that are no wider than `width`, at most `lines` of them; what does not fit ends in dots.
    pub(crate) fn wrapped(&self, text: &str, width: f32, lines: usize) -> Vec<String> {
        let mut wrapped: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            let longer = wrapped.last().map(|line| format!("{line} {word}"));
            let fits = longer.as_ref().is_some_and(|longer| self.width(longer) <= width);
            match (longer, wrapped.pop()) {
                (Some(longer), _) if fits => wrapped.push(longer),
                (Some(longer), Some(_)) if wrapped.len() + 1 == lines => {
                    wrapped.push(self.cut(&longer, width, true));
                    break;
                }
                (_, line) => wrapped.extend(line.into_iter().chain([word.to_owned()])),
            }
        }
        wrapped.truncate(lines);
        wrapped.iter().map(|line| self.cut(line, width, false)).collect()
    }

    fn cut(&self, line: &str, width: f32, has_more: bool) -> String {
        if !has_more && self.width(line) <= width {
            return line.to_owned();
        }
        let mut kept: String = line.trim_end_matches('…').to_owned();
        while !kept.is_empty() && self.width(&format!("{kept}…")) > width {
            kept.pop();
        }
        format!("{}…", kept.trim_end())
    }

    /// Draws a line with its upper left corner at a place.
    pub(crate) fn draw(&self, onto: &mut RgbImage, (left, top): (u32, u32), line: &str, ink: Rgb<u8>) {
        let font = self.font.as_scaled(PxScale::from(self.size));
        for (glyph, at) in self.glyphs(line).0 {
            let placed = glyph.with_scale_and_position(self.size, point(left as f32 + at, top as f32 + font.ascent()));
            let Some(outline) = self.font.outline_glyph(placed) else { continue };
            let corner = outline.px_bounds().min;
            outline.draw(|x, y, cover| {
                let (x, y) = (corner.x as i64 + i64::from(x), corner.y as i64 + i64::from(y));
                let place = u32::try_from(x).ok().zip(u32::try_from(y).ok());
                if let Some(pixel) = place.and_then(|(x, y)| onto.get_pixel_mut_checked(x, y)) {
                    let cover = cover.clamp(0.0, 1.0);
                    for (under, ink) in pixel.0.iter_mut().zip(ink.0) {
                        *under = (f32::from(*under) * (1.0 - cover) + f32::from(ink) * cover).round() as u8;
                    }
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_no_wider_than_asked_and_say_that_more_follows() {
        let pen = Pen::new(16.0).unwrap();
        let text = "a lighthouse at dusk, oil on canvas, painted with a wide brush by somebody in a hurry";
        for (width, lines) in [(60.0, 1), (120.0, 2), (120.0, 3), (10_000.0, 1)] {
            let wrapped = pen.wrapped(text, width, lines);
            assert!(wrapped.len() <= lines && wrapped.iter().all(|line| pen.width(line) <= width), "{wrapped:?}");
            assert_eq!(wrapped.last().unwrap().ends_with('…'), width < 1_000.0, "{wrapped:?}");
        }
        assert_eq!(pen.wrapped("", 50.0, 2), Vec::<String>::new());
        assert_eq!(pen.wrapped("a", 50.0, 0), Vec::<String>::new());
        assert!(pen.wrapped("Donaudampfschifffahrtsgesellschaft", 80.0, 2)[0].ends_with('…'));
    }

    #[test]
    fn letters_leave_ink_where_they_are_drawn_and_nowhere_else() {
        let mut page = RgbImage::from_pixel(80, 30, Rgb([255; 3]));
        Pen::new(16.0).unwrap().draw(&mut page, (20, 4), "Größe 東", Rgb([0; 3]));
        assert!(page.pixels().any(|pixel| pixel.0[0] < 40));
        assert!(page.enumerate_pixels().all(|(x, y, pixel)| (x >= 18 && y >= 3) || pixel.0 == [255; 3]));
    }
}
