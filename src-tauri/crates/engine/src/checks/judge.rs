//! Models as judges: asking them, and what they said of an answer.
//!
//! A judge is asked by runs of its own, through the same sender and recorder as everything else, so that its calls stand in
//! the history and can be looked at. What it said is kept by answer and by a digest of the rule ([`Judge::digest`]): nothing
//! is asked twice, and a changed rule is asked anew.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use juxta_store::Store;
use juxta_wire::check::{Check, CheckRule, CheckState, JudgeCount, JudgeVerdict};
use juxta_wire::draft::{Content, Draft, Message, Part, Role, Variable};
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::error::AppError;
use juxta_wire::ids::{CellId, ComparisonId, LaneId, RunId};
use juxta_wire::lane::{Comparison, Lane};
use juxta_wire::run::{Cell, CellState, Run};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::answer::{Answer, Fate};
use super::ready::{filled, needed};
use super::{Judged, variables, votes};
use crate::batch::tokens;
use crate::dialogue::chain;
use crate::run::MAX_REPEATS;
use crate::run::feed::lock;
use crate::template::Template;
use crate::{Engine, blocking, resolve};

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

/// One answer and one rule.
type Asked = (CellId, String);

/// Who is being asked now.
#[derive(Default)]
pub(crate) struct Judging {
    /// Two that ask the same wait for one another; the second finds what was said.
    turns: Mutex<HashMap<Asked, Arc<tokio::sync::Mutex<()>>>>,
    /// What is asked about runs, and what ends it.
    about: Mutex<HashMap<uuid::Uuid, (Vec<RunId>, CancellationToken)>>,
}

impl Judging {
    fn turn(&self, asked: &Asked) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(lock(&self.turns).entry(asked.clone()).or_default())
    }

    /// A turn that nobody else waits for is forgotten.
    fn leave(&self, asked: &Asked) {
        let mut turns = lock(&self.turns);
        // One is the list's, one is ours.
        if turns.get(asked).is_some_and(|turn| Arc::strong_count(turn) <= 2) {
            turns.remove(asked);
        }
    }

    pub fn stop_all(&self) {
        lock(&self.about).values().for_each(|(_, stop)| stop.cancel());
    }

    fn begin(&self, runs: &[RunId]) -> (uuid::Uuid, CancellationToken) {
        let (id, stop) = (uuid::Uuid::new_v4(), CancellationToken::new());
        lock(&self.about).insert(id, (runs.to_vec(), stop.clone()));
        (id, stop)
    }

    fn end(&self, id: &uuid::Uuid) {
        lock(&self.about).remove(id);
    }

    fn stop(&self, about: &[RunId]) {
        let asked = lock(&self.about);
        asked
            .values()
            .filter(|(runs, _)| runs.iter().any(|run| about.contains(run)))
            .for_each(|(_, stop)| stop.cancel());
    }

    fn is_asked(&self, about: &[RunId]) -> bool {
        lock(&self.about).values().any(|(runs, _)| runs.iter().any(|run| about.contains(run)))
    }
}

/// What is to be asked about one answer.
struct Question {
    cell: CellId,
    judge: Judge,
    name: String,
    question: String,
    answer: String,
}

impl Engine {
    /// Asks every judge among the checks about an answer as often as its rule says and it was not asked yet, and keeps what
    /// it says; [`Engine::check_cell`] then finds it. Calls of a judge that fail are kept as such and made again next time. An
    /// answer that did not finish is not judged.
    ///
    /// # Errors
    /// When there is no such answer, or what was said cannot be kept. `stop` is no error.
    pub async fn ask_judges(&self, cell: &CellId, checks: &[Check], stop: &CancellationToken) -> Result<(), AppError> {
        if !checks.iter().any(|check| matches!(check.rule, CheckRule::Judge { .. })) {
            return Ok(());
        }
        let (engine, cell, checks) = (self.clone(), cell.clone(), checks.to_vec());
        let questions = blocking(move || {
            let of = engine.store().cell(&cell)?.ok_or_else(|| crate::not_found("The answer"))?.run;
            let run = engine.run(&of)?;
            engine.judge_questions(&run, &checks, Some(&cell))
        });
        for question in questions.await? {
            if stop.is_cancelled() {
                break;
            }
            self.ask_judge(&question, stop).await?;
        }
        Ok(())
    }

    /// Asks about all answers of runs, by `checks` or by those that each run began with, until every judge has said what it
    /// was asked for or [`Engine::stop_judges`] is called.
    pub async fn ask_judges_about(&self, runs: &[RunId], checks: Option<Vec<Check>>) -> Result<(), AppError> {
        let (engine, of) = (self.clone(), runs.to_vec());
        let questions = blocking(move || engine.all_questions(&of, checks.as_deref())).await?;
        let (id, stop) = self.judging().begin(runs);
        let mut asking = tokio::task::JoinSet::new();
        for question in questions {
            let (engine, stop) = (self.clone(), stop.clone());
            asking.spawn(async move { engine.ask_judge(&question, &stop).await });
        }
        let mut result = Ok(());
        while let Some(ended) = asking.join_next().await {
            let ended = ended.map_err(crate::run::internal).and_then(|ended| ended);
            result = result.and(ended);
        }
        self.judging().end(&id);
        result
    }

    /// Ends the asking about these runs, with the calls that are under way.
    pub fn stop_judges(&self, runs: &[RunId]) {
        self.judging().stop(runs);
    }

    /// What [`Engine::ask_judges_about`] would ask.
    pub fn count_judges(&self, runs: &[RunId], checks: Option<Vec<Check>>) -> Result<JudgeCount, AppError> {
        let mut count = JudgeCount { cost_in: Some(0.0), ..JudgeCount::default() };
        let prices = self.prices();
        let mut answers: Vec<CellId> = Vec::new();
        for question in self.all_questions(runs, checks.as_deref())? {
            let kept = self.store().judgement(&question.cell, &question.judge.digest)?;
            let calls = votes::missing(&kept, question.judge.repeats);
            let tokens = question.tokens();
            count.calls += calls;
            count.tokens_in += tokens * u64::from(calls);
            let price = prices.of_input(&question.judge.lane.model, tokens);
            count.currency = price.as_ref().map(|(_, currency)| currency.clone()).or(count.currency);
            count.cost_in = count.cost_in.zip(price).map(|(sum, (one, _))| sum + one * f64::from(calls));
            if !answers.contains(&question.cell) {
                answers.push(question.cell);
            }
        }
        count.answers = answers.len() as u32;
        count.running = self.judging().is_asked(runs);
        Ok(count)
    }

    fn all_questions(&self, runs: &[RunId], checks: Option<&[Check]>) -> Result<Vec<Question>, AppError> {
        let mut questions = Vec::new();
        for run in runs {
            let run = self.run(run)?;
            questions.extend(self.judge_questions(&run, checks.unwrap_or(&run.snapshot.draft.checks), None)?);
        }
        Ok(questions)
    }

    /// About all answers of a run that finished, or about one, what was not said yet.
    fn judge_questions(&self, run: &Run, checks: &[Check], only: Option<&CellId>) -> Result<Vec<Question>, AppError> {
        let mut questions = Vec::new();
        for cells in dialogues(run) {
            let Some(answer) = Answer::of(chain::current_of(cells)) else { continue };
            let is_asked_for = only.is_none_or(|only| answer.last.id == *only);
            if answer.fate() != Fate::Finished || !is_asked_for {
                continue;
            }
            let variables = variables(&run.snapshot, &answer.last.lane);
            for check in checks.iter().filter(|check| matches!(check.rule, CheckRule::Judge { .. })) {
                // A rule that cannot be used asks nobody, and its results say why.
                let Ok(judge) = Judge::read(&check.rule, Some(&variables)) else { continue };
                let kept = self.store().judgement(&answer.last.id, &judge.digest)?;
                if votes::missing(&kept, judge.repeats) > 0 {
                    questions.push(Question {
                        cell: answer.last.id.clone(),
                        judge,
                        name: check.name.clone(),
                        question: self.question_of(run, answer.last, &variables)?,
                        answer: answer.text.clone(),
                    });
                }
            }
        }
        Ok(questions)
    }

    /// The last message of the user as it was sent; all that was sent where the form made no message.
    fn question_of(&self, run: &Run, cell: &Cell, variables: &[Variable]) -> Result<String, AppError> {
        let lane = run.snapshot.lanes.iter().find(|lane| lane.id == cell.lane);
        let formed = lane.filter(|lane| lane.raw_body.is_none());
        let asked = formed.and_then(|lane| {
            let sent = resolve::messages(&run.snapshot.draft, lane).iter().rev();
            sent.filter(|message| !message.muted && message.role == Role::User).find_map(text_of)
        });
        match asked {
            Some(text) => Ok(Template::new(variables).text(&text)),
            None => Ok(self
                .store()
                .cell(&cell.id)?
                .and_then(|cell| cell.request)
                .map_or_else(String::new, |sent| sent.body)),
        }
    }

    async fn ask_judge(&self, question: &Question, stop: &CancellationToken) -> Result<(), AppError> {
        let asked = (question.cell.clone(), question.judge.digest.clone());
        let turn = self.judging().turn(&asked);
        let told = {
            let _ours = turn.lock().await;
            self.ask_in_turn(question, stop).await
        };
        self.judging().leave(&asked);
        told
    }

    async fn ask_in_turn(&self, question: &Question, stop: &CancellationToken) -> Result<(), AppError> {
        let Question { cell, judge, name, .. } = question;
        let (engine, cell, digest) = (self.clone(), cell.clone(), judge.digest.clone());
        let (kept, cell, digest) =
            blocking(move || Ok((engine.store().judgement(&cell, &digest)?, cell, digest))).await?;
        let missing = votes::missing(&kept, judge.repeats);
        if missing == 0 || stop.is_cancelled() {
            return Ok(());
        }
        let comparison = judge.comparison(name, &question.question, &question.answer, missing);
        let run = self.start_run(comparison, None).await?.summary.id;
        self.until_over(&run, stop).await;
        let engine = self.clone();
        blocking(move || {
            let said = engine.run(&run)?.cells.into_iter().filter_map(|cell| verdict_in(&cell));
            let kept = kept.into_iter().filter(|verdict| verdict.state != CheckState::NotJudged);
            let verdicts: Vec<JudgeVerdict> = kept.chain(said).collect();
            engine.store().save_judgement(&cell, &digest, &verdicts)?;
            Ok(())
        })
        .await
    }

    /// Waits for the end of a run, and stops it where `stop` says so.
    async fn until_over(&self, run: &RunId, stop: &CancellationToken) {
        let Some(over) = self.live_runs().over(run) else { return };
        tokio::select! {
            () = over.cancelled() => return,
            () = stop.cancelled() => self.stop_run(run),
        }
        over.cancelled().await;
    }
}

impl Question {
    fn tokens(&self) -> u64 {
        let prompt = self.judge.draft.messages.first().and_then(text_of).unwrap_or_default();
        [prompt, self.question.clone(), self.answer.clone()].iter().map(|text| tokens::estimate(text)).sum()
    }
}

/// Cells of one repeat each.
fn dialogues(run: &Run) -> Vec<Vec<&Cell>> {
    let mut dialogues: Vec<Vec<&Cell>> = Vec::new();
    for cell in &run.cells {
        match dialogues.iter_mut().find(|cells| super::is_same_dialogue(cells[0], cell)) {
            Some(cells) => cells.push(cell),
            None => dialogues.push(vec![cell]),
        }
    }
    dialogues
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
