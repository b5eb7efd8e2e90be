//! The values of one record.

use std::collections::HashMap;
use std::fmt;

use juxta_client::json::{self, Kind};
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};

use super::records::Record;

/// The values of a CSV row. The end of the row is not among the bytes.
pub fn of_row(bytes: &[u8], separator: u8) -> Result<Vec<String>, String> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(bytes);
    let mut record = csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(_) => {}
        Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => return Err("it is not UTF-8".to_owned()),
        Err(error) => return Err(error.to_string()),
    }
    let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
    // At its beginning the reader takes this for the mark of a file.
    if bytes.starts_with("\u{FEFF}".as_bytes())
        && let Some(first) = cells.first_mut()
    {
        first.insert(0, '\u{FEFF}');
    }
    Ok(cells)
}

/// The values of a CSV row, one for each of `columns`.
pub fn of_whole_row(record: &Record, bytes: &[u8], separator: u8, columns: usize) -> Result<Vec<String>, String> {
    check_row(record, bytes, columns)?;
    of_row(bytes, separator)
}

/// What keeps a CSV row from being read.
pub fn check_row(record: &Record, bytes: &[u8], columns: usize) -> Result<(), String> {
    if let Some(fault) = record.fault {
        return Err(fault.to_owned());
    }
    if record.fields != columns {
        let values = if record.fields == 1 { "1 value".to_owned() } else { format!("{} values", record.fields) };
        return Err(format!("it has {values}, and the table has {columns} columns"));
    }
    std::str::from_utf8(bytes).map(drop).map_err(|_| "it is not UTF-8".to_owned())
}

/// The values of an object on a line: a string is its text, anything else its JSON as it is spelled.
pub fn of_object(record: &Record, bytes: &[u8], columns: &[String]) -> Result<Vec<Option<String>>, String> {
    let text = text_of(record, bytes)?;
    let node = json::parse(text).map_err(|fault| format!("it is no JSON: {}", fault.message))?;
    let Kind::Object(members) = &node.kind else { return Err(NO_OBJECT.to_owned()) };
    let values: HashMap<&str, &json::Node> =
        members.iter().map(|member| (member.name.as_str(), &member.value)).collect();
    let value = |node: &json::Node| node.string(text).unwrap_or_else(|| node.text(text).to_owned());
    Ok(columns.iter().map(|column| values.get(column.as_str()).map(|node| value(node))).collect())
}

const NO_OBJECT: &str = "it is no JSON object, between { and }";

fn text_of<'a>(record: &Record, bytes: &'a [u8]) -> Result<&'a str, String> {
    match record.fault {
        Some(fault) => Err(fault.to_owned()),
        None => std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()),
    }
}

/// Tells the names of the members of an object on a line, and passes over their values.
pub fn names_of_object(record: &Record, bytes: &[u8], tell: &mut dyn FnMut(&str)) -> Result<(), String> {
    let text = text_of(record, bytes)?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = reader.deserialize_map(Names { tell }).and_then(|()| reader.end());
    // The slower reader knows what is wrong in words, and takes half a surrogate pair, which this one does not.
    read.or_else(|_| of_object(record, bytes, &[]).map(drop))
}

struct Names<'a> {
    tell: &'a mut dyn FnMut(&str),
}

impl<'de> Visitor<'de> for Names<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            (self.tell)(&name);
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}
