//! Forms with files (`multipart/form-data`, RFC 7578), written by ourselves: what the preview shows, what is sent and what
//! is recorded are the same bytes, also when a call is tried again.

use juxta_wire::exchange::{FormContent, FormPart};
use memchr::memmem;
use sha2::{Digest, Sha256};

/// One field of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    pub name: &'a str,
    pub content: Content<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    Text(&'a str),
    File { name: &'a str, media_type: &'a str, bytes: &'a [u8] },
}

/// A form as it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub bytes: Vec<u8>,
    boundary: String,
    pub parts: Vec<FormPart>,
    /// The bytes as text, with the size of each file in place of its content.
    pub shown: String,
}

impl Written {
    /// The value of `content-type`.
    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }
}

/// Writes a form. The same parts make the same bytes.
///
/// ```
/// use juxta_client::multipart::{write, Content, Part};
///
/// let form = write(&[Part { name: "model", content: Content::Text("whisper-1") }]);
/// assert!(form.shown.contains("content-disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n"));
/// ```
pub fn write(parts: &[Part<'_>]) -> Written {
    let boundary = boundary(parts);
    let mut bytes = Vec::new();
    let mut shown = String::new();
    for part in parts {
        let mut head = format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{}\"", quoted(part.name));
        let (content, instead) = match part.content {
            Content::Text(text) => (text.as_bytes(), text.to_owned()),
            Content::File { name, media_type, bytes } => {
                head.push_str(&format!("; filename=\"{}\"\r\ncontent-type: {media_type}", quoted(name)));
                (bytes, format!("({} bytes of {media_type})", bytes.len()))
            }
        };
        head.push_str("\r\n\r\n");
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(content);
        bytes.extend_from_slice(b"\r\n");
        shown.push_str(&head);
        shown.push_str(&instead);
        shown.push_str("\r\n");
    }
    let end = format!("--{boundary}--\r\n");
    bytes.extend_from_slice(end.as_bytes());
    shown.push_str(&end);
    Written { bytes, boundary, parts: parts.iter().map(described).collect(), shown }
}

fn described(part: &Part<'_>) -> FormPart {
    let content = match part.content {
        Content::Text(text) => FormContent::Text { text: text.to_owned() },
        Content::File { name, media_type, bytes } => FormContent::File {
            file_name: name.to_owned(),
            media_type: media_type.to_owned(),
            bytes: bytes.len() as u64,
        },
    };
    FormPart { name: part.name.to_owned(), content }
}

/// A line that no part holds, made of the parts, so that a preview has the one that will be sent.
fn boundary(parts: &[Part<'_>]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        for text in [part.name.as_bytes(), content_bytes(part)] {
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text);
        }
    }
    let mut digest = digest.finalize();
    loop {
        let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let boundary = format!("juxta-{hex}");
        let finder = memmem::Finder::new(boundary.as_bytes());
        if parts.iter().all(|part| finder.find(content_bytes(part)).is_none()) {
            return boundary;
        }
        digest = Sha256::digest(digest);
    }
}

fn content_bytes<'a>(part: &Part<'a>) -> &'a [u8] {
    match part.content {
        Content::Text(text) => text.as_bytes(),
        Content::File { bytes, .. } => bytes,
    }
}

/// A name as HTML has it in a form: UTF-8 as it is, with three characters escaped that would end it.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<'a>(name: &'a str, text: &'a str) -> Part<'a> {
        Part { name, content: Content::Text(text) }
    }

    #[test]
    fn the_bytes_are_those_of_the_standard() {
        let sound = b"RIFF\x00\xff\r\n--";
        let file = Content::File { name: "Grüße \"1\"\n.wav", media_type: "audio/wav", bytes: sound };
        let form = write(&[text("model", "m"), Part { name: "file", content: file }, text("prompt", "")]);
        let boundary = form.content_type().split_once("boundary=").expect("a boundary").1.to_owned();
        let mut expected = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nm\r\n--{boundary}\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"Grüße %221%22%0A.wav\"\r\n\
             content-type: audio/wav\r\n\r\n"
        )
        .into_bytes();
        expected.extend_from_slice(sound);
        expected.extend_from_slice(
            format!(
                "\r\n--{boundary}\r\ncontent-disposition: form-data; name=\"prompt\"\r\n\r\n\r\n--{boundary}--\r\n"
            )
            .as_bytes(),
        );
        assert_eq!(form.bytes, expected);
        assert!(form.shown.contains("\r\n\r\n(10 bytes of audio/wav)\r\n"), "{}", form.shown);
    }

    #[test]
    fn the_same_parts_make_the_same_bytes_and_others_another_boundary() {
        let parts = [text("a", "1"), text("b", "2")];
        assert_eq!(write(&parts), write(&parts));
        assert_ne!(write(&parts).boundary, write(&[text("a", "12"), text("b", "")]).boundary);
    }

    #[test]
    fn a_part_that_holds_the_boundary_gets_another() {
        let digest = boundary(&[]);
        let own = write(&[text("a", &digest)]);
        assert!(!digest.contains(&own.boundary));
        // However the text is chosen, the line that ends it is not in it.
        let mut held = String::from("juxta-");
        for _ in 0..3 {
            let form = write(&[text("a", &held)]);
            assert!(!held.contains(&form.boundary));
            held.push_str(&form.boundary);
        }
    }
}
