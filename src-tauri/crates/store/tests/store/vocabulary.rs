//! The terms that are kept for beginnings of words: they come with an older folder and leave with the last call.

use std::path::Path;

use juxta_store::Store;
use juxta_wire::ids::RunId;
use juxta_wire::search::SearchQuery;
use rusqlite::Connection;

use crate::fixtures::{Folder, finish, folder, run};

const NOON: u64 = 1_795_262_400_000;

fn saved(folder: &Folder, minute: u64, answer: &str) -> RunId {
    let mut run = run(NOON + minute * 60_000, 1, 1);
    run.summary.name = format!("number {minute}");
    finish(&mut run.cells[0], answer);
    folder.store.insert_run(&run).unwrap();
    run.summary.id
}

fn found(store: &Store, text: &str) -> Vec<String> {
    let query = SearchQuery { text: text.to_owned(), limit: 100, ..SearchQuery::default() };
    store.search(&query, NOON).unwrap().rows.into_iter().map(|row| row.name).collect()
}

fn terms(path: &Path, like: &str) -> Vec<String> {
    let database = Connection::open(path.join("juxta.sqlite")).unwrap();
    let mut statement = database.prepare("SELECT term FROM terms WHERE term LIKE ?1 ORDER BY term").unwrap();
    statement.query_map([like], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// Makes the folder as the second version kept it: places upwards in the index, no terms beside it, no files of prompts,
/// nothing asked of tools.
fn to_second_version(path: &Path) {
    let database = Connection::open(path.join("juxta.sqlite")).unwrap();
    database
        .execute_batch(
            "DROP TABLE matrix_cells; DROP TABLE matrix_runs; DROP TABLE matrix_spending; DROP TABLE matrices; \
             DROP TABLE judgements; DROP TABLE batches; DROP TRIGGER calls_leave_words; DROP TABLE words; DROP TABLE terms; DROP TABLE loose_terms; \
             DROP TABLE prompt_files; DROP INDEX cells_asking; ALTER TABLE cells DROP COLUMN asking; \
             DROP INDEX comparisons_newest; ALTER TABLE comparisons DROP COLUMN endpoint; \
             CREATE INDEX comparisons_newest ON comparisons (revision DESC, id, updated_at, lanes, name); \
             ALTER TABLE runs DROP COLUMN endpoint; \
             CREATE VIRTUAL TABLE words USING fts5 ( \
                 marks, prompt, answer, reasoning, tools, error, headers, about, note, \
                 content = '', contentless_delete = 1, tokenize = 'ascii' \
             ); \
             INSERT INTO words (words, rank) VALUES ('automerge', 0); \
             CREATE TRIGGER calls_leave_words AFTER DELETE ON calls WHEN old.in_words = 1 BEGIN \
                 DELETE FROM words WHERE rowid = old.place; \
             END; \
             INSERT INTO words (rowid, marks, answer) SELECT place, '', 'former' FROM calls; \
             PRAGMA user_version = 2",
        )
        .unwrap();
}

#[test]
fn a_folder_of_the_second_version_keeps_a_copy_and_is_read_in_anew() {
    let folder = folder();
    for minute in 0..20 {
        saved(&folder, minute, &format!("Überall Antwort{minute}"));
    }
    folder.store.star_run(&saved(&folder, 20, "überallhin"), true).unwrap();
    let Folder { store, path } = folder;
    drop(store);
    to_second_version(path.path());

    let store = Store::open(path.path()).unwrap();
    let copy = Connection::open(path.path().join("juxta-2.sqlite")).unwrap();
    let former: u32 = copy.query_row("SELECT count(*) FROM words('former')", [], |row| row.get(0)).unwrap();
    assert_eq!(former, 21, "the copy is what was there before");
    assert_eq!(store.search_facets("", 0, NOON).unwrap().pending, 21);
    assert_eq!(found(&store, "former"), Vec::<String>::new());
    assert_eq!(found(&store, "is:starred"), ["number 20"], "filters work at once");

    assert_eq!(store.index_missing(5).unwrap(), 5);
    assert_eq!(found(&store, "uberall").len(), 5);
    assert_eq!(found(&store, "uberall")[..2], ["number 20", "number 19"], "the newest first");
    while store.index_missing(5).unwrap() > 0 {}
    assert_eq!(store.search_facets("", 0, NOON).unwrap().pending, 0);
    let all: Vec<String> = (0..=20).rev().map(|minute| format!("number {minute}")).collect();
    assert_eq!(found(&store, "uberall"), all);
    assert_eq!(found(&store, "antwort1"), [19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 1].map(|at| format!("number {at}")));
    assert_eq!(found(&store, "antwort1 "), ["number 1"]);
    assert_eq!(found(&store, "uberallh is:starred"), ["number 20"]);
}

#[test]
fn words_that_only_removed_calls_had_are_forgotten() {
    let folder = folder();
    saved(&folder, 0, "gemeinsam");
    let removed = saved(&folder, 1, "gemeinsam geheimnis geheimer");
    let kept = saved(&folder, 2, "geheimer");
    folder.store.note_run(&removed, "notizblock notizbuch").unwrap();
    folder.store.note_run(&kept, "notizbuch vertraulich").unwrap();
    folder.store.note_run(&kept, "harmlos").unwrap();
    assert_eq!(terms(folder.path.path(), "ge%"), ["geheimer", "geheimnis", "gemeinsam"]);
    assert_eq!(found(&folder.store, "gehei"), ["number 2", "number 1"]);

    folder.store.delete_runs(&[removed]).unwrap();
    assert_eq!(found(&folder.store, "gehei"), ["number 2"]);
    let folder = folder.reopen();
    while folder.store.remove_deleted(1).unwrap().is_some() {}
    assert_eq!(terms(folder.path.path(), "ge%"), ["geheimer", "gemeinsam"]);
    assert_eq!(terms(folder.path.path(), "notiz%"), Vec::<String>::new());
    assert_eq!(terms(folder.path.path(), "vertraulich"), Vec::<String>::new(), "a note that was replaced");
    assert_eq!(terms(folder.path.path(), "harmlos"), ["harmlos"]);
    assert_eq!(terms(folder.path.path(), "number"), ["number"], "others have it too");
    assert_eq!(found(&folder.store, "gehei"), ["number 2"]);
    let database = Connection::open(folder.path.path().join("juxta.sqlite")).unwrap();
    let loose: u32 = database.query_row("SELECT count(*) FROM loose_terms", [], |row| row.get(0)).unwrap();
    assert_eq!(loose, 0);
}
