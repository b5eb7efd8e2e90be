//! What a variable stands for: its value, or its default where it has none, if that is of its kind.

use juxta_client::json::{self, Kind};
use juxta_wire::draft::{Variable, VariableKind};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// `bare` is what stands in JSON without quotation marks; a text has none.
    Fits {
        text: &'a str,
        bare: Option<String>,
    },
    Missing,
    /// With the variable's name in the message.
    Unfit {
        message: String,
    },
}

/// The value that is sent for `variable`.
pub fn value(variable: &Variable) -> Value<'_> {
    let Variable { name, value, kind, default } = variable;
    let text = if value.is_empty() { default } else { value };
    if text.is_empty() {
        return Value::Missing;
    }
    let unfit = |what: &str| Value::Unfit { message: format!("{name} is {what}") };
    let bare = |json: &str| Value::Fits { text, bare: Some(json.to_owned()) };
    let alone = text.trim();
    match kind {
        VariableKind::Text => Value::Fits { text, bare: None },
        VariableKind::Number => match json::parse(alone) {
            Ok(node) if node.kind == Kind::Number => bare(alone),
            _ => unfit("no number"),
        },
        VariableKind::Boolean => match alone.to_ascii_lowercase().as_str() {
            // Tables write them in capitals too.
            word @ ("true" | "false") => bare(word),
            _ => unfit("neither true nor false"),
        },
        VariableKind::Json => match json::parse(alone) {
            Ok(_) => bare(alone),
            Err(_) => unfit("no JSON"),
        },
        VariableKind::Choice { options } if options.contains(text) => Value::Fits { text, bare: None },
        VariableKind::Choice { .. } => unfit("none of its options"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: VariableKind, value: &str, default: &str) -> Variable {
        Variable { name: "x".to_owned(), value: value.to_owned(), kind, default: default.to_owned() }
    }

    #[test]
    fn values_fit_their_kind_or_say_why_not() {
        let choice = || VariableKind::Choice { options: vec!["a b".to_owned(), "ü".to_owned()] };
        let text = |text| Ok((text, None));
        let bare = |text, bare| Ok((text, Some(bare)));
        let cases = [
            (VariableKind::Text, "\"\\ ü\n", text("\"\\ ü\n")),
            (VariableKind::Number, "0.20", bare("0.20", "0.20")),
            (VariableKind::Number, " -1E+400\n", bare(" -1E+400\n", "-1E+400")),
            (
                VariableKind::Number,
                "12345678901234567890123",
                bare("12345678901234567890123", "12345678901234567890123"),
            ),
            (VariableKind::Number, "1.", Err("x is no number")),
            (VariableKind::Number, "01", Err("x is no number")),
            (VariableKind::Number, "4,5", Err("x is no number")),
            (VariableKind::Number, "NaN", Err("x is no number")),
            (VariableKind::Number, "\"4\"", Err("x is no number")),
            (VariableKind::Number, " ", Err("x is no number")),
            (VariableKind::Boolean, "True", bare("True", "true")),
            (VariableKind::Boolean, "yes", Err("x is neither true nor false")),
            (VariableKind::Json, "[1.0, {\"a\":null}]", bare("[1.0, {\"a\":null}]", "[1.0, {\"a\":null}]")),
            (VariableKind::Json, "[1,]", Err("x is no JSON")),
            (choice(), "a b", text("a b")),
            (choice(), "a b ", Err("x is none of its options")),
        ];
        for (kind, value_of, expected) in cases {
            let variable = of(kind, value_of, "");
            let found = match value(&variable) {
                Value::Fits { text, bare } => Ok((text.to_owned(), bare)),
                Value::Unfit { message } => Err(message),
                Value::Missing => panic!("{variable:?} has a value"),
            };
            let expected = expected
                .map(|(text, bare): (&str, Option<&str>)| (text.to_owned(), bare.map(str::to_owned)))
                .map_err(str::to_owned);
            assert_eq!(found, expected, "{variable:?}");
        }
    }

    #[test]
    fn a_default_stands_in_for_no_value_and_must_fit_too() {
        let fits = |text| Value::Fits { text, bare: Some("4".to_owned()) };
        assert_eq!(value(&of(VariableKind::Number, "", "4")), fits("4"));
        assert_eq!(value(&of(VariableKind::Number, "4", "x")), fits("4"));
        assert_eq!(value(&of(VariableKind::Number, "", "x")), Value::Unfit { message: "x is no number".to_owned() });
        assert_eq!(value(&of(VariableKind::Number, "", "")), Value::Missing);
    }
}
