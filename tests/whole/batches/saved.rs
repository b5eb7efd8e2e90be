//! Results of a batch as files, read back by what other programs read them with.

use juxta_tests::tables::{Field, read_parquet};
use juxta_tests::world::{chat, lane};
use juxta_wire::draft::{Dataset, Message, Role};

use super::*;

const ROWS: [[&str; 2]; 3] =
    [["größe \"1\" \\", "a"], ["</pre><script>alert(1)</script>", "b"], ["two\nlines, 東京 👩‍👩‍👧", "=c"]];

/// A batch of three rows for two lanes, one of which is refused.
async fn finished(world: &World) -> BatchJob {
    let path = world.folder().join("rows.csv");
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let lines: Vec<String> = ROWS.iter().map(|row| row.map(quoted).join(",")).collect();
    std::fs::write(&path, format!("word,result\n{}\n", lines.join("\n"))).expect("a table");
    let connection = sandbox(Dialect::ScaigridV1);
    let mut comparison = chat(&connection, "sandbox/echo", &[]);
    comparison.lanes.push(lane(&connection, "sandbox/fault/status-422"));
    comparison.draft.messages = vec![Message::text(Role::User, "{{word}}")];
    comparison.draft.dataset = Some(Dataset { path: path.display().to_string(), row: 0, off: false });
    let source = BatchSource::Prompt { comparison: Box::new(comparison) };
    let (engine, plan) = (world.engine.clone(), plan(&connection, ""));
    let made = tokio::task::spawn_blocking(move || engine.make_batch(source, plan)).await.expect("no panic");
    let id = made.expect("a batch").id;
    world.engine.send_batch(&id).await.expect("sent");
    until(&world.engine, &id, is_here).await
}

fn text(field: &Field) -> &str {
    match field {
        Field::Str(text) => text,
        other => panic!("{other} is no text"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_a_batch_are_read_back_from_parquet_and_from_a_report() {
    let world = start().await;
    let batch = finished(&world).await;
    let save = |name: &str| {
        let path = world.folder().join(name);
        assert_eq!(world.engine.save_batch(&batch.id, &path).expect("saved"), 6, "{name}");
        path
    };
    let (names, rows) = read_parquet(&save("größe.parquet"));
    let expected = ["custom_id", "word", "result", "state", "status", "result (2)", "tokens_out", "milliseconds"];
    assert_eq!(names, expected, "no column is called as another");
    let mut seen = BTreeMap::new();
    for row in &rows {
        let [_, word, result, state, status, answer, tokens, _] = row.as_slice() else { panic!("{row:?}") };
        *seen.entry((text(word), text(result), text(state))).or_insert(0) += 1;
        match text(state) {
            "done" => {
                assert_eq!((text(answer), status), (text(word), &Field::Long(200)), "the answer is whole");
                assert!(matches!(tokens, Field::Long(1..)), "{tokens}");
            }
            _ => {
                assert!(text(answer).contains("422"), "the provider's words: {answer}");
                assert_eq!((status, tokens), (&Field::Long(422), &Field::Null));
            }
        }
    }
    let all = ROWS.iter().flat_map(|[word, result]| ["done", "failed"].map(|state| ((*word, *result, state), 1)));
    assert_eq!(seen, all.collect());

    let html = std::fs::read_to_string(save("größe.html")).expect("a page");
    assert!(html.contains("<p>6 requests, 3 answered, 3 failed. Sent "), "{html}");
    for asks in ["<script", "src=", "href=", "url(", "@import", "http://", "https://"] {
        assert!(!html.contains(asks), "the report asks for nothing: {asks}");
    }
    let word = "&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;";
    assert_eq!(html.matches(&format!("<dd>{word}</dd>")).count(), 2, "a value in the rows of both lanes");
    assert_eq!(html.matches(&format!("<pre dir=\"auto\">{word}</pre>")).count(), 1, "one answer");
    assert!(world.engine.save_batch(&batch.id, &world.folder().join("rows.xlsx")).is_err());
}
