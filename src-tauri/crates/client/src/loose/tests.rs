use super::*;

members!(Sample { name: Raw<'a> = "name", inner: Object<Sample2<'a>> = "inner", list: Array<Sample2<'a>> = "list" });
members!(Sample2 { number: Raw<'a> = "number" });

fn raw(json: &str) -> Raw<'_> {
    serde_json::from_str(json).expect("JSON")
}

#[test]
fn a_member_of_another_type_counts_as_missing() {
    for odd in ["null", "true", "-1", "1", "1.5", "\"x\"", "[1,[2]]", "{\"number\":{}}"] {
        let json = format!(r#"{{"name":{odd},"inner":{odd},"list":{odd},"more":{odd}}}"#);
        let sample: Sample<'_> = object(&json).expect("JSON").expect("an object");
        assert_eq!(sample.inner.0.is_some(), odd.starts_with('{'), "{odd}");
        assert_eq!(sample.list.0.is_some(), odd.starts_with('['), "{odd}");
    }
    assert!(object::<Sample<'_>>("[1]").expect("JSON").is_none(), "JSON, but no object");
    assert!(object::<Sample<'_>>("{\"name\":").is_err(), "no JSON");
}

#[test]
fn of_two_members_with_one_name_the_last_wins() {
    let sample: Sample<'_> = object(r#"{"name":"a","n\u0061me":"b"}"#).expect("JSON").expect("an object");
    assert_eq!(text(sample.name).as_deref(), Some("b"));
}

#[test]
fn strings_are_unescaped_and_half_a_surrogate_pair_is_replaced() {
    let cases = [
        (r#""plain é""#, "plain é"),
        (r#""a\"b\\c\/d\n\t\r\b\f""#, "a\"b\\c/d\n\t\r\u{8}\u{C}"),
        (r#""\u00e9\ud83e\udd80!""#, "é🦀!"),
        (r#""\ud83e""#, "\u{FFFD}"),
        (r#""\ud83e\n""#, "\u{FFFD}\n"),
        (r#""\ud83e\u0041""#, "\u{FFFD}A"),
        (r#""\udd80x""#, "\u{FFFD}x"),
    ];
    for (json, expected) in cases {
        assert_eq!(text(raw(json)).as_deref(), Some(expected), "{json}");
    }
    assert_eq!(text(raw("5")), None);
}

#[test]
fn counts_may_be_spelled_as_floats_and_strings() {
    let cases = [
        ("12", Some(12)),
        ("12.0", Some(12)),
        ("1e3", Some(1000)),
        ("\"12\"", Some(12)),
        ("-1", None),
        ("1.5", None),
        ("null", None),
        ("[1]", None),
        ("1e300", None),
    ];
    for (json, expected) in cases {
        assert_eq!(count(raw(json)), expected, "{json}");
    }
}
