//! Checks and statistics over repeats of real calls: what is counted is what the answers say.

use juxta_stats::{Rate, Z_95, any_of};
use juxta_tests::world::{World, chat, lane, sandbox};
use juxta_wire::check::{Check, CheckPlace, CheckResult, CheckRule, CheckState, LatencyKind, LengthUnit};
use juxta_wire::draft::{Draft, Message, Parameter, Role, Variable};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::ids::LaneId;
use juxta_wire::lane::Comparison;
use juxta_wire::repeats::{Repeats, Verdict};
use juxta_wire::run::{Cell, CellState};
use juxta_wire::tools::{ToolMode, ToolPlan, ToolRule, ToolSource};
use serde_json::json;

fn check(name: &str, rule: CheckRule) -> Check {
    Check { name: name.to_owned(), rule }
}

fn contains(text: &str) -> CheckRule {
    CheckRule::Contains { text: text.to_owned(), ignore_case: false, not: false }
}

/// The same question to several models of the sandbox, again and again.
fn repeated(models: &[&str], repeats: u32, checks: Vec<Check>) -> Comparison {
    let connection = sandbox(Dialect::OpenAi);
    let mut comparison = chat(&connection, models[0], &[("stream", "true")]);
    comparison.lanes.extend(models[1..].iter().map(|model| lane(&connection, model)));
    comparison.repeats = repeats;
    comparison.draft.checks = checks;
    comparison
}

async fn told(world: &World, comparison: Comparison) -> (Repeats, Vec<Cell>) {
    let base = comparison.lanes[0].id.clone();
    let run = world.engine.start_run(comparison, None).await.expect("a run");
    let cells = world.wait(&run).await;
    (world.engine.repeats(std::slice::from_ref(&run.summary.id), &base, None).expect("the repeats"), cells)
}

fn saying(cells: &[Cell], lane: &LaneId, text: &str) -> u32 {
    let says = |cell: &&Cell| cell.lane == *lane && cell.outcome.choices.iter().any(|choice| choice.text == text);
    cells.iter().filter(says).count() as u32
}

#[tokio::test(flavor = "multi_thread")]
async fn lanes_that_differ_much_are_told_apart_and_near_ones_are_not() {
    let world = World::start().await;
    let says_yes = || vec![check("Says yes", contains("yes"))];
    for (models, repeats, verdict) in [
        (["sandbox/coin-0.5", "sandbox/coin-0.9"], 40, Verdict::Better),
        (["sandbox/coin-0.9", "sandbox/coin-0.5"], 40, Verdict::Worse),
        (["sandbox/coin-0.7", "sandbox/coin-0.72"], 20, Verdict::CannotTell),
    ] {
        let (repeats_told, cells) = told(&world, repeated(&models, repeats, says_yes())).await;
        let [base, other] = &repeats_told.lanes[..] else { panic!("two lanes") };
        for lane in [base, other] {
            let all = lane.all.as_ref().expect("there is a check");
            let yes = saying(&cells, &lane.lane, "yes");
            assert_eq!((all.passed, all.total, lane.counts.finished), (yes, repeats, repeats), "{models:?}");
            assert_eq!(yes + saying(&cells, &lane.lane, "no"), repeats);
            let wilson = Rate::new(yes, repeats).expect("a rate").wilson(Z_95);
            assert_eq!(all.interval.map(|found| (found.low, found.high)), Some((wilson.low, wilson.high)));
            assert_eq!(lane.distinct, 2, "yes and no");
            let ks: Vec<u32> = lane.pass_at.iter().map(|at| at.k).collect();
            assert_eq!(ks, [1, 2, 5, 10]);
            assert_eq!(lane.pass_at[2].any, any_of(5, yes, repeats).expect("enough"));
            for figures in [&lane.time_to_first_token, &lane.total, &lane.tokens] {
                assert_eq!(figures.values.len() as u32, repeats);
                let (median, interval) = (figures.median.expect("figures"), figures.interval.expect("figures"));
                assert!(interval.low <= median && median <= interval.high);
            }
        }
        assert!(base.all.as_ref().is_some_and(|all| all.against.is_none()), "the base is against nothing");
        let against = other.all.as_ref().and_then(|all| all.against).expect("it is held against the base");
        assert_eq!(against.verdict, verdict, "{models:?}: {against:?}");
        assert_eq!(against.verdict == Verdict::CannotTell, against.interval.low <= 0.0 && against.interval.high >= 0.0);
        assert!(
            against
                .repeats_to_tell
                .is_none_or(|enough| (enough > u64::from(repeats)) == (verdict == Verdict::CannotTell))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_fail_pass_nothing_and_those_that_were_stopped_do_not_count() {
    let world = World::start().await;
    let no_date = CheckRule::Contains { text: "Friday".to_owned(), ignore_case: true, not: true };
    let models = ["sandbox/short", "sandbox/none", "sandbox/rate-1x5000"];
    let comparison = repeated(&models, 3, vec![check("Promises no date", no_date)]);
    let base = comparison.lanes[0].id.clone();
    let run = world.engine.start_run(comparison, None).await.expect("a run");
    let slow: Vec<_> = run.cells.iter().filter(|cell| cell.lane_index == 2).map(|cell| cell.id.clone()).collect();
    let others: Vec<_> = run.cells.iter().filter(|cell| cell.lane_index < 2).map(|cell| cell.id.clone()).collect();
    world.until(|seen| others.iter().all(|id| seen.states.get(id).is_some_and(CellState::is_over))).await;
    let going = world.engine.repeats(std::slice::from_ref(&run.summary.id), &base, None).expect("the repeats so far");
    assert_eq!(going.lanes[2].counts.running, 3);
    let result = world.engine.check_cell(&slow[0], None).expect("a look").remove(0);
    assert_eq!(result.state, CheckState::NotJudged, "{}", result.why);
    world.engine.stop_run(&run.summary.id);
    world.wait(&run).await;

    let told = world.engine.repeats(std::slice::from_ref(&run.summary.id), &base, None).expect("the repeats");
    let counts = |lane: usize| told.lanes[lane].counts;
    let rate = |lane: usize| told.lanes[lane].all.as_ref().map(|all| (all.passed, all.total));
    assert_eq!((counts(0).finished, rate(0)), (3, Some((3, 3))));
    assert_eq!((counts(1).failed, rate(1)), (3, Some((0, 3))), "although there is no such word in what did not come");
    assert_eq!((counts(2).stopped, rate(2)), (3, Some((0, 0))));
    let stopped = told.lanes[2].all.as_ref().expect("there is a check");
    assert_eq!((stopped.interval, stopped.against, told.lanes[2].pass_at.len()), (None, None, 0));
    assert!(told.lanes[1].total.values.is_empty(), "figures are of answers that finished");

    // The same run by other checks, and by none.
    let other = vec![check("Says yes", contains("yes"))];
    let anew =
        world.engine.repeats(std::slice::from_ref(&run.summary.id), &base, Some(other)).expect("by other checks");
    assert_eq!((anew.checks, anew.lanes[0].all.as_ref().map(|all| all.passed)), (vec!["Says yes".to_owned()], Some(0)));
    let bare =
        world.engine.repeats(std::slice::from_ref(&run.summary.id), &base, Some(Vec::new())).expect("without checks");
    assert_eq!((bare.lanes[0].all.clone(), bare.lanes[0].pass_at.len(), bare.lanes[0].counts), (None, 0, counts(0)));
    assert!(world.engine.repeats(std::slice::from_ref(&run.summary.id), &LaneId::new(), None).is_err(), "no such lane");
}

/// A rule, how it ends, and where it points to.
type Case<'a> = (CheckRule, CheckState, &'a [(u32, u32)]);

/// An answer that repeats the question, held against checks.
async fn echoed(world: &World, text: &str, checks: Vec<Check>) -> Vec<CheckResult> {
    let mut comparison = repeated(&["sandbox/echo"], 1, checks);
    comparison.draft.messages = vec![Message::text(Role::User, text)];
    comparison.draft.variables = vec![Variable::text("order_id", "NL-20418 \"退款\" (a+b)")];
    comparison.lanes[0].variables = vec![Variable::text("weeks", "7")];
    let cell = world.run(comparison).await.remove(0);
    world.engine.check_cell(&cell.id, None).expect("a look")
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_say_why_and_where_in_units_of_the_screen() {
    let world = World::start().await;
    let text = "🌊 Order {{order_id}}: 退款 in 3 days.\nTotal −1,234.5";
    let number = |value, tolerance| CheckRule::Number { path: None, value, tolerance };
    let regex = |pattern: &str, ignore_case, not| CheckRule::Regex { pattern: pattern.to_owned(), ignore_case, not };
    let length = |unit, least, most| CheckRule::Length { unit, least, most };
    use CheckState::{CannotTell, Failed, Passed};
    let cases: Vec<Case<'_>> = vec![
        (contains("Order {{order_id}}:"), Passed, &[(3, 29)]),
        (contains("退款"), Passed, &[(19, 21), (30, 32)]),
        (contains("order"), Failed, &[]),
        (CheckRule::Contains { text: "order".to_owned(), ignore_case: true, not: true }, Failed, &[(3, 8)]),
        (contains("{{nobody}}"), CannotTell, &[]),
        (contains(""), CannotTell, &[]),
        (regex(r"\d+ days", false, false), Passed, &[(36, 42)]),
        (regex(r"(?m)^total", true, true), Failed, &[(44, 49)]),
        (regex(r"(unclosed", false, false), CannotTell, &[]),
        (regex(r"(?=ahead)", false, false), CannotTell, &[]),
        (number(-1234.5, 0.0), Passed, &[(50, 58)]),
        (number(-1234.0, 0.4), Failed, &[(50, 58)]),
        (length(LengthUnit::Words, Some(1), Some(11)), Passed, &[]),
        (length(LengthUnit::Words, None, Some(10)), Failed, &[(50, 58)]),
        (length(LengthUnit::Characters, Some(58), None), Failed, &[]),
        (length(LengthUnit::Characters, None, None), CannotTell, &[]),
        (CheckRule::Latency { what: LatencyKind::Total, most: 1e9 }, Passed, &[]),
        (CheckRule::Latency { what: LatencyKind::TimeToFirstToken, most: 0.0 }, Failed, &[]),
        (CheckRule::ToolCalled { name: "get_weather".to_owned(), not: false }, Failed, &[]),
        (CheckRule::ToolCalled { name: "get_weather".to_owned(), not: true }, Passed, &[]),
        (CheckRule::JsonSchema { schema: String::new() }, CannotTell, &[]),
        (CheckRule::JsonPath { path: "$.total".to_owned(), equals: None }, Failed, &[]),
    ];
    let checks: Vec<Check> =
        cases.iter().enumerate().map(|(at, (rule, ..))| check(&at.to_string(), rule.clone())).collect();
    let found = echoed(&world, text, checks).await;
    assert_eq!(found.len(), cases.len());
    for (result, (rule, state, places)) in found.iter().zip(&cases) {
        let places: Vec<CheckPlace> =
            places.iter().map(|(from, to)| CheckPlace { choice: 0, from: *from, to: *to }).collect();
        assert_eq!((result.state, &result.places), (*state, &places), "{rule:?}: {}", result.why);
        assert!(!result.why.is_empty(), "{rule:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_json_are_read_by_path_and_by_schema() {
    let world = World::start().await;
    let text = r#"{"größe": [1, 2.0, "three"], "total": 1.10, "id": "7"}"#;
    let path = |path: &str, equals: Option<&str>| CheckRule::JsonPath {
        path: path.to_owned(),
        equals: equals.map(str::to_owned),
    };
    let number = |path: &str, value, tolerance| CheckRule::Number { path: Some(path.to_owned()), value, tolerance };
    let schema = |schema: serde_json::Value| CheckRule::JsonSchema { schema: schema.to_string() };
    use CheckState::{CannotTell, Failed, Passed};
    let cases: Vec<Case<'_>> = vec![
        (path("$['größe'][1]", Some("2")), Passed, &[(14, 17)]),
        (path("$['größe'][*]", Some("\"three\"")), Passed, &[(11, 12), (14, 17), (19, 26)]),
        (path("$.total", Some("1.2")), Failed, &[(38, 42)]),
        (path("$.id", Some("\"{{weeks}}\"")), Passed, &[(50, 53)]),
        (path("$.none", None), Failed, &[]),
        (path("$..[?@ > 1.5]", None), Passed, &[(14, 17)]),
        (path("total", None), CannotTell, &[]),
        (path("$.total", Some("{")), CannotTell, &[]),
        (number("$.total", 1.0, 0.1), Passed, &[(38, 42)]),
        (number("$.id", 7.0, 0.0), Failed, &[(50, 53)]),
        (schema(json!({"required": ["total"]})), Passed, &[]),
        (schema(json!({"properties": {"total": {"type": "integer"}}})), Failed, &[(38, 42)]),
        (CheckRule::JsonSchema { schema: "{".to_owned() }, CannotTell, &[]),
        (schema(json!({"type": "nothing"})), CannotTell, &[]),
    ];
    let checks: Vec<Check> =
        cases.iter().enumerate().map(|(at, (rule, ..))| check(&at.to_string(), rule.clone())).collect();
    let found = echoed(&world, text, checks).await;
    for (result, (rule, state, places)) in found.iter().zip(&cases) {
        let places: Vec<CheckPlace> =
            places.iter().map(|(from, to)| CheckPlace { choice: 0, from: *from, to: *to }).collect();
        assert_eq!((result.state, &result.places), (*state, &places), "{rule:?}: {}", result.why);
    }
    for (rule, is_usable) in [(path("$.a", None), true), (path("$[", None), false), (contains("{{weeks}}"), true)] {
        assert_eq!(world.engine.check_problem(&rule).is_none(), is_usable, "{rule:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_and_schemas_that_were_sent_are_checked_at_both_endpoints() {
    let world = World::start().await;
    for endpoint in [EndpointKind::Chat, EndpointKind::Responses] {
        let tool = match endpoint {
            EndpointKind::Responses => {
                json!([{"type": "function", "name": "get_weather", "parameters": {"type": "object"}}])
            }
            _ => json!([{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}]),
        };
        let called = |name: &str| CheckRule::ToolCalled { name: name.to_owned(), not: false };
        let checks = vec![check("asks", called("get_weather")), check("guesses", called("get_time"))];
        let mut comparison = repeated(&["sandbox/tools"], 2, checks);
        comparison.lanes[0].endpoint = endpoint;
        comparison.draft.parameters.push(Parameter::new("tools", tool.to_string()));
        let (told, _) = told(&world, comparison).await;
        let passed: Vec<(u32, u32)> = told.lanes[0].checks.iter().map(|rate| (rate.passed, rate.total)).collect();
        assert_eq!(passed, [(2, 2), (0, 2)], "{endpoint:?}");
        assert_eq!(told.lanes[0].all.as_ref().map(|all| all.passed), Some(0), "one check failed");
    }
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    let format = json!({"type": "json_schema", "json_schema": {"name": "n", "schema": schema}});
    let mut comparison =
        repeated(&["sandbox/json"], 2, vec![check("fits", CheckRule::JsonSchema { schema: String::new() })]);
    comparison.draft.parameters.push(Parameter::new("response_format", format.to_string()));
    let (told, _) = told(&world, comparison).await;
    assert_eq!(told.lanes[0].checks[0].passed, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialogue_with_tools_is_one_repeat() {
    let world = World::start().await;
    let called = |name: &str| CheckRule::ToolCalled { name: name.to_owned(), not: false };
    let checks = vec![check("asks", called("get_weather")), check("ends in words", length_of_one())];
    let mut comparison = repeated(&["sandbox/tools-steps"], 2, checks);
    let tools = ["get_weather", "get_time"].map(|name| {
        let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}}});
        json!({"type": "function", "function": {"name": name, "parameters": parameters}})
    });
    comparison.draft.parameters.push(Parameter::new("tools", json!(tools).to_string()));
    let rules = ["get_weather", "get_time"].map(|tool| {
        let gives = ToolSource::Text { text: "18 °C".to_owned() };
        ToolRule { tool: tool.to_owned(), when: Vec::new(), gives }
    });
    comparison.draft.tool_plan = ToolPlan { mode: ToolMode::Auto, rules: rules.to_vec(), ..ToolPlan::default() };
    let base = comparison.lanes[0].id.clone();
    let run = world.engine.start_run(comparison, None).await.expect("a run").summary.id;
    world.until(|seen| seen.runs.get(&run).is_some_and(|row| !row.live)).await;
    let cells = world.engine.run(&run).expect("the run").cells;
    assert_eq!(cells.len(), 6, "two dialogues of three steps");

    let told = world.engine.repeats(std::slice::from_ref(&run), &base, None).expect("the repeats");
    let lane = &told.lanes[0];
    assert_eq!(lane.counts.finished, 2);
    assert_eq!(lane.all.as_ref().map(|all| (all.passed, all.total)), Some((2, 2)), "the calls were in steps before");
    for value in &lane.total.values {
        let ends: f64 =
            cells.iter().filter(|cell| cell.repeat == value.repeat).filter_map(|cell| cell.milestones.end).sum();
        assert!((value.value - ends).abs() < 1e-9, "all calls together");
    }
    let first = cells.iter().find(|cell| cell.step == 0).expect("a first step");
    let results = world.engine.check_cell(&first.id, None).expect("a look");
    let states: Vec<CheckState> = results.iter().map(|result| result.state).collect();
    assert_eq!(states, [CheckState::Passed, CheckState::Failed], "the first step calls and says nothing");
}

fn length_of_one() -> CheckRule {
    CheckRule::Length { unit: LengthUnit::Words, least: Some(1), most: None }
}

#[test]
fn a_draft_of_before_has_no_checks_and_opens() {
    let draft: Draft = serde_json::from_str(r#"{"messages":[],"parameters":[]}"#).expect("a draft");
    assert_eq!(draft.checks, Vec::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_sent_the_same_are_counted_together_and_others_are_refused() {
    let world = World::start().await;
    let comparison = repeated(&["sandbox/coin-0.5", "sandbox/coin-0.9"], 3, vec![check("Says yes", contains("yes"))]);
    let base = comparison.lanes[0].id.clone();
    let mut runs = Vec::new();
    for repeats in [3, 5] {
        let mut comparison = Comparison { repeats, ..comparison.clone() };
        // What sends nothing may differ.
        comparison.name = format!("Run of {repeats}");
        comparison.draft.checks.truncate(if repeats == 3 { 1 } else { 0 });
        let run = world.engine.start_run(comparison, None).await.expect("a run");
        world.wait(&run).await;
        runs.push(run.summary.id);
    }
    let mut other = comparison.clone();
    other.draft.parameters.push(Parameter::new("temperature", "0"));
    let other = world.engine.start_run(other, None).await.expect("a run");
    world.wait(&other).await;

    let told = world.engine.repeats(&runs, &base, None).expect("the repeats");
    assert_eq!(
        (&told.runs, told.checks.as_slice()),
        (&runs, &["Says yes".to_owned()][..]),
        "checks are the first run's"
    );
    for (at, lane) in told.lanes.iter().enumerate() {
        let alone = runs.iter().map(|run| world.engine.run(run).expect("a run"));
        let cells: Vec<Cell> = alone.flat_map(|run| run.cells).filter(|cell| cell.lane == lane.lane).collect();
        assert_eq!((cells.len(), lane.counts.finished), (8, 8), "lane {at}");
        let all = lane.all.as_ref().expect("there is a check");
        assert_eq!((all.passed, all.total), (saying(&cells, &lane.lane, "yes"), 8));
        let numbered: Vec<_> = lane.total.values.iter().map(|value| (value.cell.clone(), value.repeat)).collect();
        let expected: Vec<_> = cells.iter().map(|cell| cell.id.clone()).zip(0..).collect();
        assert_eq!(numbered, expected, "samples are counted through");
    }
    let same: Vec<_> = world.engine.same_runs(&runs[0]).expect("runs").into_iter().map(|row| row.id).collect();
    assert_eq!(same, [runs[1].clone()]);
    let mixed = world.engine.repeats(&[runs[0].clone(), other.summary.id], &base, None).expect_err("not the same");
    assert!(mixed.to_string().contains("sent something else"), "{mixed}");
    assert!(world.engine.repeats(&[], &base, None).is_err());
}
