//! Reads the body of exported code back out of its literals, so that what is said of it was really looked at.

/// How a language writes what its literals need.
#[derive(Clone, Copy, PartialEq)]
pub enum Language {
    Python,
    JavaScript,
    Rust,
}

/// The text that the body of `code` stands for. `None` when there is none, when a key is read into it, or when a literal
/// is not one that is written here.
pub fn body(code: &str, language: Language) -> Option<String> {
    let (start, opens) = match language {
        Language::Python => ("\nbody = ", ["(\n", "\n)"]),
        Language::JavaScript => ("const body = ", ["[\n", ",\n].join('')"]),
        Language::Rust => ("    let body = ", ["concat!(\n", ",\n    )"]),
    };
    let (_, behind) = code.split_once(start)?;
    let mut reader = Reader { rest: behind, language };
    if !reader.skip(opens[0]) {
        return reader.literal();
    }
    let mut text = String::new();
    loop {
        text.push_str(&reader.literal()?);
        if reader.skip(opens[1]) {
            return Some(text);
        }
        reader.skip(",");
        if !reader.skip("\n") {
            return None;
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    language: Language,
}

impl<'a> Reader<'a> {
    fn skip(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn literal(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start_matches(' ');
        let language = self.language;
        match language {
            Language::Python if self.skip("r\"\"\"") => self.until("\"\"\"").map(str::to_owned),
            Language::Python if self.skip("r'") => self.until("'").map(str::to_owned),
            Language::JavaScript if self.skip("String.raw`") => self.until("`").map(str::to_owned),
            Language::Rust if self.rest.starts_with("r\"") || self.rest.starts_with("r#") => {
                let signs = self.rest[1..].bytes().take_while(|byte| *byte == b'#').count();
                let end = format!("\"{}", "#".repeat(signs));
                self.rest = self.rest.get(signs + 2..)?;
                self.until(&end).map(str::to_owned)
            }
            Language::Rust | Language::Python if self.skip("\"") => self.escaped('"'),
            Language::JavaScript | Language::Python if self.skip("'") => self.escaped('\''),
            _ => None,
        }
    }

    fn until(&mut self, end: &str) -> Option<&'a str> {
        let (text, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(text)
    }

    fn escaped(&mut self, quote: char) -> Option<String> {
        let mut text = String::new();
        let mut characters = self.rest.chars();
        loop {
            match characters.next()? {
                end if end == quote => {
                    self.rest = characters.as_str();
                    return Some(text);
                }
                '\\' => match characters.next()? {
                    'n' => text.push('\n'),
                    'r' => text.push('\r'),
                    't' => text.push('\t'),
                    'u' => {
                        let digits = match (self.language, characters.as_str().strip_prefix('{')) {
                            (Language::Rust, Some(rest)) => rest.split_once('}')?.0,
                            (Language::Python | Language::JavaScript, _) => characters.as_str().get(..4)?,
                            _ => return None,
                        };
                        let around = if self.language == Language::Rust { 2 } else { 0 };
                        text.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
                        characters = characters.as_str().get(digits.len() + around..)?.chars();
                    }
                    same @ ('\\' | '\'' | '"') => text.push(same),
                    _ => return None,
                },
                other => text.push(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::export::{Request, Text, target};

    #[test]
    fn every_body_is_read_back_from_every_language() {
        let long = "it's \"long\" \\ `so` ".repeat(400);
        let member = r#"{"role":"user","content":"one of \"many\"\n"},"#.repeat(20);
        for text in [
            "",
            "{}",
            "a'b",
            "\"\"\"'''",
            "\\",
            "${x} `y`",
            "r\"#\"##",
            "a\r\n\t\u{0}\u{202e}\u{feff}b",
            "größe 🐟",
            "{\"a\":\"\\u00e9\\n\"}",
            &long,
            &member,
        ] {
            for id in ["python-httpx", "python-requests", "javascript-fetch", "rust-reqwest"] {
                let target = target(id).expect("a target");
                let request = Request { url: "https://a.example".into(), body: text.into(), ..Request::default() };
                let written = target.write(&request).expect("it fits");
                assert_eq!(target.body_of(&written.text).as_deref(), Some(text), "{id}\n{}", written.text);
                let with_key = Request { body: Text::from("x KEY y").with_variable("KEY", "NAME"), ..request };
                let written = target.write(&with_key).expect("it fits");
                assert_eq!(target.body_of(&written.text), None, "{id}: nobody knows here what the key is");
            }
        }
    }

    #[test]
    fn a_body_that_was_changed_reads_as_another() {
        let request = Request { url: "https://a.example".into(), body: "{\"a\":1}".into(), ..Request::default() };
        for id in ["python-httpx", "javascript-fetch", "rust-reqwest"] {
            let target = target(id).expect("a target");
            let changed = target.write(&request).expect("it fits").text.replace("{\"a\":1}", "{\"a\":2}");
            assert_eq!(target.body_of(&changed).as_deref(), Some("{\"a\":2}"), "{id}");
        }
    }
}
