//! A JSON body as a value, for languages that write values of their own. Numbers keep their spelling, objects their
//! order, and a key that is read from the environment its place.

use super::number::Spelling;
use super::{Piece, Text, Unfit};
use crate::json::{self, Kind, Node};

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Boolean(bool),
    /// As it is spelled.
    Number(String),
    Text(Text),
    List(Vec<Value>),
    Object(Vec<Member>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    pub name: Text,
    pub value: Value,
}

/// Stand around the number of a place while the body is read as JSON: characters that no text has.
const MARKS: [char; 2] = ['\u{fdd0}', '\u{fdd1}'];

/// Reads a body.
///
/// # Errors
/// Why a language cannot say it: no JSON, a name that stands twice in one object, half a character.
pub fn read(body: &Text) -> Result<Value, Unfit> {
    let places: Vec<&Piece> =
        body.pieces().iter().filter(|piece| matches!(piece, Piece::Variable(_) | Piece::Argument(_))).collect();
    let mut number = 0;
    let mut source = String::new();
    for piece in body.pieces() {
        match piece {
            Piece::Text(text) | Piece::Uuid(text) => source.push_str(text),
            Piece::Variable(_) | Piece::Argument(_) => {
                source.push_str(&format!("{}{number}{}", MARKS[0], MARKS[1]));
                number += 1;
            }
        }
    }
    let node = json::parse(&source).map_err(|_| "The body is no JSON".to_owned())?;
    Reader { source: &source, places }.value(&node)
}

struct Reader<'a> {
    source: &'a str,
    places: Vec<&'a Piece>,
}

impl Reader<'_> {
    fn value(&self, node: &Node) -> Result<Value, Unfit> {
        Ok(match &node.kind {
            Kind::Null => Value::Null,
            Kind::Boolean => Value::Boolean(node.text(self.source) == "true"),
            Kind::Number => Value::Number(node.text(self.source).to_owned()),
            Kind::Text => Value::Text(self.text(node.text(self.source))?),
            Kind::List(items) => Value::List(items.iter().map(|item| self.value(item)).collect::<Result<_, _>>()?),
            Kind::Object(given) => {
                let mut members: Vec<Member> = Vec::with_capacity(given.len());
                for member in given {
                    let name = self.text(&self.source[member.name_span.clone()])?;
                    if members.iter().any(|known| known.name == name) {
                        return Err(format!("The body names {} twice", member.name));
                    }
                    members.push(Member { name, value: self.value(&member.value)? });
                }
                Value::Object(members)
            }
        })
    }

    fn text(&self, json: &str) -> Result<Text, Unfit> {
        let text: String =
            serde_json::from_str(json).map_err(|_| "The body holds half of a surrogate pair".to_owned())?;
        if self.places.is_empty() {
            return Ok(Text::from(text.as_str()));
        }
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, behind)) = rest.split_once(MARKS[0]) {
            let (number, behind) = behind.split_once(MARKS[1]).ok_or("The body holds the character U+FDD0")?;
            let place = number.parse::<usize>().ok().and_then(|number| self.places.get(number));
            let place = place.ok_or("The body holds the character U+FDD0")?;
            pieces.extend([Piece::Text(before.to_owned()), (*place).clone()]);
            rest = behind;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Text::new(pieces))
    }
}

/// What a language makes of the numbers in `value`: a sentence for those it spells differently.
///
/// # Errors
/// The first one that it would send as another number.
pub fn numbers(value: &Value, language: &str, spell: fn(&str) -> Spelling) -> Result<Option<String>, Unfit> {
    let mut found = Found { spell, others: Vec::new(), lost: None };
    found.walk(value, &mut String::new());
    if let Some((path, spelled)) = found.lost {
        return Err(format!("{language} cannot hold {path} = {}", shortened(&spelled)));
    }
    Ok(match found.others.as_slice() {
        [] => None,
        [(path, before, after)] => Some(format!("{path} goes out as {after}, not as {before}")),
        [(path, before, after), more @ ..] => {
            Some(format!("{path} goes out as {after}, not as {before}, and {} more numbers likewise", more.len()))
        }
    })
}

fn shortened(spelled: &str) -> &str {
    spelled.get(..40).unwrap_or(spelled)
}

struct Found {
    spell: fn(&str) -> Spelling,
    others: Vec<(String, String, String)>,
    lost: Option<(String, String)>,
}

impl Found {
    fn walk(&mut self, value: &Value, path: &mut String) {
        let end = path.len();
        match value {
            Value::Number(spelled) => match (self.spell)(spelled) {
                Spelling::Same => {}
                Spelling::Other(other) => self.others.push((path.clone(), spelled.clone(), other)),
                Spelling::Lost if self.lost.is_none() => self.lost = Some((path.clone(), spelled.clone())),
                Spelling::Lost => {}
            },
            Value::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    path.push_str(&format!("[{at}]"));
                    self.walk(item, path);
                    path.truncate(end);
                }
            }
            Value::Object(members) => {
                for member in members {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(&member.name.spelled(|_| String::new()));
                    self.walk(&member.value, path);
                    path.truncate(end);
                }
            }
            Value::Null | Value::Boolean(_) | Value::Text(_) => {}
        }
    }
}

/// How a language writes values.
pub struct Style {
    pub null: &'static str,
    pub booleans: [&'static str; 2],
    pub text: fn(&Text) -> String,
    pub name: fn(&Text) -> String,
    /// Columns of one step.
    pub step: usize,
    /// Objects have a blank inside of their braces.
    pub airy: bool,
}

/// Characters of a line before a value is spread over several.
const WIDE: usize = 96;

/// Writes `value` behind `used` characters of a line that is indented by `indent`.
pub fn layout(value: &Value, style: &Style, indent: usize, used: usize) -> String {
    let (open, close, items) = match value {
        Value::Null => return style.null.to_owned(),
        Value::Boolean(value) => return style.booleans[usize::from(*value)].to_owned(),
        Value::Number(spelled) => return spelled.clone(),
        Value::Text(text) => return (style.text)(text),
        Value::List(items) => ("[", "]", items.iter().map(|item| (String::new(), item)).collect::<Vec<_>>()),
        Value::Object(members) => (
            "{",
            "}",
            members.iter().map(|member| (format!("{}: ", (style.name)(&member.name)), &member.value)).collect(),
        ),
    };
    if items.is_empty() {
        return format!("{open}{close}");
    }
    let inner = indent + style.step;
    let written: Vec<String> = items
        .iter()
        .map(|(name, value)| format!("{name}{}", layout(value, style, inner, inner + name.chars().count())))
        .collect();
    let air = if style.airy && open == "{" { " " } else { "" };
    let width = written.iter().map(|item| item.chars().count() + 2).sum::<usize>();
    if used + width + 2 <= WIDE && written.iter().all(|item| !item.contains('\n')) {
        return format!("{open}{air}{}{air}{close}", written.join(", "));
    }
    let pad = " ".repeat(inner);
    let lines: String = written.iter().map(|item| format!("{pad}{item},\n")).collect();
    format!("{open}\n{lines}{}{close}", " ".repeat(indent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::number;

    #[test]
    fn a_body_keeps_its_order_its_numbers_and_the_place_of_a_key() {
        let body =
            Text::from(r#"{"b":1.0,"a":["x KEY y",{"KEY":null}],"c":"\ud83d\udc1f"}"#).with_variable("KEY", "NAME");
        let Value::Object(members) = read(&body).expect("a value") else { panic!("an object") };
        let names: Vec<_> = members.iter().map(|member| member.name.literal()).collect();
        assert_eq!(names, [Some("b"), Some("a"), Some("c")]);
        assert_eq!(members[0].value, Value::Number("1.0".to_owned()));
        assert_eq!(members[2].value, Value::Text("🐟".into()));
        let Value::List(items) = &members[1].value else { panic!("a list") };
        assert_eq!(items[0], Value::Text(Text::from("x KEY y").with_variable("KEY", "NAME")));
    }

    #[test]
    fn what_no_language_would_say_the_same_way_is_refused() {
        for (body, reason) in [
            ("{", "The body is no JSON"),
            (r#"{"a":1,"\u0061":2}"#, "The body names a twice"),
            (r#"{"a":"\ud83d"}"#, "The body holds half of a surrogate pair"),
        ] {
            assert_eq!(read(&body.into()), Err(reason.to_owned()), "{body}");
        }
    }

    #[test]
    fn numbers_are_judged_where_they_stand() {
        let value = read(&r#"{"t":0.20,"m":[{"s":9007199254740993}]}"#.into()).expect("a value");
        assert_eq!(numbers(&value, "Python", number::python), Ok(Some("t goes out as 0.2, not as 0.20".to_owned())));
        assert_eq!(
            numbers(&value, "JavaScript", number::javascript),
            Err("JavaScript cannot hold m[0].s = 9007199254740993".to_owned())
        );
    }
}
