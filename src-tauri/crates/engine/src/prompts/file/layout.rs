//! How the file looks: two spaces a level, one value a line, and a line feed at the end.

/// A piece of the file.
#[derive(Debug, Clone, PartialEq)]
pub enum Layout {
    /// JSON text that stands as it is.
    Raw(String),
    List(Vec<Layout>),
    Object(Vec<(String, Layout)>),
}

impl Layout {
    pub fn text(text: &str) -> Self {
        Layout::Raw(json_string(text))
    }

    /// A text of one line as a string, of several as a list with one string for each.
    pub fn lines(text: &str) -> Self {
        match text.contains('\n') {
            true => Layout::List(text.split('\n').map(Layout::text).collect()),
            false => Layout::text(text),
        }
    }

    pub fn object<const N: usize>(members: [(&str, Layout); N]) -> Self {
        Layout::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, 0);
        text.push('\n');
        text
    }

    fn write(&self, text: &mut String, depth: usize) {
        match self {
            Layout::Raw(json) => text.push_str(json),
            Layout::List(items) if items.is_empty() => text.push_str("[]"),
            Layout::Object(members) if members.is_empty() => text.push_str("{}"),
            Layout::List(items) => {
                text.push('[');
                for (at, item) in items.iter().enumerate() {
                    open_line(text, at, depth + 1);
                    item.write(text, depth + 1);
                }
                close_line(text, depth);
                text.push(']');
            }
            Layout::Object(members) => {
                text.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    open_line(text, at, depth + 1);
                    text.push_str(&json_string(name));
                    text.push_str(": ");
                    value.write(text, depth + 1);
                }
                close_line(text, depth);
                text.push('}');
            }
        }
    }
}

fn open_line(text: &mut String, at: usize, depth: usize) {
    text.push_str(if at == 0 { "\n" } else { ",\n" });
    text.extend(std::iter::repeat_n("  ", depth));
}

fn close_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
