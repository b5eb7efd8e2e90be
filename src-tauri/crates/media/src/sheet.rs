//! Pictures side by side as one picture: a grid with a label for each column and each row.

use image::imageops::{FilterType, overlay};
use image::{DynamicImage, Rgb, RgbImage};
use juxta_wire::media::{PictureFormat, PictureSheet};

use crate::picture::{Picture, encoded, on_white, pixels};
use crate::text::Pen;
use crate::{MediaError, file};

const PAPER: Rgb<u8> = Rgb([255, 255, 255]);
const INK: Rgb<u8> = Rgb([28, 30, 34]);
const EMPTY: Rgb<u8> = Rgb([232, 234, 238]);
/// Pixels between what stands side by side, and around it all.
const GAP: u32 = 16;
const LETTERS: f32 = 18.0;
const LINES: usize = 3;
/// How wide the labels of rows may be.
const LABEL_WIDTH: f32 = 220.0;
const SMALLEST_EDGE: u32 = 64;
/// Pixels of the whole picture: 400 MB while it is made.
const MOST_PIXELS: u64 = 100_000_000;

/// A grid that is to be drawn.
#[derive(Debug, Clone, Copy)]
pub struct Sheet<'a> {
    /// One label for each column, above it.
    pub columns: &'a [String],
    /// One label for each row, to its left.
    pub rows: &'a [String],
    /// Files row by row; `None` where there is no picture, or where it cannot be shown.
    pub pictures: &'a [Option<&'a [u8]>],
    /// How wide and high a picture may be at most. Nothing is made larger.
    pub edge: u32,
}

/// Draws the grid as a PNG. A picture that cannot be decoded leaves its place empty.
///
/// # Errors
/// When the pictures do not fill the grid, or when it would be too large.
pub fn drawn(sheet: &Sheet<'_>) -> Result<Picture, MediaError> {
    let (columns, rows) = (sheet.columns.len(), sheet.rows.len());
    if sheet.pictures.len() != columns * rows || sheet.pictures.is_empty() {
        return Err(MediaError::NoGrid { columns, rows, pictures: sheet.pictures.len() });
    }
    let pen = Pen::new(LETTERS)?;
    let edge = sheet.edge.max(SMALLEST_EDGE);
    let grid = Grid::new(sheet, &pen, edge)?;
    let mut page = RgbImage::from_pixel(grid.width, grid.height, PAPER);
    for (column, label) in sheet.columns.iter().enumerate() {
        grid.label(&mut page, &pen, label, edge as f32, (grid.left(column), GAP));
    }
    for (row, label) in sheet.rows.iter().enumerate() {
        grid.label(&mut page, &pen, label, LABEL_WIDTH, (GAP, grid.top(row)));
    }
    for (at, file) in sheet.pictures.iter().enumerate() {
        let (left, top) = (grid.left(at % columns), grid.top(at / columns));
        // One at a time, so that only one is in memory in full size.
        match file.and_then(|file| pixels(file).ok()) {
            Some(picture) => overlay(&mut page, &fitting(&picture, edge), i64::from(left), i64::from(top)),
            None => {
                let empty = RgbImage::from_pixel(edge, edge, EMPTY);
                overlay(&mut page, &empty, i64::from(left), i64::from(top));
            }
        }
    }
    encoded(DynamicImage::from(page), PictureFormat::Png, 100)
}

/// The same with pictures as text. One that is no base64 leaves its place empty too.
///
/// # Errors
/// As [`drawn`].
pub fn of_urls(sheet: &PictureSheet) -> Result<Picture, MediaError> {
    let files: Vec<Option<Vec<u8>>> =
        sheet.pictures.iter().map(|picture| file::from_base64(picture.as_ref()?).ok()).collect();
    let pictures: Vec<Option<&[u8]>> = files.iter().map(Option::as_deref).collect();
    drawn(&Sheet { columns: &sheet.columns, rows: &sheet.rows, pictures: &pictures, edge: sheet.edge })
}

fn fitting(picture: &DynamicImage, edge: u32) -> RgbImage {
    if picture.width().max(picture.height()) > edge {
        on_white(&picture.resize(edge, edge, FilterType::Lanczos3)).into_rgb8()
    } else {
        on_white(picture).into_rgb8()
    }
}

/// Where everything stands.
struct Grid {
    width: u32,
    height: u32,
    labels_left: u32,
    labels_top: u32,
    edge: u32,
}

impl Grid {
    fn new(sheet: &Sheet<'_>, pen: &Pen, edge: u32) -> Result<Self, MediaError> {
        let widest = sheet.rows.iter().flat_map(|label| pen.wrapped(label, LABEL_WIDTH, LINES));
        let widest = widest.map(|line| pen.width(&line)).fold(0.0, f32::max).ceil() as u32;
        let most_lines = sheet.columns.iter().map(|label| pen.wrapped(label, edge as f32, LINES).len()).max();
        let labels_left = if widest > 0 { widest + GAP } else { 0 };
        let labels_top = match most_lines.unwrap_or_default() {
            0 => 0,
            lines => lines as u32 * pen.line_height() + GAP / 2,
        };
        let along =
            |labels: u32, count: usize| u64::from(GAP + labels) + count as u64 * (u64::from(edge) + u64::from(GAP));
        let (width, height) = (along(labels_left, sheet.columns.len()), along(labels_top, sheet.rows.len()));
        let is_small_enough = width.checked_mul(height).is_some_and(|pixels| pixels <= MOST_PIXELS);
        match (u32::try_from(width), u32::try_from(height)) {
            (Ok(width), Ok(height)) if is_small_enough => Ok(Self { width, height, labels_left, labels_top, edge }),
            _ => Err(MediaError::PictureTooLarge),
        }
    }

    fn left(&self, column: usize) -> u32 {
        GAP + self.labels_left + column as u32 * (self.edge + GAP)
    }

    fn top(&self, row: usize) -> u32 {
        GAP + self.labels_top + row as u32 * (self.edge + GAP)
    }

    fn label(&self, page: &mut RgbImage, pen: &Pen, label: &str, width: f32, (left, top): (u32, u32)) {
        for (number, line) in pen.wrapped(label, width, LINES).iter().enumerate() {
            pen.draw(page, (left, top + number as u32 * pen.line_height()), line, INK);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::ImageFormat;

    use super::*;

    fn png(width: u32, height: u32, colour: [u8; 3]) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        RgbImage::from_pixel(width, height, Rgb(colour)).write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    fn labels(axis: &str) -> Vec<String> {
        (1..=4).map(|number| format!("{axis} {number} — größer")).collect()
    }

    #[test]
    fn four_by_four_pictures_stand_where_their_labels_say() {
        let colours: Vec<[u8; 3]> = (0..16).map(|at| [at * 15, 255 - at * 15, 100]).collect();
        let files: Vec<Vec<u8>> = colours.iter().map(|colour| png(200, 200, *colour)).collect();
        let pictures: Vec<Option<&[u8]>> = files.iter().map(|file| Some(file.as_slice())).collect();
        let (columns, rows) = (labels("guidance"), labels("seed"));
        let sheet = Sheet { columns: &columns, rows: &rows, pictures: &pictures, edge: 96 };
        let made = drawn(&sheet).unwrap();
        let page = image::load_from_memory(&made.bytes).unwrap().to_rgb8();
        assert_eq!(page.dimensions(), (made.width, made.height));
        let grid = Grid::new(&sheet, &Pen::new(LETTERS).unwrap(), 96).unwrap();
        for (at, colour) in colours.iter().enumerate() {
            let (left, top) = (grid.left(at % 4), grid.top(at / 4));
            for (x, y) in [(0, 0), (48, 48), (95, 95)] {
                assert_eq!(page.get_pixel(left + x, top + y).0, *colour, "picture {at}");
            }
            assert_eq!(page.get_pixel(left + 96, top).0, PAPER.0, "a gap follows");
        }
        let has_ink = |(left, top): (u32, u32), (right, bottom): (u32, u32)| {
            (left..right).any(|x| (top..bottom).any(|y| page.get_pixel(x, y).0[0] < 80))
        };
        for at in 0..4 {
            assert!(has_ink((grid.left(at), GAP), (grid.left(at) + 96, grid.top(0) - 4)), "label of column {at}");
            assert!(has_ink((GAP, grid.top(at)), (grid.left(0) - 4, grid.top(at) + 60)), "label of row {at}");
        }
    }

    #[test]
    fn what_cannot_be_shown_leaves_its_place_empty() {
        let file = png(70, 30, [9, 9, 9]);
        let (columns, rows) = (vec![String::new(); 3], vec![String::new()]);
        let pictures = [Some(file.as_slice()), None, Some(b"no picture".as_slice())];
        let made = drawn(&Sheet { columns: &columns, rows: &rows, pictures: &pictures, edge: 80 }).unwrap();
        let page = image::load_from_memory(&made.bytes).unwrap().to_rgb8();
        let at = |column: u32| page.get_pixel(GAP + column * (80 + GAP) + 3, GAP + 3).0;
        assert_eq!([at(0), at(1), at(2)], [[9, 9, 9], EMPTY.0, EMPTY.0]);
        assert_eq!(page.dimensions(), (GAP + 3 * 96, GAP + 96), "no labels take no place");
    }

    #[test]
    fn a_grid_that_is_none_or_too_large_says_so() {
        let none = Sheet { columns: &[], rows: &[], pictures: &[], edge: 96 };
        assert!(matches!(drawn(&none), Err(MediaError::NoGrid { .. })));
        let many = vec!["a".to_owned(); 40];
        let pictures = vec![None; 1_600];
        let sheet = Sheet { columns: &many, rows: &many, pictures: &pictures, edge: 4_096 };
        assert!(matches!(drawn(&sheet), Err(MediaError::PictureTooLarge)));
    }
}
