//! Output items on their way to people: whole, but for strings that are too long to travel with them.

use juxta_wire::outcome::{LongString, OutputItem};

use crate::loose::{self, Raw, members};

/// Characters that stand for a string which was cut.
const BEGINNING: usize = 64;

members!(Head {
    kind: Raw<'a> = "type",
    id: Raw<'a> = "id",
    status: Raw<'a> = "status",
});

/// Where an item was read.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The number of the event, comments counted from 1; 0 for a document.
    pub event: u32,
    /// JSON pointer of the item within its data.
    pub within: &'a str,
}

/// What an item says of itself, without its JSON.
pub fn head(json: &str) -> OutputItem {
    let head: Head<'_> = loose::object(json).ok().flatten().unwrap_or_default();
    OutputItem {
        kind: loose::some_text(head.kind).map_or_else(|| OutputItem::VALUE.to_owned(), Into::into),
        id: loose::some_text(head.id).map(Into::into),
        status: loose::some_text(head.status).map(Into::into),
        ..OutputItem::default()
    }
}

/// An item as it stands in an answer. `json` must be JSON.
pub fn item(json: &str, source: Source<'_>) -> OutputItem {
    let (short, long) = shortened(json, source);
    OutputItem { json: short, long, ..head(json) }
}

/// Any JSON value as an item of its own.
pub fn value(json: &str, source: Source<'_>) -> OutputItem {
    let (json, long) = shortened(json, source);
    OutputItem { kind: OutputItem::VALUE.to_owned(), json, long, ..OutputItem::default() }
}

/// The same JSON with its long strings cut to their beginnings, and where the whole ones are.
fn shortened(json: &str, source: Source<'_>) -> (String, Vec<LongString>) {
    // A string has no more characters than it takes bytes.
    if json.len() <= OutputItem::LONGEST_STRING {
        return (json.to_owned(), Vec::new());
    }
    let mut short = String::new();
    let mut long = Vec::new();
    let mut copied = 0;
    let mut place = Place::default();
    let mut at = 0;
    while let Some(byte) = json.as_bytes().get(at) {
        match byte {
            b'"' => {
                let end = string_end(json, at);
                if place.is_name() {
                    place.name = at..end;
                } else if end - at > OutputItem::LONGEST_STRING
                    && let Some((beginning, characters)) = beginning(&json[at..end])
                {
                    short.push_str(&json[copied..at]);
                    short.push_str(&beginning);
                    copied = end;
                    let pointer = place.pointer(json);
                    let within = format!("{}{pointer}", source.within);
                    long.push(LongString { pointer, characters, event: source.event, within });
                }
                at = end;
                continue;
            }
            b'{' => place.enter(None),
            b'[' => place.enter(Some(0)),
            b'}' | b']' => place.leave(),
            b':' => place.expects_name = false,
            b',' => place.next(),
            _ => {}
        }
        at += 1;
    }
    short.push_str(&json[copied..]);
    (short, long)
}

/// The first characters of a long string, as JSON, and how many it has. `None` when escapes made it look longer than it is.
fn beginning(string: &str) -> Option<(String, u64)> {
    let text = loose::text(serde_json::from_str(string).ok())?;
    let characters = text.chars().count();
    let beginning: String = text.chars().take(BEGINNING).collect();
    (characters > OutputItem::LONGEST_STRING)
        .then(|| (serde_json::Value::String(beginning).to_string(), characters as u64))
}

/// One behind the quote that closes the string which opens at `start`.
fn string_end(json: &str, start: usize) -> usize {
    let bytes = json.as_bytes();
    let mut at = start + 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    json.len()
}

/// Where in a JSON text a scan is.
#[derive(Debug, Default)]
struct Place {
    /// The containers around it, the outermost first.
    around: Vec<Container>,
    /// The name of the member that is being read, with its quotes.
    name: std::ops::Range<usize>,
    expects_name: bool,
}

#[derive(Debug)]
struct Container {
    /// The element of a list that is being read; `None` for an object.
    element: Option<usize>,
    /// The name of the member through which it was entered.
    name: std::ops::Range<usize>,
}

impl Place {
    fn is_name(&self) -> bool {
        self.expects_name
    }

    fn enter(&mut self, element: Option<usize>) {
        self.around.push(Container { element, name: std::mem::take(&mut self.name) });
        self.expects_name = element.is_none();
    }

    fn leave(&mut self) {
        if let Some(container) = self.around.pop() {
            self.name = container.name;
        }
        self.expects_name = false;
    }

    fn next(&mut self) {
        match self.around.last_mut() {
            Some(Container { element: Some(element), .. }) => *element += 1,
            Some(_) => self.expects_name = true,
            None => {}
        }
    }

    /// Each container stands for the step that leads out of it.
    fn pointer(&self, json: &str) -> String {
        let mut pointer = String::new();
        let names = self.around.iter().skip(1).map(|container| &container.name).chain([&self.name]);
        for (container, name) in self.around.iter().zip(names) {
            match container.element {
                Some(element) => pointer.push_str(&format!("/{element}")),
                None => {
                    let name = json.get(name.clone()).and_then(|name| loose::text(serde_json::from_str(name).ok()));
                    pointer.push('/');
                    pointer.push_str(&name.unwrap_or_default().replace('~', "~0").replace('/', "~1"));
                }
            }
        }
        pointer
    }
}

/// The string that stands in `json` where a JSON pointer leads; `None` when there is none.
pub fn string_at(json: &str, pointer: &str) -> Option<String> {
    let mut value: &serde_json::value::RawValue = serde_json::from_str(json.trim_start_matches('\u{FEFF}')).ok()?;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        value = match value.get().starts_with('[') {
            true => loose::elements(Some(value)).get(step.parse::<usize>().ok()?).copied()?,
            false => loose::member(value, &step)?,
        };
    }
    loose::text(Some(value)).map(Into::into)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const HERE: Source<'static> = Source { event: 7, within: "/item" };

    #[test]
    fn an_item_travels_as_it_came() {
        let json = r#"{ "type":"message","id":"m","z":1.0,"a":[1e3,"x\u00e9"], "status":"completed" }"#;
        let expected = OutputItem {
            kind: "message".to_owned(),
            id: Some("m".to_owned()),
            status: Some("completed".to_owned()),
            json: json.to_owned(),
            long: Vec::new(),
        };
        assert_eq!(item(json, HERE), expected.clone());
        assert_eq!(head(json), OutputItem { json: String::new(), ..expected });
        assert_eq!(item(r#"{"type":5}"#, HERE).kind, "value");
        assert_eq!(item("7", HERE).json, "7");
        assert_eq!(value(" [null] ", HERE).json, " [null] ");
    }

    #[test]
    fn a_long_string_is_cut_and_named_and_found_again() {
        let picture = "🌊\"\\\n".repeat(OutputItem::LONGEST_STRING);
        let whole =
            json!({"type": "image_generation_call", "a/b~c": [0, {"": picture}], "result": picture, "after": 1});
        let data = json!({"type": "response.output_item.done", "item": whole}).to_string();
        let item = item(&whole.to_string(), HERE);
        let beginning: String = picture.chars().take(BEGINNING).collect();
        let mut expected = whole.clone();
        expected["result"] = json!(beginning);
        expected["a/b~c"][1][""] = json!(beginning);
        assert_eq!(serde_json::from_str::<Value>(&item.json).expect("JSON"), expected);
        let mut pointers: Vec<&str> = item.long.iter().map(|long| long.pointer.as_str()).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, ["/a~1b~0c/1/", "/result"]);
        for long in &item.long {
            assert_eq!((long.characters, long.event), (4 * OutputItem::LONGEST_STRING as u64, 7));
            assert_eq!(long.within, format!("/item{}", long.pointer));
            assert_eq!(string_at(&data, &long.within).as_deref(), Some(picture.as_str()));
        }
    }

    #[test]
    fn only_more_characters_than_the_limit_are_too_long() {
        let most = "é".repeat(OutputItem::LONGEST_STRING);
        let json = Value::from(most.as_str()).to_string();
        assert_eq!(value(&json, HERE), OutputItem { kind: "value".to_owned(), json, ..OutputItem::default() });
        let escaped = format!("\"{}\"", "\\u00e9".repeat(OutputItem::LONGEST_STRING));
        assert_eq!(value(&escaped, HERE).long, [], "escapes are one character each");
        let more = Value::from(format!("{most}!")).to_string();
        let long = LongString {
            pointer: String::new(),
            characters: OutputItem::LONGEST_STRING as u64 + 1,
            event: 0,
            within: String::new(),
        };
        assert_eq!(value(&more, Source { event: 0, within: "" }).long, [long], "a value that is nothing but a string");
        let name = format!("{{{more}:{more}}}");
        assert_eq!(value(&name, HERE).long.len(), 1, "the name of a member stays whole");
    }

    #[test]
    fn deep_json_costs_no_stack() {
        let deep = format!("{}\"{}\"{}", "[".repeat(60_000), "x".repeat(20_000), "]".repeat(60_000));
        let item = value(&deep, HERE);
        assert_eq!(item.long.len(), 1);
        assert_eq!(item.long[0].pointer.len(), 120_000);
    }

    #[test]
    fn a_pointer_to_nothing_finds_nothing() {
        for (json, pointer) in [
            (r#"{"a":"b"}"#, "/b"),
            (r#"{"a":["b"]}"#, "/a/1"),
            (r#"{"a":["b"]}"#, "/a/x"),
            (r#"{"a":5}"#, "/a"),
            (r#"{"a":"b"}"#, "/a/b"),
            ("no JSON", ""),
        ] {
            assert_eq!(string_at(json, pointer), None, "{json} {pointer}");
        }
        assert_eq!(string_at(r#"{"a":"x","\u0061":"\ud83e!"}"#, "/a").as_deref(), Some("\u{FFFD}!"), "the last wins");
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
            ("\\PC{1,8}", 0..20_000_usize).prop_map(|(text, count)| Value::from(text.repeat(count / 4))),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map("[\\PC]{0,4}", inner, 0..6)
                    .prop_map(|members| Value::from(members.into_iter().collect::<serde_json::Map<_, _>>())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        /// Putting the whole strings back gives the JSON that came.
        #[test]
        fn nothing_is_lost_by_cutting(json in any_json()) {
            let text = json.to_string();
            let item = value(&text, Source { event: 1, within: "" });
            let mut back: Value = serde_json::from_str(&item.json).expect("JSON");
            for long in &item.long {
                let whole = string_at(&text, &long.within).expect("a string");
                prop_assert_eq!(whole.chars().count() as u64, long.characters);
                *back.pointer_mut(&long.pointer).expect("a place") = Value::from(whole);
            }
            prop_assert_eq!(back, json);
        }
    }
}
