//! An engine with recorded answers, for the tests of what reads them.

use juxta_sse::{FrameKind, Parser};
use juxta_store::BodyWriter;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::ids::{CellId, ComparisonId, ConnectionId, LaneId, RunId};
use juxta_wire::lane::Comparison;
use juxta_wire::run::{Cell, CellState, Run, RunSummary};
use tempfile::TempDir;

use crate::{Engine, Keys};

pub const HEAD: &[u8] = b"POST /v1/chat/completions HTTP/1.1\r\nhost: example.org\r\nauthorization: Bearer \xe2\x80\xa2\xe2\x80\xa24f2a\r\n\r\n";

pub struct Recorded {
    pub engine: Engine,
    endpoint: EndpointKind,
    folder: TempDir,
}

impl Recorded {
    /// Wants a tokio runtime, as every engine does.
    pub fn new() -> Self {
        Self::of(EndpointKind::Chat)
    }

    /// Answers of this endpoint.
    pub fn of(endpoint: EndpointKind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { engine: Engine::open(folder.path(), Keys::Memory).unwrap(), endpoint, folder }
    }

    /// As the next start finds the folder.
    pub fn opened_again(self) -> Self {
        let Self { engine, endpoint, folder } = self;
        drop(engine);
        Self { engine: Engine::open(folder.path(), Keys::Memory).unwrap(), endpoint, folder }
    }

    pub fn cell(&self, state: CellState) -> Cell {
        let run = RunId::new();
        let cell = Cell {
            id: CellId::new(),
            run: run.clone(),
            lane: LaneId::new(),
            lane_index: 0,
            repeat: 0,
            step: 0,
            connection: ConnectionId("a connection".into()),
            connection_name: "A connection".into(),
            dialect: Dialect::OpenAi,
            endpoint: self.endpoint,
            model: "a-model".into(),
            state,
            started_at: Some(1_763_700_000_000),
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
        };
        let comparison = ComparisonId::new();
        let summary = RunSummary {
            id: run,
            comparison: comparison.clone(),
            name: "Test".into(),
            started_at: 1_763_700_000_000,
            lanes: 1,
            endpoint: EndpointKind::Chat,
            cells: 1,
            finished: 0,
            unfinished: 0,
            live: false,
            starred: false,
            note: String::new(),
        };
        let snapshot = Comparison {
            id: comparison,
            name: "Test".into(),
            draft: Default::default(),
            lanes: Vec::new(),
            repeats: 1,
        };
        self.engine.store().insert_run(&Run { summary, snapshot, cells: vec![cell.clone()] }).unwrap();
        cell
    }

    pub fn begin(&self, request: &[u8]) -> (CellId, Recorder) {
        self.begin_in(CellState::Finished, request)
    }

    pub fn begin_in(&self, state: CellState, request: &[u8]) -> (CellId, Recorder) {
        let cell = self.cell(state);
        let writer = self.engine.store().begin_cell(&cell, HEAD, request).unwrap();
        (cell.id, Recorder { writer, parser: Parser::new(), is_stream: true, now: 0 })
    }

    /// An answer that is one document.
    pub fn document(&self, request: &[u8], body: &[u8]) -> CellId {
        let (cell, mut recorder) = self.begin(request);
        recorder.is_stream = false;
        recorder.chunk(1_000, body);
        recorder.end();
        cell
    }

    /// A stream of chunks, each with its arrival in µs.
    pub fn stream(&self, chunks: &[(u64, &[u8])]) -> CellId {
        let (cell, mut recorder) = self.begin(b"{}");
        chunks.iter().for_each(|(at, bytes)| recorder.chunk(*at, bytes));
        recorder.end();
        cell
    }
}

/// Records as a call does: the chunk, then the frames that end in it.
pub struct Recorder {
    writer: BodyWriter,
    parser: Parser,
    is_stream: bool,
    now: u64,
}

impl Recorder {
    pub fn chunk(&mut self, at: u64, bytes: &[u8]) {
        let Self { writer, parser, .. } = self;
        writer.chunk(at, bytes);
        if self.is_stream {
            parser.push(bytes, &mut |frame| match frame.kind {
                FrameKind::Event { .. } => writer.event(at, frame.offset, frame.length, false),
                FrameKind::Comment { .. } => writer.event(at, frame.offset, frame.length, true),
                FrameKind::Unfinished { .. } => {}
            });
        }
    }

    /// What waits goes to disk.
    pub fn flush(&mut self) {
        self.now += 1_000_000;
        self.writer.flush_if_due(self.now);
    }

    pub fn end(self) {
        self.writer.finish().unwrap();
    }
}
