use std::fs;

use juxta_wire::draft::{Content, Message, Parameter, Role};
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::ids::LaneId;
use juxta_wire::lane::Lane;
use juxta_wire::settings::Settings;

use super::*;
use crate::Keys;

/// An engine whose prompts lie in a folder of their own.
struct Desk {
    engine: Engine,
    prompts: PathBuf,
    _data: tempfile::TempDir,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let engine = Engine::open(data.path(), Keys::Memory).unwrap();
        let prompts = folder.path().join("team prompts");
        let settings = Settings { prompt_folder: Some(prompts.display().to_string()), ..Settings::default() };
        engine.save_settings(&settings).unwrap();
        Self { engine, prompts, _data: data, _folder: folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.prompts.join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.text(name);
        assert!(text.contains(from), "{text}");
        fs::write(self.file(name), text.replacen(from, to, 1)).unwrap();
    }

    fn state(&self, found: &PromptFolder, id: &ComparisonId) -> PromptFileState {
        found.files.iter().find(|file| file.comparison == *id).expect("a file").state.clone()
    }
}

fn prompt(name: &str, text: &str) -> Comparison {
    Comparison {
        id: ComparisonId::new(),
        name: name.to_owned(),
        draft: juxta_wire::draft::Draft {
            messages: vec![Message::text(Role::User, text)],
            parameters: vec![Parameter::new("temperature", "0.20")],
            ..Default::default()
        },
        lanes: vec![Lane {
            id: LaneId::new(),
            connection: ConnectionId("somewhere".to_owned()),
            endpoint: EndpointKind::Chat,
            model: "a/b".to_owned(),
            overrides: Vec::new(),
            forked_messages: None,
            muted: false,
            raw_body: None,
            hold: false,
            variables: Vec::new(),
        }],
        repeats: 1,
    }
}

fn said(comparison: &Comparison) -> &str {
    match &comparison.draft.messages[0].content {
        Content::Text { text } => text,
        other => panic!("{other:?}"),
    }
}

fn saying(comparison: &Comparison, text: &str) -> Comparison {
    let mut changed = comparison.clone();
    changed.draft.messages[0].content = Content::Text { text: text.to_owned() };
    changed
}

#[tokio::test]
async fn what_is_saved_lies_in_a_file_and_what_changes_there_comes_back() {
    let desk = Desk::new();
    let hello = prompt("Weekly summary", "Hello");
    desk.engine.save_comparison(&hello).unwrap();
    assert!(desk.text("Weekly-summary.prompt.json").contains("\"text\": \"Hello\""));

    desk.engine.save_comparison(&saying(&hello, "Hello, you")).unwrap();
    assert!(desk.text("Weekly-summary.prompt.json").contains("\"text\": \"Hello, you\""));
    let found = desk.engine.sync_prompts().unwrap();
    assert_eq!((found.files.len(), found.changed.len(), found.unread.len()), (1, 0, 0));

    desk.edit("Weekly-summary.prompt.json", "Hello, you", "Hello, all");
    let found = desk.engine.sync_prompts().unwrap();
    assert_eq!(found.changed, std::slice::from_ref(&hello.id));
    assert_eq!(said(&desk.engine.comparison(&hello.id).unwrap()), "Hello, all");
    assert_eq!(desk.engine.sync_prompts().unwrap().changed, [], "and once");

    // A file that was only laid out anew says the same.
    let compact = serde_json::to_string(
        &serde_json::from_str::<serde_json::Value>(&desk.text("Weekly-summary.prompt.json")).unwrap(),
    );
    fs::write(desk.file("Weekly-summary.prompt.json"), compact.unwrap().replace("0.2", "0.20")).unwrap();
    let found = desk.engine.sync_prompts().unwrap();
    assert_eq!((found.changed.len(), desk.state(&found, &hello.id)), (0, PromptFileState::Saved));

    desk.engine.delete_comparison(&hello.id).unwrap();
    assert!(desk.engine.sync_prompts().unwrap().files.is_empty());
}

#[tokio::test]
async fn a_conflict_writes_nothing_until_a_side_is_chosen_and_loses_neither() {
    for side in [ConflictSide::Mine, ConflictSide::Theirs] {
        let desk = Desk::new();
        let base = prompt("Greeting", "base");
        desk.engine.save_comparison(&base).unwrap();
        desk.edit("Greeting.prompt.json", "\"base\"", "\"outside\"");
        // Saved while nobody had looked at the folder yet.
        desk.engine.save_comparison(&saying(&base, "inside")).unwrap();
        assert!(desk.text("Greeting.prompt.json").contains("outside"), "not written over");
        assert_eq!(said(&desk.engine.comparison(&base.id).unwrap()), "inside");

        let found = desk.engine.sync_prompts().unwrap();
        let PromptFileState::Conflict { theirs } = desk.state(&found, &base.id) else { panic!("{found:?}") };
        assert_eq!(said(&theirs), "outside");

        let (stays, kept) = match side {
            ConflictSide::Mine => ("inside", "outside"),
            ConflictSide::Theirs => ("outside", "inside"),
        };
        let settled = desk.engine.settle_prompt(&base.id, side).unwrap();
        assert_eq!(said(&settled), stays);
        assert_eq!(said(&desk.engine.comparison(&base.id).unwrap()), stays);
        assert!(desk.text("Greeting.prompt.json").contains(&format!("\"{stays}\"")));
        let found = desk.engine.sync_prompts().unwrap();
        assert_eq!(desk.state(&found, &base.id), PromptFileState::Saved);
        let versions = desk.engine.prompt_versions(&base.id).unwrap();
        assert_eq!(said(&desk.engine.prompt_version(&base.id, &versions[0].id).unwrap()), kept);
    }
}

#[tokio::test]
async fn a_folder_that_has_other_texts_of_the_same_prompts_is_not_written_over() {
    let desk = Desk::new();
    let [same, other] = [prompt("Same", "one"), prompt("Other", "here")];
    for prompt in [&same, &other] {
        desk.engine.save_comparison(prompt).unwrap();
    }
    let team = desk._folder.path().join("of the team");
    fs::create_dir(&team).unwrap();
    fs::copy(desk.file("Same.prompt.json"), team.join("Same.prompt.json")).unwrap();
    let theirs = desk.text("Other.prompt.json").replacen("here", "there", 1);
    fs::write(team.join("Other.prompt.json"), &theirs).unwrap();

    let settings = Settings { prompt_folder: Some(team.display().to_string()), ..Settings::default() };
    desk.engine.save_settings(&settings).unwrap();
    let found = desk.engine.sync_prompts().unwrap();
    assert_eq!(found.files.len(), 2);
    assert_eq!(desk.state(&found, &same.id), PromptFileState::Saved);
    let PromptFileState::Conflict { theirs: met } = desk.state(&found, &other.id) else { panic!("{found:?}") };
    assert_eq!(said(&met), "there");
    desk.engine.save_comparison(&saying(&other, "here again")).unwrap();
    assert_eq!(fs::read_to_string(team.join("Other.prompt.json")).unwrap(), theirs);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_left_alone_and_says_where() {
    let desk = Desk::new();
    let base = prompt("Greeting", "base");
    desk.engine.save_comparison(&base).unwrap();
    desk.edit(
        "Greeting.prompt.json",
        "      \"text\": \"base\"\n",
        "<<<<<<< ours\n      \"text\": \"one\"\n=======\n      \"text\": \"two\"\n>>>>>>> theirs\n",
    );
    let broken = desk.text("Greeting.prompt.json");
    let found = desk.engine.sync_prompts().unwrap();
    let PromptFileState::Unreadable { line, message } = desk.state(&found, &base.id) else { panic!("{found:?}") };
    assert!(broken.lines().nth(line as usize - 1).unwrap().starts_with("<<<<<<<"), "line {line}");
    assert!(message.contains("Git"), "{message}");
    desk.engine.save_comparison(&saying(&base, "later")).unwrap();
    assert_eq!(desk.text("Greeting.prompt.json"), broken);
    desk.engine.settle_prompt(&base.id, ConflictSide::Mine).unwrap();
    assert!(desk.text("Greeting.prompt.json").contains("later"));

    fs::write(desk.file("strange.prompt.json"), "{\n  \"format\": 4\n}").unwrap();
    let found = desk.engine.sync_prompts().unwrap();
    assert_eq!((found.unread.len(), found.unread[0].line), (1, 2));
    assert!(found.unread[0].path.ends_with("strange.prompt.json"));
}

#[tokio::test]
async fn files_that_come_move_and_are_copied_are_followed() {
    let desk = Desk::new();
    let base = prompt("Greeting", "base");
    desk.engine.save_comparison(&base).unwrap();
    let text = desk.text("Greeting.prompt.json");

    // Moved into a folder of the folder: the same prompt.
    fs::create_dir(desk.file("letters")).unwrap();
    fs::rename(desk.file("Greeting.prompt.json"), desk.file("letters/hello.prompt.json")).unwrap();
    let found = desk.engine.sync_prompts().unwrap();
    assert_eq!((found.files.len(), found.changed.len()), (1, 0));
    desk.engine.save_comparison(&saying(&base, "moved")).unwrap();
    assert!(desk.text("letters/hello.prompt.json").contains("moved"));

    // Copied: a prompt of its own.
    fs::write(desk.file("copy.prompt.json"), &text).unwrap();
    let found = desk.engine.sync_prompts().unwrap();
    assert_eq!((found.files.len(), found.changed.len()), (2, 1));
    assert_ne!(found.changed[0], base.id);
    assert_eq!(said(&desk.engine.comparison(&found.changed[0]).unwrap()), "base");

    // A file of the name of its prompt follows the name; one that the person named does not.
    let copy = desk.engine.comparison(&found.changed[0]).unwrap();
    desk.engine.save_comparison(&Comparison { name: "Other".to_owned(), ..copy }).unwrap();
    assert!(desk.file("copy.prompt.json").exists());
    let third = prompt("Third", "3");
    desk.engine.save_comparison(&third).unwrap();
    desk.engine.name_version(&third, "first/try").unwrap();
    desk.engine.save_comparison(&Comparison { name: "Fourth".to_owned(), ..third.clone() }).unwrap();
    assert!(desk.file("Fourth.prompt.json").exists() && !desk.file("Third.prompt.json").exists());
    assert_eq!(desk.engine.prompt_versions(&third.id).unwrap()[0].name, "first/try");

    // Deleted outside: the prompt stays, and its next change writes the file.
    fs::remove_file(desk.file("Fourth.prompt.json")).unwrap();
    let found = desk.engine.sync_prompts().unwrap();
    assert_eq!(desk.state(&found, &third.id), PromptFileState::Missing);
    desk.engine.save_comparison(&saying(&third, "again")).unwrap();
    let found = desk.engine.sync_prompts().unwrap();
    assert_eq!(desk.state(&found, &third.id), PromptFileState::Saved);
}

#[tokio::test]
async fn a_version_is_found_by_its_name_and_brings_back_what_was() {
    let desk = Desk::new();
    let base = prompt("Greeting", "one");
    let first = desk.engine.name_version(&base, "  Draft “1” / a  ").unwrap();
    assert_eq!(first.name, "Draft “1” / a");
    desk.engine.save_comparison(&saying(&base, "two")).unwrap();
    let second = desk.engine.name_version(&saying(&base, "two"), "Draft “1” / a").unwrap();
    assert_ne!(first.id, second.id, "a name may be given twice");
    let versions = desk.engine.prompt_versions(&base.id).unwrap();
    assert_eq!(versions.len(), 2);
    assert_eq!(said(&desk.engine.prompt_version(&base.id, &first.id).unwrap()), "one");
    for odd in ["../Greeting.prompt.json", "nothing.prompt.json", "/etc/passwd", ""] {
        assert!(matches!(desk.engine.prompt_version(&base.id, odd), Err(AppError::NotFound { .. })), "{odd}");
    }
    assert!(matches!(desk.engine.name_version(&base, " "), Err(AppError::Invalid { .. })));
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_loses_nothing_and_is_said() {
    let desk = Desk::new();
    let blocked = desk._folder.path().join("a file");
    fs::write(&blocked, "").unwrap();
    let folder = blocked.join("below").display().to_string();
    desk.engine.save_settings(&Settings { prompt_folder: Some(folder), ..Settings::default() }).unwrap();
    let base = prompt("Greeting", "kept");
    desk.engine.save_comparison(&base).unwrap();
    assert_eq!(said(&desk.engine.comparison(&base.id).unwrap()), "kept");
    let error = desk.engine.sync_prompts().expect_err("no folder");
    assert!(error.to_string().contains("a file"), "{error}");
}

/// The name of the test below that is run by itself, in a process of its own.
const WRITER: &str = "prompts::tests::the_writer_that_is_killed";
const FOLDER: &str = "JUXTA_TEST_FOLDER";

#[test]
#[ignore = "runs in a process of its own, which is killed"]
fn the_writer_that_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let path = Path::new(&folder).join("Big.prompt.json");
    for number in 0_u64.. {
        let text = format!("{number}\n").repeat(20_000);
        folder::write(&path, &text).unwrap();
    }
}

#[test]
fn a_writer_that_is_killed_leaves_a_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Big.prompt.json");
    for round in 0..12 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args([WRITER, "--exact", "--ignored"])
            .env(FOLDER, folder.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let before = fs::metadata(&path).and_then(|file| file.modified()).ok();
        // Killed a little later each time, once it has written at all.
        while fs::metadata(&path).and_then(|file| file.modified()).ok() == before {
            std::thread::yield_now();
        }
        let until = std::time::Instant::now() + std::time::Duration::from_micros(700 * round);
        while std::time::Instant::now() < until {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap();
        assert_eq!(text.lines().count(), 20_000);
        assert!(text.lines().all(|line| line == first), "one version, whole");
    }
    assert!(folder::files(folder.path()).unwrap().contains(&path));
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "what was not whole is cleared away");
}
