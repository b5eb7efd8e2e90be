//! Models as judges: what they are asked, and what they said of an answer.

mod asking;
mod estimate;

use juxta_store::Store;
use juxta_wire::check::{CheckRule, CheckState, JudgeVerdict};
use juxta_wire::draft::{Content, Draft, Message, Part, Role, Variable};
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::ids::{ComparisonId, LaneId};
use juxta_wire::lane::{Comparison, Lane};
use juxta_wire::run::{Cell, CellState};
use sha2::{Digest, Sha256};

use super::answer::Answer;
use super::ready::{filled, needed};
use super::{Judged, votes};
use crate::run::MAX_REPEATS;

pub(crate) use asking::{Judging, OnBehalf};
pub(crate) use estimate::ToAsk;

/// Characters of what a judge said that are kept beside its verdict; all of it is in its call.
const LONGEST_KEPT: usize = 4_000;
/// In place of an answer that is no text, as one of tool calls.
const NO_TEXT: &str = "(The answer has no text.)";

/// A rule that asks a model.
pub(super) struct Judge {
    /// Of everything that the rule says.
    digest: String,
    lane: Lane,
    draft: Draft,
    repeats: u32,
}

impl Judge {
    /// Without `variables` their places stay as they are written.
    pub fn read(rule: &CheckRule, variables: Option<&[Variable]>) -> Result<Self, String> {
        let CheckRule::Judge { connection, endpoint, model, prompt, repeats, parameters } = rule else {
            return Err("This check asks nobody.".to_owned());
        };
        needed(prompt.trim(), "what the judge is to look at")?;
        needed(model.trim(), "the name of a model")?;
        if !matches!(endpoint, EndpointKind::Chat | EndpointKind::Responses) {
            return Err("A judge is asked at the chat or at the responses endpoint.".to_owned());
        }
        if !crate::template::names(prompt).any(|name| name == "answer") {
            return Err("Write {{answer}} where the judge is to read the answer.".to_owned());
        }
        if !(1..=MAX_REPEATS).contains(repeats) {
            return Err(format!("A judge is asked between 1 and {MAX_REPEATS} times."));
        }
        let own = ["answer", "question"].map(|name| Variable::text(name, name));
        let known = variables.map(|variables| [&own[..], &others(variables)].concat());
        filled(known.as_deref(), |template| template.text(prompt), prompt)?;
        let json = serde_json::to_vec(rule).map_err(|error| error.to_string())?;
        let lane = Lane {
            id: LaneId::new(),
            connection: connection.clone(),
            endpoint: *endpoint,
            model: model.clone(),
            overrides: Vec::new(),
            forked_messages: None,
            muted: false,
            raw_body: None,
            hold: false,
            variables: Vec::new(),
        };
        let draft = Draft {
            messages: vec![Message::text(Role::User, prompt)],
            parameters: parameters.clone(),
            variables: variables.map(others).unwrap_or_default(),
            ..Draft::default()
        };
        let digest = Sha256::digest(&json).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { digest, lane, draft, repeats: *repeats })
    }

    /// What is run to ask about an answer. Answer and question are values and no templates: braces in them stay braces.
    fn comparison(&self, name: &str, question: &str, answer: &str, repeats: u32) -> Comparison {
        let mut draft = self.draft.clone();
        let text = |text: &str| if text.is_empty() { NO_TEXT.to_owned() } else { text.to_owned() };
        draft.variables.push(Variable::text("question", text(question)));
        draft.variables.push(Variable::text("answer", text(answer)));
        let lanes = vec![Lane { id: LaneId::new(), ..self.lane.clone() }];
        Comparison { id: ComparisonId::new(), name: format!("Judge: {name}"), draft, lanes, repeats }
    }
}

fn others(variables: &[Variable]) -> Vec<Variable> {
    variables.iter().filter(|variable| !matches!(variable.name.as_str(), "answer" | "question")).cloned().collect()
}

/// How an answer stands by what its judge said so far.
pub(super) fn verdict(judge: &Judge, said: Option<&Store>, answer: &Answer<'_>) -> Judged {
    match said.map(|store| store.judgement(&answer.last.id, &judge.digest)) {
        None => votes::judged(Vec::new(), judge.repeats),
        Some(Ok(verdicts)) => votes::judged(verdicts, judge.repeats),
        Some(Err(error)) => Judged::cannot_tell(format!("What the judge said cannot be read: {error}")),
    }
}

/// `None` of a call that was stopped: it said nothing, and nothing went wrong.
fn verdict_in(cell: &Cell) -> Option<JudgeVerdict> {
    let (state, said) = match cell.state {
        CellState::Finished => {
            let said = Answer::of(vec![cell])?.text;
            (votes::verdict_of(&said), said)
        }
        CellState::Failed | CellState::EndedEarly => {
            let why = cell.error.as_ref().map_or_else(|| "it ended early.".to_owned(), ToString::to_string);
            (CheckState::NotJudged, why)
        }
        _ => return None,
    };
    let kept = said.char_indices().rev().nth(LONGEST_KEPT).map_or(0, |(from, _)| from);
    Some(JudgeVerdict { run: cell.run.clone(), cell: cell.id.clone(), state, said: said[kept..].to_owned() })
}

fn text_of(message: &Message) -> Option<String> {
    let text = match &message.content {
        Content::Text { text } => text.clone(),
        Content::Parts { parts } => {
            let texts = parts.iter().filter_map(|part| match part {
                Part::Text { text } => Some(text.as_str()),
                _ => None,
            });
            texts.collect::<Vec<_>>().join("\n")
        }
        Content::Null | Content::Absent => String::new(),
    };
    (!text.is_empty()).then_some(text)
}
