//! What bytes are, by themselves and not by their label.

use juxta_wire::document::DocumentMedia;

/// As many of the first bytes as are looked at.
pub const ENOUGH: usize = 512;

/// Bytes at a place that only files of one kind have.
struct Magic {
    at: usize,
    bytes: &'static [u8],
    /// More of them, at another place.
    and: Option<(usize, &'static [u8])>,
    media: DocumentMedia,
    name: &'static str,
}

const fn magic(bytes: &'static [u8], media: DocumentMedia, name: &'static str) -> Magic {
    Magic { at: 0, bytes, and: None, media, name }
}

use DocumentMedia::{Audio, Binary, EventStream, Html, Image, Json, Text};

/// The first that fits counts.
const MAGIC: &[Magic] = &[
    magic(b"\x89PNG\r\n\x1a\n", Image, "image/png"),
    magic(b"\xff\xd8\xff", Image, "image/jpeg"),
    magic(b"GIF87a", Image, "image/gif"),
    magic(b"GIF89a", Image, "image/gif"),
    Magic { and: Some((8, b"WEBP")), ..magic(b"RIFF", Image, "image/webp") },
    Magic { and: Some((8, b"WAVE")), ..magic(b"RIFF", Audio, "audio/wav") },
    magic(b"ID3", Audio, "audio/mpeg"),
    magic(b"OggS", Audio, "audio/ogg"),
    magic(b"fLaC", Audio, "audio/flac"),
    Magic { at: 4, and: Some((8, b"M4A")), ..magic(b"ftyp", Audio, "audio/mp4") },
    Magic { at: 4, and: Some((8, b"avif")), ..magic(b"ftyp", Image, "image/avif") },
    Magic { at: 4, ..magic(b"ftyp", Audio, "audio/mp4") },
    magic(b"\x1a\x45\xdf\xa3", Audio, "audio/webm"),
    magic(b"%PDF-", Binary, "application/pdf"),
    magic(b"PK\x03\x04", Binary, "application/zip"),
    magic(b"\x1f\x8b", Binary, "application/gzip"),
];

/// What else is known of the bytes.
pub struct Known<'a> {
    /// The first [`ENOUGH`] of them, or all.
    pub first: &'a [u8],
    /// No byte so far is wrong.
    pub utf8: bool,
    /// They are JSON, or the beginning of an object or an array.
    pub json: bool,
}

pub fn media(known: &Known<'_>) -> (DocumentMedia, &'static str) {
    let there = |at: usize, bytes: &[u8]| known.first.get(at..).is_some_and(|rest| rest.starts_with(bytes));
    let fits = |magic: &&Magic| there(magic.at, magic.bytes) && magic.and.is_none_or(|(at, bytes)| there(at, bytes));
    if let Some(magic) = MAGIC.iter().find(fits) {
        return (magic.media, magic.name);
    }
    if is_mpeg_audio(known.first) {
        return (Audio, "audio/mpeg");
    }
    if known.json {
        return (Json, "application/json");
    }
    if is_event_stream(known.first) {
        return (EventStream, "text/event-stream");
    }
    if is_html(known.first) {
        return (Html, "text/html");
    }
    let is_binary = known.first.contains(&0) || !known.utf8 && !is_mostly_text(known.first);
    if is_binary { (Binary, "application/octet-stream") } else { (Text, "text/plain") }
}

/// Whether a body begins as event streams do.
pub fn is_event_stream(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let fields: [&[u8]; 5] = [b":", b"data:", b"event:", b"id:", b"retry:"];
    fields.iter().any(|field| bytes.starts_with(field))
}

/// A frame of MPEG audio without a tag before it: eleven bits set, then version, layer and rate that exist.
fn is_mpeg_audio(bytes: &[u8]) -> bool {
    let [0xFF, second, third, ..] = bytes else { return false };
    let (version, layer, rate) = (second >> 3 & 3, second >> 1 & 3, third >> 4);
    second >> 5 == 7 && version != 1 && layer == 1 && !matches!(rate, 0 | 15)
}

fn is_html(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let begins = |word: &[u8]| bytes.get(..word.len()).is_some_and(|first| first.eq_ignore_ascii_case(word));
    begins(b"<!doctype html") || begins(b"<html") || begins(b"<head") || begins(b"<body")
}

fn is_mostly_text(bytes: &[u8]) -> bool {
    let odd = String::from_utf8_lossy(bytes)
        .chars()
        .filter(|character| {
            *character == char::REPLACEMENT_CHARACTER || character.is_control() && !character.is_whitespace()
        })
        .count();
    odd * 16 <= bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_says_what_it_is() {
        let cases: &[(&[u8], DocumentMedia, &str)] = &[
            (b"\x89PNG\r\n\x1a\n\0\0", Image, "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Image, "image/jpeg"),
            (b"GIF89a...", Image, "image/gif"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Image, "image/webp"),
            (b"RIFF\x10\0\0\0WAVEfmt ", Audio, "audio/wav"),
            (b"ID3\x04", Audio, "audio/mpeg"),
            (b"\xff\xfb\x90\x64\0\0", Audio, "audio/mpeg"),
            (b"OggS\0", Audio, "audio/ogg"),
            (b"fLaC\0", Audio, "audio/flac"),
            (b"\0\0\0\x20ftypM4A \0", Audio, "audio/mp4"),
            (b"\0\0\0\x20ftypisom\0", Audio, "audio/mp4"),
            (b"\x1a\x45\xdf\xa3\x01", Audio, "audio/webm"),
            (b"%PDF-1.7\n", Binary, "application/pdf"),
            (b": ping\n\ndata: 1\n\n", EventStream, "text/event-stream"),
            (b"\xef\xbb\xbf\ndata: \xff\n\n", EventStream, "text/event-stream"),
            (b"  <!DOCTYPE HTML>\n<p>", Html, "text/html"),
            (b"<svg xmlns=\"x\"/>", Text, "text/plain"),
            (b"", Text, "text/plain"),
            (b"Bad Gateway", Text, "text/plain"),
            ("Ung\u{fc}ltig".as_bytes(), Text, "text/plain"),
            (b"mostly text, with one odd \xff byte", Text, "text/plain"),
            (b"\xff\xfe\x80\x81", Binary, "application/octet-stream"),
            (b"text\0with a NUL", Binary, "application/octet-stream"),
        ];
        for (bytes, expected, name) in cases {
            let known = Known { first: bytes, utf8: str::from_utf8(bytes).is_ok(), json: false };
            assert_eq!(media(&known), (*expected, *name), "{:?}", String::from_utf8_lossy(bytes));
        }
        let json = Known { first: b"{\"a\":1}", utf8: true, json: true };
        assert_eq!(media(&json), (Json, "application/json"));
    }
}
