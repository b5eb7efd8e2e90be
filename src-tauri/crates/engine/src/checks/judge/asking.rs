//! Asking judges.
//!
//! A judge is asked by runs of its own, through the same sender and recorder as everything else, so that its calls stand in
//! the history and can be looked at. What it said is kept by answer and by a digest of the rule ([`Judge::digest`]): nothing
//! is asked twice, and a changed rule is asked anew.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use juxta_wire::check::{Check, CheckRule, CheckState, JudgeCount, JudgeVerdict};
use juxta_wire::draft::{Role, Variable};
use juxta_wire::error::AppError;
use juxta_wire::ids::{CellId, ConnectionId, LaneId, MatrixId, RunId};
use juxta_wire::lane::Comparison;
use juxta_wire::run::{Cell, Run};
use tokio_util::sync::CancellationToken;

use super::{Judge, text_of, verdict_in};
use crate::batch::tokens;
use crate::checks::answer::{Answer, Fate};
use crate::checks::{is_same_dialogue, variables, votes};
use crate::dialogue::chain;
use crate::matrix::Paced;
use crate::run::feed::lock;
use crate::template::Template;
use crate::{Engine, blocking, resolve};

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
pub(crate) struct Question {
    cell: CellId,
    judge: Judge,
    name: String,
    question: String,
    answer: String,
}

/// The matrix for which a judge is asked, which pays for it and holds it back.
pub(crate) struct OnBehalf {
    pub matrix: MatrixId,
    pub paced: Arc<Paced>,
}

impl Engine {
    /// Asks about all answers of runs, by `checks` or by those that each run began with, until every judge has said what it
    /// was asked for or [`Engine::stop_judges`] is called.
    pub async fn ask_judges_about(&self, runs: &[RunId], checks: Option<Vec<Check>>) -> Result<(), AppError> {
        let (engine, of) = (self.clone(), runs.to_vec());
        let questions = blocking(move || engine.all_questions(&of, checks.as_deref())).await?;
        let (id, stop) = self.judging().begin(runs);
        let mut asking = tokio::task::JoinSet::new();
        for question in questions {
            let (engine, stop) = (self.clone(), stop.clone());
            asking.spawn(async move { engine.ask_judge(&question, &stop, None).await });
        }
        let mut result = Ok(());
        while let Some(ended) = asking.join_next().await {
            let ended = ended.map_err(crate::run::internal).and_then(|ended| ended);
            result = result.and(ended.map(drop));
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

    /// About all answers of runs, what was not said yet.
    fn all_questions(&self, runs: &[RunId], checks: Option<&[Check]>) -> Result<Vec<Question>, AppError> {
        let mut questions = Vec::new();
        for run in runs {
            let run = self.run(run)?;
            let checks = checks.unwrap_or(&run.snapshot.draft.checks);
            for cells in dialogues(&run) {
                questions.extend(self.judge_questions(&run.snapshot, checks, cells)?);
            }
        }
        Ok(questions)
    }

    /// What is still to be asked about the answer of one repeat; nothing of one that did not finish. Each judge is asked as
    /// often as its rule says, and calls of it that failed are made again.
    pub(crate) fn judge_questions(
        &self,
        snapshot: &Comparison,
        checks: &[Check],
        cells: Vec<&Cell>,
    ) -> Result<Vec<Question>, AppError> {
        let mut questions = Vec::new();
        let answer = Answer::of(chain::current_of(cells)).filter(|answer| answer.fate() == Fate::Finished);
        let Some(answer) = answer else { return Ok(questions) };
        let variables = variables(snapshot, &answer.last.lane);
        for check in checks.iter().filter(|check| matches!(check.rule, CheckRule::Judge { .. })) {
            // A rule that cannot be used asks nobody, and its results say why.
            let Ok(judge) = Judge::read(&check.rule, Some(&variables)) else { continue };
            let kept = self.store().judgement(&answer.last.id, &judge.digest)?;
            if votes::missing(&kept, judge.repeats) > 0 {
                let question = match question_of(snapshot, &answer.last.lane, &variables) {
                    Some(question) => question,
                    None => self.body_of(&answer.last.id)?,
                };
                questions.push(Question {
                    cell: answer.last.id.clone(),
                    judge,
                    name: check.name.clone(),
                    question,
                    answer: answer.text.clone(),
                });
            }
        }
        Ok(questions)
    }

    fn body_of(&self, cell: &CellId) -> Result<String, AppError> {
        let sent = self.store().cell(cell)?.and_then(|cell| cell.request);
        Ok(sent.map_or_else(String::new, |sent| sent.body))
    }

    /// Asks, and gives the calls that were made; none where somebody else asked the same meanwhile. A `stop` is no error.
    pub(crate) async fn ask_judge(
        &self,
        question: &Question,
        stop: &CancellationToken,
        on_behalf: Option<OnBehalf>,
    ) -> Result<Vec<Cell>, AppError> {
        let asked = (question.cell.clone(), question.judge.digest.clone());
        let turn = self.judging().turn(&asked);
        let told = {
            let _ours = turn.lock().await;
            self.ask_in_turn(question, stop, on_behalf).await
        };
        self.judging().leave(&asked);
        told
    }

    async fn ask_in_turn(
        &self,
        question: &Question,
        stop: &CancellationToken,
        on_behalf: Option<OnBehalf>,
    ) -> Result<Vec<Cell>, AppError> {
        let Question { cell, judge, name, .. } = question;
        let (engine, cell, digest) = (self.clone(), cell.clone(), judge.digest.clone());
        let (kept, cell, digest) =
            blocking(move || Ok((engine.store().judgement(&cell, &digest)?, cell, digest))).await?;
        let missing = votes::missing(&kept, judge.repeats);
        if missing == 0 || stop.is_cancelled() {
            return Ok(Vec::new());
        }
        let comparison = judge.comparison(name, &question.question, &question.answer, missing);
        let run = match on_behalf {
            None => self.start_run(comparison, None).await?,
            Some(OnBehalf { matrix, paced }) => self.start_paced_run(comparison, &matrix, paced).await?,
        };
        let run = run.summary.id;
        self.until_over(&run, stop).await;
        let engine = self.clone();
        blocking(move || {
            let calls = engine.run(&run)?.cells;
            let kept = kept.into_iter().filter(|verdict| verdict.state != CheckState::NotJudged);
            let verdicts: Vec<JudgeVerdict> = kept.chain(calls.iter().filter_map(verdict_in)).collect();
            engine.store().save_judgement(&cell, &digest, &verdicts)?;
            Ok(calls)
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

/// The last message of the user as it was sent; `None` where the form made no message, and all that was sent is the question.
pub(super) fn question_of(snapshot: &Comparison, lane: &LaneId, variables: &[Variable]) -> Option<String> {
    let lane = snapshot.lanes.iter().find(|known| known.id == *lane).filter(|lane| lane.raw_body.is_none())?;
    let sent = resolve::messages(&snapshot.draft, lane).iter().rev();
    let asked = sent.filter(|message| !message.muted && message.role == Role::User).find_map(text_of)?;
    Some(Template::new(variables).text(&asked))
}

impl Question {
    pub fn connection(&self) -> &ConnectionId {
        &self.judge.lane.connection
    }

    fn tokens(&self) -> u64 {
        self.judge.prompt_tokens() + tokens::estimate(&self.question) + tokens::estimate(&self.answer)
    }
}

/// Cells of one repeat each.
fn dialogues(run: &Run) -> Vec<Vec<&Cell>> {
    let mut dialogues: Vec<Vec<&Cell>> = Vec::new();
    for cell in &run.cells {
        match dialogues.iter_mut().find(|cells| is_same_dialogue(cells[0], cell)) {
            Some(cells) => cells.push(cell),
            None => dialogues.push(vec![cell]),
        }
    }
    dialogues
}
