//! The packages of providers: a typed call that says the same JSON value. They write bytes and some headers themselves,
//! and what follows from that is said beside the code.

pub(super) mod javascript;
pub(super) mod python;

use juxta_wire::code::CodeCheck;

use super::value::{self, Member, Value};
use super::{Request, Text, Unfit, differs};

/// A chat call as a package makes it.
struct Call {
    /// Without the path that the package adds.
    base_url: String,
    members: Vec<Member>,
}

/// Takes the request apart for a package that calls `path`.
fn call(request: &Request, package: &str, path: &str) -> Result<Call, Unfit> {
    if request.method != "POST" {
        return Err(format!("{package} makes a chat with POST, and this is a {}", request.method));
    }
    let url = request.url.literal().ok_or("The address holds a key")?;
    let (address, query) = url.split_once('?').map_or((url, None), |(address, query)| (address, Some(query)));
    if query.is_some() {
        return Err(format!("{package} writes the query of an address in its own way"));
    }
    let base_url = address
        .strip_suffix(path)
        .filter(|base| base.contains("://"))
        .ok_or_else(|| format!("{package} calls {path}, and this request goes to another path"))?;
    let Value::Object(members) = value::read(&request.body)? else {
        return Err("The body is no JSON object".to_owned());
    };
    let find =
        |name: &str| members.iter().find(|member| member.name.literal() == Some(name)).map(|member| &member.value);
    match find("messages") {
        Some(Value::List(_)) => {}
        Some(_) => return Err(format!("{package} wants a list of messages")),
        None => return Err(format!("{package} wants messages")),
    }
    if find("model").is_none() {
        return Err(format!("{package} wants a model"));
    }
    match find("stream") {
        None | Some(Value::Boolean(_) | Value::Null) => {}
        Some(_) => return Err(format!("{package} wants stream to be true, false or null")),
    }
    if request.headers.iter().any(|header| !header.value.spelled(|_| String::new()).is_ascii()) {
        return Err(format!("{package} takes headers of ASCII only"));
    }
    Ok(Call { base_url: base_url.to_owned(), members })
}

impl Call {
    fn streams(&self) -> bool {
        self.members
            .iter()
            .any(|member| member.name.literal() == Some("stream") && member.value == Value::Boolean(true))
    }
}

/// The package writes the bytes of the body, in the order of its own keys or in the given one.
fn written_by(package: &str, keeps_order: bool) -> CodeCheck {
    differs(match keeps_order {
        true => format!("{package} writes the body's bytes itself: the same values in the same order"),
        false => format!("{package} writes the body's bytes itself: the same values, its keys in another order"),
    })
}

/// Names that packages spell with capitals, and one that they send anyway.
fn package_header(name: &str) -> String {
    ["Accept", "Authorization", "Content-Type", "User-Agent"]
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(name))
        .map_or_else(|| name.to_owned(), str::to_owned)
}

fn is_json_type(name: &str, value: &Text) -> bool {
    name.eq_ignore_ascii_case("content-type") && value.literal() == Some("application/json")
}

/// What stands behind `Bearer `, when nothing else does.
fn bearer(value: &Text) -> Option<Text> {
    use super::Piece;
    match value.pieces() {
        [Piece::Text(scheme), key @ Piece::Variable(_)] if scheme == "Bearer " => Some(Text::new([key.clone()])),
        [Piece::Text(whole)] => whole.strip_prefix("Bearer ").filter(|key| !key.is_empty()).map(Text::from),
        _ => None,
    }
}
