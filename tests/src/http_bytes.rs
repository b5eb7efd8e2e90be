//! Takes captured HTTP/1.1 bytes apart without a library that could have shaped them.
//!
//! Only what the tests meet: `content-length`, `transfer-encoding: chunked`, and a body that lasts until the end.

use std::fmt;

/// One request or response as it went over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// First line and headers, with the empty line that ends them.
    pub head: Vec<u8>,
    /// The body as sent, chunk framing included.
    pub raw_body: Vec<u8>,
    /// The body with the chunk framing taken off.
    pub body: Vec<u8>,
}

impl Message {
    /// `POST /v5/chat/completions HTTP/1.1` or `HTTP/1.1 200 OK`.
    pub fn first_line(&self) -> String {
        self.lines().next().unwrap_or_default()
    }

    /// Names as sent and values, in the order sent.
    pub fn headers(&self) -> Vec<(String, String)> {
        self.lines()
            .skip(1)
            .filter_map(|line| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned())))
            .collect()
    }

    /// The first header of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers().into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        let head = String::from_utf8_lossy(&self.head).into_owned();
        head.split("\r\n").filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>().into_iter()
    }
}

/// Bytes that are no whole HTTP/1.1 message, with what was missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    pub at: usize,
    pub what: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "at byte {}: {}", self.at, self.what)
    }
}

impl std::error::Error for Malformed {}

/// Every request of one connection, in order. A request without a length has no body.
pub fn requests(bytes: &[u8]) -> Result<Vec<Message>, Malformed> {
    messages(bytes, Unframed::HasNoBody)
}

/// Every response of one connection, in order. A response without a length lasts until the end of the bytes.
pub fn responses(bytes: &[u8]) -> Result<Vec<Message>, Malformed> {
    messages(bytes, Unframed::LastsUntilTheEnd)
}

/// What a message without `content-length` and without chunks means.
#[derive(Clone, Copy, PartialEq)]
enum Unframed {
    HasNoBody,
    LastsUntilTheEnd,
}

fn messages(bytes: &[u8], unframed: Unframed) -> Result<Vec<Message>, Malformed> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let at = bytes.len() - rest.len();
        let head_length = find(rest, b"\r\n\r\n").ok_or(Malformed { at, what: "a head without its end" })? + 4;
        let (head, after) = rest.split_at(head_length);
        let mut message = Message { head: head.to_vec(), raw_body: Vec::new(), body: Vec::new() };
        let shift = |malformed: Malformed| Malformed { at: at + head_length + malformed.at, ..malformed };
        if message.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
            let (body, left) = decode_chunked(after).map_err(shift)?;
            message.raw_body = after[..after.len() - left.len()].to_vec();
            message.body = body;
            rest = left;
        } else if let Some(length) = message.header("content-length") {
            let length = length.parse::<usize>().ok().filter(|length| *length <= after.len());
            let length = length.ok_or(Malformed { at, what: "a body shorter than its content-length" })?;
            message.raw_body = after[..length].to_vec();
            message.body = message.raw_body.clone();
            rest = &after[length..];
        } else if unframed == Unframed::LastsUntilTheEnd {
            message.raw_body = after.to_vec();
            message.body = after.to_vec();
            rest = &[];
        } else {
            rest = after;
        }
        found.push(message);
    }
    Ok(found)
}

/// Takes the chunk framing off one body; returns it with the bytes that follow its last chunk and trailers.
pub fn decode_chunked(bytes: &[u8]) -> Result<(Vec<u8>, &[u8]), Malformed> {
    let mut body = Vec::new();
    let mut at = 0;
    loop {
        let (size, data) = chunk_size(bytes, at)?;
        at = data;
        if size == 0 {
            break;
        }
        let end = at + size;
        if bytes.get(end..end + 2) != Some(b"\r\n") {
            return Err(Malformed { at: end, what: "a chunk that does not end where its size says" });
        }
        body.extend_from_slice(&bytes[at..end]);
        at = end + 2;
    }
    loop {
        let line = find(&bytes[at..], b"\r\n").ok_or(Malformed { at, what: "trailers without their end" })?;
        at += line + 2;
        if line == 0 {
            return Ok((body, &bytes[at..]));
        }
    }
}

/// The chunks of a body that may have been cut off: whole ones, then what had arrived of the last.
pub fn decode_chunked_as_far_as_it_goes(bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut at = 0;
    while let Ok((size, data)) = chunk_size(bytes, at) {
        let end = (data + size).min(bytes.len());
        body.extend_from_slice(&bytes[data..end]);
        if size == 0 || bytes.get(end..end + 2) != Some(b"\r\n") {
            break;
        }
        at = end + 2;
    }
    body
}

/// The size at `at` and where the chunk's data starts.
fn chunk_size(bytes: &[u8], at: usize) -> Result<(usize, usize), Malformed> {
    let rest = bytes.get(at..).unwrap_or_default();
    let line = find(rest, b"\r\n").ok_or(Malformed { at, what: "a chunk size without its end" })?;
    let digits = rest[..line].split(|byte| *byte == b';').next().unwrap_or_default();
    let size = std::str::from_utf8(digits).ok().and_then(|text| usize::from_str_radix(text.trim(), 16).ok());
    let size = size.ok_or(Malformed { at, what: "a chunk size that is no hexadecimal number" })?;
    Ok((size, at + line + 2))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_requests_on_one_connection_are_told_apart() {
        let bytes = b"POST /a HTTP/1.1\r\nHost: x\r\ncontent-length: 4\r\n\r\n{\r\n}GET /b HTTP/1.1\r\nhost: x\r\n\r\n";
        let found = requests(bytes).unwrap();
        assert_eq!(
            found,
            vec![
                Message {
                    head: b"POST /a HTTP/1.1\r\nHost: x\r\ncontent-length: 4\r\n\r\n".to_vec(),
                    raw_body: b"{\r\n}".to_vec(),
                    body: b"{\r\n}".to_vec(),
                },
                Message { head: b"GET /b HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(), raw_body: vec![], body: vec![] },
            ]
        );
        assert_eq!(found[0].first_line(), "POST /a HTTP/1.1");
        assert_eq!(
            found[0].headers(),
            vec![("Host".into(), "x".into()), ("content-length".into(), "4".into())],
            "names keep their case and their order"
        );
    }

    #[test]
    fn a_chunked_response_keeps_both_its_framed_and_its_plain_body() {
        let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\na\r\n\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\nHTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n";
        let found = responses(bytes).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].body, b"a\r\n0123456789", "a line end within a chunk is data");
        assert_eq!(found[0].raw_body, b"3;x=y\r\na\r\n\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\n");
        assert_eq!(found[1].first_line(), "HTTP/1.1 204 No Content");
    }

    #[test]
    fn a_response_without_a_length_lasts_until_the_end() {
        let found = responses(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nrest\r\n\r\nof it").unwrap();
        assert_eq!(found[0].body, b"rest\r\n\r\nof it");
    }

    #[test]
    fn what_is_cut_off_is_named_with_its_place() {
        let cases: [(&[u8], &str); 4] = [
            (b"GET / HTTP/1.1\r\nhost", "a head without its end"),
            (b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nshort", "a body shorter than its content-length"),
            (
                b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
                "a chunk that does not end where its size says",
            ),
            (
                b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
                "a chunk size that is no hexadecimal number",
            ),
        ];
        for (bytes, what) in cases {
            assert_eq!(requests(bytes).unwrap_err().what, what, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_broken_off_chunked_body_gives_what_had_arrived() {
        let whole = b"4\r\nabcd\r\n6\r\nefghij\r\n0\r\n\r\n";
        let seen = |length: usize| decode_chunked_as_far_as_it_goes(&whole[..length]);
        assert_eq!(seen(whole.len()), b"abcdefghij");
        assert_eq!(seen(14), b"abcdef", "half a chunk counts as far as it came");
        assert_eq!(seen(2), b"", "a size alone is no data");
    }
}
