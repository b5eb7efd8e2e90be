use juxta_wire::ids::{ComparisonId, ConnectionId};
use juxta_wire::lane::ComparisonSummary;
use juxta_wire::settings::{LayoutValue, Settings, Theme};

use crate::fixtures::{comparison, connection, folder};

#[test]
fn connections_keep_the_order_in_which_they_were_made_whatever_is_saved_again() {
    let folder = folder();
    let (first, mut second, third) = (connection("one"), connection("two"), connection("three"));
    for connection in [&first, &second, &third] {
        folder.store.save_connection(connection).unwrap();
    }
    second.name = "renamed".to_owned();
    second.base_url = String::new();
    folder.store.save_connection(&second).unwrap();
    let folder = folder.reopen();
    assert_eq!(folder.store.connections().unwrap(), [first.clone(), second, third.clone()]);

    let gone = ConnectionId(first.id.0.clone());
    folder.store.delete_connection(&gone).unwrap();
    folder.store.delete_connection(&gone).unwrap();
    assert_eq!(folder.store.connections().unwrap().len(), 2);
    assert_eq!(folder.store.connections().unwrap()[1], third);
}

#[test]
fn a_comparison_comes_back_to_the_last_digit_and_key() {
    let folder = folder();
    let saved = comparison("Weather", "emoji 🌦, NUL \0, and a very long line ".repeat(10_000).as_str());
    folder.store.save_comparison(&saved).unwrap();
    let folder = folder.reopen();
    assert_eq!(folder.store.comparison(&saved.id).unwrap(), Some(saved));
    assert_eq!(folder.store.comparison(&ComparisonId::new()).unwrap(), None);
}

#[test]
fn comparisons_are_listed_by_their_last_save_newest_first() {
    let folder = folder();
    let (first, mut second, third) = (comparison("one", ""), comparison("two", ""), comparison("three", ""));
    for comparison in [&first, &second, &third] {
        folder.store.save_comparison(comparison).unwrap();
    }
    second.lanes.pop();
    let summary = folder.store.save_comparison(&second).unwrap();
    assert_eq!(
        summary,
        ComparisonSummary {
            id: second.id.clone(),
            name: "two".to_owned(),
            updated_at: summary.updated_at,
            lanes: 1,
            endpoint: second.endpoint(),
        }
    );
    let folder = folder.reopen();
    let listed = folder.store.comparisons().unwrap();
    assert_eq!(listed[0], summary, "what a save reports is what the list shows");
    let names: Vec<_> = listed.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["two", "three", "one"], "saves within one millisecond keep their order");

    folder.store.delete_comparison(&second.id).unwrap();
    assert_eq!(folder.store.comparison(&second.id).unwrap(), None);
    assert_eq!(folder.store.comparisons().unwrap().len(), 2);
}

#[test]
fn settings_are_the_defaults_until_they_are_saved() {
    let folder = folder();
    assert_eq!(folder.store.settings().unwrap(), Settings::default());
    let settings = Settings {
        theme: Theme::Dark,
        zoom: 125,
        layout: vec![LayoutValue { name: "sidebar".to_owned(), value: 0.1 + 0.2 }],
        open_comparison: Some(ComparisonId::new()),
        ..Settings::default()
    };
    folder.store.save_settings(&Settings::default()).unwrap();
    folder.store.save_settings(&settings).unwrap();
    assert_eq!(folder.reopen().store.settings().unwrap(), settings);
}

#[test]
fn many_threads_write_and_read_at_once_and_nothing_is_lost() {
    let folder = folder();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let store = folder.store.clone();
            scope.spawn(move || {
                for _ in 0..25 {
                    let saved = comparison("Weather", "typed");
                    store.save_comparison(&saved).unwrap();
                    assert_eq!(store.comparison(&saved.id).unwrap().as_ref(), Some(&saved), "a save is seen at once");
                }
            });
        }
    });
    assert_eq!(folder.store.comparisons().unwrap().len(), 200);
}
