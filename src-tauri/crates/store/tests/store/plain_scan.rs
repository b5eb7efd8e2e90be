//! What a search finds is what reading every call from the newest to the oldest finds: the same calls in the same order,
//! page after page.

use std::sync::OnceLock;

use juxta_wire::ids::CellId;
use juxta_wire::metrics::Cost;
use juxta_wire::search::SearchQuery;
use proptest::prelude::*;

use crate::fixtures::{Folder, finish, folder, run};

const NOON: u64 = 1_795_262_400_000;
const MINUTE: u64 = 60_000;

/// Words that begin alike, in no other text of a call. `mess0` to `mess199` are more than are looked up one by one.
const WORDS: [&str; 16] = [
    "stone",
    "stones",
    "stonery",
    "stony",
    "stormé",
    "STORM",
    "sto",
    "sixth",
    "sixty",
    "sixteen",
    "six",
    "überall",
    "übersicht",
    "天",
    "東",
    "🚲",
];

#[derive(Debug, Clone)]
struct Known {
    cell: CellId,
    answer: Vec<String>,
    reasoning: Vec<String>,
    cost: Option<f64>,
    first_text: Option<f64>,
    model: &'static str,
    starred: bool,
}

struct Scanned {
    folder: Folder,
    /// Newest first.
    calls: Vec<Known>,
}

/// As the words of the tests are folded: they have no other letters with marks.
fn folded(word: &str) -> String {
    word.to_lowercase().replace('é', "e").replace('ü', "u")
}

fn scanned() -> &'static Scanned {
    static SCANNED: OnceLock<Scanned> = OnceLock::new();
    SCANNED.get_or_init(|| {
        let folder = folder();
        let mut state = 11_u64;
        let mut below = move |limit: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % limit
        };
        let mut calls = Vec::new();
        for number in 0..300_u64 {
            // Several in one minute, and not stored in their order.
            let mut run = run(NOON - (number * 37 % 300) / 4 * MINUTE + number, 1 + (number % 3) as u32, 1);
            let starred = number % 9 == 0;
            for cell in &mut run.cells {
                let mut words = |most: u64| -> Vec<String> {
                    let count = below(most);
                    let mut word = || match below(20) {
                        18.. => format!("mess{}", below(200)),
                        at => WORDS[at as usize % WORDS.len()].to_owned(),
                    };
                    (0..count).map(|_| word()).collect()
                };
                let (answer, reasoning) = (words(9), words(4));
                finish(cell, &answer.join(" "));
                cell.outcome.choices[0].reasoning = reasoning.join(", ");
                cell.model = ["acme/large", "acme/small", "lab/rare"][below(21) as usize / 10].to_owned();
                cell.metrics.cost = (below(5) > 0).then(|| Cost {
                    amount: below(1_000) as f64 / 1e5,
                    currency: "USD".to_owned(),
                    formula: String::new(),
                    price_date: None,
                    estimated: false,
                });
                cell.metrics.time_to_first_token = (below(4) > 0).then(|| below(3_000) as f64);
            }
            folder.store.insert_run(&run).unwrap();
            if starred {
                folder.store.star_run(&run.summary.id, true).unwrap();
            }
            if number % 31 == 7 {
                folder.store.delete_runs(std::slice::from_ref(&run.summary.id)).unwrap();
                continue;
            }
            for cell in run.cells {
                let terms = |text: &str| text.split([' ', ',']).filter(|word| !word.is_empty()).map(folded).collect();
                let choice = &cell.outcome.choices[0];
                let known = Known {
                    answer: terms(&choice.text),
                    reasoning: terms(&choice.reasoning),
                    cost: cell.metrics.cost.as_ref().map(|cost| cost.amount),
                    first_text: cell.metrics.time_to_first_token,
                    model: ["acme/large", "acme/small", "lab/rare"]
                        .into_iter()
                        .find(|model| *model == cell.model)
                        .unwrap_or_default(),
                    starred,
                    cell: cell.id,
                };
                calls.push(known);
            }
        }
        // The order of the list without a query counts, which does not ask the index.
        let all = found(&folder, "", 500);
        calls.sort_by_key(|known| all.iter().position(|cell| *cell == known.cell));
        assert_eq!(calls.len(), all.len());
        Scanned { folder, calls }
    })
}

/// All pages of a query.
fn found(folder: &Folder, text: &str, limit: u32) -> Vec<CellId> {
    let mut cells: Vec<CellId> = Vec::new();
    loop {
        let query = SearchQuery { text: text.to_owned(), limit, after: cells.last().cloned(), offset: 0 };
        let page = folder.store.search(&query, NOON).unwrap();
        assert!(page.problems.is_empty(), "{text}: {:?}", page.problems);
        cells.extend(page.rows.into_iter().map(|row| row.cell));
        if !page.more {
            return cells;
        }
    }
}

/// A part of a query, which a plain scan can tell by looking at a call.
#[derive(Debug, Clone)]
enum Part {
    Words { not: bool, words: Vec<String> },
    Cost { above: bool, than: f64 },
    FirstText { above: bool, than: f64 },
    Model(&'static str),
    Starred,
    InAnswer,
}

#[derive(Debug, Clone)]
struct Asked {
    parts: Vec<Part>,
    /// Still being typed: it ends the query.
    typed: Option<String>,
}

impl Asked {
    fn text(&self) -> String {
        let mut text = String::new();
        for part in &self.parts {
            text.push_str(&match part {
                Part::Words { not, words } => format!("{}\"{}\"", if *not { "-" } else { "" }, words.join(" ")),
                Part::Cost { above, than } => format!("cost{}{than}", if *above { '>' } else { '<' }),
                Part::FirstText { above, than } => format!("ttft{}{than}", if *above { '>' } else { '<' }),
                Part::Model(model) => format!("model:{model}"),
                Part::Starred => "is:starred".to_owned(),
                Part::InAnswer => "in:answer".to_owned(),
            });
            text.push(' ');
        }
        text + self.typed.as_deref().unwrap_or_default()
    }

    fn finds(&self, call: &Known) -> bool {
        let in_answer = self.parts.iter().any(|part| matches!(part, Part::InAnswer));
        let fields: &[&Vec<String>] = if in_answer { &[&call.answer] } else { &[&call.answer, &call.reasoning] };
        let figure = |figure: Option<f64>, above: bool, than: f64| {
            figure.is_some_and(|figure| if above { figure > than } else { figure < than })
        };
        let models: Vec<_> = self
            .parts
            .iter()
            .filter_map(|part| if let Part::Model(model) = part { Some(*model) } else { None })
            .collect();
        let all = self.parts.iter().all(|part| match part {
            Part::Words { not, words } => {
                let words: Vec<String> = words.iter().map(|word| folded(word)).collect();
                *not != fields.iter().any(|terms| terms.windows(words.len()).any(|these| these == words))
            }
            Part::Cost { above, than } => figure(call.cost, *above, *than),
            Part::FirstText { above, than } => figure(call.first_text, *above, *than),
            // Several of a kind widen each other.
            Part::Model(_) => models.contains(&call.model),
            Part::Starred => call.starred,
            Part::InAnswer => true,
        });
        let typed = self.typed.as_deref().map(folded);
        all && typed.is_none_or(|typed| fields.iter().any(|terms| terms.iter().any(|term| term.starts_with(&typed))))
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        9 => proptest::sample::select(WORDS.as_slice()).prop_map(str::to_owned),
        1 => (0..210_u32).prop_map(|number| format!("mess{number}")),
    ]
}

fn asked() -> impl Strategy<Value = Asked> {
    let part = prop_oneof![
        4 => (any::<bool>(), proptest::collection::vec(word(), 1..4)).prop_map(|(not, words)| Part::Words { not, words }),
        3 => (any::<bool>(), 0..1_100_u32).prop_map(|(above, than)| Part::Cost { above, than: f64::from(than) / 1e5 }),
        1 => (any::<bool>(), 0..4_000_u32).prop_map(|(above, than)| Part::FirstText { above, than: f64::from(than) }),
        1 => proptest::sample::select(["acme/large", "acme/small", "lab/rare"].as_slice()).prop_map(Part::Model),
        1 => Just(Part::Starred),
        1 => Just(Part::InAnswer),
    ];
    // Scripts without spaces have no beginnings of words, so one of their characters is itself.
    // Two letters also begin a word of some header.
    let typed = (word(), 3..8_usize).prop_map(|(word, count)| word.chars().take(count).collect::<String>());
    (proptest::collection::vec(part, 0..4), proptest::option::of(typed))
        .prop_map(|(parts, typed)| Asked { parts, typed })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_search_finds_what_a_plain_scan_finds_in_its_order(asked in asked(), limit in 9..200_u32) {
        let Scanned { folder, calls } = scanned();
        let expected: Vec<usize> = (0..calls.len()).filter(|at| asked.finds(&calls[*at])).collect();
        let place = |cell| calls.iter().position(|call| call.cell == cell);
        let cells: Vec<Option<usize>> = found(folder, &asked.text(), limit).into_iter().map(place).collect();
        prop_assert_eq!(cells, expected.into_iter().map(Some).collect::<Vec<_>>(), "{}", asked.text());
    }
}
