//! Models as judges, asked for real: what they are sent, what is kept of it, and that nothing is asked twice.

use juxta_tests::world::{PATIENCE, World, chat, lane, sandbox};
use juxta_wire::check::{Check, CheckResult, CheckRule, CheckState};
use juxta_wire::draft::{Dataset, Message, Parameter, Role, Variable};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::ids::RunId;
use juxta_wire::lane::Comparison;
use juxta_wire::matrix::{MatrixLimits, MatrixNews, MatrixPlan, MatrixState, RowChoice};
use juxta_wire::run::{Cell, Run};
use serde_json::Value;
use tokio::sync::mpsc::unbounded_channel;

const PROMPT: &str =
    "Criterion: it says \"{{wanted}}\".\n<question>{{question}}</question>\n<answer>{{answer}}</answer>";

fn judge(model: &str, endpoint: EndpointKind, prompt: &str, repeats: u32) -> Check {
    let rule = CheckRule::Judge {
        connection: sandbox(Dialect::OpenAi),
        endpoint,
        model: model.to_owned(),
        prompt: prompt.to_owned(),
        repeats,
        parameters: Vec::new(),
    };
    Check { name: "Judged".to_owned(), rule }
}

/// An answer that repeats the question.
fn echoed(text: &str, checks: Vec<Check>) -> Comparison {
    let mut comparison = chat(&sandbox(Dialect::OpenAi), "sandbox/echo", &[("stream", "true")]);
    comparison.draft.messages = vec![Message::text(Role::System, "Be brief."), Message::text(Role::User, text)];
    comparison.draft.variables = vec![Variable::text("wanted", "退款 {{braces}}"), Variable::text("city", "Łódź")];
    comparison.draft.checks = checks;
    comparison
}

async fn answered(world: &World, comparison: Comparison) -> (RunId, Vec<Cell>) {
    let run = world.engine.start_run(comparison, None).await.expect("a run");
    let cells = world.wait(&run).await;
    (run.summary.id, cells)
}

fn stands(world: &World, cell: &Cell) -> CheckResult {
    world.engine.check_cell(&cell.id, None).expect("a look").remove(0)
}

/// The runs of judges, newest first.
fn judging(world: &World) -> Vec<Run> {
    let rows = world.engine.runs(100, None).expect("the runs").into_iter();
    let of_judges = rows.filter(|row| row.name.starts_with("Judge: "));
    of_judges.map(|row| world.engine.run(&row.id).expect("a run")).collect()
}

fn content_sent(cell: &Cell) -> String {
    let body: Value = serde_json::from_str(&cell.request.as_ref().expect("a request").body).expect("JSON");
    let messages = body.get("messages").or(body.get("input")).expect("messages");
    let last = messages.as_array().map_or(messages, |all| all.last().expect("a message"));
    let content = last.get("content").unwrap_or(last);
    let part = content.as_array().map_or(content, |parts| &parts[0]["text"]);
    part.as_str().expect("a text").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_judge_is_asked_once_for_each_answer_and_its_calls_stand_in_the_history() {
    let world = World::start().await;
    for endpoint in [EndpointKind::Chat, EndpointKind::Responses] {
        let checks = vec![judge("sandbox/judge", endpoint, PROMPT, 3)];
        for (text, state) in [
            ("In {{city}}: 退款 {{wanted}} \"quoted\"\n\\", CheckState::Passed),
            ("In {{city}}: nothing of it", CheckState::Failed),
        ] {
            let before = judging(&world).len();
            let (run, cells) = answered(&world, echoed(text, checks.clone())).await;
            let unasked = stands(&world, &cells[0]);
            assert_eq!((unasked.state, unasked.verdicts.len()), (CheckState::NotJudged, 0), "{}", unasked.why);
            let count = world.engine.count_judges(std::slice::from_ref(&run), None).expect("a count");
            assert_eq!((count.answers, count.calls, count.running), (1, 3, false));
            assert!(count.tokens_in > 0 && count.cost_in.is_none(), "the sandbox's judge has no price");

            world.engine.ask_judges_about(std::slice::from_ref(&run), Some(checks.clone())).await.expect("asked");
            let told = stands(&world, &cells[0]);
            assert_eq!((told.state, told.verdicts.len()), (state, 3), "{}", told.why);
            assert!(told.verdicts.iter().all(|verdict| verdict.state == state), "{:?}", told.verdicts);
            let runs = judging(&world);
            assert_eq!(runs.len(), before + 1, "one run of three calls");
            let asked = &runs[0];
            assert_eq!((asked.summary.name.as_str(), asked.cells.len()), ("Judge: Judged", 3));
            let cells_told: Vec<_> = told.verdicts.iter().map(|verdict| verdict.cell.clone()).collect();
            let cells_asked: Vec<_> = asked.cells.iter().map(|cell| cell.id.clone()).collect();
            assert_eq!(cells_told, cells_asked, "verdicts lead to their calls");
            let asked_with = text.replace("{{city}}", "Łódź").replace("{{wanted}}", "退款 {{braces}}");
            let expected = PROMPT.replace("{{question}}", &asked_with).replace("{{answer}}", &asked_with).replacen(
                "{{wanted}}",
                "退款 {{braces}}",
                1,
            );
            assert_eq!(content_sent(&asked.cells[0]), expected, "values are no templates");

            world.engine.ask_judges_about(std::slice::from_ref(&run), None).await.expect("asked");
            assert_eq!(judging(&world).len(), before + 1, "nothing is asked twice");
            assert_eq!(world.engine.count_judges(&[run], None).expect("a count").calls, 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_rule_asks_anew_and_the_old_one_keeps_what_was_said() {
    let world = World::start().await;
    let checks = vec![judge("sandbox/judge", EndpointKind::Chat, PROMPT, 1)];
    let (run, cells) = answered(&world, echoed("退款 {{wanted}}", checks.clone())).await;
    world.engine.ask_judges_about(std::slice::from_ref(&run), Some(checks.clone())).await.expect("asked");
    let other = vec![judge("sandbox/judge", EndpointKind::Chat, &PROMPT.replace("{{wanted}}", "no such word"), 1)];
    let of_other = || world.engine.check_cell(&cells[0].id, Some(other.clone())).expect("a look").remove(0).state;
    assert_eq!(of_other(), CheckState::NotJudged);
    world.engine.ask_judges_about(std::slice::from_ref(&run), Some(other.clone())).await.expect("asked");
    assert_eq!((of_other(), stands(&world, &cells[0]).state), (CheckState::Failed, CheckState::Passed));
    assert_eq!(judging(&world).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn verdicts_that_cannot_be_read_decide_nothing_and_calls_that_fail_are_made_again() {
    let world = World::start().await;
    let undecided = vec![judge("sandbox/judge", EndpointKind::Chat, "Is it good? <answer>{{answer}}</answer>", 2)];
    let (run, cells) = answered(&world, echoed("yes", undecided.clone())).await;
    world.engine.ask_judges_about(std::slice::from_ref(&run), Some(undecided.clone())).await.expect("asked");
    let told = stands(&world, &cells[0]);
    assert_eq!((told.state, told.verdicts.len()), (CheckState::CannotTell, 2), "{}", told.why);

    let absent = vec![judge("sandbox/none", EndpointKind::Chat, PROMPT, 2)];
    let (run, cells) = answered(&world, echoed("yes", absent.clone())).await;
    for times in 1..=2 {
        let before = judging(&world).len();
        world.engine.ask_judges_about(std::slice::from_ref(&run), Some(absent.clone())).await.expect("asked");
        let told = stands(&world, &cells[0]);
        assert_eq!((told.state, told.verdicts.len()), (CheckState::NotJudged, 2), "{times}: {}", told.why);
        assert_eq!(judging(&world).len(), before + 1, "asked again");
        assert_eq!(world.engine.count_judges(std::slice::from_ref(&run), None).expect("a count").calls, 2);
    }
    for (rule, needs) in [
        (judge("", EndpointKind::Chat, PROMPT, 1), "the name of a model"),
        (judge("sandbox/judge", EndpointKind::Chat, "PASS?", 1), "{{answer}}"),
        (judge("sandbox/judge", EndpointKind::Completions, PROMPT, 1), "chat"),
        (judge("sandbox/judge", EndpointKind::Chat, PROMPT, 0), "between"),
    ] {
        let problem = world.engine.check_problem(&rule.rule).expect("a problem");
        assert!(problem.contains(needs), "{problem}");
    }
    let nameless = vec![judge("sandbox/judge", EndpointKind::Chat, "{{nobody}} {{answer}}", 1)];
    let (run, cells) = answered(&world, echoed("yes", nameless.clone())).await;
    world.engine.ask_judges_about(std::slice::from_ref(&run), Some(nameless.clone())).await.expect("nothing to ask");
    assert_eq!(stands(&world, &cells[0]).state, CheckState::CannotTell);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_run_is_judged_at_once_stops_when_told_to_and_goes_on_with_what_is_missing() {
    let world = World::start().await;
    let slow = vec![judge("sandbox/rate-1x5000", EndpointKind::Chat, PROMPT, 1)];
    let mut comparison = echoed("yes", vec![judge("sandbox/judge", EndpointKind::Chat, PROMPT, 1)]);
    comparison.lanes.push(lane(&sandbox(Dialect::OpenAi), "sandbox/none"));
    comparison.repeats = 4;
    let (run, cells) = answered(&world, comparison).await;
    let runs = [run.clone()];
    let asking = {
        let (engine, runs) = (world.engine.clone(), runs.clone());
        tokio::spawn(async move { engine.ask_judges_about(&runs, Some(slow)).await })
    };
    let is_streaming = |seen: &juxta_tests::world::Seen| {
        seen.runs.values().filter(|row| row.name.starts_with("Judge: ") && row.live).count() == 4
    };
    world.until(is_streaming).await;
    world.engine.stop_judges(&runs);
    asking.await.expect("no panic").expect("a stop is no error");
    assert!(judging(&world).iter().all(|run| !run.summary.live), "what was asked was stopped");

    assert_eq!(world.engine.count_judges(&runs, None).expect("a count").calls, 4, "failed answers are not judged");
    let (first, second) =
        tokio::join!(world.engine.ask_judges_about(&runs, None), world.engine.ask_judges_about(&runs, None));
    first.and(second).expect("asked");
    assert_eq!(judging(&world).len(), 8, "two that ask at once ask once");
    let base = &cells[0].lane;
    let told = world.engine.repeats(&runs, base, None).expect("the repeats");
    let rates: Vec<_> = told.lanes.iter().map(|lane| (lane.checks[0].passed, lane.checks[0].total)).collect();
    assert_eq!(rates, [(0, 4), (0, 4)], "the words are not there, and calls that failed pass nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_rule_says_is_sent_to_a_judge() {
    let world = World::start().await;
    let mut check = judge("sandbox/judge", EndpointKind::Chat, PROMPT, 1);
    if let CheckRule::Judge { parameters, .. } = &mut check.rule {
        parameters.push(Parameter::new("temperature", "0.00"));
    }
    for (check, keys) in [
        (judge("sandbox/judge", EndpointKind::Chat, PROMPT, 1), vec!["model", "messages"]),
        (check, vec!["model", "messages", "temperature"]),
    ] {
        let checks = vec![check];
        let (run, _) = answered(&world, echoed("yes", checks.clone())).await;
        world.engine.ask_judges_about(std::slice::from_ref(&run), Some(checks.clone())).await.expect("asked");
        let sent = judging(&world).remove(0).cells.remove(0).request.expect("a request");
        let names: Vec<&str> = sent.keys.iter().map(|key| key.name.as_str()).collect();
        assert_eq!(names, keys);
        assert_eq!(sent.body.contains("\"temperature\":0.00"), keys.len() == 3, "{}", sent.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_matrix_asks_its_judge_about_each_answer_and_counts_what_it_said() {
    let world = World::start().await;
    let (send, mut heard) = unbounded_channel();
    world.engine.watch_matrices(Box::new(move |news| match news {
        MatrixNews::Changed { matrix } => send.send(*matrix).is_ok(),
        MatrixNews::Gone { .. } => true,
    }));
    let path = world.folder().join("notes.csv");
    std::fs::write(&path, "note\n\"with 退款 {{braces}}, quoted\"\nwithout\n退款 {{braces}}\n").expect("a table");
    let mut comparison = echoed("{{note}}", vec![judge("sandbox/judge", EndpointKind::Chat, PROMPT, 1)]);
    comparison.repeats = 2;
    comparison.draft.dataset = Some(Dataset { path: path.display().to_string(), row: 0, off: false });
    let plan = MatrixPlan {
        name: "Judged".to_owned(),
        comparison,
        prompts: Vec::new(),
        axes: Vec::new(),
        rows: RowChoice::All,
        limits: MatrixLimits::default(),
    };
    let draft = world.engine.save_matrix(None, plan).expect("a draft");
    world.engine.start_matrix(&draft.id).await.expect("it begins");
    let end = async {
        loop {
            let matrix = heard.recv().await.expect("the engine is alive");
            if matrix.state == MatrixState::Finished {
                return matrix;
            }
        }
    };
    let done = tokio::time::timeout(PATIENCE, end).await.expect("it ends");

    assert_eq!((done.counts.finished, done.counts.passed, done.counts.not_passed), (6, 4, 2));
    let asked: usize = judging(&world).iter().map(|run| run.cells.len()).sum();
    assert_eq!(asked, 6, "each answer was judged once");
}
