use std::process::Command;

use juxta_store::{Store, StoreError};
use juxta_wire::error::AppError;
use rusqlite::Connection;

use crate::fixtures::{comparison, folder};

const CHILD_FOLDER: &str = "JUXTA_TEST_OPEN";

#[test]
fn the_last_clone_to_go_frees_the_folder_and_folds_the_log_into_the_database() {
    let folder = folder();
    let clone = folder.store.clone();
    clone.save_comparison(&comparison("kept", "")).unwrap();
    let crate::fixtures::Folder { store, path } = folder;
    drop(store);
    assert!(matches!(Store::open(path.path()), Err(StoreError::InUse { .. })), "a clone still has it");
    drop(clone);
    let log = path.path().join("juxta.sqlite-wal");
    assert!(!log.exists(), "the writer has ended and every connection is closed");
    assert_eq!(Store::open(path.path()).unwrap().comparisons().unwrap().len(), 1);
}

#[test]
fn another_process_is_told_that_the_folder_is_in_use() {
    let folder = folder();
    let child = |folder: &std::path::Path| {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "folders::child_that_opens", "--ignored", "--nocapture"])
            .env(CHILD_FOLDER, folder)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let said = child(folder.path.path());
    assert!(said.contains("another Juxta is using the data folder"), "{said}");
    let crate::fixtures::Folder { store, path } = folder;
    drop(store);
    let said = child(path.path());
    assert!(said.contains("opened with 0 comparisons"), "{said}");
}

#[test]
#[ignore = "the other process of the test above, which starts it"]
#[expect(clippy::print_stdout, reason = "how it answers")]
fn child_that_opens() {
    let folder = std::env::var_os(CHILD_FOLDER).expect("only the test above starts this one");
    match Store::open(folder.as_ref()) {
        Ok(store) => println!("opened with {} comparisons", store.comparisons().unwrap().len()),
        Err(error) => println!("{error}"),
    }
}

#[test]
fn data_of_a_newer_version_is_refused_and_stays_as_it_was() {
    let folder = folder();
    folder.store.save_comparison(&comparison("kept", "")).unwrap();
    let crate::fixtures::Folder { store, path } = folder;
    drop(store);
    let file = path.path().join("juxta.sqlite");
    let database = Connection::open(&file).unwrap();
    let own: u32 = database.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    database.pragma_update(None, "user_version", 999).unwrap();
    drop(database);
    let before = std::fs::read(&file).unwrap();

    let error = Store::open(path.path()).err().unwrap();
    assert!(matches!(error, StoreError::NewerSchema { found: 999, .. }));
    let AppError::Storage { message } = AppError::from(error) else { panic!("it is about storage") };
    assert!(message.contains("newer version of Juxta"), "{message}");
    assert!(std::fs::read(&file).unwrap() == before, "not a byte of it may change");

    Connection::open(&file).unwrap().pragma_update(None, "user_version", own).unwrap();
    assert_eq!(Store::open(path.path()).unwrap().comparisons().unwrap()[0].name, "kept");
}

#[test]
fn a_file_that_is_no_database_is_an_error_and_is_not_overwritten() {
    let path = tempfile::tempdir().unwrap();
    let file = path.path().join("juxta.sqlite");
    let content = "a letter to a friend. ".repeat(300);
    std::fs::write(&file, &content).unwrap();
    assert!(matches!(Store::open(path.path()), Err(StoreError::Database { .. })));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
}

#[test]
fn a_folder_that_cannot_be_made_is_named_in_the_error() {
    let path = tempfile::tempdir().unwrap();
    let file = path.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Store::open(&file.join("data")).err().unwrap();
    assert!(matches!(error, StoreError::Folder { .. }));
    assert!(error.to_string().contains("data"), "{error}");
}

#[cfg(unix)]
#[test]
fn nobody_else_may_look_into_a_new_folder() {
    use std::os::unix::fs::PermissionsExt;
    let path = tempfile::tempdir().unwrap();
    let data = path.path().join("some/data");
    drop(Store::open(&data).unwrap());
    assert_eq!(std::fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
}
