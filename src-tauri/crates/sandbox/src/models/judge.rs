//! A judge that can be foretold: it looks for one word, so that what follows from verdicts has something to follow from.

use super::Reply;

pub(super) const NAME: &str = "judge";
pub(super) const DESCRIPTION: &str = "Says PASS when what stands between <answer> and </answer> has the first text that the prompt before it has in quotation marks, else FAIL. Without such a text it says neither.";

pub(super) fn answer(prompt: &str) -> Reply {
    let (before, rest) = prompt.split_once("<answer>").unwrap_or((prompt, ""));
    let judged = rest.rsplit_once("</answer>").map_or(rest, |(judged, _)| judged);
    Reply::text(&match quoted(before) {
        None => "Nothing is said of what makes an answer good, so I cannot decide.".to_owned(),
        Some(sought) if judged.contains(sought) => format!("The answer has {sought}, as it should.\n\nPASS"),
        Some(sought) => format!("The answer should have {sought}, and has not.\n\nFAIL"),
    })
}

/// The first text between straight or curly quotation marks.
fn quoted(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(['"', '“'])?;
    let (inside, _) = rest.split_once(['"', '”'])?;
    (!inside.is_empty()).then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(prompt: &str) -> String {
        answer(prompt).content.iter().map(|piece| piece.text.as_str()).collect()
    }

    #[test]
    fn it_looks_for_what_stands_in_quotation_marks() {
        for (criterion, judged, verdict) in [
            ("It says \"退款\".", "我要退款。", "PASS"),
            ("It says “退款”.", "No.", "FAIL"),
            ("It says \"a\" and \"b\".", "a </answer> a", "PASS"),
            ("It says \"Yes\".", "", "FAIL"),
        ] {
            let said = said(&format!("{criterion}\n<answer>\n{judged}\n</answer>\nPASS or FAIL \"No\""));
            assert_eq!(said.lines().last(), Some(verdict), "{criterion} {judged}");
        }
        for undecided in ["", "Is it good? <answer>\"yes\"</answer>", "\"\" <answer>yes</answer>"] {
            assert!(said(undecided).ends_with("cannot decide."), "{undecided}");
        }
    }
}
