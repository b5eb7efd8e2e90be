//! Generic inference: free `args`.

use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value};

use super::{Form, Order, Said, chat, common};

/// The documents have no member that asks for a stream, so it is asked for inside of `args`, where the models that talk
/// also look for their messages and limits.
pub(super) fn order(dialect: Dialect, body: &Map<String, Value>) -> Order {
    let args = body.get("args").and_then(Value::as_object).cloned().unwrap_or_default();
    let messages = said(&args);
    let mut order = common(dialect, &args, messages);
    order.model = body.get("model").and_then(Value::as_str).unwrap_or_default().to_owned();
    order.choices = 1;
    order.form = Form::Generic(args);
    order
}

fn said(args: &Map<String, Value>) -> Vec<Said> {
    if let Some(messages) = args.get("messages").and_then(Value::as_array) {
        return messages.iter().map(chat::said).collect();
    }
    let text = ["prompt", "input", "text", "query"].iter().find_map(|name| args.get(*name)?.as_str());
    text.map(Said::by_user).into_iter().collect()
}
