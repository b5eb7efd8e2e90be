//! The fields of a form as the members that packages make them of.

use super::super::form::Form;
use super::super::number::{Spelling, javascript, python};
use super::super::value::{Member, Value};
use super::super::{Text, Unfit};

/// `a[]` is an item of a list, `a[b]` a member of an object, and everything else a text or what looks like one.
///
/// # Errors
/// When the package would name a field in another way.
pub(super) fn members(form: &Form, package: &str) -> Result<Vec<Member>, Unfit> {
    let mut members: Vec<Member> = Vec::new();
    for (name, text) in form.texts() {
        let (base, inner) = match name.split_once('[') {
            Some((base, rest)) => (base, rest.strip_suffix(']')),
            None => (name, Some("")),
        };
        let inner = inner.filter(|inner| !base.is_empty() && !inner.contains(['[', ']']));
        let inner = inner.ok_or_else(|| format!("{package} has no field named {name}"))?;
        let is_bare = base.len() == name.len();
        let known =
            members.iter_mut().find(|member| member.name.literal() == Some(base)).map(|member| &mut member.value);
        match known {
            None => {
                let value = match (is_bare, inner) {
                    (true, _) => alone(name, text),
                    (false, "") => Value::List(vec![Value::Text(text.clone())]),
                    (false, inner) => Value::Object(vec![member(inner, text)]),
                };
                members.push(Member { name: Text::from(base), value });
            }
            Some(Value::List(items)) if !is_bare && inner.is_empty() => items.push(Value::Text(text.clone())),
            Some(Value::Object(within))
                if !is_bare && !inner.is_empty() && within.iter().all(|known| known.name.literal() != Some(inner)) =>
            {
                within.push(member(inner, text));
            }
            Some(_) => return Err(format!("{package} sends several texts of one name as {base}[]")),
        }
    }
    Ok(members)
}

fn member(name: &str, text: &Text) -> Member {
    Member { name: Text::from(name), value: Value::Text(text.clone()) }
}

/// A number or a boolean where the package wants one and spells it as it was.
fn alone(name: &str, text: &Text) -> Value {
    match (name, text.literal()) {
        ("stream", Some(literal @ ("true" | "false"))) => Value::Boolean(literal == "true"),
        ("temperature", Some(literal)) if is_kept(literal) => Value::Number(literal.to_owned()),
        _ => Value::Text(text.clone()),
    }
}

fn is_kept(literal: &str) -> bool {
    let is_number = literal.starts_with(|c: char| c.is_ascii_digit()) && serde_json::from_str::<f64>(literal).is_ok();
    is_number && python(literal) == Spelling::Same && javascript(literal) == Spelling::Same
}

#[cfg(test)]
mod tests {
    use super::super::super::form::{Content, Field};
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Form {
        let fields = fields
            .iter()
            .map(|(name, text)| Field { name: (*name).to_owned(), content: Content::Text(Text::from(*text)) });
        Form { fields: fields.collect(), boundary: "b".to_owned() }
    }

    #[test]
    fn fields_become_the_members_that_make_them() {
        let text = |text: &str| Value::Text(Text::from(text));
        let named = |name: &str, value: Value| Member { name: Text::from(name), value };
        let fields = [
            ("model", "m"),
            ("temperature", "0.5"),
            ("stream", "true"),
            ("times[]", "word"),
            ("cut[type]", "auto"),
            ("times[]", "segment"),
            ("prompt", "42"),
        ];
        let expected = vec![
            named("model", text("m")),
            named("temperature", Value::Number("0.5".to_owned())),
            named("stream", Value::Boolean(true)),
            named("times", Value::List(vec![text("word"), text("segment")])),
            named("cut", Value::Object(vec![named("type", text("auto"))])),
            named("prompt", text("42")),
        ];
        assert_eq!(members(&form(&fields), "openai"), Ok(expected));
        assert_eq!(members(&form(&[("temperature", "0.20")]), "openai").expect("members")[0].value, text("0.20"));
        for fields in [[("a", "1"), ("a", "2")], [("a[]", "1"), ("a", "2")], [("a[b]", "1"), ("a[b]", "2")]] {
            assert!(members(&form(&fields), "openai").is_err(), "{fields:?}");
        }
        for name in ["a[", "[a]", "a[b][c]", "a]["] {
            assert!(members(&form(&[(name, "1")]), "openai").is_err(), "{name}");
        }
    }
}
