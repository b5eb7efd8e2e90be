//! Documents against schemas, cut at every byte.

use juxta_wire::schema::{CutWithin, SchemaCheck, SchemaState};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Checker, SentSchema};
use crate::json;

fn sent(schema: Value) -> SentSchema {
    SentSchema { name: "order_schema".into(), schema, is_written: true }
}

/// The end of an answer that came in one piece.
fn check(schema: &Value, text: &str) -> SchemaCheck {
    let mut checker = Checker::new(&sent(schema.clone()));
    checker.feed(text);
    checker.look(true)
}

fn units(text: &str, start: u32, end: u32) -> String {
    let units: Vec<u16> = text.encode_utf16().collect();
    String::from_utf16(&units[start as usize..end as usize]).expect("whole characters")
}

/// What is lit, and what is said beside it.
fn lit(schema: &Value, text: &str) -> Vec<(String, String)> {
    let told = check(schema, text).faults;
    told.into_iter().map(|fault| (units(text, fault.start, fault.end), fault.message)).collect()
}

#[test]
fn a_fault_lights_the_value_it_is_about_and_says_it_in_words() {
    let any = json!({});
    for (schema, marked, message) in [
        (
            json!({ "enum": ["red", "green"] }),
            "{\"🌊\": 1, \"a\": «\"blue\"»}",
            "Expected one of \"red\" or \"green\", got the string \"blue\"",
        ),
        (json!({ "type": "number" }), "{\"a\": «\"49,90\"»}", "Expected a number, got the string \"49,90\""),
        (json!({ "type": ["string", "null"] }), "{\"a\": «12»}", "Expected a string or null, got the number 12"),
        (json!({ "type": "integer" }), "{\"a\": «1.5» }", "Expected a whole number, got the number 1.5"),
        (json!({ "type": "string" }), "{\"a\": «[ ]» }", "Expected a string, got an empty list"),
        (json!({ "const": 4 }), "{\"a\": «5»}", "Expected 4, got the number 5"),
        (
            json!({ "pattern": "^[a-z]+$" }),
            "{\"a\": «\"A\"»}",
            "Expected a text that matches ^[a-z]+$, got the string \"A\"",
        ),
        (
            json!({ "format": "date" }),
            "{\"a\": «\"tomorrow\"»}",
            "Expected a text in the format date, got the string \"tomorrow\"",
        ),
        (json!({ "maximum": 3 }), "{\"a\": «4»}", "Expected at most 3, got the number 4"),
        (json!({ "minLength": 3 }), "{\"a\": «\"é🌊\"»}", "Expected at least 3 characters, got 2"),
        (json!({ "minItems": 1 }), "{\"a\": «[]»}", "Expected at least 1 element, got 0"),
        (json!({ "maxItems": 1 }), "{\"a\": [1, «\"x\"», 3]}", "At most 1 element is allowed here"),
        (json!({ "maxProperties": 0 }), "{\"a\": {«\"x\"»: 1}}", "No member is allowed here"),
        (json!({ "uniqueItems": true }), "{\"a\": «[1,1]»}", "Two elements of this list are equal"),
        (json!({ "required": ["x"] }), "{\"a\": «{\"y\":1}»}", "The member \"x\" is missing"),
        (
            json!({ "additionalProperties": false }),
            "{\"a\": {«\"é\\n\"»: 1}}",
            "The schema does not allow a member named \"é\\n\"",
        ),
        (
            json!({ "propertyNames": { "maxLength": 1 } }),
            "{\"a\": {\"x\":1,«\"yy\"»: 1}}",
            "The schema does not allow this name: \"yy\"",
        ),
        (
            json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }),
            "{\"a\": «7»}",
            "Expected a string or null, got the number 7",
        ),
        (
            json!({ "anyOf": [{ "type": "object", "properties": { "p": { "type": "number" } } }, { "type": "null" }] }),
            "{\"a\": «{\"p\": \"x\"}»}",
            "This fits none of 2 alternatives. The nearest fails at /p: Expected a number, got the string \"x\"",
        ),
        (
            any,
            "{\"a\": 1, «\"a\"»: 2}",
            "The name \"a\" stands here a second time. Readers disagree which of the two counts",
        ),
    ] {
        let text = marked.replace(['«', '»'], "");
        let (start, end) = (marked.find('«').expect("a mark"), marked.find('»').expect("a mark"));
        let expected = marked[start + '«'.len_utf8()..end].to_owned();
        let schema = json!({ "properties": { "a": schema } });
        assert_eq!(lit(&schema, &text), [(expected, message.to_owned())], "{marked}");
    }
}

#[test]
fn a_fault_knows_its_place_in_answer_and_schema() {
    let schema = json!({
        "type": "object",
        "properties": { "items": { "type": "array", "items": { "$ref": "#/$defs/Item" } } },
        "$defs": { "Item": { "properties": { "a/b~c": { "type": "number" } } } },
    });
    let text = r#"{"items":[{},{"a/b~c":"x"}]}"#;
    for told in [check(&schema, text).faults, growing(&schema, text).0.faults] {
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].pointer, "/items/1/a~1b~0c");
        assert_eq!(told[0].schema_pointer, "/$defs/Item/properties/a~1b~0c/type");
        assert_eq!(told[0].keyword, "type");
        assert!(schema.pointer(&told[0].schema_pointer).is_some());
    }
}

/// Feeds byte by byte, as far as characters allow. Returns the end, and the text at which each fault was told first.
fn growing(schema: &Value, text: &str) -> (SchemaCheck, Vec<(usize, String)>) {
    let mut checker = Checker::new(&sent(schema.clone()));
    let mut told: Vec<(usize, String)> = Vec::new();
    let mut known = Vec::new();
    for (at, character) in text.char_indices() {
        checker.feed(character.encode_utf8(&mut [0; 4]));
        let now = checker.look(false);
        for fault in &known {
            assert!(now.faults.contains(fault), "taken back: {fault:?}");
        }
        for fault in now.faults.iter().filter(|fault| !known.contains(fault)) {
            told.push((at + character.len_utf8(), fault.message.clone()));
        }
        known = now.faults;
    }
    let end = checker.look(true);
    for fault in &known {
        assert!(end.faults.contains(fault), "taken back at the end: {fault:?}");
    }
    (end, told)
}

#[test]
fn a_fault_is_told_as_soon_as_it_is_certain() {
    let schema = json!({ "type": "object", "additionalProperties": false, "required": ["id", "tags"], "properties": {
        "id": { "type": "integer" },
        "tags": { "type": "array", "maxItems": 1, "minItems": 1, "items": { "enum": ["red"] } },
        "who": { "anyOf": [{ "type": "object", "required": ["name"] }, { "type": "null" }] },
    }});
    let text = r#"{"id": "7", "zzz": 1, "tags": ["blue", "red"], "who": {"x": 1}, "more": 2}"#;
    let at = |piece: &str| text.find(piece).expect("a piece") + piece.len();
    let (end, told) = growing(&schema, text);
    let when: Vec<usize> = told.iter().map(|(at, _)| *at).collect();
    assert_eq!(
        when,
        [at("\"7\""), at("\"zzz\""), at("\"blue\""), at("\"red\""), at("{\"x\": 1}"), at("\"more\"")],
        "{told:?}"
    );
    assert_eq!(end.state, SchemaState::Invalid);
    assert_eq!(end.fault_count, 6);
}

#[test]
fn what_may_still_heal_waits() {
    let schema = json!({ "required": ["a"], "minProperties": 2, "not": { "maxProperties": 1 } });
    let (end, told) = growing(&schema, r#"{"b": 1, "a": 2}"#);
    assert_eq!((end.state, told), (SchemaState::Valid, vec![]));
}

#[test]
fn an_answer_that_stops_says_where() {
    let schema = json!({});
    for (text, pointer, within) in [
        ("", "", CutWithin::Nothing),
        ("{", "", CutWithin::Object),
        (r#"{"items": [{"price": 1}, {"price": 2}, {}, {"price": "12"#, "/items/3/price", CutWithin::Text),
        (r#"{"items": [{"price": 1"#, "/items/0/price", CutWithin::Number),
        (r#"{"items": [{"price": 1,"#, "/items/0", CutWithin::Object),
        (r#"{"items": [{"pri"#, "/items/0", CutWithin::Name),
        (r#"{"items": [{"price":"#, "/items/0/price", CutWithin::Nothing),
        (r#"{"items": [1, 2, tr"#, "/items/2", CutWithin::Word),
        (r#"{"items": [1, 2,"#, "/items/2", CutWithin::Nothing),
        (r#"{"items": [1, 2"#, "/items/1", CutWithin::Number),
        (r#"{"items": [1, 2 "#, "/items", CutWithin::List),
        (r#"{"a/b": "x\ud83d\u"#, "/a~1b", CutWithin::Text),
    ] {
        let told = check(&schema, text);
        let offset = text.encode_utf16().count() as u32;
        assert_eq!(told.state, SchemaState::CutOff { pointer: pointer.into(), offset, within }, "{text}");
    }
    assert_eq!(check(&schema, "12").state, SchemaState::Valid);
}

#[test]
fn text_that_is_no_json_says_so_at_its_first_place() {
    for (marked, message) in [
        ("«```json»\n{}\n```", "The answer begins with a Markdown fence, not with JSON."),
        ("«Here is the order: {}»", "The answer begins with words, not with JSON."),
        ("«not sure»", "The answer begins with words, not with JSON."),
        ("{\"🌊\":1}\n«```»", "A Markdown fence stands behind the JSON."),
        ("{\"🌊\":1} «That is all.»\nBye", "The JSON ends before this, and more text follows."),
        ("{\"a\": «True»}", "Write true, in small letters."),
        ("{«'»a': 1}", "JSON wants double quotes."),
        ("{\"a\": \"x\" «b»}", "A comma or } is missing before this."),
    ] {
        let text = marked.replace(['«', '»'], "");
        let SchemaState::NotJson { start, end, message: told } = check(&json!({}), &text).state else {
            panic!("{marked}")
        };
        let expected = &marked[marked.find('«').expect("a mark") + 2..marked.find('»').expect("a mark")];
        assert_eq!((units(&text, start, end).as_str(), told.as_str()), (expected, message), "{marked}");
    }
}

#[test]
fn other_documents_are_never_fetched_and_named() {
    let schema = json!({ "properties": {
        "a": { "$ref": "https://example.com/item.json#/x" },
        "b": { "type": "number" },
        "enum": { "$ref": "other.json" },
    }});
    let told = check(&schema, r#"{"a": 1, "b": "x", "enum": 3}"#);
    assert_eq!(told.not_checked, ["https://example.com/item.json#/x", "other.json"]);
    assert_eq!(told.faults.len(), 1);
}

#[test]
fn a_schema_that_cannot_be_used_is_said() {
    for schema in [json!({ "type": "strin" }), json!({ "$ref": "#/nowhere" }), json!({ "pattern": "([" }), json!(12)] {
        let SchemaState::Unchecked { message } = check(&schema, "{}").state else { panic!("{schema}") };
        assert!(message.starts_with("The schema that was sent cannot be used."), "{message}");
    }
}

#[test]
fn depth_is_no_danger() {
    let schema = json!({ "properties": { "a": { "$ref": "#" } }, "items": { "$ref": "#" } });
    for open in ["[", "{\"a\":"] {
        let close = if open == "[" { "]" } else { "}" };
        let text = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        let SchemaState::Unchecked { message } = check(&schema, &text).state else { panic!("{open}") };
        assert!(message.contains("nested too deep"), "{message}");
        let SchemaState::CutOff { pointer, .. } = check(&schema, &open.repeat(100_000)).state else { panic!("{open}") };
        assert!(pointer.len() > 100_000);
    }
}

#[test]
fn drafts_and_forms_of_schemas_are_followed_as_they_mean_it() {
    for (schema, text, faults) in [
        // Nothing beside a reference holds in old drafts.
        (
            json!({ "$schema": "http://json-schema.org/draft-07/schema#", "definitions": { "s": { "type": "string" } },
                "properties": { "a": { "$ref": "#/definitions/s", "maxLength": 1 } } }),
            r#"{"a": "long"}"#,
            0,
        ),
        (
            json!({ "$defs": { "s": { "type": "string" } }, "properties": { "a": { "$ref": "#/$defs/s", "maxLength": 1 } } }),
            r#"{"a": "long"}"#,
            1,
        ),
        (
            json!({ "$schema": "http://json-schema.org/draft-04/schema#", "items": [{ "type": "number" }], "additionalItems": false }),
            "[1, 2]",
            1,
        ),
        (json!({ "prefixItems": [{ "type": "number" }], "items": { "type": "string" } }), "[1, 2, \"x\"]", 1),
        (json!({ "patternProperties": { "^x": {} }, "additionalProperties": false }), r#"{"x1": 1, "y": 2}"#, 1),
        (json!({ "properties": { "a": {} }, "unevaluatedProperties": false }), r#"{"a": 1, "y": 2}"#, 1),
        (json!({ "if": { "required": ["a"] }, "then": { "required": ["b"] } }), r#"{"a": 1}"#, 1),
        (
            json!({ "$id": "https://example.com/s", "$defs": { "n": { "$id": "n", "type": "number" } }, "properties": { "a": { "$ref": "n" } } }),
            r#"{"a": "x"}"#,
            1,
        ),
        (
            json!({ "$defs": { "n": { "$anchor": "n", "type": "number" } }, "properties": { "a": { "$ref": "#n" } } }),
            r#"{"a": "x"}"#,
            1,
        ),
        (
            json!({ "$dynamicAnchor": "t", "properties": { "a": { "$dynamicRef": "#t" }, "b": { "type": "number" } } }),
            r#"{"a": {"b": "x"}}"#,
            1,
        ),
        (json!({ "$defs": { "l": { "$ref": "#/$defs/l" } }, "$ref": "#/$defs/l" }), "1", 0),
        (json!(false), "1", 1),
    ] {
        let (end, _) = growing(&schema, text);
        assert_eq!(end.fault_count, faults, "{schema} {text}: {:?}", end.faults);
        assert_eq!(end, check(&schema, text), "{schema}");
    }
}

/// The same value to the validator, and nothing of ours between.
fn by_the_library(schema: &Value, text: &str) -> Vec<(String, String, String)> {
    use jsonschema::error::ValidationErrorKind as Keyword;
    let value: Value = serde_json::from_str(text).expect("JSON");
    let validator = jsonschema::options().should_validate_formats(true).build(schema).expect("a schema");
    let mut found = Vec::new();
    for error in validator.iter_errors(&value) {
        let (pointer, place) = (error.instance_path().to_string(), error.schema_path().to_string());
        match error.kind() {
            Keyword::AdditionalProperties { unexpected } | Keyword::UnevaluatedProperties { unexpected } => {
                found.extend(unexpected.iter().map(|name| (format!("{pointer}/{name}"), place.clone(), String::new())));
            }
            Keyword::FalseSchema if place.ends_with("/additionalProperties") => {
                let members = value.pointer(&pointer).and_then(Value::as_object).expect("an object");
                found.extend(members.keys().map(|name| (format!("{pointer}/{name}"), place.clone(), String::new())));
            }
            Keyword::Required { property } => found.push((pointer, place, property.to_string())),
            _ => found.push((pointer, place, String::new())),
        }
    }
    found.sort();
    found.dedup();
    found
}

fn keys(told: &SchemaCheck) -> Vec<(String, String, String)> {
    let mut keys: Vec<_> = told
        .faults
        .iter()
        .map(|fault| {
            let missing = fault.message.strip_prefix("The member ").and_then(|rest| rest.strip_suffix(" is missing"));
            (fault.pointer.clone(), fault.schema_pointer.clone(), missing.unwrap_or_default().to_owned())
        })
        .collect();
    keys.sort();
    keys.dedup();
    keys
}

fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!(true)),
        Just(json!(false)),
        Just(json!({ "type": "string" })),
        Just(json!({ "type": ["number", "null"] })),
        Just(json!({ "type": "integer", "maximum": 3 })),
        Just(json!({ "enum": ["red", 1, null, [], { "a": 1 }] })),
        Just(json!({ "const": "red" })),
        Just(json!({ "pattern": "^r" })),
        Just(json!({ "minLength": 2, "maxLength": 3 })),
        Just(json!({ "$ref": "#" })),
        Just(json!({ "additionalProperties": false })),
        Just(json!({ "$ref": "#/$defs/d" })),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            4 => (
                prop::collection::btree_map("[abc]", inner.clone(), 0..3),
                prop::collection::vec("[abc]", 0..2),
                prop::option::of(prop_oneof![Just(json!(false)), inner.clone()]),
                0..4u8,
            )
                .prop_map(|(properties, required, additional, limits)| {
                    let mut schema = json!({ "properties": properties, "required": required.into_iter().collect::<std::collections::BTreeSet<_>>() });
                    if let Some(additional) = additional {
                        schema["additionalProperties"] = additional;
                    }
                    if limits & 1 == 1 {
                        schema["maxProperties"] = json!(1);
                    }
                    if limits & 2 == 2 {
                        schema["type"] = json!("object");
                    }
                    schema
                }),
            3 => (inner.clone(), prop::collection::vec(inner.clone(), 1..3), 0..8u8).prop_map(|(items, prefix, limits)| {
                let mut schema = json!({ "items": items });
                if limits & 1 == 1 {
                    schema["prefixItems"] = prefix.into();
                }
                if limits & 2 == 2 {
                    schema["maxItems"] = json!(1.0);
                }
                if limits & 4 == 4 {
                    schema["uniqueItems"] = json!(true);
                }
                schema
            }),
            1 => (prop::sample::select(vec!["anyOf", "oneOf", "allOf"]), prop::collection::vec(inner.clone(), 1..3))
                .prop_map(|(keyword, inner)| json!({ keyword: inner })),
            1 => inner.clone().prop_map(|inner| json!({ "not": inner })),
            1 => (inner.clone(), inner.clone()).prop_map(|(first, then)| json!({ "if": first, "then": then })),
            1 => inner.clone().prop_map(|inner| json!({ "patternProperties": { "^a": inner }, "additionalProperties": false })),
            1 => inner.clone().prop_map(|inner| json!({ "properties": { "a": inner }, "unevaluatedProperties": false })),
            1 => inner.clone().prop_map(|inner| json!({ "dependentSchemas": { "a": inner } })),
            1 => inner.prop_map(|inner| json!({ "contains": inner, "propertyNames": { "pattern": "^[ab]" } })),
        ]
    })
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        Just(json!(1)),
        Just(json!(-2.5)),
        Just(json!("red")),
        Just(json!("é🌊\"\\\u{1}")),
        Just(json!("")),
    ];
    leaf.prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[abcd]", inner, 0..4).prop_map(|members| json!(members)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_told_stays_and_at_the_end_it_is_what_the_validator_finds(
        mut schema in schema(),
        definition in schema(),
        document in document(),
        indented in any::<bool>(),
    ) {
        if let Some(members) = schema.as_object_mut() {
            members.insert("$defs".into(), json!({ "d": definition }));
        } else {
            schema = json!({ "$defs": { "d": definition }, "allOf": [schema] });
        }
        let text = if indented { json::indented(&document.to_string()) } else { document.to_string() };
        // Asserts at every cut that nothing is taken back.
        let (end, _) = growing(&schema, &text);
        prop_assert_eq!(&end, &check(&schema, &text), "{}\n{}", &schema, &text);
        prop_assert_eq!(keys(&end), by_the_library(&schema, &text), "{}\n{}", &schema, &text);
        let is_valid = end.faults.is_empty();
        prop_assert_eq!(end.state, if is_valid { SchemaState::Valid } else { SchemaState::Invalid });
    }

    #[test]
    fn no_text_and_no_cut_upsets_it(pieces in prop::collection::vec(any::<String>(), 0..4)) {
        let mut checker = Checker::new(&sent(json!({ "items": { "type": "number" } })));
        for piece in &pieces {
            checker.feed(piece);
            checker.look(false);
        }
        let whole = pieces.concat();
        let length = whole.encode_utf16().count() as u32;
        if let SchemaState::NotJson { start, end, .. } = checker.look(true).state {
            prop_assert!(start <= end && end <= length);
        }
    }
}
