//! What is kept of each event: where it is, when it came, what kind it is, and which part of the answer it carried.
//! Twenty-four bytes an event, and eight more for each piece of text.

use std::collections::{HashMap, VecDeque};

use juxta_client::endpoints::Mapper;
use juxta_client::observe::Piece;
use juxta_sse::{Frame, FrameKind, Parser};
use juxta_store::{BodyReader, IndexRecord, RecordKind};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use juxta_wire::events::{EventKind, EventsView, TextChannel, TextPart};

use super::statistics::Gaps;
use crate::inspect::BLOCK;
use crate::inspect::documents::is_event_stream;
use crate::inspect::recent::Weigh;
use crate::run::storage;

/// Records among which that of a frame is looked for: it is the first, but for a damaged index.
const NEAR: usize = 64;
const END_MARK: &str = "[DONE]";
/// Bytes after which the first of them say whether this is a stream.
const ENOUGH_TO_TELL: u64 = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// µs since the call began.
    pub at: u64,
    pub offset: u64,
    pub length: u32,
    pub kind: EventKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Unknown,
    Events,
    Document,
}

/// The log of one recorded body. It follows the body as it grows, and reads no byte twice.
pub struct EventLog {
    reader: BodyReader,
    endpoint: EndpointKind,
    parser: Parser,
    form: Form,
    /// Bytes of the body that were parsed.
    parsed: u64,
    /// Records of the index that were read.
    records: u64,
    is_over: bool,
    seen: Seen,
    gaps: Gaps,
}

/// What frames leave behind.
struct Seen {
    mapper: Mapper,
    times: Times,
    entries: Vec<Entry>,
    tracks: Tracks,
}

impl Weigh for EventLog {
    fn weight(&self) -> usize {
        let pieces: usize = self.seen.tracks.all.iter().map(|track| 80 + track.pieces.capacity() * 8).sum();
        self.seen.entries.capacity() * size_of::<Entry>() + pieces
    }
}

impl EventLog {
    /// `endpoint` is what was called: it says where in an event its text stands.
    pub fn new(reader: BodyReader, endpoint: EndpointKind) -> Self {
        Self {
            reader,
            endpoint,
            parser: Parser::new(),
            form: Form::Unknown,
            parsed: 0,
            records: 0,
            is_over: false,
            seen: Seen {
                // Only the classification of errors depends on the dialect, and here it is enough that there is one.
                mapper: Mapper::new(endpoint, Dialect::OpenAi),
                times: Times::default(),
                entries: Vec::new(),
                tracks: Tracks::default(),
            },
            gaps: Gaps::default(),
        }
    }

    /// Takes in what is on disk by now. Not `live` says that nothing more will come.
    pub fn follow(&mut self, live: bool) -> Result<(), AppError> {
        if self.is_over {
            return Ok(());
        }
        let (records, count) = self.reader.records_after(self.records).map_err(storage)?;
        self.records += count;
        self.seen.times.extend(&records);
        let total = self.reader.length().map_err(storage)?;
        if self.form == Form::Unknown {
            self.form = self.tell(total, live)?;
        }
        if self.form == Form::Events {
            // The record of an event is written after its bytes. While more of them come, what has none yet must wait.
            let until = if live { self.seen.times.covered.min(total) } else { total };
            self.parse(until)?;
            if !live {
                let Self { parser, seen, .. } = self;
                parser.finish(&mut |frame| seen.take(frame));
            }
        }
        self.is_over = !live;
        self.gaps.update(&self.seen.entries);
        Ok(())
    }

    fn tell(&mut self, total: u64, live: bool) -> Result<Form, AppError> {
        if !self.seen.times.frames.is_empty() {
            return Ok(Form::Events);
        }
        let mut first = [0; ENOUGH_TO_TELL as usize];
        let length = self.reader.read_at(0, &mut first).map_err(storage)?;
        Ok(match is_event_stream(&first[..length]) {
            // Recorded by somebody who kept no times of events.
            true if !live => Form::Events,
            false if total >= ENOUGH_TO_TELL || !live && total > 0 => Form::Document,
            _ => Form::Unknown,
        })
    }

    fn parse(&mut self, until: u64) -> Result<(), AppError> {
        let mut block = vec![0; BLOCK.min(until.saturating_sub(self.parsed) as usize)];
        while self.parsed < until {
            let wanted = (until - self.parsed).min(BLOCK as u64) as usize;
            let length = self.reader.read_at(self.parsed, &mut block[..wanted]).map_err(storage)?;
            if length == 0 {
                break;
            }
            self.parsed += length as u64;
            let Self { parser, seen, .. } = self;
            parser.push(&block[..length], &mut |frame| seen.take(frame));
        }
        Ok(())
    }

    pub fn endpoint(&self) -> EndpointKind {
        self.endpoint
    }

    pub fn entries(&self) -> &[Entry] {
        &self.seen.entries
    }

    /// `number` counts from 1.
    pub fn entry(&self, number: u32) -> Option<Entry> {
        self.seen.entries.get((number as usize).checked_sub(1)?).copied()
    }

    /// The bytes of an event as they came.
    pub fn raw(&mut self, number: u32) -> Result<Option<Vec<u8>>, AppError> {
        let Some(entry) = self.entry(number) else { return Ok(None) };
        self.read(entry.offset, entry.length as usize).map(Some)
    }

    pub fn read(&mut self, offset: u64, length: usize) -> Result<Vec<u8>, AppError> {
        let mut bytes = vec![0; length];
        let read = self.reader.read_at(offset, &mut bytes).map_err(storage)?;
        bytes.truncate(read);
        Ok(bytes)
    }

    /// Bytes of the body that are on disk.
    pub fn length(&mut self) -> Result<u64, AppError> {
        self.reader.length().map_err(storage)
    }

    pub fn gap(&self, number: u32) -> Option<f64> {
        let (before, this) = (self.entry(number.checked_sub(1)?)?, self.entry(number)?);
        Some(this.at.saturating_sub(before.at) as f64 / 1000.0)
    }

    pub fn is_stall(&self, number: u32) -> bool {
        self.gap(number).is_some_and(|gap| gap > self.gaps.stall_threshold())
    }

    pub fn view(&self) -> EventsView {
        let count = |kind| self.seen.entries.iter().filter(|entry| entry.kind == kind).count() as u32;
        let (errors, comments) = (count(EventKind::Error), count(EventKind::Comment));
        let total = self.seen.entries.len() as u32;
        EventsView {
            count: total,
            messages: total - errors - comments,
            errors,
            comments,
            stalls: self.gaps.stalls,
            bytes: self.parsed,
            median_gap: self.gaps.median,
            longest_gap: self.gaps.longest,
            stall_threshold: self.gaps.stall_threshold(),
            live: !self.is_over,
            document: self.form == Form::Document,
        }
    }

    /// The part of the answer that an event carried. Of several, that which people look at first.
    pub fn part(&self, number: u32) -> Option<TextPart> {
        let tracks = &self.seen.tracks;
        let carried = tracks.all.iter().filter_map(|track| track.range(number).map(|range| (track, range)));
        carried.min_by_key(|(track, _)| (rank(track.channel), track.choice, track.call)).map(|(track, (start, end))| {
            let shift = tracks.before(track);
            TextPart { channel: track.channel, choice: track.choice, start: shift + start, end: shift + end }
        })
    }

    pub fn event_of_text(&self, channel: TextChannel, choice: u32, offset: u32) -> Option<u32> {
        let tracks = &self.seen.tracks;
        let fits = |track: &&Track| track.channel == channel && track.choice == choice;
        tracks.all.iter().filter(fits).find_map(|track| {
            let within = offset.checked_sub(tracks.before(track))?;
            (within < track.units).then(|| track.event_at(within))
        })
    }
}

fn rank(channel: TextChannel) -> u8 {
    match channel {
        TextChannel::Text => 0,
        TextChannel::Refusal => 1,
        TextChannel::ToolCall => 2,
        TextChannel::Reasoning => 3,
    }
}

impl Seen {
    fn take(&mut self, frame: Frame<'_>) {
        let (kind, record) = match frame.kind {
            FrameKind::Comment { .. } => {
                self.mapper.comment();
                (EventKind::Comment, RecordKind::Comment)
            }
            FrameKind::Event { name, data, .. } => (self.take_event(name, data), RecordKind::Event),
            // The call took an end mark whose blank line was forgotten for what it is; the rest is no event.
            FrameKind::Unfinished { text } => match text.trim_end().strip_prefix("data:") {
                Some(data) if data.trim_start() == END_MARK => (EventKind::Done, RecordKind::Event),
                _ => return,
            },
        };
        let at = self.times.take(frame.offset, frame.length, record);
        self.entries.push(Entry { at, offset: frame.offset, length: frame.length, kind });
    }

    fn take_event(&mut self, name: &str, data: &str) -> EventKind {
        let Self { mapper, tracks, entries, .. } = self;
        let number = entries.len() as u32 + 1;
        let error = mapper.event(name, data, &mut |piece| tracks.add(number, piece));
        match error {
            Some(_) => EventKind::Error,
            None if data.trim() == END_MARK => EventKind::Done,
            None => EventKind::Message,
        }
    }
}

/// When each frame came.
#[derive(Default)]
struct Times {
    /// Records of events and comments that no frame was found for yet, in the order in which they came.
    frames: VecDeque<IndexRecord>,
    /// Where chunks ended, and when they came.
    chunks: VecDeque<(u64, u64)>,
    last: u64,
    /// Where the last event or comment with a record ends.
    covered: u64,
}

impl Times {
    fn extend(&mut self, records: &[IndexRecord]) {
        for record in records {
            let end = record.offset + u64::from(record.length);
            match record.kind {
                RecordKind::Chunk => self.chunks.push_back((end, record.at)),
                RecordKind::Event | RecordKind::Comment => {
                    self.covered = self.covered.max(end);
                    self.frames.push_back(*record);
                }
            }
        }
    }

    /// The arrival of a frame; frames are asked for in the order in which they were recorded. One whose record was lost
    /// in a crash came with the chunk that holds its last byte.
    fn take(&mut self, offset: u64, length: u32, kind: RecordKind) -> u64 {
        let end = offset + u64::from(length);
        while self.chunks.front().is_some_and(|(chunk_end, _)| *chunk_end < end) {
            self.chunks.pop_front();
        }
        let is_it = |record: &IndexRecord| record.offset == offset && record.kind == kind;
        let at = match self.frames.iter().take(NEAR).position(is_it) {
            Some(place) => {
                let at = self.frames[place].at;
                self.frames.drain(..=place);
                at
            }
            None => self.chunks.front().map_or(self.last, |(_, at)| *at),
        };
        self.last = at;
        at
    }
}

/// The texts of an answer, each with the events that it came in.
#[derive(Default)]
struct Tracks {
    all: Vec<Track>,
    places: HashMap<(TextChannel, u32, u32), usize>,
}

/// One text that grows at its end.
struct Track {
    channel: TextChannel,
    choice: u32,
    /// Which tool call; 0 for all else.
    call: u32,
    /// UTF-16 units so far.
    units: u32,
    /// Where a piece begins, and the number of its event. Both grow.
    pieces: Vec<(u32, u32)>,
}

impl Tracks {
    fn add(&mut self, event: u32, piece: Piece<'_>) {
        let (channel, choice, call, text) = match piece {
            Piece::Text { choice, text } => (TextChannel::Text, choice, 0, text),
            Piece::Reasoning { choice, text } => (TextChannel::Reasoning, choice, 0, text),
            Piece::Refusal { choice, text } => (TextChannel::Refusal, choice, 0, text),
            Piece::ToolCall { choice, call, arguments, .. } => (TextChannel::ToolCall, choice, call, arguments),
            Piece::Item { .. } => return,
        };
        if text.is_empty() {
            return;
        }
        let place = *self.places.entry((channel, choice, call)).or_insert_with(|| {
            self.all.push(Track { channel, choice, call, units: 0, pieces: Vec::new() });
            self.all.len() - 1
        });
        let track = &mut self.all[place];
        if track.pieces.last().is_none_or(|(_, last)| *last != event) {
            track.pieces.push((track.units, event));
        }
        track.units = track.units.saturating_add(utf16_length(text));
    }

    /// Units of the calls before this one: a choice's calls are counted one after the other.
    fn before(&self, track: &Track) -> u32 {
        let earlier =
            |other: &&Track| other.channel == track.channel && other.choice == track.choice && other.call < track.call;
        match track.call {
            0 => 0,
            _ => self.all.iter().filter(earlier).map(|track| track.units).fold(0, u32::saturating_add),
        }
    }
}

impl Track {
    fn range(&self, event: u32) -> Option<(u32, u32)> {
        let place = self.pieces.binary_search_by_key(&event, |(_, number)| *number).ok()?;
        let end = self.pieces.get(place + 1).map_or(self.units, |(start, _)| *start);
        Some((self.pieces[place].0, end))
    }

    /// The event that carried the unit at `offset`, which is within the text.
    fn event_at(&self, offset: u32) -> u32 {
        let after = self.pieces.partition_point(|(start, _)| *start <= offset);
        after.checked_sub(1).map_or(0, |place| self.pieces[place].1)
    }
}

fn utf16_length(text: &str) -> u32 {
    let units = if text.is_ascii() { text.len() } else { text.chars().map(char::len_utf16).sum() };
    u32::try_from(units).unwrap_or(u32::MAX)
}
