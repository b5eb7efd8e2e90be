//! Whether two JSON texts say the same: the same members in the same order, the same texts, the same numbers.

use juxta_client::json::{Kind, Node, parse};

#[derive(Clone, Copy, PartialEq)]
pub enum Order {
    Same,
    /// The outermost members may stand in another order.
    SameWithin,
    Any,
}

pub fn same_value(wanted: &str, found: &str, order: Order) -> Result<(), String> {
    let read = |json: &str| parse(json).map_err(|fault| format!("{}: {json:.300}", fault.message));
    compare((wanted, &read(wanted)?), (found, &read(found)?), order, "the body")
}

fn compare(wanted: (&str, &Node), found: (&str, &Node), order: Order, path: &str) -> Result<(), String> {
    let differs = || Err(format!("{path}: {:.300} instead of {:.300}", found.1.text(found.0), wanted.1.text(wanted.0)));
    match (&wanted.1.kind, &found.1.kind) {
        (Kind::Null, Kind::Null) => Ok(()),
        (Kind::Boolean, Kind::Boolean) if wanted.1.text(wanted.0) == found.1.text(found.0) => Ok(()),
        (Kind::Text, Kind::Text) if wanted.1.string(wanted.0) == found.1.string(found.0) => Ok(()),
        (Kind::Number, Kind::Number) if same_number(wanted.1.text(wanted.0), found.1.text(found.0)) => Ok(()),
        (Kind::List(a), Kind::List(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().try_for_each(|(at, (a, b))| {
                compare((wanted.0, a), (found.0, b), within(order), &format!("{path}[{at}]"))
            })
        }
        (Kind::Object(a), Kind::Object(b)) if a.len() == b.len() => {
            let (mut a, mut b): (Vec<_>, Vec<_>) = (a.iter().collect(), b.iter().collect());
            if order != Order::Same {
                a.sort_by(|one, other| one.name.cmp(&other.name));
                b.sort_by(|one, other| one.name.cmp(&other.name));
            }
            a.into_iter().zip(b).try_for_each(|(a, b)| match a.name == b.name {
                true => {
                    compare((wanted.0, &a.value), (found.0, &b.value), within(order), &format!("{path}.{}", a.name))
                }
                false => Err(format!("{path}: {} stands where {} was", b.name, a.name)),
            })
        }
        _ => differs(),
    }
}

fn within(order: Order) -> Order {
    if order == Order::SameWithin { Order::Same } else { order }
}

/// By value; whole numbers digit by digit, because a float would hide the last ones.
fn same_number(wanted: &str, found: &str) -> bool {
    let is_whole = |text: &str| !text.contains(['.', 'e', 'E']);
    let value = |text: &str| text.parse::<f64>().ok();
    wanted == found || value(wanted) == value(found) && !(is_whole(wanted) && is_whole(found) && wanted != "-0")
}

#[test]
fn another_value_is_seen() {
    for (wanted, found, order, is_same) in [
        (r#"{"a":1.0,"b":[null,true,"é"]}"#, r#"{"a":1,"b":[null,true,"\u00e9"]}"#, Order::Same, true),
        (r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#, Order::Same, false),
        (r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#, Order::SameWithin, true),
        (r#"[{"a":1,"b":2}]"#, r#"[{"b":2,"a":1}]"#, Order::SameWithin, false),
        (r#"[{"a":1,"b":2}]"#, r#"[{"b":2,"a":1}]"#, Order::Any, true),
        ("9007199254740993", "9007199254740992", Order::Same, false),
        (r#"{"a":1}"#, r#"{"a":1,"b":null}"#, Order::Same, false),
        ("\"a\"", "\"b\"", Order::Same, false),
        ("null", "false", Order::Same, false),
    ] {
        assert_eq!(same_value(wanted, found, order).is_ok(), is_same, "{wanted} and {found}");
    }
}
