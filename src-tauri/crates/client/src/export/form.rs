//! Forms with a file. Every library draws the lines between the parts itself, so a form is the same when its fields are.

use juxta_wire::code::CodeCheck;

use super::{Piece, Request, Text, Unfit, differs};

/// A body of the type `multipart/form-data`.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// In the order sent.
    pub fields: Vec<Field>,
    /// What stands between the parts, for a target that writes them out.
    pub boundary: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub name: String,
    pub content: Content,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    Text(Text),
    File(File),
}

/// A file whose bytes are not in the code, which reads them from its folder.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// As the server is told; it may be no name that a file can have.
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
}

impl File {
    /// The name under which the code reads it: that which the server is told, as far as a file can be called so.
    pub fn path(&self) -> String {
        let is_taken = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
        let path: String = self.name.chars().map(|c| if is_taken(c) { '_' } else { c }).collect();
        match path.trim().trim_matches('.') {
            // To curl a hyphen is what it is piped.
            "" | "-" => "file".to_owned(),
            _ => path.trim().to_owned(),
        }
    }
}

impl Form {
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, &Text)> {
        self.fields.iter().filter_map(|field| match &field.content {
            Content::Text(text) => Some((field.name.as_str(), text)),
            Content::File(_) => None,
        })
    }

    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &File)> {
        self.fields.iter().filter_map(|field| match &field.content {
            Content::File(file) => Some((field.name.as_str(), file)),
            Content::Text(_) => None,
        })
    }

    /// The texts of a name stand together behind it, in the order of their first.
    pub(super) fn grouped(&self) -> Vec<(&str, Vec<&Text>)> {
        let mut groups: Vec<(&str, Vec<&Text>)> = Vec::new();
        for (name, text) in self.texts() {
            match groups.iter_mut().find(|(known, _)| *known == name) {
                Some((_, texts)) => texts.push(text),
                None => groups.push((name, vec![text])),
            }
        }
        groups
    }

    /// The texts in the order in which [`Form::grouped`] has them.
    fn is_grouped(&self) -> bool {
        let grouped = self.grouped();
        grouped.iter().flat_map(|(name, texts)| texts.iter().map(move |_| *name)).eq(self.texts().map(|(name, _)| name))
    }
}

impl Request {
    /// The one file of a form.
    pub(super) fn file(&self) -> Option<(&str, &File)> {
        self.form.as_ref()?.files().next()
    }

    pub(super) fn form_fits(&self) -> Result<(), Unfit> {
        let Some(form) = &self.form else { return Ok(()) };
        match form.files().count() {
            1 => Ok(()),
            0 => Err("This form has no file, and without one it would be sent as another type".to_owned()),
            _ => Err("This form has more than one file".to_owned()),
        }
    }

    /// All that a literal or a word is made of: the address, the headers, and body or fields.
    pub(super) fn texts(&self) -> impl Iterator<Item = &Text> {
        let fields = self.form.iter().flat_map(Form::texts).map(|(_, text)| text);
        self.headers.iter().map(|header| &header.value).chain([&self.url, &self.body]).chain(fields)
    }
}

/// Above the code that reads the file: a comment without its mark.
pub(super) fn beside(file: &File) -> String {
    format!("Put {} into the folder where this runs: it is read from there.", shown(&file.path()))
}

/// Characters that turn the order of what is read, or end a line, have no place in a comment.
fn shown(name: &str) -> String {
    name.chars().map(|c| if super::text::is_awkward(c) { '_' } else { c }).collect()
}

/// What is to be known of every form in code.
pub(super) fn needs_file(request: &Request) -> Option<CodeCheck> {
    request.file().map(|(_, file)| {
        let path = shown(&file.path());
        differs(format!("The sound is not in this text. Save it as {path} where this runs"))
    })
}

/// Said by libraries that take texts and files apart.
pub(super) fn fields_move(request: &Request, library: &str) -> Option<CodeCheck> {
    let form = request.form.as_ref()?;
    let is_last = matches!(form.fields.last()?.content, Content::File(_));
    (!is_last || !form.is_grouped())
        .then(|| differs(format!("{library} sends the same fields, the file behind the others")))
}

/// Said by libraries that spell names with these characters in a way of their own.
pub(super) fn names_differ(request: &Request, library: &str, is_respelled: fn(char) -> bool) -> Option<CodeCheck> {
    let form = request.form.as_ref()?;
    let names = form.fields.iter().map(|field| field.name.as_str());
    let name =
        names.chain(form.files().map(|(_, file)| file.name.as_str())).find(|name| name.contains(is_respelled))?;
    Some(differs(format!("{library} spells the name {} in its own way", shown(name))))
}

/// Whether the text, keys aside, holds a line break.
pub(super) fn has_line_break(text: &Text) -> bool {
    text.pieces().iter().any(|piece| matches!(piece, Piece::Text(text) if text.contains(['\n', '\r'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_name_that_a_file_can_have() {
        for (name, path) in [
            ("Grüße an Ada.wav", "Grüße an Ada.wav"),
            ("a/b\\c:d.wav", "a_b_c_d.wav"),
            ("../../etc/passwd", ".._.._etc_passwd"),
            ("q\"uote\r\n.mp3", "q_uote__.mp3"),
            ("", "file"),
            ("..", "file"),
            ("-", "file"),
        ] {
            let file = File { name: name.to_owned(), media_type: "audio/wav".to_owned(), bytes: 1 };
            assert_eq!(file.path(), path, "{name:?}");
        }
    }
}
