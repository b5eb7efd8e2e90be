use super::*;
use crate::inspect::documents::json_scan::JsonScan;

fn index(form: Form, bytes: &[u8]) -> (RowIndex, Content) {
    let mut content = Content::Memory(bytes.to_vec());
    let mut index = RowIndex::new(form);
    index.extend(&mut content, &[]).unwrap();
    (index, content)
}

fn rows(form: Form, bytes: &[u8]) -> Vec<DocumentRow> {
    let (index, mut content) = index(form, bytes);
    let mut all = Vec::new();
    while (all.len() as u32) < index.rows() {
        all.extend(index.read(&mut content, all.len() as u32, MOST_ROWS).unwrap());
    }
    all
}

fn texts(form: Form, bytes: &[u8]) -> Vec<String> {
    rows(form, bytes).into_iter().map(|row| row.text).collect()
}

#[test]
fn lines_end_with_either_line_end_and_the_last_may_be_empty() {
    for (bytes, expected) in [
        (&b""[..], &[][..]),
        (b"a", &["a"]),
        (b"a\n", &["a", ""]),
        (b"\n", &["", ""]),
        (b"a\r\nb\n\nc", &["a", "b", "", "c"]),
        (b"a\rb\n\r\n", &["a\rb", "", ""]),
        (b"\0\n\xef\xbb\xbfdata: 1", &["\0", "\u{feff}data: 1"]),
        (b"\xff\xfe\n\xe6\x9d", &["\u{fffd}\u{fffd}", "\u{fffd}"]),
    ] {
        assert_eq!(texts(Form::Exact, bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn json_is_indented_and_nothing_in_it_is_changed() {
    let json = " {\"b\":1.0,\"a\" : [1e-3,12345678901234567890,[],[ ],{\n}, {\"x\":\"a, {b}: \\\"[]\\\" \\u00e9\\/é\"}],\n\n\"a\":null,\"e\":-0}\r\n";
    let expected = [
        "{",
        "  \"b\": 1.0,",
        "  \"a\": [",
        "    1e-3,",
        "    12345678901234567890,",
        "    [],",
        "    [],",
        "    {},",
        "    {",
        "      \"x\": \"a, {b}: \\\"[]\\\" \\u00e9\\/é\"",
        "    }",
        "  ],",
        "  \"a\": null,",
        "  \"e\": -0",
        "}",
    ];
    assert_eq!(texts(Form::Pretty, json.as_bytes()), expected);
    let lines: Vec<_> = rows(Form::Pretty, json.as_bytes()).iter().map(|row| row.line).collect();
    assert_eq!(lines, (1..=15).map(Some).collect::<Vec<_>>());
    for (json, expected) in [
        ("1", &["1"][..]),
        ("\u{feff}[]", &["[]"]),
        ("[[]]", &["[", "  []", "]"]),
        ("[{}, 1]", &["[", "  {},", "  1", "]"]),
        ("\"\\\"\"", &["\"\\\"\""]),
    ] {
        assert_eq!(texts(Form::Pretty, json.as_bytes()), expected, "{json}");
    }
}

/// The same as the library's own indenter, where that one changes nothing.
#[test]
fn it_indents_as_everybody_does() {
    let value = serde_json::json!({"a": [1, {"b": [[], {}, "x"]}], "é": {"c": null, "d": true}});
    let expected = serde_json::to_string_pretty(&value).unwrap();
    assert_eq!(texts(Form::Pretty, value.to_string().as_bytes()).join("\n"), expected);
}

#[test]
fn a_long_line_goes_on_and_is_whole_when_put_together() {
    let line = "0123456789 東京 👩🏽‍💻 é ".repeat(60_000);
    let text = format!("first\r\n{line}\nlast");
    let exact = rows(Form::Exact, text.as_bytes());
    assert_eq!((exact[0].line, exact[1].line, exact[2].line), (Some(1), Some(2), None));
    assert_eq!(exact.last().unwrap(), &DocumentRow { line: Some(3), text: "last".into() });
    let middle: String = exact[1..exact.len() - 1].iter().map(|row| row.text.as_str()).collect();
    assert!(middle == line, "no character was lost or cut");
    assert!(exact.iter().all(|row| row.text.chars().count() <= LONGEST));
    for row in &exact {
        let first = row.text.chars().next().unwrap();
        assert!(!belongs_to_the_sign_before(first) && first != '💻', "{:?} begins a row", first);
    }

    let json = format!("{{\"a\":\"{}\"}}", "\\ud83d\\ude00".repeat(10_000));
    let pretty = rows(Form::Pretty, json.as_bytes());
    let joined: String = pretty.iter().map(|row| row.text.trim_start()).collect();
    assert_eq!(joined, json.replacen(':', ": ", 1));
    for row in &pretty[2..pretty.len() - 1] {
        assert!(row.text.starts_with("\\ud83d"), "{:?} begins with half a pair", &row.text[..12]);
        assert_eq!(row.line, None);
    }
}

#[test]
fn any_window_of_rows_is_the_same_as_that_part_of_all() {
    let mut text = String::new();
    for number in 0..3_000 {
        text.push_str(&"é".repeat(number % 900));
        text.push('\n');
    }
    let json = serde_json::to_string(&text.lines().collect::<Vec<_>>()).unwrap();
    for (form, bytes) in [(Form::Exact, text.as_bytes()), (Form::Pretty, json.as_bytes())] {
        let all = rows(form, bytes);
        let (index, mut content) = index(form, bytes);
        assert_eq!(index.rows() as usize, all.len());
        for from in [0, 1, 255, 256, 257, 1_000, all.len() - 3, all.len() - 1, all.len(), all.len() + 9] {
            let window = index.read(&mut content, from as u32, 5).unwrap();
            let end = (from + 5).min(all.len());
            assert_eq!(window, all.get(from..end).unwrap_or_default(), "{form:?} from {from}");
        }
    }
}

#[test]
fn rows_of_what_grows_are_those_of_the_whole() {
    let text = "{\"first\":1,\r\n\"second\":\"é東\"}\n\nlast ".repeat(40);
    let mut scan = JsonScan::default();
    let mut content = Content::Memory(Vec::new());
    let mut grown = RowIndex::new(Form::Exact);
    for chunk in text.as_bytes().chunks(7) {
        let Content::Memory(bytes) = &mut content else { unreachable!() };
        bytes.extend_from_slice(chunk);
        scan.feed(chunk);
        grown.extend(&mut content, scan.keys()).unwrap();
    }
    let mut whole = RowIndex::new(Form::Exact);
    whole.extend(&mut content, scan.keys()).unwrap();
    assert_eq!(grown.rows(), whole.rows());
    assert_eq!(grown.kept, whole.kept);
    assert_eq!(grown.key_rows(), [0, 1]);
    assert_eq!(grown.key_rows(), whole.key_rows());
}

#[test]
fn deep_nesting_costs_no_more_than_its_rows() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let pretty = texts(Form::Pretty, deep.as_bytes());
    assert_eq!(pretty.len(), 19_999, "the innermost pair is empty and stands on one row");
    assert_eq!(pretty[1], "  [");
    assert_eq!(pretty.last().unwrap(), "]");
    assert!(pretty.iter().all(|row| row.len() <= 130), "indented up to a limit");
}

#[test]
fn hexadecimal_rows_look_like_those_of_hexdump() {
    assert_eq!(
        hex_row(0x1230, b"Hello, world\n\0\x7f\xff"),
        "00001230  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 0a 00 7f ff  |Hello, world....|"
    );
    assert_eq!(hex_row(0, b"ab"), "00000000  61 62                                             |ab|");
}
