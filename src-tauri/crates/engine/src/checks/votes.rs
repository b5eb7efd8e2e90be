//! What judges said, counted.

use juxta_wire::check::{CheckState, JudgeVerdict};

use super::Judged;

/// Characters of what a judge said that are repeated to a person in one sentence with the verdict.
const LONGEST_REASON: usize = 300;
/// Words that may stand before the verdict on its line.
const INTRODUCTIONS: [&str; 8] = ["FINAL", "VERDICT", "RESULT", "GRADE", "JUDGEMENT", "JUDGMENT", "MY", "IS"];

/// The verdict on the last line that says anything.
pub(super) fn verdict_of(said: &str) -> CheckState {
    let line = said.lines().rev().find(|line| line.chars().any(char::is_alphanumeric)).unwrap_or_default();
    let words: Vec<String> =
        line.split(|one: char| !one.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_uppercase).collect();
    match words.split_last() {
        Some((_, before)) if !before.iter().all(|word| INTRODUCTIONS.contains(&word.as_str())) => {
            CheckState::CannotTell
        }
        Some((last, _)) if last == "PASS" => CheckState::Passed,
        Some((last, _)) if last == "FAIL" => CheckState::Failed,
        _ => CheckState::CannotTell,
    }
}

/// Calls that are still to be made, of `repeats`. None once more than half say the same: the others could not change it.
pub(super) fn missing(verdicts: &[JudgeVerdict], repeats: u32) -> u32 {
    if majority(verdicts, repeats).is_some() { 0 } else { repeats.saturating_sub(answered(verdicts)) }
}

/// Calls that failed are none.
fn answered(verdicts: &[JudgeVerdict]) -> u32 {
    verdicts.iter().filter(|verdict| verdict.state != CheckState::NotJudged).count() as u32
}

fn majority(verdicts: &[JudgeVerdict], repeats: u32) -> Option<CheckState> {
    [CheckState::Passed, CheckState::Failed].into_iter().find(|state| count(verdicts, *state) * 2 > repeats)
}

fn count(verdicts: &[JudgeVerdict], state: CheckState) -> u32 {
    verdicts.iter().filter(|verdict| verdict.state == state).count() as u32
}

/// What follows from the verdicts on one answer.
pub(super) fn judged(verdicts: Vec<JudgeVerdict>, repeats: u32) -> Judged {
    let majority = majority(&verdicts, repeats);
    let (state, why) = if let Some(state) = majority {
        (state, format!("{} {}", tally(&verdicts), reason(&verdicts, state)))
    } else if missing(&verdicts, repeats) == 0 {
        let why = match verdicts.len() {
            1 => "The judge’s last line is neither PASS nor FAIL.".to_owned(),
            _ => format!("More than half have to agree. {}", tally(&verdicts)),
        };
        (CheckState::CannotTell, why)
    } else if let Some(failed) = verdicts.iter().find(|verdict| verdict.state == CheckState::NotJudged) {
        (CheckState::NotJudged, format!("A call of the judge failed and can be made again: {}", cut(&failed.said)))
    } else if verdicts.is_empty() {
        (CheckState::NotJudged, "The judge was not asked yet.".to_owned())
    } else {
        let why = format!("The judge was asked {} of {repeats} times. {}", verdicts.len(), tally(&verdicts));
        (CheckState::NotJudged, why)
    };
    Judged { verdicts, ..Judged::told(state, why.trim_end()) }
}

fn tally(verdicts: &[JudgeVerdict]) -> String {
    let all = answered(verdicts);
    let (passed, failed) = (count(verdicts, CheckState::Passed), count(verdicts, CheckState::Failed));
    if all == 1 {
        return match (passed, failed) {
            (1, _) => "The judge says PASS.".to_owned(),
            (_, 1) => "The judge says FAIL.".to_owned(),
            _ => "The judge says neither PASS nor FAIL.".to_owned(),
        };
    }
    let mut told = format!("Of {all} calls, {passed} say PASS and {failed} FAIL");
    if all > passed + failed {
        told.push_str(&format!(", and {} say neither", all - passed - failed));
    }
    told + "."
}

/// The words of the first call that agrees, without its last line.
fn reason(verdicts: &[JudgeVerdict], state: CheckState) -> String {
    let said = verdicts.iter().find(|verdict| verdict.state == state).map_or("", |verdict| verdict.said.trim());
    let reasons = said.rsplit_once('\n').map_or("", |(reasons, _)| reasons);
    cut(&reasons.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_REASON) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use juxta_wire::ids::{CellId, RunId};

    use super::*;
    use CheckState::{CannotTell, Failed, NotJudged, Passed};

    fn verdicts(states: &[CheckState]) -> Vec<JudgeVerdict> {
        let said = "It is good.\nVery good.\n\nPASS".to_owned();
        let one = |state: &CheckState| JudgeVerdict {
            run: RunId::new(),
            cell: CellId::new(),
            state: *state,
            said: said.clone(),
        };
        states.iter().map(one).collect()
    }

    #[test]
    fn a_verdict_is_the_last_line_and_nothing_else() {
        for (said, verdict) in [
            ("Fine.\nPASS", Passed),
            ("Fine.\n\n**Verdict: FAIL.**\n\n", Failed),
            ("pass", Passed),
            ("My final verdict is: PASS 🎉\n***", Passed),
            ("PASS\nBut I am not sure.", CannotTell),
            ("It does not PASS", CannotTell),
            ("PASS or FAIL", CannotTell),
            ("FAIL PASS", CannotTell),
            ("PASSED", CannotTell),
            ("合格", CannotTell),
            ("", CannotTell),
        ] {
            assert_eq!(verdict_of(said), verdict, "{said:?}");
        }
    }

    #[test]
    fn more_than_half_of_all_calls_decide() {
        for (states, repeats, state, left) in [
            (&[][..], 1, NotJudged, 1),
            (&[Passed], 1, Passed, 0),
            (&[CannotTell], 1, CannotTell, 0),
            (&[NotJudged], 1, NotJudged, 1),
            (&[Passed, Failed], 2, CannotTell, 0),
            (&[Passed, Passed, CannotTell], 3, Passed, 0),
            (&[Passed, CannotTell, CannotTell], 3, CannotTell, 0),
            (&[Failed, Failed], 3, Failed, 0),
            (&[Failed, NotJudged], 3, NotJudged, 2),
            (&[Failed, Passed, NotJudged, Failed], 3, Failed, 0),
            (&[Failed, Passed], 4, NotJudged, 2),
        ] {
            let all = verdicts(states);
            assert_eq!(missing(&all, repeats), left, "{states:?} of {repeats}");
            assert_eq!(judged(all, repeats).state, state, "{states:?} of {repeats}");
        }
    }

    #[test]
    fn a_verdict_is_told_with_its_reasons() {
        let why = |states: &[CheckState], repeats| judged(verdicts(states), repeats).why;
        assert_eq!(why(&[Passed], 1), "The judge says PASS. It is good. Very good.");
        assert_eq!(why(&[Passed, Failed, Passed], 3), "Of 3 calls, 2 say PASS and 1 FAIL. It is good. Very good.");
        assert_eq!(
            why(&[Passed, Failed, CannotTell], 3),
            "More than half have to agree. Of 3 calls, 1 say PASS and 1 FAIL, and 1 say neither."
        );
        assert_eq!(why(&[], 3), "The judge was not asked yet.");
    }
}
