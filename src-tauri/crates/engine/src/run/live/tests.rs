use super::*;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::ids::{CellId, ConnectionId, LaneId, RunId};
use juxta_wire::live::{Batch, MAX_BATCH_BYTES};
use juxta_wire::run::CellState;

fn cell() -> LiveCell {
    LiveCell::new(Cell {
        id: CellId::new(),
        run: RunId::new(),
        lane: LaneId::new(),
        lane_index: 0,
        repeat: 0,
        step: 0,
        connection: ConnectionId("c".into()),
        connection_name: "C".into(),
        dialect: Dialect::OpenAi,
        endpoint: EndpointKind::Chat,
        model: "m".into(),
        state: CellState::Streaming,
        started_at: None,
        attempt: 1,
        request: None,
        head: None,
        phases: Default::default(),
        milestones: Default::default(),
        metrics: Default::default(),
        outcome: Default::default(),
        error: None,
        arrivals: Vec::new(),
        results: Vec::new(),
        arguments: Vec::new(),
        choice: 0,
        replaced: None,
        slice: None,
    })
}

fn text(choice: u32, text: &str) -> Fragment {
    Fragment::Text { choice, text: text.to_owned() }
}

/// Reads updates as a window does, and checks what a window relies on.
fn drain(cell: &mut LiveCell) -> (String, String, usize) {
    let (mut visible, mut reasoning, mut arrivals) = (String::new(), String::new(), 0);
    let mut expected = cell.sequence;
    loop {
        let mut budget = MAX_BATCH_BYTES;
        let Some(update) = cell.take_update(&mut budget) else { return (visible, reasoning, arrivals) };
        expected += 1;
        assert_eq!(update.sequence, expected, "updates of a cell are counted without gaps");
        arrivals += update.arrivals.len();
        for append in &update.appends {
            match append {
                Append::Text { text, .. } => visible.push_str(text),
                Append::Reasoning { text, .. } => reasoning.push_str(text),
                other => panic!("unexpected {other:?}"),
            }
        }
        let batch = Batch { number: 1, updates: vec![update], runs: Vec::new() };
        let json = serde_json::to_string(&batch).expect("a batch is JSON");
        assert!(json.len() < 8_192, "{} bytes would take the channel's slow path", json.len());
    }
}

#[test]
fn what_a_window_gets_is_what_arrived_whatever_the_text_is_made_of() {
    let lines = "line\n\"quoted\" \\ tab\t and so on\n".repeat(4_000);
    let wide = "Zürich 東京 👩‍👩‍👧 שלום ".repeat(3_000);
    for sample in [lines.as_str(), wide.as_str(), "", "x"] {
        let mut live = cell();
        live.append(Fragment::Reasoning { choice: 0, text: sample.to_owned() });
        live.append(text(0, sample));
        live.arrived(&vec![1234.567; 5_000]);
        assert_eq!(drain(&mut live), (sample.to_owned(), sample.to_owned(), 5_000));
        assert!(live.take_update(&mut MAX_BATCH_BYTES.clone()).is_none(), "nothing is told twice");
    }
}

#[test]
fn a_snapshot_holds_everything_and_later_updates_fit_on() {
    let mut live = cell();
    live.append(text(0, "Hello"));
    live.append(text(1, "Salut"));
    drain_some(&mut live);
    live.append(text(0, ", world"));
    let snapshot = live.snapshot();
    let texts: Vec<_> = snapshot.cell.outcome.choices.iter().map(|choice| choice.text.as_str()).collect();
    assert_eq!(texts, ["Hello, world", "Salut"]);
    live.append(text(0, "!"));
    let update = live.take_update(&mut MAX_BATCH_BYTES.clone()).expect("one more piece");
    assert_eq!(update.sequence, snapshot.sequence + 1);
    assert_eq!(update.appends, [Append::Text { choice: 0, text: "!".into() }]);
}

fn drain_some(live: &mut LiveCell) {
    assert!(live.take_update(&mut MAX_BATCH_BYTES.clone()).is_some());
}

#[test]
fn a_tool_call_tells_its_name_once_and_its_arguments_piece_by_piece() {
    let fragment = |id: Option<&str>, name: Option<&str>, arguments: &str| Fragment::ToolCall {
        choice: 0,
        call: 1,
        id: id.map(str::to_owned),
        name: name.map(str::to_owned),
        kind: None,
        arguments: arguments.to_owned(),
    };
    let mut live = cell();
    live.append(fragment(Some("call_1"), Some("get_weather"), ""));
    drain_some(&mut live);
    live.append(fragment(None, None, "{\"city\":"));
    let update = live.take_update(&mut MAX_BATCH_BYTES.clone()).expect("the arguments");
    assert_eq!(
        update.appends,
        [Append::ToolCall {
            choice: 0,
            call: 1,
            id: None,
            name: None,
            tool_kind: None,
            arguments: "{\"city\":".into()
        }]
    );
    let folded = live.fold(&[]);
    assert_eq!(folded[0].tool_calls.len(), 2, "call 1 comes after a call 0 that said nothing");
    assert_eq!(folded[0].tool_calls[1].name, "get_weather");
}

#[test]
fn a_new_try_begins_with_restart() {
    let mut live = cell();
    live.append(text(0, "half"));
    drain_some(&mut live);
    live.restart();
    live.append(text(0, "whole"));
    let update = live.take_update(&mut MAX_BATCH_BYTES.clone()).expect("the new try");
    assert_eq!(update.appends, [Append::Restart, Append::Text { choice: 0, text: "whole".into() }]);
}

#[test]
fn a_wild_index_costs_no_memory() {
    let mut live = cell();
    live.append(text(u32::MAX, "x"));
    assert!(live.choices.len() <= MAX_PARTS);
}

#[test]
fn a_strip_keeps_its_first_and_spreads_the_rest() {
    let many: Vec<f32> = (0..100_000).map(|at| at as f32).collect();
    let strip = thin(&many);
    assert!(strip.len() <= STRIP_MARKS + 1, "{}", strip.len());
    assert_eq!(strip[0], 0.0);
    assert!(strip[strip.len() - 1] > 99_000.0);
    assert_eq!(thin(&[1.0, 2.0]), [1.0, 2.0]);
    assert!(thin(&[]).is_empty());
}

#[test]
fn the_end_is_told_after_the_last_text_even_when_it_came_long_before() {
    let mut live = cell();
    live.append(text(0, &"word ".repeat(10_000)));
    live.change(|cell| cell.state = CellState::Finished);
    let mut told = 0;
    loop {
        let update = live.take_update(&mut MAX_BATCH_BYTES.clone()).expect("more to tell until the end");
        for append in &update.appends {
            if let Append::Text { text, .. } = append {
                told += text.len();
            }
        }
        if update.cell_head.is_some() {
            break;
        }
    }
    assert_eq!(told, 50_000);
    assert!(live.is_told());
}

#[test]
fn what_is_said_of_a_cell_that_is_over_fits_on_its_last_update() {
    let mut live = cell();
    live.append(text(0, "Hello"));
    let call = (Some("a".to_owned()), Some("f".to_owned()), "{\"x\":1}".to_owned());
    live.append(Fragment::ToolCall { choice: 0, call: 0, id: call.0, name: call.1, kind: None, arguments: call.2 });
    live.arrived(&[1.0, 2.5]);
    live.change(|head| head.state = CellState::Finished);
    drain_some(&mut live);
    let whole = live.snapshot();
    let mut again = LiveCell::stored(&Cell { attempt: 3, ..whole.cell.clone() }, whole.sequence);
    let update = again.take_update(&mut MAX_BATCH_BYTES.clone()).expect("the head");
    assert_eq!((update.sequence, update.appends.len(), update.arrivals.len()), (whole.sequence + 1, 0, 0));
    assert_eq!(update.cell_head.map(|head| head.attempt), Some(3));
    assert!(again.is_told());
    assert_eq!(again.snapshot().cell, Cell { attempt: 3, ..whole.cell });
}
