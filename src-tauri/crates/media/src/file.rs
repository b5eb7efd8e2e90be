//! What a file is, by its bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use juxta_wire::media::{FileFacts, FileKind};

use crate::{MediaError, picture, sound};

/// Bytes at the beginning, the bytes at another place where those are not enough, and what it is then.
type Magic = (&'static [u8], Option<(usize, &'static [u8])>, &'static str);

/// The first that fits counts.
const MAGIC: &[Magic] = &[
    (b"\x89PNG\r\n\x1a\n", None, "image/png"),
    (b"\xff\xd8\xff", None, "image/jpeg"),
    (b"GIF87a", None, "image/gif"),
    (b"GIF89a", None, "image/gif"),
    (b"RIFF", Some((8, b"WEBP")), "image/webp"),
    (b"RIFF", Some((8, b"WAVE")), "audio/wav"),
    (b"ID3", None, "audio/mpeg"),
    (b"OggS", Some((28, b"OpusHead")), "audio/opus"),
    (b"OggS", None, "audio/ogg"),
    (b"fLaC", None, "audio/flac"),
    (b"", Some((4, b"ftypavif")), "image/avif"),
    (b"", Some((4, b"ftypheic")), "image/heic"),
    (b"", Some((4, b"ftypM4A")), "audio/mp4"),
    (b"", Some((4, b"ftyp")), "video/mp4"),
    (b"\x1a\x45\xdf\xa3", None, "video/webm"),
    (b"%PDF-", None, "application/pdf"),
    (b"PK\x03\x04", None, "application/zip"),
    (b"\x1f\x8b", None, "application/gzip"),
];

/// The media type of bytes that begin like no other; `None` when nothing says.
pub fn media_type(bytes: &[u8]) -> Option<&'static str> {
    let fits = |(start, more, _): &&Magic| {
        bytes.starts_with(start)
            && more.is_none_or(|(at, there)| bytes.get(at..).is_some_and(|rest| rest.starts_with(there)))
    };
    match MAGIC.iter().find(fits) {
        Some((_, _, name)) => Some(name),
        None => mpeg(bytes),
    }
}

/// A frame of MPEG audio or of AAC without a tag before it: eleven bits are set, then version, layer and rate that exist.
fn mpeg(bytes: &[u8]) -> Option<&'static str> {
    let [0xff, second, third, ..] = bytes else { return None };
    if second & 0xf6 == 0xf0 {
        return Some("audio/aac");
    }
    let (version, layer, rate) = (second >> 3 & 3, second >> 1 & 3, third >> 4);
    (second >> 5 == 7 && version != 1 && layer == 1 && !matches!(rate, 0 | 15)).then_some("audio/mpeg")
}

/// The bytes behind base64, or behind a `data:` URL of it.
///
/// # Errors
/// When it is neither.
pub fn from_base64(text: &str) -> Result<Vec<u8>, MediaError> {
    let base64 = match text.strip_prefix("data:") {
        Some(url) => url.split_once(";base64,").ok_or(MediaError::NoBase64)?.1,
        None => text,
    };
    STANDARD.decode(base64).map_err(|_| MediaError::NoBase64)
}

/// The way back of [`from_base64`].
pub fn data_url(media_type: &str, bytes: &[u8]) -> String {
    format!("data:{media_type};base64,{}", STANDARD.encode(bytes))
}

/// Looks at the whole file: a picture has its pixels counted, a sound its seconds.
pub fn facts(bytes: &[u8]) -> FileFacts {
    let media_type = media_type(bytes).unwrap_or_else(|| match str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') && !text.is_empty() => "text/plain",
        _ => "application/octet-stream",
    });
    let broken = |error: MediaError| FileKind::Broken { message: error.to_string() };
    let kind = if media_type.starts_with("image/") {
        picture::facts(bytes).map_or_else(broken, |facts| FileKind::Picture {
            width: facts.width,
            height: facts.height,
            turned: facts.turned,
        })
    } else if media_type.starts_with("audio/") {
        sound::seconds(bytes, None).map_or_else(broken, |seconds| FileKind::Sound { seconds })
    } else if media_type.starts_with("video/") {
        // What records in a browser calls its sounds films.
        sound::seconds(bytes, None).map_or(FileKind::Other, |seconds| FileKind::Sound { seconds })
    } else {
        FileKind::Other
    };
    FileFacts { bytes: bytes.len() as u64, kind, media_type: media_type.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_what_their_bytes_say() {
        let mut opus = b"OggS".to_vec();
        opus.resize(28, 0);
        opus.extend_from_slice(b"OpusHead");
        let cases: &[(&[u8], &str)] = &[
            (b"\x89PNG\r\n\x1a\n\0", "image/png"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
            (b"RIFF\x10\0\0\0WAVEfmt ", "audio/wav"),
            (b"RIFF\x10\0\0\0AVI LIST", "application/octet-stream"),
            (b"\xff\xfb\x90\x64", "audio/mpeg"),
            (b"\xff\xf1\x50\x80", "audio/aac"),
            (&opus, "audio/opus"),
            (b"\0\0\0\x20ftypM4A ", "audio/mp4"),
            (b"%PDF-1.7\n", "application/pdf"),
            ("näïve \u{1f41f}".as_bytes(), "text/plain"),
            (b"", "application/octet-stream"),
            (b"a\0b", "application/octet-stream"),
            (b"\xff", "application/octet-stream"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(facts(bytes).media_type, *expected, "{bytes:?}");
        }
        assert!(matches!(facts(b"\x89PNG\r\n\x1a\n\0").kind, FileKind::Broken { .. }), "a picture that ends early");
        assert!(matches!(facts(b"RIFF\x10\0\0\0WAVEfmt ").kind, FileKind::Broken { .. }), "a sound that ends early");
        assert_eq!(facts(b"%PDF-1.7\n").kind, FileKind::Other);
    }
}
