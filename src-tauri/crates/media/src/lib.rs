//! Pictures and sounds. Everything here works on bytes in memory; only [`speaker`] touches a device.
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

pub mod file;
mod opus;
pub mod picture;
pub mod sound;
pub mod speaker;
mod wav;

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
    #[error("The sound cannot be decoded: {0}.")]
    Sound(String),
    #[error("The sound is too long to be decoded at once.")]
    SoundTooLong,
    #[error("No device for sound could be opened: {0}.")]
    Device(String),
}
