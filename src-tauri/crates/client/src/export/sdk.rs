//! The packages of providers: a typed call that says the same JSON value. They write bytes and some headers themselves,
//! and what follows from that is said beside the code.

mod fields;
pub(super) mod javascript;
mod methods;
pub(super) mod python;

use juxta_wire::code::CodeCheck;

use super::value::{self, Member, Value};
use super::{Request, Text, Unfit, differs, list_of};
use methods::{Answer, Method};

/// A request as a package makes it.
struct Call {
    method: &'static Method,
    /// Without the path that the package adds.
    base_url: String,
    members: Vec<Member>,
    streams: bool,
}

/// Takes the request apart for a package that has these `methods`.
fn call(request: &Request, package: &str, methods: &'static [Method]) -> Result<Call, Unfit> {
    if request.method != "POST" {
        return Err(format!("{package} makes its calls with POST, and this is a {}", request.method));
    }
    let url = request.url.literal().ok_or("The address holds a key")?;
    let (address, query) = url.split_once('?').map_or((url, None), |(address, query)| (address, Some(query)));
    if query.is_some() {
        return Err(format!("{package} writes the query of an address in its own way"));
    }
    let (method, base_url) = methods
        .iter()
        .find_map(|method| address.strip_suffix(method.path).map(|base| (method, base)))
        .filter(|(_, base)| base.contains("://"))
        .ok_or_else(|| {
            let paths: Vec<&str> = methods.iter().map(|method| method.path).collect();
            format!("{package} calls {}, and this request goes to another path", list_of(&paths))
        })?;
    let members = match (&request.form, method.is_form()) {
        (Some(form), true) => fields::members(form, package)?,
        (None, true) => return Err(format!("{package} sends a form here, and this body is none")),
        (Some(_), false) => return Err(format!("{package} sends JSON here, and this body is a form")),
        (None, false) => match value::read(&request.body)? {
            Value::Object(members) => members,
            _ => return Err("The body is no JSON object".to_owned()),
        },
    };
    let find =
        |name: &str| members.iter().find(|member| member.name.literal() == Some(name)).map(|member| &member.value);
    for want in method.wants {
        match find(want.name) {
            None => return Err(format!("{package} wants {}", want.words)),
            Some(Value::List(_)) => {}
            Some(_) if want.is_list => return Err(format!("{package} wants a list of {}", want.words)),
            Some(_) => {}
        }
    }
    let streams = match method.has_argument("stream").then(|| find("stream")) {
        // A call that is told to stream within other members, if at all.
        None => request.streams,
        Some(None | Some(Value::Null)) => false,
        Some(Some(Value::Boolean(streams))) => *streams,
        Some(Some(_)) => return Err(format!("{package} wants stream to be true, false or null")),
    };
    if request.headers.iter().any(|header| !header.value.spelled(|_| String::new()).is_ascii()) {
        return Err(format!("{package} takes headers of ASCII only"));
    }
    Ok(Call { method, base_url: base_url.to_owned(), members, streams })
}

impl Call {
    /// Whether what comes back is a stream of events, and not all of it at once.
    fn gives_events(&self) -> bool {
        self.streams && self.method.answer.reads_streams()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.members.iter().find(|member| member.name.literal() == Some(name)).and_then(|member| match &member.value {
            Value::Text(text) => text.literal(),
            _ => None,
        })
    }

    /// The transcript comes as it is, and not within JSON.
    fn is_bare(&self) -> bool {
        matches!(self.text("response_format"), Some("text" | "srt" | "vtt"))
    }
}

/// Said of packages that ask for vectors in the form that is shorter on the wire.
fn asks_for_base64(call: &Call, package: &str) -> Option<CodeCheck> {
    let is_open = call.members.iter().all(|member| member.name.literal() != Some("encoding_format"));
    (call.method.answer == Answer::Vectors && is_open).then(|| {
        differs(format!("{package} asks for base64 where no encoding_format is set, and turns it into numbers"))
    })
}

/// Said of packages that wait for the end of a stream.
fn waits(call: &Call, package: &str) -> Option<CodeCheck> {
    (call.streams && !call.gives_events())
        .then(|| differs(format!("{package} hands over this stream as one text, when it has ended")))
}

/// What is to be said of the bytes of a body.
fn written(request: &Request, package: &str, keeps_order: bool) -> CodeCheck {
    match request.form {
        Some(_) => {
            differs(format!("{package} writes the form itself: the same fields, the file behind or before them"))
        }
        None => written_by(package, keeps_order),
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
