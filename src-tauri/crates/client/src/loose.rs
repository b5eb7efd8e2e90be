//! Reading JSON of strangers: nothing but broken syntax is an error.
//!
//! serde's derived types refuse a body for one member of an unexpected type or one that stands there twice. Here a member
//! that is not what it should be counts as missing, of two members with one name the last wins, and what a reader does
//! not ask for is skipped without being looked at. Leaves stay [`RawValue`]s: text that is only looked at when wanted,
//! and whose place in the body is known.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A leaf; `None` when it is missing or `null`.
pub type Raw<'a> = Option<&'a RawValue>;

/// A JSON object with known members. `members!` writes this.
pub trait Members<'a>: Default {
    /// Reads the value of `key` into its place, or skips it.
    fn take<A: MapAccess<'a>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;
}

/// Something that is read into the place where it stays. Structs of twenty leaves are large, and serde's own way moves
/// them once for each level of nesting.
pub trait Fill<'a> {
    fn fill<D: Deserializer<'a>>(&mut self, deserializer: D) -> Result<(), D::Error>;
}

/// Makes a [`Fill`] something that serde can be asked to read.
pub struct Place<'f, F>(pub &'f mut F);

impl<'a, F: Fill<'a>> DeserializeSeed<'a> for Place<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.fill(deserializer)
    }
}

/// A leaf that may be `null`; `None` only when it is missing.
#[derive(Debug, Default)]
pub struct Present<'a>(pub Raw<'a>);

impl<'a> Fill<'a> for Present<'a> {
    fn fill<D: Deserializer<'a>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        self.0 = Some(Deserialize::deserialize(deserializer)?);
        Ok(())
    }
}

impl<'a> Fill<'a> for Raw<'a> {
    fn fill<D: Deserializer<'a>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        *self = Deserialize::deserialize(deserializer)?;
        Ok(())
    }
}

/// Declares a struct whose fields are the members of a JSON object, each with its name on the wire.
macro_rules! members {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty = $key:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Default)]
        pub(crate) struct $name<'a> { $($(#[$doc])* pub $field: $type),* }

        impl<'a> $crate::loose::Members<'a> for $name<'a> {
            fn take<A: serde::de::MapAccess<'a>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
                match key {
                    $($key => map.next_value_seed($crate::loose::Place(&mut self.$field)),)*
                    _ => map.next_value::<serde::de::IgnoredAny>().map(drop),
                }
            }
        }
    };
}

/// An object, or `None` when something else stands there.
#[derive(Debug)]
pub struct Object<T>(pub Option<T>);

/// An array, or `None` when something else stands there. An element that is no object counts as an empty one.
#[derive(Debug)]
pub struct Array<T>(pub Option<Vec<T>>);

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Default for Array<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Array<T> {
    pub fn items(self) -> Vec<T> {
        self.0.unwrap_or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(Vec::is_empty)
    }
}

/// Reads an object; `Ok(None)` when the text is JSON but no object.
pub fn object<'a, T: Members<'a>>(json: &'a str) -> Result<Option<T>, serde_json::Error> {
    let mut object = Object::<T>(None);
    read(json, &mut object)?;
    Ok(object.0)
}

/// Reads an array of objects; empty when the text is something else.
pub fn array<'a, T: Members<'a>>(json: &'a str) -> Vec<T> {
    let mut array = Array::<T>(None);
    match read(json, &mut array) {
        Ok(()) => array.items(),
        Err(_) => Vec::new(),
    }
}

fn read<'a>(json: &'a str, place: &mut impl Fill<'a>) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    place.fill(&mut deserializer)?;
    deserializer.end()
}

impl<'a, T: Members<'a>> Fill<'a> for Object<T> {
    fn fill<D: Deserializer<'a>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        self.0 = None;
        deserializer.deserialize_any(Anything(self))
    }
}

impl<'a, T: Members<'a>> Fill<'a> for Array<T> {
    fn fill<D: Deserializer<'a>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        self.0 = None;
        deserializer.deserialize_any(Anything(self))
    }
}

/// The one kind of value that is wanted. Others are skipped.
trait Wanted<'a> {
    fn take_map<A: MapAccess<'a>>(&mut self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn take_seq<A: SeqAccess<'a>>(&mut self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

impl<'a, T: Members<'a>> Wanted<'a> for Object<T> {
    fn take_map<A: MapAccess<'a>>(&mut self, mut map: A) -> Result<(), A::Error> {
        let members = self.0.insert(T::default());
        while let Some(Key(key)) = map.next_key()? {
            members.take(&key, &mut map)?;
        }
        Ok(())
    }
}

impl<'a, T: Members<'a>> Wanted<'a> for Array<T> {
    fn take_seq<A: SeqAccess<'a>>(&mut self, mut seq: A) -> Result<(), A::Error> {
        let items = self.0.insert(Vec::new());
        while let Some(()) = seq.next_element_seed(Element(items))? {}
        Ok(())
    }
}

/// Reads one element of an array at its end.
struct Element<'f, T>(&'f mut Vec<T>);

impl<'a, T: Members<'a>> DeserializeSeed<'a> for Element<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.0.is_empty() {
            // As a rule there is one, and elements are large.
            self.0.reserve_exact(1);
        }
        self.0.push(T::default());
        let last = self.0.len() - 1;
        deserializer.deserialize_any(Anything(&mut ObjectInPlace(&mut self.0[last])))
    }
}

/// An object that exists already: one that turns out to be something else stays empty.
struct ObjectInPlace<'f, T>(&'f mut T);

impl<'a, T: Members<'a>> Wanted<'a> for ObjectInPlace<'_, T> {
    fn take_map<A: MapAccess<'a>>(&mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            self.0.take(&key, &mut map)?;
        }
        Ok(())
    }
}

/// Takes any value.
struct Anything<'f, W>(&'f mut W);

impl<'de, W: Wanted<'de>> Visitor<'de> for Anything<'_, W> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.0.take_map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        self.0.take_seq(seq)
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A member's name, borrowed from the body unless it holds escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl<'de> Visitor<'de> for Name {
            type Value = Key<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a member's name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Name)
    }
}

pub(crate) use members;

/// The value of a JSON string; `None` when something else stands there.
pub fn text<'a>(raw: Raw<'a>) -> Option<Cow<'a, str>> {
    let inner = raw?.get().strip_prefix('"')?.strip_suffix('"')?;
    Some(unescape(inner))
}

/// Like [`text`], but an empty string counts as missing.
pub fn some_text<'a>(raw: Raw<'a>) -> Option<Cow<'a, str>> {
    text(raw).filter(|text| !text.is_empty())
}

/// A string as it is, or a number as it is spelled.
pub fn text_or_number<'a>(raw: Raw<'a>) -> Option<Cow<'a, str>> {
    some_text(raw).or_else(|| {
        let spelled = raw?.get();
        spelled.starts_with(|first: char| first == '-' || first.is_ascii_digit()).then_some(Cow::Borrowed(spelled))
    })
}

/// A count: an integer, also one spelled as `12.0` or `"12"`.
pub fn count(raw: Raw<'_>) -> Option<u64> {
    let spelled = text_or_number(raw)?;
    if let Ok(count) = spelled.parse() {
        return Some(count);
    }
    let number: f64 = spelled.parse().ok()?;
    // Beyond 2^53 a float is no count any more.
    (number >= 0.0 && number.fract() == 0.0 && number < 9_007_199_254_740_992.0).then_some(number as u64)
}

/// A finite number that is not negative, also one spelled as a string.
pub fn seconds(raw: Raw<'_>) -> Option<f64> {
    text_or_number(raw)?.trim().parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0)
}

/// The elements of an array as they are; empty when something else stands there.
pub fn elements<'a>(raw: Raw<'a>) -> Vec<&'a RawValue> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

/// A member of an object by its name; `None` when it is not there, or when something else than an object stands there.
pub fn member<'a>(object: &'a RawValue, name: &str) -> Option<&'a RawValue> {
    let mut found = Named { name, value: None };
    let mut deserializer = serde_json::Deserializer::from_str(object.get());
    deserializer.deserialize_any(Anything(&mut found)).ok()?;
    found.value
}

struct Named<'a, 'n> {
    name: &'n str,
    value: Option<&'a RawValue>,
}

impl<'a> Wanted<'a> for Named<'a, '_> {
    fn take_map<A: MapAccess<'a>>(&mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            if key == self.name {
                self.value = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// Resolves the escapes of a JSON string that is known to be well formed. Half of a surrogate pair, which some servers
/// send when a token ends there, becomes U+FFFD.
fn unescape(inner: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Cow::Borrowed(inner);
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut after = escaped.chars();
        match after.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{C}'),
            Some('u') => {
                let (character, used) = unicode_escape(after.as_str());
                text.push(character);
                rest = &after.as_str()[used..];
                continue;
            }
            Some(other) => text.push(other),
            None => {}
        }
        rest = after.as_str();
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The character of `XXXX` or `XXXX\uYYYY`, and how many bytes that took.
fn unicode_escape(digits: &str) -> (char, usize) {
    let unit = |from: usize| digits.get(from..from + 4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
    let Some(first) = unit(0) else { return (char::REPLACEMENT_CHARACTER, digits.len().min(4)) };
    let second = if digits.get(4..6) == Some("\\u") { unit(6) } else { None };
    match (char::decode_utf16([first]).next(), second) {
        (Some(Ok(character)), _) => (character, 4),
        (_, Some(second)) => match char::decode_utf16([first, second]).next() {
            Some(Ok(character)) => (character, 10),
            _ => (char::REPLACEMENT_CHARACTER, 4),
        },
        _ => (char::REPLACEMENT_CHARACTER, 4),
    }
}

#[cfg(test)]
mod tests;
