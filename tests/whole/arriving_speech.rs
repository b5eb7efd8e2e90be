//! Speech that is heard while it still arrives, from the sandbox through the whole engine: what is decoded on the way is
//! what the whole answer decodes to.

use std::time::Duration;

use juxta_engine::sound::Heard;
use juxta_tests::world::{PATIENCE, World, chat, sandbox};
use juxta_wire::draft::{Message, Role};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::ids::{CellId, ConnectionId};
use juxta_wire::lane::Comparison;
use juxta_wire::run::{CellState, Run};

const TEXT: &str = "Hello “Maren”, it takes three days \\ at most.";
const FORMATS: [&str; 6] = ["wav", "pcm", "mp3", "aac", "flac", "opus"];

fn speech(model: &str, format: &str) -> Comparison {
    let format = serde_json::to_string(format).expect("JSON");
    let parameters = [("voice", "\"alloy\""), ("response_format", format.as_str())];
    let mut comparison = chat(&sandbox(Dialect::OpenAi), model, &parameters);
    comparison.draft.messages = vec![Message::text(Role::User, TEXT)];
    comparison.lanes[0].endpoint = EndpointKind::Synthesize;
    comparison
}

type Arriving = Box<dyn Fn() -> Came>;

/// What of a sound there is at a moment.
struct Came {
    samples: Vec<f32>,
    rate: u32,
    is_complete: bool,
    problem: Option<String>,
}

fn listen(world: &World, cell: &CellId) -> Arriving {
    match world.engine.sound_to_hear(cell, 0).expect("a sound") {
        Heard::Arriving(sound) => Box::new(move || {
            let is_complete = sound.is_complete();
            let so_far = sound.so_far();
            Came { samples: so_far.samples, rate: so_far.rate, is_complete, problem: so_far.damage }
        }),
        Heard::Whole(_) => panic!("it is over already"),
    }
}

async fn until(sound: &Arriving, enough: impl Fn(&Came) -> bool) -> Came {
    let look = async {
        loop {
            let came = sound();
            if enough(&came) {
                return came;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await.expect("it never came")
}

/// The server sends one half and waits: what was decoded then was decoded while the call ran.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sound_is_decoded_while_its_call_runs_and_a_stop_keeps_what_came() {
    let world = World::start().await;
    for format in FORMATS {
        let run = world.engine.start_run(speech("sandbox/fault/stall", format), None).await.expect("a run");
        let cell = run.cells[0].id.clone();
        let sound = listen(&world, &cell);
        let came = until(&sound, |came| came.samples.len() > came.rate as usize / 2).await;
        assert!(!came.is_complete && came.problem.is_none(), "{format}: {:?}", came.problem);
        assert_eq!(world.engine.cell(&cell).expect("the cell").cell.state, CellState::Streaming, "{format}");
        world.engine.stop_cell(&cell);
        world.wait(&run).await;
        let came = until(&sound, |came| came.is_complete).await;
        assert!(came.problem.is_some_and(|problem| problem.contains("stopped")), "{format}");
        let whole = world.engine.sound(&cell, 0).expect("what came");
        assert_eq!((came.rate, came.samples.len()), (whole.rate, whole.samples.len()), "{format}");
        assert!(came.samples == whole.samples, "{format}");
        assert!(matches!(world.engine.sound_to_hear(&cell, 0), Ok(Heard::Whole(sound)) if sound == whole), "{format}");
    }
}

/// A call that waits for its turn while `first` has the only place of their connection, and its sound.
async fn queued(world: &World, connection: &ConnectionId, model: &str, format: &str) -> (Run, Arriving) {
    let to = |mut comparison: Comparison| {
        comparison.lanes[0].connection = connection.clone();
        comparison
    };
    let first = world.engine.start_run(to(speech("sandbox/fault/stall", "pcm")), None).await.expect("a run");
    let ahead = first.cells[0].id.clone();
    world.until(|seen| seen.states.get(&ahead) == Some(&CellState::Streaming)).await;
    let run = world.engine.start_run(to(speech(model, format)), None).await.expect("a run");
    let sound = listen(world, &run.cells[0].id);
    world.engine.stop_cell(&ahead);
    (run, sound)
}

fn one_at_a_time(world: &World) -> ConnectionId {
    let mut connection = world.connect("One", Dialect::OpenAi, &format!("http://{}/oai/", world.sandbox.address()));
    connection.network.max_concurrent = 1;
    world.engine.save_connection(connection).expect("a connection").id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_decoded_on_the_way_is_the_whole_sound() {
    let world = World::start().await;
    let connection = one_at_a_time(&world);
    // Without a length in the head, without a head, and cut anywhere.
    let slow = ("sandbox/speak-slow", &["wav", "aac", "flac", "opus"][..]);
    for (model, formats) in [slow, ("sandbox/fault/one-byte-writes", &["pcm", "mp3"])] {
        for format in formats {
            let (run, sound) = queued(&world, &connection, model, format).await;
            let cells = world.wait(&run).await;
            assert_eq!((&cells[0].state, &cells[0].error), (&CellState::Finished, &None), "{model} {format}");
            let whole = world.engine.sound(&cells[0].id, 0).expect("a sound");
            assert!(whole.seconds() > 2.0, "{format}: {} s", whole.seconds());
            assert_eq!(whole.damage, None, "{format}");
            let came = until(&sound, |came| came.is_complete).await;
            assert_eq!((came.rate, came.problem), (whole.rate, None), "{model} {format}");
            assert!(came.samples == whole.samples, "{model} {format}: {} samples", came.samples.len());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_breaks_off_or_brings_no_sound_says_so_in_the_sound() {
    let world = World::start().await;
    let connection = one_at_a_time(&world);
    for (model, has_sound, words) in [
        ("sandbox/fault/cut", true, "broke off"),
        ("sandbox/fault/status-503", false, "ended before"),
        ("sandbox/speak-error-as-audio", false, "ended before"),
        ("sandbox/speak-empty", false, "ended before"),
    ] {
        let (run, sound) = queued(&world, &connection, model, "pcm").await;
        world.wait(&run).await;
        let came = until(&sound, |came| came.is_complete).await;
        assert_eq!(!came.samples.is_empty(), has_sound, "{model}");
        assert!(came.problem.as_ref().is_some_and(|told| told.contains(words)), "{model}: {:?}", came.problem);
    }
}
