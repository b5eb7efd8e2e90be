//! Pictures and sounds. What is here works on bytes in memory; only [`speaker`] and
//! [`capture`] touch a device, and only a recording is a file.
//!
//! Bytes that people attach or that servers send are strangers': what they claim of themselves is checked against
//! limits before memory is asked for, and nothing is believed because of a name.
//!
//! ```
//! use juxta_media::{MediaError, file, picture};
//!
//! let facts = file::facts(b"%PDF-1.7\n");
//! assert_eq!(facts.media_type, "application/pdf");
//! assert!(matches!(picture::facts(b"no picture"), Err(MediaError::Unknown)));
//! ```

pub mod arriving;
pub mod capture;
mod deck;
mod decode;
pub mod device;
pub mod difference;
pub mod file;
pub mod loudness;
mod meter;
mod mp4;
mod opus;
pub mod peaks;
pub mod picture;
pub mod png_text;
mod reel;
mod shaper;
pub mod sheet;
pub mod sound;
pub mod speaker;
mod take;
mod text;
pub mod thumbnails;
mod wav;
pub mod wav_file;

/// Why something cannot be seen or heard. The words are for people.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    #[error("These bytes are of no kind that Juxta knows.")]
    Unknown,
    #[error("This is no base64.")]
    NoBase64,
    #[error("There are no bytes.")]
    Empty,
    #[error("The picture cannot be read: {0}.")]
    Picture(String),
    #[error("The picture has more than {} pixels on an edge, or needs too much memory.", picture::LONGEST_EDGE)]
    PictureTooLarge,
    #[error("This is no PNG file, or one that ends early.")]
    NoPng,
    #[error("The pictures have different sizes: {} × {} and {} × {} pixels.", .one.0, .one.1, .other.0, .other.1)]
    DifferentSizes { one: (u32, u32), other: (u32, u32) },
    #[error("A grid of {columns} × {rows} does not hold {pictures} pictures.")]
    NoGrid { columns: usize, rows: usize, pictures: usize },
    #[error("The sound cannot be decoded: {0}.")]
    Sound(String),
    #[error("The sound is too long to be decoded at once.")]
    SoundTooLong,
    #[error("No device for sound could be opened: {0}.")]
    Device(String),
    #[error("The recording cannot be written: {0}.")]
    Recording(String),
}
