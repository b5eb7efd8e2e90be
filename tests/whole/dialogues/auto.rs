//! The plan gives results by itself.

use juxta_tests::world::{DIALECTS, copy_folder};
use juxta_wire::draft::Variable;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::{AppError, NetworkStage};
use juxta_wire::lane::Comparison;
use juxta_wire::run::{Cell, CellState};
use juxta_wire::tools::{
    ToolCondition, ToolMode, ToolOrigin, ToolPlan, ToolReply, ToolResult, ToolResultState, ToolRule, ToolSource,
};
use serde_json::{Value, json};

use super::tool_server::{Answer, ToolServer, http};
use super::{Bench, ids, replies};

fn text(tool: &str, text: &str) -> ToolRule {
    ToolRule { tool: tool.to_owned(), when: Vec::new(), gives: ToolSource::Text { text: text.to_owned() } }
}

fn asks(tool: &str, url: &str, timeout_ms: u64) -> ToolRule {
    let gives = ToolSource::Http { url: url.to_owned(), timeout_ms };
    ToolRule { tool: tool.to_owned(), when: Vec::new(), gives }
}

fn with_plan(mut comparison: Comparison, rules: Vec<ToolRule>) -> Comparison {
    comparison.draft.tool_plan = ToolPlan { mode: ToolMode::Auto, rules, ..ToolPlan::default() };
    comparison
}

impl Bench {
    /// Runs until nothing goes on by itself any more.
    async fn settled(&self, comparison: Comparison) -> Vec<Cell> {
        let run = self.world.engine.start_run(comparison, None).await.expect("a run");
        self.settle(&run.summary.id).await
    }

    async fn settle(&self, run: &juxta_wire::ids::RunId) -> Vec<Cell> {
        self.world.until(|seen| seen.runs.get(run).is_some_and(|summary| !summary.live)).await;
        self.cells(run)
    }
}

fn given(result: &ToolResult) -> Option<&str> {
    match &result.state {
        ToolResultState::Given { reply: ToolReply::Output { text } } => Some(text),
        _ => None,
    }
}

fn error(result: &ToolResult) -> &AppError {
    match &result.state {
        ToolResultState::Failed { error } => error,
        other => panic!("not failed: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_of_rules_carry_a_dialogue_to_its_end_on_every_dialect_and_endpoint() {
    for dialect in DIALECTS {
        for endpoint in [EndpointKind::Chat, EndpointKind::Responses] {
            if !dialect.has(endpoint) {
                continue;
            }
            let bench = Bench::new(dialect).await;
            let mut comparison = bench.comparison(endpoint);
            comparison.draft.variables = vec![Variable::text("who", "Ada")];
            comparison.repeats = 3;
            comparison
                .lanes
                .push(juxta_wire::lane::Lane { id: juxta_wire::ids::LaneId::new(), ..comparison.lanes[0].clone() });
            let rules = vec![text("get_weather", "{{who}}: {{arguments}}"), text(ToolRule::ANY, "☀ \"x\"\\")];
            let cells = bench.settled(with_plan(comparison, rules)).await;
            let steps: Vec<_> = cells.iter().map(|cell| (cell.lane_index, cell.repeat, cell.step)).collect();
            let expected: Vec<_> = (0..2)
                .flat_map(|lane| (0..3).flat_map(move |repeat| (0..3).map(move |step| (lane, repeat, step))))
                .collect();
            assert_eq!(steps, expected, "{dialect:?} {endpoint:?}");
            for cell in &cells {
                assert_eq!(cell.state, CellState::Finished, "{dialect:?} {endpoint:?}: {:?}", cell.error);
                let mut asked = ids(cell);
                asked.dedup();
                let answered: Vec<_> = cell.results.iter().map(|result| result.id.clone()).collect();
                assert_eq!(asked, answered, "each id once");
                for result in &cell.results {
                    assert_eq!(result.origin, ToolOrigin::Rule);
                    let call = cell.outcome.choices.iter().flat_map(|choice| &choice.tool_calls);
                    let arguments = &call
                        .into_iter()
                        .find(|call| call.id.as_ref() == Some(&result.id))
                        .expect("its call")
                        .arguments;
                    let expected = match result.name.as_str() {
                        "get_weather" => format!("Ada: {arguments}"),
                        _ => "☀ \"x\"\\".to_owned(),
                    };
                    assert_eq!(given(result), Some(expected.as_str()));
                }
            }
            let summary = bench.world.engine.runs(1, None).expect("runs").remove(0);
            assert_eq!((summary.cells, summary.finished, summary.live), (18, 18, false));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialogue_stops_after_the_most_steps_and_goes_on_when_it_is_answered() {
    let bench = Bench::new(Dialect::OpenAi).await;
    let mut comparison = with_plan(bench.comparison(EndpointKind::Chat), vec![text(ToolRule::ANY, "x")]);
    comparison.draft.tool_plan.most_steps = 2;
    comparison.draft.parameters.push(juxta_wire::draft::Parameter::new("tool_choice", "\"required\""));
    let run = bench.world.engine.start_run(comparison, None).await.expect("a run");
    let cells = bench.settle(&run.summary.id).await;
    assert_eq!(cells.iter().map(|cell| (cell.step, cell.results.len())).collect::<Vec<_>>(), [(0, 2), (1, 0)]);
    assert_eq!(ids(&cells[1]).len(), 2, "it has to call, so it does");
    let suggested = bench.world.engine.suggest_results(&cells[1].id, 0).await.expect("results");
    assert_eq!(suggested.iter().map(given).collect::<Vec<_>>(), [Some("x"), Some("x")]);
    let answer = juxta_wire::tools::ToolReplies { choice: 0, results: suggested, arguments: Vec::new() };
    bench.world.engine.answer_calls(&cells[1].id, answer).await.expect("a step");
    let steps = 4;
    bench.world.until(|seen| seen.runs.get(&run.summary.id).is_some_and(|row| !row.live && row.cells == steps)).await;
    let cells = bench.cells(&run.summary.id);
    assert_eq!(cells.iter().map(|cell| cell.results.len()).collect::<Vec<_>>(), [2, 2, 2, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_no_rule_fits_waits_for_the_person() {
    let bench = Bench::new(Dialect::ScaleV5).await;
    let never = ToolCondition { pointer: "/city".to_owned(), equals: "nowhere".to_owned() };
    let rules = vec![text("get_weather", "x"), ToolRule { when: vec![never], ..text("get_time", "y") }];
    let cells = bench.settled(with_plan(bench.comparison(EndpointKind::Chat), rules)).await;
    let [cell] = &cells[..] else { panic!("one step: {}", cells.len()) };
    assert_eq!((ids(cell).len(), cell.results.len()), (2, 0));
    let suggested = bench.world.engine.suggest_results(&cell.id, 0).await.expect("results");
    assert_eq!(
        suggested.iter().map(|result| (result.name.as_str(), given(result))).collect::<Vec<_>>(),
        [("get_weather", Some("x"))]
    );
    let next = bench.world.engine.answer_calls(&cell.id, replies(cell, "by hand")).await.expect("a step");
    let next = bench.over(&next.id).await;
    assert_eq!(next.state, CellState::Finished);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_this_machine_is_sent_id_name_and_arguments_and_its_answer_goes_back() {
    for dialect in [Dialect::OpenAi, Dialect::ScaleV5] {
        let bench = Bench::new(dialect).await;
        let server = ToolServer::start(|body| {
            let asked: Value = serde_json::from_str(body).expect("JSON");
            http("200 OK", format!("☀ for {} \"{}\"", asked["name"], asked["id"]).as_bytes())
        })
        .await;
        let url = server.url().replace("127.0.0.1", "localhost");
        let cells = bench
            .settled(with_plan(bench.comparison(EndpointKind::Chat), vec![asks(ToolRule::ANY, &url, 5_000)]))
            .await;
        assert_eq!(cells.len(), 3, "{:?}", cells[0].results);
        let heard = server.heard();
        assert_eq!(heard.len(), 3);
        for cell in &cells[..2] {
            for (call, result) in cell.outcome.choices[0].tool_calls.iter().zip(&cell.results) {
                let id = call.id.as_deref().expect("an id");
                let sent = format!(r#"{{"id":"{id}","name":"{}","arguments":{}}}"#, call.name, call.arguments);
                let request = heard
                    .iter()
                    .find(|request| request.ends_with(&format!("\r\n\r\n{sent}")))
                    .unwrap_or_else(|| panic!("{sent} in {heard:?}"));
                let head = request.to_ascii_lowercase();
                assert!(
                    head.starts_with("post /tool http/1.1\r\n") && head.contains("content-type: application/json\r\n"),
                    "{head}"
                );
                assert!(!head.contains("authorization") && !head.contains("api-key"), "no key: {head}");
                assert_eq!(result.origin, ToolOrigin::Http { url: url.clone(), status: Some(200) });
                assert_eq!(given(result), Some(format!("☀ for \"{}\" \"\"{id}\"\"", call.name).as_str()));
                assert!(result.elapsed_ms.is_some());
            }
        }
        let last: Value = serde_json::from_str(&bench.bodies()[2]).expect("JSON");
        let said: Vec<_> =
            last["messages"].as_array().expect("messages").iter().filter(|one| one["role"] == "tool").collect();
        let expected: Vec<_> = cells[..2]
            .iter()
            .flat_map(|cell| &cell.results)
            .map(|result| json!({"role": "tool", "content": given(result), "tool_call_id": result.id}))
            .collect();
        assert_eq!(json!(said), json!(expected));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_gives_no_result_leaves_the_dialogue_to_the_person() {
    let large = vec![b'x'; 2 << 20];
    let cases: Vec<(&str, Answer, Option<u16>, &str)> = vec![
        (
            "500",
            http("500 Internal Server Error", "<p>broken</p>".as_bytes()),
            Some(500),
            "answered 500: <p>broken</p>",
        ),
        ("large", http("200 OK", &large), Some(200), "more than 1 MiB"),
        ("no text", http("200 OK", b"ab\xFF"), Some(200), "at byte 2"),
        (
            "redirect",
            Answer::Bytes(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".to_vec()),
            Some(302),
            "a redirect is not followed",
        ),
        ("closes", Answer::Bytes(Vec::new()), None, "broke off"),
        ("stops", Answer::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc".to_vec()), Some(200), "broke off"),
        ("silent", Answer::Silence, None, "did not answer within 0.2 s"),
    ];
    let bench = Bench::new(Dialect::OpenAi).await;
    for (name, answer, status, words) in cases {
        let answer = std::sync::Mutex::new(Some(answer));
        let server =
            ToolServer::start(move |_| answer.lock().expect("not poisoned").take().unwrap_or(Answer::Silence)).await;
        let timeout = if name == "silent" { 200 } else { 60_000 };
        let rules = vec![asks("get_weather", &server.url(), timeout), text("get_time", "noon")];
        let cells = bench.settled(with_plan(bench.comparison(EndpointKind::Chat), rules)).await;
        let [cell] = &cells[..] else { panic!("{name}: {} steps", cells.len()) };
        let [asked, ruled] = &cell.results[..] else { panic!("{name}: {:?}", cell.results) };
        assert_eq!(asked.origin, ToolOrigin::Http { url: server.url(), status }, "{name}");
        assert!(error(asked).to_string().contains(words), "{name}: {}", error(asked));
        assert_eq!(given(ruled), Some("noon"), "{name}: what was given stays");
        // The window heard of it.
        let told = |cell: &Cell| {
            cell.results.iter().all(|result| result.state != ToolResultState::Asking) && !cell.results.is_empty()
        };
        bench.world.until(|seen| seen.heads.get(&cell.id).is_some_and(told)).await;
        let next = bench.world.engine.answer_calls(&cell.id, replies(cell, "by hand")).await.expect("a step");
        bench.over(&next.id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_this_machine_is_asked() {
    let bench = Bench::new(Dialect::OpenAi).await;
    for url in ["http://192.0.2.1/x", "https://127.0.0.1/x", "http://example.org", "no address", ""] {
        let cells = bench
            .settled(with_plan(bench.comparison(EndpointKind::Chat), vec![asks(ToolRule::ANY, url, 60_000)]))
            .await;
        let [cell] = &cells[..] else { panic!("{url}: {} steps", cells.len()) };
        for result in &cell.results {
            assert!(matches!(error(result), AppError::Invalid { field, .. } if field == "url"), "{url}: {result:?}");
        }
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let cells = bench
        .settled(with_plan(
            bench.comparison(EndpointKind::Chat),
            vec![asks(ToolRule::ANY, &format!("http://{closed}"), 60_000)],
        ))
        .await;
    assert!(
        matches!(error(&cells[0].results[0]), AppError::Network { stage: NetworkStage::Refused, .. }),
        "{:?}",
        cells[0].results
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_the_run_or_the_cell_ends_the_asking_at_once() {
    for by_run in [true, false] {
        let bench = Bench::new(Dialect::OpenAi).await;
        let server = ToolServer::start(|_| Answer::Silence).await;
        let rules = vec![asks("get_weather", &server.url(), 600_000), text("get_time", "noon")];
        let run = bench
            .world
            .engine
            .start_run(with_plan(bench.comparison(EndpointKind::Chat), rules), None)
            .await
            .expect("a run");
        let id = run.cells[0].id.clone();
        let asking = |cell: &Cell| cell.results.iter().any(|result| result.state == ToolResultState::Asking);
        bench.world.until(|seen| seen.heads.get(&id).is_some_and(asking)).await;
        server.open.clone().wait_for(|(open, _)| *open == 1).await.expect("a connection");
        assert!(bench.world.engine.runs(1, None).expect("runs")[0].live, "the run is live while a tool is asked");
        let refused =
            bench.world.engine.answer_calls(&id, replies(&bench.world.engine.cell(&id).expect("it").cell, "x")).await;
        assert!(matches!(refused, Err(AppError::Invalid { .. })), "{refused:?}");
        match by_run {
            true => bench.world.engine.stop_run(&run.summary.id),
            false => bench.world.engine.stop_cell(&id),
        }
        let cells = bench.settle(&run.summary.id).await;
        assert_eq!(cells.len(), 1);
        assert_eq!(cells[0].state, CellState::Finished, "the answer itself was over");
        assert!(error(&cells[0].results[0]).to_string().contains("Stopped before"), "{:?}", cells[0].results);
        server.open.clone().wait_for(|(open, all)| (*open, *all) == (0, 1)).await.expect("the connection is closed");

        let engine = bench.world.engine.clone();
        let asked = tokio::spawn({
            let (engine, id) = (engine.clone(), id.clone());
            async move { engine.suggest_results(&id, 0).await }
        });
        server.open.clone().wait_for(|(open, _)| *open == 1).await.expect("asked again");
        match by_run {
            true => engine.stop_run(&run.summary.id),
            false => engine.stop_cell(&id),
        }
        let suggested = asked.await.expect("no panic").expect("results");
        assert!(error(&suggested[0]).to_string().contains("Stopped before"), "{suggested:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_was_asked_when_juxta_was_killed_has_failed_when_it_starts_again() {
    let bench = Bench::new(Dialect::OpenAi).await;
    let server = ToolServer::start(|_| Answer::Silence).await;
    let rules = vec![asks("get_weather", &server.url(), 600_000), text("get_time", "noon")];
    let comparison = with_plan(bench.comparison(EndpointKind::Chat), rules);
    let run = bench.world.engine.start_run(comparison, None).await.expect("a run");
    server.open.clone().wait_for(|(open, _)| *open == 1).await.expect("a connection");
    // What a process that is killed leaves behind.
    let left = tempfile::tempdir().expect("a folder");
    copy_folder(bench.world.folder(), left.path());
    let engine = juxta_engine::Engine::open(left.path(), juxta_engine::Keys::Memory).expect("an engine");
    let cell = engine.cell(&run.cells[0].id).expect("the cell").cell;
    assert_eq!(cell.state, CellState::Finished);
    assert!(error(&cell.results[0]).to_string().contains("Juxta ended before"), "{:?}", cell.results);
    assert_eq!(given(&cell.results[1]), Some("noon"));
    let row = engine.runs(1, None).expect("runs").remove(0);
    assert_eq!((row.cells, row.finished, row.live), (1, 1, false));
    engine.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_found_in_the_history_and_leave_with_the_run() {
    let mut bench = Bench::new(Dialect::OpenAi).await;
    let rules = vec![text(ToolRule::ANY, "quarkweather \"21\"")];
    let comparison = with_plan(bench.comparison(EndpointKind::Chat), rules);
    let run = bench.world.engine.start_run(comparison, None).await.expect("a run");
    let cells = bench.settle(&run.summary.id).await;
    bench.world.restart().await;
    let again = bench.cells(&run.summary.id);
    assert_eq!(
        again.iter().map(|cell| (&cell.id, &cell.results)).collect::<Vec<_>>(),
        cells.iter().map(|cell| (&cell.id, &cell.results)).collect::<Vec<_>>()
    );
    let query = juxta_wire::search::SearchQuery { text: "quarkweather".to_owned(), limit: 50, ..Default::default() };
    let page = bench.world.engine.search(&query).expect("a page");
    let mut found: Vec<_> = page.rows.into_iter().map(|row| row.cell).collect();
    found.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    assert_eq!(
        found,
        cells.iter().map(|cell| cell.id.clone()).collect::<Vec<_>>(),
        "in results, prompts and the answer"
    );
}
