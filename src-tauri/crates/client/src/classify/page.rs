//! Error pages made for browsers: what a person would read first.

const HIDDEN: [&str; 5] = ["head", "script", "style", "noscript", "template"];
/// Elements that do not begin a new line.
const INLINE: [&str; 10] = ["a", "abbr", "b", "code", "em", "i", "small", "span", "strong", "u"];
const LINE_LIMIT: usize = 300;

pub fn is_html(content_type: Option<&str>, body: &str) -> bool {
    let starts_with = |prefix: &str| body.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    content_type.is_some_and(|kind| kind == "text/html" || kind == "application/xhtml+xml")
        || starts_with("<!doctype html")
        || starts_with("<html")
}

/// The first line with something to read; the title when the page shows nothing.
pub fn first_visible_line(page: &str) -> Option<String> {
    let visible = read_lines(page, &HIDDEN);
    visible.or_else(|| {
        let from = find_ignoring_case(page, "<title")?;
        let title = &page[from..];
        let title = &title[title.find('>')? + 1..];
        let end = find_ignoring_case(title, "</title").unwrap_or(title.len());
        read_lines(&title[..end], &[])
    })
}

fn read_lines(page: &str, hidden: &[&str]) -> Option<String> {
    let mut line = String::new();
    let mut rest = page;
    while !rest.is_empty() {
        let Some((text, tag)) = rest.split_once('<') else {
            line.push_str(rest);
            break;
        };
        line.push_str(text);
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (inside, after) = tag.split_once('>').unwrap_or((tag, ""));
        rest = after;
        let name: String =
            inside.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect::<String>().to_lowercase();
        if hidden.contains(&name.as_str()) {
            let end = find_ignoring_case(rest, &format!("</{name}"));
            rest = end.map_or("", |at| &rest[at..]);
        }
        if !INLINE.contains(&name.trim_matches('/')) && !line.trim().is_empty() {
            break;
        }
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let line = resolve_references(&words.join(" "));
    (!line.is_empty()).then(|| line.chars().take(LINE_LIMIT).collect())
}

fn find_ignoring_case(text: &str, lower: &str) -> Option<usize> {
    // ASCII lower case keeps every position.
    text.to_ascii_lowercase().find(lower)
}

/// The few character references that error pages use.
fn resolve_references(text: &str) -> String {
    const REFERENCES: [(&str, &str); 7] = [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        // Last, so that what it makes is not resolved again.
        ("&amp;", "&"),
    ];
    REFERENCES.iter().fold(text.to_owned(), |text, (reference, character)| text.replace(reference, character))
}
