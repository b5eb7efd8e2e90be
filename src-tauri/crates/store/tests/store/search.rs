use juxta_store::StoreError;
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::exchange::{HeaderOrigin, HeaderView};
use juxta_wire::ids::{CellId, RunId};
use juxta_wire::metrics::Cost;
use juxta_wire::outcome::ToolCall;
use juxta_wire::run::{Cell, CellState, Run};
use juxta_wire::search::{SearchPage, SearchQuery};

use crate::fixtures::{Folder, finish, folder, rejected, request, run};

/// 2026-11-21 12:00 in UTC.
const NOON: u64 = 1_795_262_400_000;
const DAY: u64 = 86_400_000;

fn page(folder: &Folder, text: &str, limit: u32, after: Option<CellId>) -> SearchPage {
    let query = SearchQuery { text: text.to_owned(), limit, after, offset: 0 };
    folder.store.search(&query, NOON).unwrap()
}

/// The names of what is found, newest first.
fn found(folder: &Folder, text: &str) -> Vec<String> {
    let page = page(folder, text, 100, None);
    assert!(!page.more);
    page.rows.into_iter().map(|row| row.name).collect()
}

/// A run of one cell that is over, saved as it happens: inserted, sent, ended.
fn saved(folder: &Folder, name: &str, started_at: u64, change: impl FnOnce(&mut Cell)) -> Run {
    let mut run = run(started_at, 1, 1);
    run.summary.name = name.to_owned();
    folder.store.insert_run(&run).unwrap();
    let cell = &mut run.cells[0];
    cell.started_at = Some(started_at);
    cell.request = Some(request("{\"messages\":[{\"role\":\"user\",\"content\":\"How warm is it?\"}]}"));
    finish(cell, "It is warm.");
    cell.outcome.choices[0].reasoning.clear();
    cell.outcome.choices[0].tool_calls.clear();
    change(cell);
    let body = cell.request.as_ref().map_or_else(String::new, |request| request.body.clone());
    let mut writer = folder.store.begin_cell(cell, b"POST / HTTP/1.1\r\n\r\n", body.as_bytes()).unwrap();
    writer.chunk(1, b"0123456789");
    writer.finish().unwrap();
    folder.store.save_cell(cell).unwrap();
    run
}

fn answer(text: &'static str) -> impl FnOnce(&mut Cell) {
    move |cell| cell.outcome.choices[0].text = text.to_owned()
}

/// One call with each thing that can be found.
fn everything() -> Folder {
    let folder = folder();
    saved(&folder, "plain", NOON - 9 * DAY, |_| {});
    saved(&folder, "french", NOON - DAY, answer("Votre Remboursé de 49,90 € est là. 東京の天気 🚲"));
    saved(&folder, "costly", NOON - 3_000, |cell| {
        cell.model = "acme/big-2".to_owned();
        cell.connection_name = "Scale prod".to_owned();
        cell.metrics.time_to_first_token = Some(1_310.0);
        cell.metrics.input_tokens = Some(100);
        cell.metrics.visible_tokens = Some(1_200);
        cell.metrics.reasoning_tokens = Some(300);
        cell.metrics.cost = Some(Cost {
            amount: 0.025,
            currency: "USD".to_owned(),
            formula: String::new(),
            price_date: None,
            estimated: false,
        });
        cell.outcome.choices[0].reasoning = "Let me think about pelicans".to_owned();
    });
    saved(&folder, "tools", NOON - 2_000, |cell| {
        cell.model = "acme/big".to_owned();
        cell.outcome.choices[0].tool_calls = vec![ToolCall {
            name: "get_weather".to_owned(),
            arguments: "{\"city\":\"Zürich\"}".to_owned(),
            ..ToolCall::default()
        }];
    });
    saved(&folder, "failed", NOON - 1_000, |cell| {
        cell.outcome = Default::default();
        cell.state = CellState::Failed;
        cell.error = Some(rejected());
        if let Some(head) = &mut cell.head {
            head.status = 429;
            head.headers.push(HeaderView {
                name: "x-request-id".to_owned(),
                value: "req_8f2".to_owned(),
                secret: false,
                origin: HeaderOrigin::Protocol,
            });
        }
        cell.request = Some(request(
            "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Say \\\"quokka\\\"\\\\n\"},\
             {\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,QUJD\"}}]}]}",
        ));
    });
    folder
}

#[test]
fn words_are_found_wherever_they_are_and_nothing_else_is() {
    let folder = everything();
    let all = ["failed", "tools", "costly", "french", "plain"];
    let cases: &[(&str, &[&str])] = &[
        ("", &all),
        ("warm", &["tools", "costly", "french", "plain"]),
        ("rembourse", &["french"]),
        ("REMBOURSÉ ", &["french"]),
        ("天気", &["french"]),
        ("🚲", &["french"]),
        ("r", &["failed", "french"]),
        ("re", &["failed", "french"]),
        ("remb", &["french"]),
        ("remb ", &[]),
        ("rembx", &[]),
        ("\"est la\"", &["french"]),
        ("\"la est\"", &[]),
        ("pelicans", &["costly"]),
        ("zurich", &["tools"]),
        ("get_weather", &["tools"]),
        ("get_w", &["tools"]),
        ("weather_get", &[]),
        ("slow down", &["failed"]),
        ("RATE_LIMITED", &["failed"]),
        ("req_8f2", &["failed"]),
        ("4f2a", &all),
        ("quokka", &["failed"]),
        ("QUJD", &[]),
        ("acme/big", &["tools", "costly"]),
        ("warm -pelicans -quokka", &["tools", "french", "plain"]),
        ("-warm", &["failed"]),
        ("-\"est la\"", &["failed", "tools", "costly", "plain"]),
        ("in:answer pelicans", &[]),
        ("in:reasoning pelicans", &["costly"]),
        ("in:reasoning pel", &["costly"]),
        ("in:answer pel", &[]),
        ("in:reasoning in:prompt quokka", &["failed"]),
        ("-in:reasoning pelicans", &[]),
        ("in:headers req_8", &["failed"]),
        ("nothing like this", &[]),
        ("in:answer -in:answer pelicans", &["costly"]),
        ("' OR 1=1; --", &[]),
        ("\" NEAR( * ^ { } : AND", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(found(&folder, text), *expected, "{text}");
    }
    let folder = folder.reopen();
    assert_eq!(found(&folder, "zurich"), ["tools"], "also after a new start");
}

#[test]
fn filters_let_through_what_they_say() {
    let folder = everything();
    let all = ["failed", "tools", "costly", "french", "plain"];
    let cases: &[(&str, &[&str])] = &[
        ("model:acme/big", &["tools"]),
        ("model:ACME", &["tools", "costly"]),
        ("model:acme/big model:acme/big-2", &["tools", "costly"]),
        ("-model:acme", &["failed", "french", "plain"]),
        ("model:none", &[]),
        ("connection:\"scale prod\"", &["costly"]),
        ("status:failed", &["failed"]),
        ("status:failed status:finished", &all),
        ("-status:finished", &["failed"]),
        ("status:429", &["failed"]),
        ("status:2xx", &["tools", "costly", "french", "plain"]),
        ("status:live", &[]),
        ("endpoint:chat", &all),
        ("endpoint:models", &[]),
        ("cost>0.02", &["costly"]),
        ("cost>0.025", &[]),
        ("cost>=0.025 cost<=0.025", &["costly"]),
        ("cost<0.026", &["costly"]),
        ("-cost>0.02", &["failed", "tools", "french", "plain"]),
        ("ttft>1.3s", &["costly"]),
        ("ttft<1310", &[]),
        ("tokens>=1,500", &["costly"]),
        ("tokens>1500", &[]),
        ("has:tool", &["tools"]),
        ("has:error", &["failed"]),
        ("has:reasoning", &["costly"]),
        ("has:image", &["failed"]),
        ("after:today", &["failed", "tools", "costly"]),
        ("before:today", &["french", "plain"]),
        ("after:yesterday before:2026-11-21", &["french"]),
        ("after:8d", &["failed", "tools", "costly", "french"]),
        ("warm after:today model:acme -has:tool", &["costly"]),
        ("war model:acme/big", &["tools"]),
        ("is:starred", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(found(&folder, text), *expected, "{text}");
    }
}

#[test]
fn a_live_call_is_in_the_list_with_its_state() {
    let folder = everything();
    let mut live = run(NOON, 2, 1);
    live.summary.name = "live".to_owned();
    folder.store.insert_run(&live).unwrap();
    let cell = &mut live.cells[1];
    cell.state = CellState::Waiting;
    cell.request = Some(request("{}"));
    folder.store.begin_cell(cell, b"", b"{}").unwrap();
    let rows = page(&folder, "status:live", 10, None).rows;
    let states: Vec<_> = rows.iter().map(|row| (row.lane_index, row.state.as_str())).collect();
    assert_eq!(states, [(0, "queued"), (1, "waiting")], "lane A on top");
    assert_eq!(page(&folder, "", 100, None).rows.len(), 7);
    assert_eq!(found(&folder, "endpoint:chat")[..2], ["live", "live"]);
    assert_eq!(folder.store.search_facets("", 0, NOON).unwrap().pending, 0, "they are not of an earlier version");

    // Killed: what was running is interrupted, and found by its text once it was folded.
    let folder = folder.reopen();
    assert_eq!(found(&folder, "status:live"), Vec::<String>::new());
    assert_eq!(found(&folder, "status:interrupted"), ["live", "live"]);
    let mut cell = folder.store.cell(&live.cells[1].id).unwrap().unwrap();
    finish(&mut cell, "half an axolotl");
    cell.state = CellState::Interrupted;
    folder.store.save_cell(&cell).unwrap();
    assert_eq!(found(&folder, "axolotl"), ["live"]);
}

#[test]
fn pages_follow_each_other_without_gap_or_repetition() {
    let folder = folder();
    for number in 0..57 {
        // Many in the same second, and one far ago.
        let mut run = run(NOON + (number * 7) % 10, 1 + (number % 3) as u32, 1);
        run.summary.name = format!("run {number}");
        for cell in &mut run.cells {
            finish(cell, "the same");
        }
        folder.store.insert_run(&run).unwrap();
    }
    for text in ["", "same", "status:finished", "s", "after:2020-01-01"] {
        let all: Vec<CellId> = page(&folder, text, 500, None).rows.into_iter().map(|row| row.cell).collect();
        assert_eq!(all.len(), 114, "{text}");
        let mut paged: Vec<CellId> = Vec::new();
        loop {
            let page = page(&folder, text, 10, paged.last().cloned());
            paged.extend(page.rows.into_iter().map(|row| row.cell));
            if !page.more {
                break;
            }
        }
        assert_eq!(paged, all, "{text}");
    }
    let unknown = SearchQuery { after: Some(CellId::new()), ..SearchQuery::default() };
    assert!(matches!(folder.store.search(&unknown, NOON), Err(StoreError::NotFound { .. })));
}

#[test]
fn a_row_shows_the_match_and_without_one_how_the_answer_begins() {
    let folder = everything();
    let snippet = |text: &str| {
        let parts = page(&folder, text, 1, None).rows.remove(0).snippet;
        parts
            .iter()
            .map(|part| if part.hit { format!("[{}]", part.text) } else { part.text.clone() })
            .collect::<String>()
    };
    assert_eq!(snippet("rembourse"), "Votre [Remboursé] de 49,90 € est là. 東京の天気 🚲");
    assert_eq!(snippet("in:tools zurich"), "get_weather {\"city\":\"[Zürich]\"}");
    assert_eq!(snippet("quokka"), "Say \"[quokka]\"\\n");
    assert_eq!(snippet("model:acme/big"), "It is warm.");
    assert!(snippet("status:failed").starts_with("slow down"));
    let row = page(&folder, "pelicans", 1, None).rows.remove(0);
    let row =
        (row.model, row.connection, row.status, row.time_to_first_token, row.visible_tokens, row.cost, row.currency);
    let expected = ("acme/big-2", "Scale prod", Some(200), Some(1_310.0), Some(1_200), Some(0.025), Some("USD"));
    let row = (row.0.as_str(), row.1.as_str(), row.2, row.3, row.4, row.5, row.6.as_deref());
    assert_eq!(row, expected);
}

#[test]
fn a_star_and_a_note_are_kept_and_found() {
    let folder = everything();
    let id = |name: &str| page(&folder, "", 100, None).rows.into_iter().find(|row| row.name == name).unwrap().run;
    folder.store.star_run(&id("french"), true).unwrap();
    folder.store.note_run(&id("french"), "für Ada \"später\" 🦙").unwrap();
    folder.store.star_run(&id("plain"), true).unwrap();
    folder.store.star_run(&id("plain"), false).unwrap();
    assert_eq!(found(&folder, "is:starred"), ["french"]);
    assert_eq!(found(&folder, "has:note quokka"), Vec::<String>::new());
    assert_eq!(found(&folder, "-note:ada"), ["failed", "tools", "costly", "plain"]);
    for text in ["has:note", "note:ada", "note:\"fur ada\"", "spater", "🦙", "is:starred rembourse"] {
        assert_eq!(found(&folder, text), ["french"], "{text}");
    }
    let summary = folder.store.run_summary(&id("french")).unwrap().unwrap();
    assert_eq!((summary.starred, summary.note.as_str()), (true, "für Ada \"später\" 🦙"));
    assert_eq!(folder.store.runs(100, None).unwrap().iter().filter(|run| run.starred).count(), 1);
    assert_eq!(page(&folder, "🦙", 1, None).rows[0].note, "für Ada \"später\" 🦙");

    folder.store.note_run(&id("french"), "").unwrap();
    assert_eq!(found(&folder, "spater"), Vec::<String>::new(), "the old note is not found any more");
    assert_eq!(found(&folder, "has:note"), Vec::<String>::new());
    assert_eq!(found(&folder, "rembourse"), ["french"], "and the rest still is");
    assert!(matches!(folder.store.star_run(&RunId::new(), true), Err(StoreError::NotFound { .. })));
}

#[test]
fn a_deleted_run_is_nowhere_comes_back_and_is_gone_after_the_next_start() {
    let folder = everything();
    let rows = page(&folder, "", 100, None).rows;
    let of = |name: &str| rows.iter().find(|row| row.name == name).unwrap();
    let (tools, french) = (of("tools").clone(), of("french").clone());
    let both = [tools.run.clone(), french.run.clone()];
    folder.store.delete_runs(&both).unwrap();
    assert_eq!(found(&folder, ""), ["failed", "costly", "plain"]);
    assert_eq!(found(&folder, "zurich"), Vec::<String>::new());
    assert_eq!(found(&folder, "status:finished"), ["costly", "plain"]);
    assert_eq!(folder.store.runs(100, None).unwrap().len(), 3);
    assert_eq!(folder.store.search_facets("", 0, NOON).unwrap().total, 3);
    assert_eq!(folder.store.totals(0).unwrap().calls, 3);

    folder.store.undelete_runs(&[french.run.clone(), RunId::new()]).unwrap();
    assert_eq!(found(&folder, "rembourse"), ["french"]);
    assert_eq!(folder.store.remove_deleted(10).unwrap(), None, "not while it can be brought back");
    assert!(folder.store.run(&tools.run).unwrap().is_some());

    let folder = folder.reopen();
    let path = folder.path.path().to_owned();
    let size = |name: &str| std::fs::metadata(path.join(name)).map_or(0, |data| data.len());
    assert_eq!(folder.store.read_body(&tools.cell, 99).unwrap().1, 10);
    folder.store.undelete_runs(std::slice::from_ref(&tools.run)).unwrap();
    assert_eq!(found(&folder, "zurich"), Vec::<String>::new(), "too late");
    let mut steps = 0;
    while folder.store.remove_deleted(1).unwrap().is_some() {
        steps += 1;
        assert!(steps < 100, "it ends");
    }
    assert_eq!(folder.store.run(&tools.run).unwrap(), None);
    assert_eq!(folder.store.cell(&tools.cell).unwrap(), None);
    assert_eq!(folder.store.request(&tools.cell).unwrap(), None);
    assert_eq!(folder.store.read_body(&tools.cell, 99).unwrap().1, 0);
    assert_eq!(folder.store.read_body(&french.cell, 99).unwrap().1, 10);
    assert_eq!(found(&folder, ""), ["failed", "costly", "french", "plain"]);
    assert!(size("juxta.sqlite") > 0);
}

#[test]
fn the_space_of_deleted_runs_is_given_back() {
    let folder = folder();
    let mut runs = Vec::new();
    for number in 0..80 {
        let run = saved(&folder, "large", NOON + number, |cell| {
            cell.outcome.choices[0].text = "a long answer of words ".repeat(4_000);
        });
        runs.push(run.summary.id);
    }
    folder.store.delete_runs(&runs).unwrap();
    let folder = folder.reopen();
    let file = folder.path.path().join("juxta.sqlite");
    let size = || std::fs::metadata(&file).unwrap().len();
    let before = size();
    assert!(before > 7_000_000, "{before} bytes");
    while folder.store.remove_deleted(7).unwrap().is_some() {}
    let Folder { store, path } = folder;
    drop(store);
    // What the index still holds of them goes when it is merged the next time.
    assert!(size() * 3 < before, "{} of {before} bytes are left", size());
    drop(path);
}

#[test]
fn counts_follow_the_query_and_each_group_ignores_its_own_filters() {
    let folder = everything();
    let facets = |text: &str| folder.store.search_facets(text, 0, NOON).unwrap();
    let values = |text: &str, group: &str| {
        let facets = facets(text);
        let group = facets.groups.into_iter().find(|found| found.title == group).unwrap();
        let values = group.values.into_iter().filter(|value| value.count > 0 || value.chosen);
        values.map(|value| (value.filter, value.count, value.chosen)).collect::<Vec<_>>()
    };
    let of = |values: &[(&str, u64, bool)]| -> Vec<(String, u64, bool)> {
        values.iter().map(|(filter, count, chosen)| ((*filter).to_owned(), *count, *chosen)).collect()
    };
    assert_eq!(values("", "Result"), of(&[("status:finished", 4, false), ("status:failed", 1, false)]));
    assert_eq!(
        values("status:failed", "Result"),
        of(&[("status:finished", 4, false), ("status:failed", 1, true)]),
        "what the other boxes would bring"
    );
    assert_eq!(values("status:failed", "Model"), of(&[("model:openai/gpt-4o", 1, false)]));
    assert_eq!(
        values("Model:acme/big warm", "Model"),
        of(&[("model:acme/big", 1, true), ("model:openai/gpt-4o", 2, false), ("model:acme/big-2", 1, false)])
    );
    assert_eq!(
        values("connection:\"Scale prod\"", "Connection"),
        of(&[("connection:\"Scale prod\"", 1, true), ("connection:Scale", 4, false)])
    );
    assert_eq!(values("rembourse", "Kind"), of(&[("endpoint:chat", 1, false)]));
    let all = facets("status:failed");
    assert_eq!((all.matches, all.total, all.capped, all.pending), (1, 5, false, 0));
    let days: Vec<_> = all.days.iter().map(|day| (day.day, day.calls, day.matches)).collect();
    let midnight = NOON - DAY / 2;
    assert_eq!(days, [(midnight - 9 * DAY, 1, 0), (midnight - DAY, 1, 0), (midnight, 3, 1)]);
    assert!(all.bytes > 5 * 10);
    // Thirteen hours ahead, noon is in the next day.
    let ahead = folder.store.search_facets("", 13 * 60, NOON).unwrap().days;
    assert_eq!(ahead.last().unwrap().day, midnight + DAY - 13 * 3_600_000);
    let again = facets("status:failed");
    assert_eq!(again, all);
    folder.store.delete_runs(&[page(&folder, "status:failed", 1, None).rows.remove(0).run]).unwrap();
    assert_eq!(facets("").total, 4, "what is remembered ends with the next write");
}

#[test]
fn totals_add_up_tokens_and_costs_by_currency() {
    let folder = everything();
    saved(&folder, "euro", NOON, |cell| {
        cell.metrics.input_tokens = Some(7);
        cell.metrics.cost = Some(Cost {
            amount: 2.5,
            currency: "EUR".to_owned(),
            formula: String::new(),
            price_date: None,
            estimated: true,
        });
    });
    saved(&folder, "unknown", NOON, |cell| cell.metrics.input_tokens = Some(10));
    let totals = folder.store.totals(NOON - 3_000).unwrap();
    let costs: Vec<_> = totals.costs.iter().map(|cost| (cost.currency.as_str(), cost.amount)).collect();
    assert_eq!((totals.calls, totals.tokens, totals.unpriced), (5, 1_617, 1));
    assert_eq!(costs, [("EUR", 2.5), ("USD", 0.025)]);
    assert_eq!(folder.store.totals(NOON + 1).unwrap(), Default::default());
}

#[test]
fn a_folder_of_the_first_version_keeps_a_copy_and_is_read_in() {
    let path = tempfile::tempdir().unwrap();
    let file = path.path().join("juxta.sqlite");
    let first = rusqlite::Connection::open(&file).unwrap();
    first.execute_batch(include_str!("../../src/schema/001-start.sql")).unwrap();
    first.pragma_update(None, "user_version", 1).unwrap();
    // As that version wrote it.
    let mut old = Vec::new();
    for number in 0..30_u64 {
        let mut run = run(NOON - number * 60_000, 2, 1);
        for cell in &mut run.cells {
            cell.request = Some(request("{\"messages\":[{\"role\":\"user\",\"content\":\"Wie geht’s?\"}]}"));
            finish(cell, &format!("Antwort número{number}"));
        }
        let snapshot = serde_json::to_string(&run.snapshot).unwrap();
        let row =
            (run.summary.id.as_str(), run.summary.started_at, run.summary.comparison.as_str(), "Früher", snapshot);
        let sql = "INSERT INTO runs VALUES (?1, ?2, ?3, 2, 2, 2, 0, ?4, ?5)";
        first.execute(sql, row).unwrap();
        for cell in &run.cells {
            let mut rest = cell.clone();
            let (outcome, mut request) = (std::mem::take(&mut rest.outcome), rest.request.take().unwrap());
            let (head, body) = (rest.head.take(), std::mem::take(&mut request.body));
            let json = |value: &serde_json::Value| value.to_string();
            let row = (
                cell.id.as_str(),
                run.summary.id.as_str(),
                cell.lane_index,
                serde_json::to_string(&rest).unwrap(),
                json(&serde_json::to_value(&request).unwrap()),
                body,
                json(&serde_json::to_value(&head).unwrap()),
                json(&serde_json::to_value(&outcome).unwrap()),
            );
            let sql = "INSERT INTO cells (id, run, lane_index, repeat, state, connection, model, document, request, \
                       request_body, head, outcome) \
                       VALUES (?1, ?2, ?3, 0, 'finished', 'c', 'openai/gpt-4o', ?4, ?5, ?6, ?7, ?8)";
            first.execute(sql, row).unwrap();
        }
        old.push(run);
    }
    first.execute("UPDATE cells SET document = '{' WHERE id = ?1", [old[29].cells[0].id.as_str()]).unwrap();
    drop(first);

    let folder = Folder { store: juxta_store::Store::open(path.path()).unwrap(), path };
    let copy = rusqlite::Connection::open(folder.path.path().join("juxta-1.sqlite")).unwrap();
    let kept: u32 = copy.query_row("SELECT count(*) FROM cells", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 60);
    let version: u32 = copy.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 1, "the copy is what was there before");
    let database = rusqlite::Connection::open(folder.path.path().join("juxta.sqlite")).unwrap();
    for (pragma, expected) in [("auto_vacuum", "2"), ("page_size", "32768"), ("journal_mode", "wal")] {
        let sql = format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}()");
        let found: String = database.query_row(&sql, [], |row| row.get(0)).unwrap();
        assert_eq!(found, expected, "{pragma}: the old file has the shape of a new one");
    }
    drop(database);

    let before = folder.store.search_facets("", 0, NOON).unwrap();
    assert_eq!((before.total, before.pending), (60, 60));
    let rows = page(&folder, "", 100, None).rows;
    assert_eq!(rows.len(), 60);
    assert_eq!(rows[0].run, old[0].summary.id, "in order from the start");
    assert_eq!((rows[0].lane_index, rows[1].lane_index), (0, 1));
    assert_eq!(page(&folder, "model:gpt-4o status:finished", 100, None).rows.len(), 60, "filters work at once");

    assert_eq!(folder.store.index_missing(7).unwrap(), 7);
    assert_eq!(found(&folder, "numero0"), ["Früher", "Früher"], "the newest first");
    while folder.store.index_missing(20).unwrap() > 0 {}
    let after = folder.store.search_facets("antwort", 0, NOON).unwrap();
    assert_eq!((after.matches, after.total, after.pending), (59, 60, 0), "one is damaged, and stays in the list");
    assert_eq!(page(&folder, "model:gpt-4o", 100, None).rows.len(), 60);
    assert_eq!(found(&folder, "wie geht numero17").len(), 2);
    assert_eq!(page(&folder, "fruher status:200", 100, None).rows.len(), 59);
    assert_eq!(folder.store.runs(100, None).unwrap().len(), 30);

    // Its own copy is not made again.
    let folder = folder.reopen();
    assert!(!folder.path.path().join("juxta-2.sqlite").exists());
    assert_eq!(rows[0].endpoint, EndpointKind::Chat);
}

#[test]
fn a_text_pasted_by_mistake_is_no_failure() {
    let folder = everything();
    let text = "it is warm ".repeat(10_000);
    let page = page(&folder, &text, 10, None);
    assert_eq!(page.rows.len(), 4);
    assert!(page.problems.iter().all(|problem| problem.message.contains("64")), "{:?}", page.problems.first());
}

#[test]
fn thousands_of_calls_of_one_second_find_their_places() {
    let folder = folder();
    let failed = |started_at: u64, lanes: u32, repeats: u32| {
        let mut run = run(started_at, lanes, repeats);
        for cell in &mut run.cells {
            cell.state = CellState::Failed;
        }
        folder.store.insert_run(&run).unwrap();
        run.summary.id
    };
    for number in 0..12 {
        failed(NOON + number, 10, 20);
    }
    for number in 0..300 {
        failed(NOON + number % 7 * 300, 1, 1);
    }
    let older = saved(&folder, "older", NOON - 5_000, |_| {});
    let newest = failed(NOON + 2_000, 2, 1);
    assert_eq!(folder.store.search_facets("before:2026-11-22", 0, NOON).unwrap().matches, 2_703);
    let runs = |text: &str| page(&folder, text, 10, None).rows.into_iter().map(|row| row.run).collect::<Vec<_>>();
    assert_eq!(runs("before:2026-11-22 status:finished"), std::slice::from_ref(&older.summary.id));
    assert_eq!(runs("")[..2], [newest.clone(), newest], "in order also behind a crowd");
    let moment = |text: &str| folder.store.search_facets(text, 0, NOON).unwrap().matches;
    assert_eq!(moment("after:today"), 2_703);
    assert_eq!(moment("before:today"), 0);
}
