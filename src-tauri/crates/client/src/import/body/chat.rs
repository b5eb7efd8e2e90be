//! The messages of a chat.

use juxta_wire::draft::{Content, Message, Part, Role};

use super::{Reader, fields, order};
use crate::endpoints::chat::FILE_MEMBERS;
use crate::json::{Kind, Member, Node};

impl Reader<'_> {
    pub(super) fn messages(&mut self, node: &Node) {
        let Kind::List(items) = &node.kind else {
            return self.homeless(node, "messages", "The messages are a list: they stand between [ and ].");
        };
        for (at, item) in items.iter().enumerate() {
            if let Some(message) = self.message(item, &format!("messages[{at}]")) {
                self.read.messages.push(message);
            }
        }
    }

    fn message(&mut self, node: &Node, path: &str) -> Option<Message> {
        let Kind::Object(members) = &node.kind else {
            self.homeless(node, path, "A message is an object with a role and a content.");
            return None;
        };
        let members = self.unique(members, path);
        let mut role = None;
        let mut role_span = node.span.start..node.span.start + 1;
        let mut content = Content::Absent;
        let mut others = Vec::new();
        for member in &members {
            let value = &member.value;
            match member.name.as_str() {
                "role" => {
                    role_span = value.span.clone();
                    let name = value.string(self.source);
                    role = name.and_then(|name| Role::ALL.into_iter().find(|known| known.as_str() == name));
                }
                "content" => match self.content(value, path) {
                    Some(read) => content = read,
                    None => {
                        let message = "A content is a text, a list of parts, or null.";
                        self.homeless(value, &format!("{path}.content"), message);
                    }
                },
                name => {
                    self.nested(value, &format!("{path}.{name}"));
                    others.push(self.parameter(member));
                }
            }
        }
        let Some(role) = role else {
            // A message whose role is not known would say something else under another one.
            self.read.unknown.push(format!("{path} (its role)"));
            let known = Role::ALL.map(Role::as_str).join(", ");
            self.error(role_span, &format!("{path}.role"), format!("A message has one of these roles: {known}."));
            return None;
        };
        let usual: &[&str] = if content == Content::Absent { &["role"] } else { &["role", "content"] };
        let order = order(&members, usual, &others);
        Some(Message { content, members: others, order, ..Message::text(role, "") })
    }

    fn content(&mut self, node: &Node, path: &str) -> Option<Content> {
        match &node.kind {
            Kind::Null => Some(Content::Null),
            Kind::Text => Some(Content::Text { text: node.string(self.source)? }),
            Kind::List(items) => {
                let parts = items.iter().enumerate().map(|(at, item)| self.part(item, path, at)).collect();
                Some(Content::Parts { parts })
            }
            Kind::Boolean | Kind::Number | Kind::Object(_) => None,
        }
    }

    /// A text, an image, a sound or a file when it holds exactly what their forms hold, in their order; else it stays as
    /// it is.
    fn part(&mut self, node: &Node, path: &str, at: usize) -> Part {
        self.known_part(node).unwrap_or_else(|| {
            self.nested(node, &format!("{path}.content[{at}]"));
            Part::Raw { json: node.text(self.source).to_owned() }
        })
    }

    fn known_part(&self, node: &Node) -> Option<Part> {
        let forms = ["text", "image_url", "input_audio", "file"];
        let [kind, value] = forms.into_iter().find_map(|name| fields(node, ["type", name]))?;
        match kind.string(self.source)?.as_str() {
            "text" => Some(Part::Text { text: value.string(self.source)? }),
            "image_url" => match (fields(value, ["url"]), fields(value, ["url", "detail"])) {
                (Some([url]), _) => Some(Part::Image { url: url.string(self.source)?, detail: None }),
                (_, Some([url, detail])) => {
                    Some(Part::Image { url: url.string(self.source)?, detail: Some(detail.string(self.source)?) })
                }
                (None, None) => None,
            },
            "input_audio" => {
                let [data, format] = fields(value, ["data", "format"])?;
                Some(Part::Audio { data: data.string(self.source)?, format: format.string(self.source)? })
            }
            "file" => match &value.kind {
                Kind::Object(said) => self.file(said),
                _ => None,
            },
            _ => None,
        }
    }

    /// A file of which exactly these members are said, in the order of its form.
    pub(super) fn file(&self, members: &[Member]) -> Option<Part> {
        let mut members = members.iter().peekable();
        let mut said = [None, None, None, None];
        for (name, value) in FILE_MEMBERS.into_iter().zip(&mut said) {
            if let Some(member) = members.next_if(|member| member.name == name) {
                *value = Some(member.value.string(self.source)?);
            }
        }
        let [name, data, id, url] = said;
        members.next().is_none().then_some(Part::File { name, data, id, url })
    }
}

#[cfg(test)]
mod tests {
    use juxta_wire::body_edit::Severity;
    use juxta_wire::draft::Parameter;
    use juxta_wire::endpoint::EndpointKind;

    use crate::endpoints::chat;
    use crate::import::body::{self, Body};

    fn read(body: &str) -> Body {
        body::read(EndpointKind::Chat, body)
    }

    fn back(body: &str) -> String {
        let read = read(body);
        assert_eq!(read.unknown, Vec::<String>::new(), "{body}");
        let bytes = chat::encode(&read.model, &read.messages, &read.parameters, &read.order).expect("a body");
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn a_body_comes_back_as_it_was_written() {
        for body in [
            r#"{"model":"a/b","messages":[{"role":"user","content":"Hi"}]}"#,
            r#"{"model":"","messages":[],"temperature":0.20,"seed":12345678901234567890123,"x":1e-3,"stop":[ "a" ]}"#,
            r#"{"model":"m","messages":[{"role":"user","content":""},{"role":"assistant","content":null,"tool_calls":[{"id":"c","n":1.0}]},{"role":"tool","content":"4","tool_call_id":"c"}]}"#,
            r#"{"model":"m","messages":[{"role":"developer","content":"“ä” 🐟 `x` $HOME \\ \" \n"}],"z":1,"a":{"c":0,"b":null}}"#,
            r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},{"type":"image_url","image_url":{"url":"https://a.example/null.png"}},{"type":"image_url","image_url":{"url":"u","detail":"low"}}]}]}"#,
            r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}},{"type":"input_audio","input_audio":{"data":""}},{"type":"image_url","image_url":{"url":"u","detail":null}},{"text":"odd","type":"other"},7,null]}]}"#,
            r#"{"model":"m","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"","format":"wav"}},{"type":"input_audio","input_audio":{"data":"UklG/+==","format":"mp3"}},{"type":"file","file":{"filename":"ä.pdf","file_data":"data:,x"}},{"type":"file","file":{"file_id":"f"}},{"type":"file","file":{}}]}]}"#,
            r#"{"model":"m","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"format":"wav","data":""}},{"type":"file","file":{"file_data":"data:,x","filename":"a"}},{"type":"file","file":{"file_id":null}},{"type":"file","file":"f"},{"file":{"file_id":"f"},"type":"file"},{"type":"text","file":{"file_id":"f"}}]}]}"#,
            r#"{"stream":true,"messages":[{"content":"x","role":"user"},{"tool_calls":[],"role":"assistant"},{"role":"assistant"}],"model":"m","a":1}"#,
            r#"{"model":"m","a":1,"messages":[{"content":[{"text":"odd","type":"text"},{"type":"text","text":"\n"},{"type":"image_url","image_url":{"detail":"low","url":"u"}}],"name":"x","role":"user"}]}"#,
        ] {
            assert_eq!(back(body), body);
        }
    }

    #[test]
    fn what_has_no_place_is_named_by_its_path() {
        for (body, expected) in [
            ("", "the body (no JSON at its line 1 column 1)"),
            ("{\n \"ä\": 1,\n \"b\" 2}", "the body (no JSON at its line 3 column 4)"),
            ("a=b", "the body (no JSON at its line 1 column 1)"),
            ("[]", "the body (it is no JSON object)"),
            (r#"{"input":"x"}"#, "the kind of call (the body has no messages)"),
            (r#"{"model":4,"messages":[]}"#, "model"),
            (r#"{"messages":"hello"}"#, "messages"),
            (r#"{"messages":[4]}"#, "messages[0]"),
            (r#"{"messages":[{"role":"function","content":"x"}]}"#, "messages[0] (its role)"),
            (r#"{"messages":[{"content":"x"}]}"#, "messages[0] (its role)"),
            (r#"{"messages":[{"role":"user","content":{"a":1}}]}"#, "messages[0].content"),
            (r#"{"messages":[],"n":1,"n":2}"#, "n (it is there twice)"),
            (r#"{"messages":[{"role":"user","role":"system","content":""}]}"#, "messages[0].role (it is there twice)"),
        ] {
            assert_eq!(read(body).unknown, [expected], "{body}");
        }
        assert_eq!(read(r#"{"messages":[],"n":1,"n":2}"#).parameters, [Parameter::new("n", "2")]);
    }

    #[test]
    fn a_problem_has_its_place_and_words_that_help() {
        for (marked, path, words) in [
            ("«[1]»", "", "begins with {"),
            (r#"«{»"messages":[]}"#, "", "no model"),
            (r#"«{»"model":"m"}"#, "", "no messages"),
            (r#"{"model":«4»,"messages":[]}"#, "model", "is a text"),
            (r#"{"model":«"\ud800"»,"messages":[]}"#, "model", "is a text"),
            (r#"{"model":"m","messages":«{"role":"user"}»}"#, "messages", "a list"),
            (r#"{"model":"m","messages":[{"role":"user"},«"hi"»]}"#, "messages[1]", "an object with a role"),
            (r#"{"model":"m","messages":[«{»"content":"hi"}]}"#, "messages[0].role", "developer, system, user"),
            (r#"{"model":"m","messages":[{"content":"ä","role":«"usr"»}]}"#, "messages[0].role", "one of these roles"),
            (
                r#"{"model":"m","messages":[{"role":"user","content":«{"a":1}»}]}"#,
                "messages[0].content",
                "a list of parts",
            ),
            (r#"{"model":"m","messages":[{"role":"user","content":«"\udc00"»}]}"#, "messages[0].content", "is a text"),
            (r#"{"model":"m","messages":[],"n":1,«"n"»:1}"#, "n", "a second time"),
            (r#"{"model":"m","messages":[{"role":"user",«"\u0072ole"»:"user"}]}"#, "messages[0].role", "a second time"),
            (r#"{"model":"m","messages":[],"n":[{"a":1,«"a"»:2}]}"#, "n[0].a", "read the last one"),
            (
                r#"{"model":"m","messages":[{"role":"user","content":[{"a":1,«"a"»:2}]}]}"#,
                "messages[0].content[0].a",
                "last one",
            ),
            (r#"{"model":"m"«,»}"#, "", "no member behind"),
        ] {
            let source = marked.replace(['«', '»'], "");
            let start = marked.find('«').expect("a mark");
            let span = start..marked.find('»').expect("a mark") - '«'.len_utf8();
            let read = read(&source);
            let [problem] = read.problems.as_slice() else { panic!("{marked}: {:?}", read.problems) };
            assert!(problem.message.contains(words), "{marked}: {}", problem.message);
            assert_eq!((problem.span.clone(), problem.path.as_str()), (span, path), "{marked}");
            let is_kept = words.contains("last one");
            assert_eq!(problem.severity == Severity::Warning, is_kept, "{marked}");
        }
    }
}
