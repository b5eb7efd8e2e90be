//! Members of an object by name, without looking at the others: files of a million lines are read this way.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A value as it is spelled; `None` when it is missing.
pub(crate) type Raw<'a> = Option<&'a RawValue>;

/// The values of `names`, the last one where two members have one name.
///
/// # Errors
/// When `json` is no JSON, or no object.
pub(crate) fn pick<'a>(json: &'a str, names: &[&str]) -> serde_json::Result<Vec<Raw<'a>>> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let values = reader.deserialize_map(Members { names })?;
    reader.end()?;
    Ok(values)
}

/// As [`pick`]; nothing where there is no object.
pub(crate) fn picked<'a, const N: usize>(json: &'a str, names: [&str; N]) -> [Raw<'a>; N] {
    let values = pick(json, &names).unwrap_or_default();
    std::array::from_fn(|at| values.get(at).copied().flatten())
}

/// The value of a string, or what stands there where it has half a surrogate pair.
pub(crate) fn text(raw: Raw<'_>) -> Option<Cow<'_, str>> {
    let json = raw?.get();
    let inside = json.strip_prefix('"')?.strip_suffix('"')?;
    match inside.contains('\\') {
        false => Some(Cow::Borrowed(inside)),
        true => Some(serde_json::from_str(json).map_or(Cow::Borrowed(inside), Cow::Owned)),
    }
}

/// The value of a whole number that is not negative, also one with a fraction.
pub(crate) fn count(raw: Raw<'_>) -> Option<u64> {
    let number: f64 = raw?.get().parse().ok()?;
    (0.0..9e15).contains(&number).then_some(number as u64)
}

/// Something that is more than `null`.
pub(crate) fn present(raw: Raw<'_>) -> Raw<'_> {
    raw.filter(|raw| raw.get() != "null")
}

/// Where `part` stands in `whole`, which it was taken from.
pub(crate) fn span_in(whole: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize).min(whole.len());
    start..(start + part.len()).min(whole.len())
}

struct Members<'n> {
    names: &'n [&'n str],
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Vec<Raw<'de>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = vec![None; self.names.len()];
        while let Some(known) = map.next_key_seed(Name(self.names))? {
            match known {
                Some(at) => values[at] = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(values)
    }
}

/// Which of the names it is. Read as bytes, because half a surrogate pair is allowed in JSON and not in a text.
struct Name<'n>(&'n [&'n str]);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<usize>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_bytes<E>(self, name: &[u8]) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|known| known.as_bytes() == name))
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Self::Value, E> {
        self.visit_bytes(name.as_bytes())
    }
}

/// Goes through the elements of a list; `None` where there is no list.
pub(crate) fn each<'a>(json: &'a str, see: &mut dyn FnMut(&'a str)) -> Option<usize> {
    let mut reader = serde_json::Deserializer::from_str(json);
    reader.deserialize_seq(Elements(see)).ok()
}

struct Elements<'s, 'de>(&'s mut dyn FnMut(&'de str));

impl<'de> Visitor<'de> for Elements<'_, 'de> {
    type Value = usize;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<usize, A::Error> {
        let mut count = 0;
        while let Some(element) = list.next_element::<&RawValue>()? {
            (self.0)(element.get());
            count += 1;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_wherever_they_stand_and_the_last_of_a_name_counts() {
        let json = r#" {"x":{"a":0},"\u0061":1.50,"\ud800":2,"b":null,"a":"\ud83d\ude00"} "#;
        let [a, b, c] = picked(json, ["a", "b", "c"]);
        assert_eq!(text(a).as_deref(), Some("😀"));
        assert_eq!((b.map(RawValue::get), present(b).is_some(), c.is_some()), (Some("null"), false, false));
        let a = a.expect("a value").get();
        assert_eq!(&json[span_in(json, a)], a);
        for no_object in ["", "[1]", "{\"a\":1", "{\"a\":1}x", "\"a\"", "{\"a\":}"] {
            assert!(pick(no_object, &["a"]).is_err(), "{no_object}");
        }
    }

    #[test]
    fn elements_are_gone_through() {
        let mut seen = Vec::new();
        assert_eq!(each(r#"[1, {"a":[2]},"x"]"#, &mut |element| seen.push(element)), Some(3));
        assert_eq!(seen, ["1", r#"{"a":[2]}"#, "\"x\""]);
        assert_eq!(each("{}", &mut |_| {}), None);
    }

    #[test]
    fn numbers_are_counts_where_they_can_be() {
        let [a, b, c] = picked(r#"{"a":12.0,"b":-1,"c":"3"}"#, ["a", "b", "c"]);
        assert_eq!((count(a), count(b), count(c)), (Some(12), None, None));
    }
}
