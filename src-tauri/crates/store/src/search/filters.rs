//! The filters of the query language: one table, which the parser, the help and the counts beside the list follow.

use juxta_wire::search::FilterHelp;

use crate::search::facts::{Figure, Thing};
use crate::search::terms::terms;
use crate::search::texts::Field;

/// What a filter lets through.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// A name, or a part of one when no model has this name.
    Model(String),
    Connection(String),
    Endpoint(String),
    Status(Status),
    Figure(Figure, Comparison, f64),
    /// Began before this moment, Unix milliseconds.
    Before(i64),
    /// Began at this moment or later.
    After(i64),
    Has(Thing),
    Starred,
    Noted,
    /// Words are looked for in this field only.
    In(Field),
    /// Terms that follow each other in the note.
    Note(Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// As `calls.state` spells it.
    State(&'static str),
    /// Not over.
    Live,
    Code(u16),
    /// 4 is every status from 400 to 499.
    Class(u16),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Above,
    AtLeast,
    Below,
    AtMost,
}

impl Comparison {
    pub fn holds(self, figure: f64, than: f64) -> bool {
        match self {
            Comparison::Above => figure > than,
            Comparison::AtLeast => figure >= than,
            Comparison::Below => figure < than,
            Comparison::AtMost => figure <= than,
        }
    }
}

/// What stands between a filter's name and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Colon,
    Compares(Comparison),
}

/// Where `today` begins.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// Unix milliseconds.
    pub now: u64,
    /// Minutes ahead of UTC.
    pub offset: i32,
}

/// States by the words that people write, the one of the list of filters first.
pub const STATES: &[(&str, Status, &str)] = &[
    ("finished", Status::State("finished"), "Finished"),
    ("failed", Status::State("failed"), "Failed"),
    ("stopped", Status::State("stopped"), "Stopped"),
    ("ended-early", Status::State("endedEarly"), "Ended early"),
    ("interrupted", Status::State("interrupted"), "Interrupted"),
    ("live", Status::Live, "Running"),
];

/// One filter.
pub struct Spec {
    pub name: &'static str,
    /// It takes `>` and `<` instead of a colon.
    pub compares: bool,
    /// Filter, example and meaning, as the help shows them.
    help: &'static [(&'static str, &'static str, &'static str)],
    /// The words say what was wrong.
    pub read: fn(Operator, &str, Clock) -> Result<Filter, String>,
}

pub const FILTERS: &[Spec] = &[
    Spec {
        name: "model",
        compares: false,
        help: &[("model:", "model:gpt-4o", "Calls of this model, or of models with this in their name")],
        read: |_, value, _| Ok(Filter::Model(value.to_owned())),
    },
    Spec {
        name: "connection",
        compares: false,
        help: &[("connection:", "connection:\"Scale prod\"", "Calls over this connection")],
        read: |_, value, _| Ok(Filter::Connection(value.to_owned())),
    },
    Spec {
        name: "status",
        compares: false,
        help: &[
            ("status:", "status:failed", "finished, failed, stopped, ended-early, interrupted or live"),
            ("status:", "status:4xx", "An HTTP status, or a class of them"),
        ],
        read: |_, value, _| status(value).map(Filter::Status),
    },
    Spec {
        name: "endpoint",
        compares: false,
        help: &[("endpoint:", "endpoint:chat", "Calls of this kind")],
        read: |_, value, _| Ok(Filter::Endpoint(value.to_owned())),
    },
    Spec {
        name: "cost",
        compares: true,
        help: &[
            ("cost>", "cost>0.02", "Calls that cost more"),
            ("cost<", "cost<0.001", "Calls that cost less, and whose cost is known"),
        ],
        read: |operator, value, _| figure(Figure::Cost, operator, value.trim_start_matches(['$', '€', '£'])),
    },
    Spec {
        name: "ttft",
        compares: true,
        help: &[
            ("ttft>", "ttft>1.5s", "The first token took longer; milliseconds without a unit"),
            ("ttft<", "ttft<400", "The first token came sooner"),
        ],
        read: |operator, value, _| {
            let (number, factor) = match (value.strip_suffix("ms"), value.strip_suffix('s')) {
                (Some(number), _) => (number, 1.0),
                (None, Some(number)) => (number, 1000.0),
                (None, None) => (value, 1.0),
            };
            match figure(Figure::FirstText, operator, number)? {
                Filter::Figure(kind, comparison, than) => Ok(Filter::Figure(kind, comparison, than * factor)),
                other => Ok(other),
            }
        },
    },
    Spec {
        name: "tokens",
        compares: true,
        help: &[
            ("tokens>", "tokens>1000", "Answers of more tokens, reasoning included"),
            ("tokens<", "tokens<50", "Answers of fewer tokens"),
        ],
        read: |operator, value, _| figure(Figure::Output, operator, &value.replace([',', '_'], "")),
    },
    Spec {
        name: "before",
        compares: false,
        help: &[("before:", "before:2026-11-21", "Calls before that day, or today, yesterday, 7d")],
        read: |_, value, clock| moment(value, clock).map(Filter::Before),
    },
    Spec {
        name: "after",
        compares: false,
        help: &[("after:", "after:yesterday", "Calls since the beginning of that day, or the last 7d, 12h")],
        read: |_, value, clock| moment(value, clock).map(Filter::After),
    },
    Spec {
        name: "has",
        compares: false,
        help: &[
            ("has:tool", "has:tool", "Answers that call a tool"),
            ("has:error", "has:error", "Calls with an error"),
            ("has:reasoning", "has:reasoning", "Answers with reasoning"),
            ("has:image", "has:image", "Prompts with an image"),
            ("has:note", "has:note", "Runs with a note"),
        ],
        read: |_, value, _| {
            let value = value.to_ascii_lowercase();
            if value == "note" {
                return Ok(Filter::Noted);
            }
            let known = Thing::ALL.into_iter().find(|(_, name)| *name == value);
            known
                .map(|(thing, _)| Filter::Has(thing))
                .ok_or_else(|| "Write tool, error, reasoning, image or note after has:".to_owned())
        },
    },
    Spec {
        name: "is",
        compares: false,
        help: &[("is:starred", "is:starred", "Runs with a star")],
        read: |_, value, _| match value.to_ascii_lowercase().as_str() {
            "starred" => Ok(Filter::Starred),
            _ => Err("Write starred after is:".to_owned()),
        },
    },
    Spec {
        name: "in",
        compares: false,
        help: &[
            ("in:answer", "in:answer refund", "Looks for the words in answers only"),
            ("in:prompt", "in:prompt refund", "… in what was sent"),
            ("in:reasoning", "in:reasoning refund", "… in reasoning"),
            ("in:error", "in:error quota", "… in errors"),
            ("in:headers", "in:headers req_8f2", "… in the headers of request and response"),
        ],
        read: |_, value, _| {
            let field = match value.to_ascii_lowercase().as_str() {
                "answer" => Field::Answer,
                "prompt" => Field::Prompt,
                "reasoning" => Field::Reasoning,
                "tools" | "tool" => Field::Tools,
                "error" => Field::Error,
                "headers" => Field::Headers,
                _ => return Err("Write answer, prompt, reasoning, tools, error or headers after in:".to_owned()),
            };
            Ok(Filter::In(field))
        },
    },
    Spec {
        name: "note",
        compares: false,
        help: &[("note:", "note:\"for Ada\"", "Runs with these words in their note")],
        read: |_, value, _| match terms(value) {
            terms if terms.is_empty() => Err("Write a word after note:".to_owned()),
            terms => Ok(Filter::Note(terms)),
        },
    },
];

/// Every filter with an example.
pub fn help() -> Vec<FilterHelp> {
    let rows = FILTERS.iter().flat_map(|spec| spec.help);
    rows.map(|(filter, example, meaning)| FilterHelp {
        filter: (*filter).to_owned(),
        example: (*example).to_owned(),
        meaning: (*meaning).to_owned(),
    })
    .collect()
}

fn status(value: &str) -> Result<Status, String> {
    let plain: String = value.chars().filter(|letter| *letter != '-').flat_map(char::to_lowercase).collect();
    if let Some((_, status, _)) = STATES.iter().find(|(name, ..)| name.replace('-', "") == plain) {
        return Ok(*status);
    }
    let digits = plain.strip_suffix("xx");
    match (digits.unwrap_or(&plain).parse(), digits) {
        (Ok(class @ 1..=5), Some(_)) => Ok(Status::Class(class)),
        (Ok(code @ 100..=999), None) => Ok(Status::Code(code)),
        _ => {
            Err("Write finished, failed, stopped, ended-early, interrupted, live, 404 or 4xx after status:".to_owned())
        }
    }
}

fn figure(kind: Figure, operator: Operator, number: &str) -> Result<Filter, String> {
    let Operator::Compares(comparison) = operator else { return Err("Write > or < before the number".to_owned()) };
    match number.parse::<f64>() {
        Ok(than) if than.is_finite() => Ok(Filter::Figure(kind, comparison, than)),
        _ => Err("Write a number such as 0.02".to_owned()),
    }
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn moment(value: &str, clock: Clock) -> Result<i64, String> {
    let now = i64::try_from(clock.now).unwrap_or(i64::MAX / 2);
    let ahead = i64::from(clock.offset) * MINUTE;
    let today = (now + ahead).div_euclid(DAY) * DAY - ahead;
    match value.to_ascii_lowercase().as_str() {
        "today" => return Ok(today),
        "yesterday" => return Ok(today - DAY),
        _ => {}
    }
    if let Some((at, unit)) = value.char_indices().next_back()
        && let Ok(count @ 0..=100_000) = value[..at].parse::<i64>()
        && let Some(length) = [('h', HOUR), ('d', DAY), ('w', 7 * DAY)].iter().find(|(letter, _)| *letter == unit)
    {
        return Ok(now - count * length.1);
    }
    date(value)
        .map(|days| days * DAY - ahead)
        .ok_or_else(|| "Write a day as 2026-11-21, or today, yesterday, 7d, 12h".to_owned())
}

/// Days since 1970-01-01 of `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
fn date(value: &str) -> Option<i64> {
    let mut parts = value.split('-');
    let mut number = |length: usize| match parts.next() {
        None => Some(1),
        Some(digits) if digits.len() == length => digits.parse::<i64>().ok().filter(|number| *number > 0),
        Some(_) => None,
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let long = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if long { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *lengths.get(usize::try_from(month - 1).ok()?)?;
    if parts.next().is_some() || day > length {
        return None;
    }
    let before = year - 1;
    let leaps = |year: i64| year / 4 - year / 100 + year / 400;
    let of_years = before * 365 + leaps(before) - (1969 * 365 + leaps(1969));
    Some(of_years + lengths[..(month - 1) as usize].iter().sum::<i64>() + day - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_the_calendar_counts_them() {
        let cases = [
            ("1970-01-01", Some(0)),
            ("1970", Some(0)),
            ("2000-03-01", Some(11_017)),
            ("2024-02-29", Some(19_782)),
            ("2026-11", Some(20_758)),
            ("2026-11-21", Some(20_778)),
            ("2026-02-29", None),
            ("2026-13-01", None),
            ("2026-00-01", None),
            ("2026-1-1", None),
            ("2026-11-21-1", None),
            ("", None),
            ("soon", None),
        ];
        for (text, days) in cases {
            assert_eq!(date(text), days, "{text}");
        }
    }

    #[test]
    fn a_day_begins_where_the_person_is() {
        // 2026-11-21 23:30 in UTC is already the 22nd in Berlin, and still the 21st in New York.
        let now = (20_778 * DAY + 23 * HOUR + 30 * MINUTE) as u64;
        let berlin = Clock { now, offset: 60 };
        let new_york = Clock { now, offset: -300 };
        assert_eq!(moment("today", berlin), Ok(20_778 * DAY + 23 * HOUR));
        assert_eq!(moment("2026-11-22", berlin), moment("today", berlin));
        assert_eq!(moment("today", new_york), Ok(20_778 * DAY + 5 * HOUR));
        assert_eq!(moment("Yesterday", new_york), Ok(20_777 * DAY + 5 * HOUR));
        assert_eq!(moment("12h", berlin), Ok(now as i64 - 12 * HOUR));
        assert_eq!(moment("2w", berlin), moment("14d", new_york));
        assert!(moment("d", berlin).is_err());
        assert!(moment("7ö", berlin).is_err());
    }

    #[test]
    fn every_example_of_the_help_is_understood() {
        let clock = Clock { now: 0, offset: 0 };
        for row in help() {
            let query = crate::search::query::parse(&row.example, clock);
            assert_eq!(query.problems, [], "{}", row.example);
            assert!(row.example.starts_with(&row.filter), "{}", row.filter);
        }
    }
}
