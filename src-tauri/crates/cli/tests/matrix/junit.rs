//! Reads JUnit's XML.

use std::collections::BTreeMap;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// What systems read of JUnit's XML.
#[derive(Debug, Default, PartialEq)]
pub struct Suites {
    pub totals: BTreeMap<String, String>,
    pub suites: Vec<BTreeMap<String, String>>,
    pub cases: Vec<BTreeMap<String, String>>,
    /// Element, type and message.
    pub reasons: Vec<(String, String, String)>,
    /// What stands between elements, white space apart.
    pub texts: Vec<String>,
}

fn attributes(element: &BytesStart<'_>) -> BTreeMap<String, String> {
    let all = element.attributes().map(|attribute| {
        let attribute = attribute.expect("an attribute");
        let value = quick_xml::escape::unescape(&attribute.value).expect("entities that are known");
        (attribute.key.0.to_owned(), value.into_owned())
    });
    all.collect()
}

/// Fails for what is not well-formed.
pub fn junit(path: &Path) -> Suites {
    let text = std::fs::read_to_string(path).expect("JUnit's XML");
    let mut reader = Reader::from_str(&text);
    reader.config_mut().enable_all_checks(true);
    let (mut found, mut words) = (Suites::default(), String::new());
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Eof => return found,
            Event::Start(element) | Event::Empty(element) => {
                let name = element.name().0.to_owned();
                let mut its_own = attributes(&element);
                match name.as_str() {
                    "testsuites" => found.totals = its_own,
                    "testsuite" => found.suites.push(its_own),
                    "testcase" => found.cases.push(its_own),
                    "failure" | "error" => {
                        let mut take = |name: &str| its_own.remove(name).unwrap_or_default();
                        found.reasons.push((name, take("type"), take("message")));
                    }
                    _ => {}
                }
                words.clear();
            }
            Event::Text(text) => words.push_str(&text),
            Event::GeneralRef(entity) => {
                let entity = format!("&{};", &*entity);
                words.push_str(&quick_xml::escape::unescape(&entity).expect("an entity that is known"));
            }
            Event::End(_) => {
                let said = std::mem::take(&mut words);
                found.texts.extend((!said.trim().is_empty()).then_some(said));
            }
            _ => {}
        }
    }
}

pub fn number(attributes: &BTreeMap<String, String>, name: &str) -> u64 {
    attributes[name].parse().expect("a number")
}
