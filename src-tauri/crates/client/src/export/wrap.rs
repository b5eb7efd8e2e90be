//! A body cut into lines for reading. Only the places of the cuts are chosen here; no byte changes.

use super::{Piece, Text};

/// A body as literals: each line of its text as `literal` writes it, each place as `place` does.
pub fn literals(body: &Text, literal: fn(&str) -> String, place: fn(&Piece) -> String) -> Vec<String> {
    let of_piece = |piece: &Piece| match piece {
        Piece::Text(text) => lines(text).into_iter().map(literal).collect(),
        other => vec![place(other)],
    };
    body.pieces().iter().flat_map(of_piece).collect()
}

/// Characters that a line of code holds before it is cut at a member.
const WIDE: usize = 96;

/// A text without any member to cut at, such as a picture, is cut here.
const WIDEST: usize = 2000;

/// Cuts JSON behind the commas of its outermost members and of the lists among them; short neighbours share a line.
/// Any other text is cut where it gets too long for an editor. The pieces make up the text again.
pub fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = Vec::new();
    let (mut start, mut end) = (0, 0);
    for cut in cuts(text).into_iter().chain([text.len()]) {
        if end > start && cut - start > WIDE {
            push_line(&mut lines, &text[start..end]);
            start = end;
        }
        end = cut;
    }
    push_line(&mut lines, &text[start..]);
    lines
}

fn push_line<'a>(lines: &mut Vec<&'a str>, mut line: &'a str) {
    while line.len() > WIDEST {
        let mut at = WIDEST;
        // Not behind a backslash, where an escape would be torn, and not inside a character.
        while at > 1 && (!line.is_char_boundary(at) || line.as_bytes()[at - 1] == b'\\') {
            at -= 1;
        }
        // A line of backslashes only has no better place.
        let at = if at > 1 { at } else { WIDEST };
        let (head, tail) = line.split_at(at);
        lines.push(head);
        line = tail;
    }
    if !line.is_empty() {
        lines.push(line);
    }
}

/// Where a line may end.
fn cuts(text: &str) -> Vec<usize> {
    let mut cuts = Vec::new();
    let mut open: Vec<u8> = Vec::new();
    let (mut in_string, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                open.push(byte);
                if open.len() == 2 && byte == b'[' {
                    cuts.push(at + 1);
                }
            }
            b'}' | b']' => {
                open.pop();
            }
            b',' if open.len() == 1 || open.len() == 2 && open[1] == b'[' => cuts.push(at + 1),
            _ => {}
        }
    }
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_cut_between_messages_and_members_and_nowhere_else() {
        let long = "x".repeat(90);
        let body = format!(
            "{{\"model\":\"m, [\",\"messages\":[{{\"role\":\"user\",\"content\":\"{long}\"}},{{\"role\":\"user\",\
             \"content\":\"\\\",{long}\"}}],\"a\":1,\"b\":[1,2],\"c\":{{\"d\":1,\"e\":2}}}}"
        );
        let lines = lines(&body);
        assert_eq!(lines.concat(), body);
        assert_eq!(lines[0], "{\"model\":\"m, [\",\"messages\":[");
        assert!(lines[1].ends_with("\"},") && lines[2].starts_with("{\"role\""), "{lines:?}");
        assert_eq!(lines[3], "\"a\":1,\"b\":[1,2],\"c\":{\"d\":1,\"e\":2}}");
    }

    #[test]
    fn whatever_the_text_is_the_lines_make_it_up_again() {
        let texts = [String::new(), "plain".into(), "é🐟".repeat(3000), "\\".repeat(9000), "\"open, \\".repeat(700)];
        for text in texts {
            let lines = lines(&text);
            assert_eq!(lines.concat(), text);
            assert!(lines.iter().all(|line| !line.is_empty() && line.len() <= WIDEST.max(WIDE)));
        }
    }
}
