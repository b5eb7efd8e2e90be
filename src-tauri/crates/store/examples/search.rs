//! What finding a call costs among 100,000, against a plain scan with LIKE over the same texts.
//!
//! `cargo run --release -p juxta-store --example search -- FOLDER [RUNS]` seeds FOLDER when it is new (100,000 runs take
//! a few minutes and two to three gigabytes), then opens it, measures, and prints one line of JSON. Called again on the
//! same folder it only measures.
#![expect(clippy::print_stdout, reason = "figures are all it makes")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use juxta_store::{Import, ImportedExchange, ImportedRun, IndexRecord, RecordKind, Store};
use juxta_wire::draft::{Draft, Message, Parameter, Role};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use juxta_wire::exchange::{HeaderOrigin, HeaderView, KeyOrigin, RequestView, ResponseHead, SentKey};
use juxta_wire::ids::{CellId, ComparisonId, ConnectionId, LaneId, RunId};
use juxta_wire::lane::{Comparison, Lane};
use juxta_wire::metrics::{Cost, Metrics};
use juxta_wire::outcome::{Choice, Outcome, ToolCall};
use juxta_wire::run::{Cell, CellState, Run, RunSummary};
use juxta_wire::search::SearchQuery;
use rusqlite::Connection;
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

/// Runs in one transaction while seeding.
const AT_ONCE: u64 = 250;
/// Characters of a prompt and of an answer.
const PROMPT: usize = 1_200;
const ANSWER: usize = 2_800;
const START: u64 = 1_790_000_000_000;
/// Between two runs: 100,000 of them are 60 days.
const STEP: u64 = 51_840;
const PAGE: u32 = 50;
const VOCABULARY: usize = 30_000;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("name a folder")?);
    let runs: u64 = arguments.next().map_or(Ok(100_000), |number| number.parse())?;
    let words = Words::new();
    if !folder.join("juxta.sqlite").exists() {
        seed(&folder, runs, &words)?;
    }
    settle(&folder)?;
    let began = Instant::now();
    let store = Store::open(&folder)?;
    let opened = milliseconds(began);
    let began = Instant::now();
    let first = store.search(&SearchQuery { limit: PAGE, ..SearchQuery::default() }, now(runs))?;
    let first_page = milliseconds(began);
    assert_eq!(first.rows.len(), PAGE as usize);

    let plain = Connection::open(folder.join("plain.sqlite"))?;
    let mut report = serde_json::Map::new();
    report.insert("runs".into(), json!(runs));
    report.insert("openMs".into(), json!(round(opened)));
    report.insert("firstPageMs".into(), json!(round(first_page)));
    report.insert("timesAre".into(), json!("the best of three"));
    report.insert("searches".into(), searches(&store, &plain, runs, &words)?);
    report.insert("facets".into(), facets(&store, runs, &words)?);
    report.insert("commit".into(), commits(&store, runs, &words)?);
    report.insert("peakMemoryMb".into(), json!(peak_memory_mb()));
    drop(store);
    report.insert("size".into(), sizes(&folder)?);
    println!("{}", Value::Object(report));
    Ok(())
}

/// Opens the folder until the index is merged as far as it is while the app stands idle.
fn settle(folder: &Path) -> Result<(), Failure> {
    let store = Store::open(folder)?;
    let watch = Connection::open(folder.join("juxta.sqlite"))?;
    let version = || watch.pragma_query_value(None, "data_version", |row| row.get::<_, i64>(0));
    let (mut last, mut quiet) = (version()?, 0);
    while quiet < 4 {
        std::thread::sleep(std::time::Duration::from_millis(500));
        let now = version()?;
        quiet = if now == last { quiet + 1 } else { 0 };
        last = now;
    }
    drop(store);
    Ok(())
}

fn now(runs: u64) -> u64 {
    START + runs * STEP
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn round(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

/// The same numbers at each start.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Words as often as in a language: the n-th most frequent comes 1 ÷ n as often as the first.
struct Words {
    words: Vec<String>,
    sums: Vec<f64>,
}

impl Words {
    fn new() -> Self {
        const SYLLABLES: [&str; 40] = [
            "re", "mo", "ta", "ing", "con", "de", "pro", "ser", "vi", "ce", "al", "tion", "in", "er", "st", "ur", "le",
            "ma", "pa", "di", "no", "ry", "th", "qu", "el", "an", "or", "es", "bi", "ga", "lu", "fe", "ki", "po", "sa",
            "us", "ent", "é", "ü", "ño",
        ];
        let mut chance = Chance(7);
        let mut words: Vec<String> = Vec::new();
        let mut known = std::collections::HashSet::new();
        while words.len() < VOCABULARY {
            let count = [1, 2, 2, 3, 3, 4][chance.below(6) as usize];
            let word: String = (0..count).map(|_| SYLLABLES[chance.below(40) as usize]).collect();
            if known.insert(word.clone()) {
                words.push(word);
            }
        }
        let mut sum = 0.0;
        let sums = (0..VOCABULARY)
            .map(|rank| {
                sum += 1.0 / (rank as f64 + 2.7);
                sum
            })
            .collect();
        Self { words, sums }
    }

    fn word(&self, chance: &mut Chance) -> &str {
        let at = chance.share() * self.sums[VOCABULARY - 1];
        &self.words[self.sums.partition_point(|sum| *sum < at).min(VOCABULARY - 1)]
    }

    fn text(&self, chance: &mut Chance, length: usize) -> String {
        let mut text = String::with_capacity(length + 20);
        while text.len() < length {
            text.push_str(self.word(chance));
            text.push_str(match chance.below(14) {
                0 => ". ",
                1 => ", ",
                2 => "\n",
                _ => " ",
            });
        }
        text
    }
}

const MODELS: [&str; 8] = [
    "openai/gpt-4o",
    "openai/gpt-4o-mini",
    "acme/large-3",
    "acme/small-3",
    "meta/llama-70b",
    "qwen/72b",
    "mistral/next",
    "lab/rare",
];
const CONNECTIONS: [&str; 3] = ["Scale prod", "ScaiGrid EU", "Own server"];

fn seed(folder: &Path, runs: u64, words: &Words) -> Result<(), Failure> {
    let store = Store::open(folder)?;
    let plain = Connection::open(folder.join("plain.sqlite"))?;
    plain.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; \
         CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL)",
    )?;
    let began = Instant::now();
    for group in 0..runs.div_ceil(AT_ONCE) {
        let mut import = Import::default();
        plain.execute_batch("BEGIN")?;
        for number in group * AT_ONCE..((group + 1) * AT_ONCE).min(runs) {
            let (run, text) = one(number, words);
            plain.execute("INSERT INTO texts VALUES (?1, ?2)", (number + 1, text))?;
            import.runs.push(run);
        }
        plain.execute_batch("COMMIT")?;
        store.import(import)?;
        if group % 40 == 39 {
            eprintln!("{} runs after {:.0} s", (group + 1) * AT_ONCE, began.elapsed().as_secs_f64());
        }
    }
    Ok(())
}

fn one(number: u64, words: &Words) -> (ImportedRun, String) {
    let mut chance = Chance(number.wrapping_mul(1_000_003));
    let prompt = words.text(&mut chance, PROMPT);
    let answer = words.text(&mut chance, ANSWER);
    let model = if number % 5_000 == 17 { MODELS[7] } else { MODELS[chance.below(7) as usize] };
    let failed = chance.below(30) == 0;
    let started_at = START + number * STEP;
    let body = json!({
        "model": model, "messages": [{ "role": "system", "content": "Be brief." }, { "role": "user", "content": prompt }],
        "stream": true, "temperature": 0.7,
    })
    .to_string();
    let id = RunId::new();
    let mut cell = blank(&id, model, &body, started_at);
    cell.connection_name = CONNECTIONS[chance.below(3) as usize].to_owned();
    let stream = stream(&answer, &mut cell);
    if failed {
        cell.state = CellState::Failed;
        cell.error = Some(AppError::EndedEarly { events: 3, message: "the server closed the connection".to_owned() });
    }
    if chance.below(20) == 0 {
        cell.outcome.choices[0].tool_calls =
            vec![ToolCall { name: "look_up".into(), arguments: "{\"q\":\"x\"}".into(), ..ToolCall::default() }];
    }
    cell.metrics = Metrics {
        time_to_first_token: Some(200.0 + chance.share() * 1_500.0),
        input_tokens: Some(300),
        visible_tokens: Some(chance.below(1_500)),
        cost: Some(Cost {
            amount: chance.share() * chance.share() * 0.05,
            currency: "USD".into(),
            formula: "300 in × $2.50 + 700 out × $10.00 per million".into(),
            price_date: Some("2026-11-21".into()),
            estimated: false,
        }),
        ..Metrics::default()
    };
    let text = format!("{prompt}\n{answer}");
    cell.outcome.choices[0].text = answer;
    let run = whole(id, cell, prompt, started_at);
    let exchange = ImportedExchange {
        cell: run.cells[0].id.clone(),
        attempts: 1,
        request_head:
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: api.example.com\r\nauthorization: \xe2\x80\xa2\r\n\r\n"
                .to_vec(),
        request_body: body.into_bytes(),
        body: stream.0,
        index: stream.1,
    };
    (ImportedRun { run, exchanges: vec![exchange] }, text)
}

/// The answer as the event stream of it would be, about 16 characters an event.
fn stream(answer: &str, cell: &mut Cell) -> (Vec<u8>, Vec<IndexRecord>) {
    let (mut body, mut index) = (Vec::new(), Vec::new());
    let letters: Vec<char> = answer.chars().collect();
    for (number, piece) in letters.chunks(16).enumerate() {
        let piece: String = piece.iter().collect();
        let event = format!("data: {}\n\n", json!({ "choices": [{ "index": 0, "delta": { "content": piece } }] }));
        let record = IndexRecord {
            kind: RecordKind::Event,
            at: number as u64 * 10_000,
            offset: body.len() as u64,
            length: event.len() as u32,
        };
        index.extend([IndexRecord { kind: RecordKind::Chunk, ..record }, record]);
        body.extend_from_slice(event.as_bytes());
        cell.arrivals.push(number as f64 * 10.0);
    }
    cell.outcome.events = index.len() as u64 / 2;
    (body, index)
}

fn header(name: &str, value: String) -> HeaderView {
    HeaderView { name: name.to_owned(), value, secret: false, origin: HeaderOrigin::Protocol }
}

fn blank(run: &RunId, model: &str, body: &str, started_at: u64) -> Cell {
    let key = |name: &str, json: &str| SentKey {
        name: name.to_owned(),
        json: json.to_owned(),
        origin: KeyOrigin::Draft,
        extra: false,
        base_json: None,
        filled: 0,
    };
    Cell {
        id: CellId::new(),
        run: run.clone(),
        lane: LaneId::new(),
        lane_index: 0,
        repeat: 0,
        connection: ConnectionId("measured".into()),
        connection_name: CONNECTIONS[0].to_owned(),
        dialect: Dialect::OpenAi,
        endpoint: EndpointKind::Chat,
        model: model.to_owned(),
        state: CellState::Finished,
        started_at: Some(started_at),
        attempt: 1,
        request: Some(RequestView {
            method: "POST".into(),
            url: "https://api.example.com/v1/chat/completions".into(),
            headers: vec![
                header("authorization", "Bearer ••••4f2a".into()),
                header("content-type", "application/json".into()),
                header("accept", "text/event-stream".into()),
            ],
            body: body.to_owned(),
            body_bytes: body.len() as u64,
            keys: vec![key("stream", "true"), key("temperature", "0.7")],
            absent: Vec::new(),
            warnings: Vec::new(),
        }),
        head: Some(ResponseHead {
            status: 200,
            protocol: "HTTP/1.1".into(),
            headers: vec![
                header("content-type", "text/event-stream; charset=utf-8".into()),
                header("x-request-id", format!("req_{:016x}", Chance(started_at).next())),
                header("date", "Sat, 21 Nov 2026 12:00:00 GMT".into()),
            ],
            remote_address: Some("192.0.2.7:443".into()),
            redirects: Vec::new(),
            tls: None,
        }),
        phases: Default::default(),
        milestones: Default::default(),
        metrics: Metrics::default(),
        outcome: Outcome { choices: vec![Choice::default()], end_marker: true, ..Outcome::default() },
        error: None,
        arrivals: Vec::new(),
    }
}

fn whole(id: RunId, cell: Cell, prompt: String, started_at: u64) -> Run {
    let snapshot = Comparison {
        id: ComparisonId::new(),
        name: "Measured".to_owned(),
        draft: Draft {
            messages: vec![Message::text(Role::System, "Be brief."), Message::text(Role::User, prompt)],
            parameters: vec![Parameter::new("stream", "true"), Parameter::new("temperature", "0.7")],
            ..Draft::default()
        },
        lanes: vec![Lane {
            id: cell.lane.clone(),
            connection: cell.connection.clone(),
            endpoint: EndpointKind::Chat,
            model: cell.model.clone(),
            overrides: Vec::new(),
            forked_messages: None,
            muted: false,
            raw_body: None,
            hold: false,
        }],
        repeats: 1,
    };
    let summary = RunSummary {
        id,
        comparison: snapshot.id.clone(),
        name: snapshot.name.clone(),
        started_at,
        lanes: 1,
        cells: 1,
        finished: 1,
        unfinished: 0,
        live: false,
        starred: false,
        note: String::new(),
    };
    Run { summary, snapshot, cells: vec![cell] }
}

/// Queries of each kind: what is typed, and what LIKE is given for it.
fn queries(words: &Words) -> BTreeMap<&'static str, Vec<(String, String)>> {
    const EACH: usize = 60;
    let mut chance = Chance(99);
    let mut kinds: BTreeMap<&'static str, Vec<(String, String)>> = BTreeMap::new();
    let like = |text: &str| format!("%{text}%");
    for number in 0..EACH {
        // Evenly over the ranks by their order of magnitude, so that the most common and the rarest are all there.
        let rank = (VOCABULARY as f64).powf((number as f64 + chance.share()) / EACH as f64) as usize;
        let word = words.words[rank.min(VOCABULARY - 1)].clone();
        kinds.entry("word").or_default().push((format!("{word} "), like(&word)));
        let second = words.word(&mut chance).to_owned();
        kinds.entry("twoWords").or_default().push((format!("{word} {second} "), format!("%{word}%{second}%")));
        let beginning: String = word.chars().take(1 + number % 6).collect();
        kinds.entry("prefix").or_default().push((beginning.clone(), like(&beginning)));
        let pair = format!("{word} {second}");
        kinds.entry("phrase").or_default().push((format!("\"{pair}\""), like(&pair)));
    }
    // Two and three words that really follow each other somewhere.
    for number in 0..EACH as u64 {
        let (_, text) = one(number * 1_663, words);
        let words: Vec<&str> = text.split(' ').filter(|word| word.chars().all(char::is_alphanumeric)).collect();
        let at = 20 + number as usize;
        let phrase = words[at..at + 2 + number as usize % 2].join(" ");
        kinds.entry("phrase").or_default().push((format!("\"{phrase}\""), like(&phrase)));
    }
    kinds
}

const FILTERS: [&str; 8] = [
    "",
    "model:openai/gpt-4o ",
    "model:lab/rare ",
    "status:failed ",
    "cost>0.045 ",
    "ttft<230 ",
    "after:7d has:tool ",
    "before:30d connection:\"Own server\" ",
];

fn searches(store: &Store, plain: &Connection, runs: u64, words: &Words) -> Result<Value, Failure> {
    let mut report = serde_json::Map::new();
    for (kind, queries) in queries(words) {
        let (mut plainly, mut filtered, mut scans, mut slower) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for (number, (text, pattern)) in queries.iter().enumerate() {
            let alone = timed(store, text, runs)?;
            plainly.push(alone);
            for filter in FILTERS.iter().skip(1) {
                filtered.push(timed(store, &format!("{filter}{text}"), runs)?);
            }
            // A scan takes long: every fourth.
            if number % 4 == 0 {
                let (_, scan) = best(|| {
                    // What a list shows of each row comes along, as it does with a search.
                    let sql = "SELECT id, text FROM texts WHERE text LIKE ?1 ORDER BY id DESC LIMIT ?2";
                    let mut statement = plain.prepare_cached(sql)?;
                    let rows = statement.query_map((pattern, PAGE), |row| Ok((row.get(0)?, row.get(1)?)))?;
                    Ok(rows.collect::<Result<Vec<(i64, String)>, _>>()?)
                })?;
                slower += u32::from(alone > scan.max(1.0));
                scans.push(scan);
            }
        }
        let like = spread(&mut scans);
        let (plainly, filtered) = (spread(&mut plainly), spread(&mut filtered));
        report.insert(
            kind.to_owned(),
            json!({ "alone": plainly, "withFilter": filtered, "like": like, "slowerThanLike": slower }),
        );
    }
    let mut only = Vec::new();
    for filter in FILTERS {
        for _ in 0..10 {
            only.push(timed(store, filter, runs)?);
        }
    }
    report.insert("filterOnly".into(), spread(&mut only));
    Ok(Value::Object(report))
}

/// The shortest of three times: the others are longer because something else ran on this computer.
fn best<T>(mut work: impl FnMut() -> Result<T, Failure>) -> Result<(T, f64), Failure> {
    let mut once = || -> Result<(T, f64), Failure> {
        let began = Instant::now();
        let done = work()?;
        Ok((done, milliseconds(began)))
    };
    let (mut done, mut took) = once()?;
    for _ in 0..2 {
        let (again, time) = once()?;
        (done, took) = (again, took.min(time));
    }
    Ok((done, took))
}

fn timed(store: &Store, text: &str, runs: u64) -> Result<f64, Failure> {
    let query = SearchQuery { text: text.to_owned(), limit: PAGE, ..SearchQuery::default() };
    let (page, took) = best(|| {
        let page = store.search(&query, now(runs))?;
        assert!(page.problems.is_empty(), "{text}: {:?}", page.problems);
        Ok(page)
    })?;
    if took > 8.0 && std::env::var_os("SLOW").is_some() {
        eprintln!("{took:.1} ms: {text:?}, {} rows", page.rows.len());
    }
    Ok(took)
}

fn facets(store: &Store, runs: u64, words: &Words) -> Result<Value, Failure> {
    let mut report = serde_json::Map::new();
    for (name, text) in [
        ("empty", String::new()),
        ("commonWord", words.words[0].clone()),
        ("rareWord", words.words[20_000].clone()),
        ("model", "model:openai/gpt-4o".to_owned()),
    ] {
        let mut times = Vec::new();
        for _ in 0..10 {
            times.push(best(|| Ok(store.search_facets(&text, 60, now(runs))?))?.1);
        }
        report.insert(name.to_owned(), spread(&mut times));
    }
    Ok(Value::Object(report))
}

/// Calls as they happen: a run is inserted, its call is sent and ends, and each of the three is on disk.
fn commits(store: &Store, runs: u64, words: &Words) -> Result<Value, Failure> {
    let (mut inserts, mut sends, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    let mut ids = Vec::new();
    for number in 0..500 {
        let (imported, _) = one(runs + number, words);
        let mut run = imported.run;
        let over = run.cells[0].clone();
        run.cells[0] = Cell { state: CellState::Queued, outcome: Outcome::default(), head: None, ..over.clone() };
        let began = Instant::now();
        store.insert_run(&run)?;
        inserts.push(milliseconds(began));
        run.cells[0].state = CellState::Waiting;
        let began = Instant::now();
        let writer =
            store.begin_cell(&run.cells[0], b"", over.request.as_ref().map_or(b"", |sent| sent.body.as_bytes()))?;
        sends.push(milliseconds(began));
        writer.finish()?;
        let began = Instant::now();
        store.save_cell(&over)?;
        ends.push(milliseconds(began));
        ids.push(run.summary.id);
    }
    // As it was found.
    store.delete_runs(&ids)?;
    Ok(json!({ "insert": spread(&mut inserts), "send": spread(&mut sends), "end": spread(&mut ends) }))
}

/// What the database takes for each byte of text in its tables, and for each byte that can be searched.
fn sizes(folder: &Path) -> Result<Value, Failure> {
    let database = Connection::open(folder.join("juxta.sqlite"))?;
    let number = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0));
    let text = number(
        "SELECT (SELECT sum(length(CAST(name AS BLOB)) + length(CAST(snapshot AS BLOB)) + 72) FROM runs) + \
         (SELECT sum(length(CAST(document AS BLOB)) + length(CAST(request AS BLOB)) + length(CAST(head AS BLOB)) + \
         length(CAST(outcome AS BLOB)) + coalesce(length(CAST(request_body AS BLOB)), 0) + 72) FROM cells) + \
         (SELECT sum(length(request_head) + length(request_body)) FROM exchanges)",
    )?;
    let words: i64 = database.query_row("SELECT sum(length(block)) FROM words_data", [], |row| row.get(0))?;
    let plain = Connection::open(folder.join("plain.sqlite"))?;
    let searchable: i64 = plain.query_row("SELECT sum(length(CAST(text AS BLOB))) FROM texts", [], |row| row.get(0))?;
    let file = std::fs::metadata(folder.join("juxta.sqlite"))?.len();
    let bodies = number("SELECT sum(bytes) FROM calls")?;
    let mb = |bytes: f64| (bytes / 1e6).round();
    Ok(json!({
        "databaseMb": mb(file as f64),
        "textMb": mb(text as f64),
        "databaseToText": round(file as f64 / text as f64),
        "promptsAndAnswersMb": mb(searchable as f64),
        "indexMb": mb(words as f64),
        "bodiesMb": mb(bodies as f64),
        "folderMb": mb(file as f64 + bodies as f64),
    }))
}

fn spread(times: &mut [f64]) -> Value {
    times.sort_by(f64::total_cmp);
    let at =
        |share: f64| times.get(((times.len().max(1) - 1) as f64 * share).round() as usize).map(|time| round(*time));
    json!({ "n": times.len(), "p50Ms": at(0.5), "p99Ms": at(0.99), "maxMs": at(1.0) })
}

fn peak_memory_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}
