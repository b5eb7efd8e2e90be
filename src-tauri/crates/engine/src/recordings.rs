//! Sounds that wait to be transcribed: files in the data folder, each with a sidecar that says what it is called.
//!
//! `recordings/<id>.<ending>` holds the bytes as they were recorded or imported, and these very bytes are sent.
//! `recordings/<id>.json` says the rest. A sound without a sidecar was being recorded when Juxta ended; it is listed all
//! the same.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use juxta_media::{file, sound};
use juxta_wire::draft::Draft;
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::error::AppError;
use juxta_wire::ids::RecordingId;
use juxta_wire::lane::{Comparison, Lane};
use juxta_wire::recording::Recording;

use crate::run::{invalid, unix_milliseconds};
use crate::{Engine, not_found};

const FOLDER: &str = "recordings";
const SIDECAR: &str = "json";
/// The largest sound that is imported. Servers take less; that is said where it is sent.
const LARGEST: usize = 1 << 30;

/// A recording as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound {
    pub file_name: String,
    pub media_type: String,
    pub bytes: Vec<u8>,
}

impl Engine {
    /// All recordings, newest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn recordings(&self) -> Result<Vec<Recording>, AppError> {
        let folder = self.folder().join(FOLDER);
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed("read", &folder, &error)),
            Ok(entries) => entries,
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| failed("read", &folder, &error))?.path();
            if path.extension().is_some_and(|ending| ending == SIDECAR) {
                continue;
            }
            match described(&path) {
                Ok(recording) => found.extend(recording),
                Err(error) => tracing::warn!(%error, "a recording could not be read"),
            }
        }
        found.sort_by(|one, other| (other.made_at, &other.id).cmp(&(one.made_at, &one.id)));
        Ok(found)
    }

    /// # Errors
    /// When there is no such recording.
    pub fn kept_recording(&self, id: &RecordingId) -> Result<Recording, AppError> {
        described(&self.recording_path(id)?)?.ok_or_else(|| not_found("The recording"))
    }

    /// The file of a recording.
    ///
    /// # Errors
    /// When there is none.
    pub fn recording_path(&self, id: &RecordingId) -> Result<PathBuf, AppError> {
        check_id(id)?;
        let folder = self.folder().join(FOLDER);
        let entries = fs::read_dir(&folder).map_err(|_| not_found("The recording"))?;
        let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let is_it = |path: &PathBuf| {
            path.file_stem().is_some_and(|stem| stem == id.as_str())
                && path.extension().is_some_and(|ending| ending != SIDECAR)
        };
        paths.find(is_it).ok_or_else(|| not_found("The recording"))
    }

    /// The bytes of a recording.
    ///
    /// # Errors
    /// When there is no such recording.
    pub fn recording_bytes(&self, id: &RecordingId) -> Result<Vec<u8>, AppError> {
        let path = self.recording_path(id)?;
        fs::read(&path).map_err(|error| failed("read", &path, &error))
    }

    /// Where a sound that is being recorded goes; [`Engine::keep_recording`] makes it known.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn recording_to_be(&self, id: &RecordingId) -> Result<PathBuf, AppError> {
        check_id(id)?;
        let folder = self.folder().join(FOLDER);
        fs::create_dir_all(&folder).map_err(|error| failed("made", &folder, &error))?;
        Ok(folder.join(format!("{id}.wav")))
    }

    /// Gives a sound that was recorded its name.
    ///
    /// # Errors
    /// When there is no such recording, or when its sidecar cannot be written.
    pub fn keep_recording(&self, id: &RecordingId, name: &str) -> Result<Recording, AppError> {
        self.rename_recording(id, name)
    }

    /// Keeps the bytes of a file. What nobody can decode is kept too: a server may know it.
    ///
    /// # Errors
    /// When there are no bytes or too many, or when the file cannot be written.
    pub fn import_recording(&self, file_name: &str, bytes: &[u8]) -> Result<Recording, AppError> {
        if bytes.is_empty() {
            return Err(invalid("file", "The file is empty"));
        }
        if bytes.len() > LARGEST {
            return Err(invalid("file", "The file is larger than 1 GB"));
        }
        let id = RecordingId::new();
        let (stem, own_ending) = split_name(file_name);
        let folder = self.folder().join(FOLDER);
        fs::create_dir_all(&folder).map_err(|error| failed("made", &folder, &error))?;
        let (media_type, ending) = kind_of(bytes, &own_ending);
        let recording = Recording {
            name: checked_name(&stem).unwrap_or_else(|_| "Recording".to_owned()),
            bytes: bytes.len() as u64,
            seconds: sound::seconds(bytes, None).ok(),
            made_at: unix_milliseconds(),
            media_type,
            ending,
            id,
        };
        let path = folder.join(format!("{}.{}", recording.id, recording.ending));
        fs::write(&path, bytes).map_err(|error| failed("written", &path, &error))?;
        write_sidecar(&path, &recording)?;
        Ok(recording)
    }

    /// # Errors
    /// When there is no such recording, when the name is empty, or when the sidecar cannot be written.
    pub fn rename_recording(&self, id: &RecordingId, name: &str) -> Result<Recording, AppError> {
        let path = self.recording_path(id)?;
        let known = described(&path)?.ok_or_else(|| not_found("The recording"))?;
        let recording = Recording { name: checked_name(name)?, ..known };
        write_sidecar(&path, &recording)?;
        Ok(recording)
    }

    /// Deletes file and sidecar. What was sent of it stays in the history.
    ///
    /// # Errors
    /// When there is no such recording, or when it cannot be deleted.
    pub fn delete_recording(&self, id: &RecordingId) -> Result<(), AppError> {
        let path = self.recording_path(id)?;
        fs::remove_file(&path).map_err(|error| failed("deleted", &path, &error))?;
        let sidecar = path.with_extension(SIDECAR);
        match fs::remove_file(&sidecar) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("deleted", &sidecar, &error)),
            _ => Ok(()),
        }
    }

    /// What `lane` sends of the draft's recording; `None` for every lane that is no transcription.
    pub(crate) fn sound_of(&self, comparison: &Comparison, lane: &Lane) -> Result<Option<Sound>, AppError> {
        let Draft { recording: Some(id), .. } = &comparison.draft else { return Ok(None) };
        if lane.endpoint != EndpointKind::Transcribe {
            return Ok(None);
        }
        let Recording { name, ending, media_type, .. } = self.kept_recording(id)?;
        Ok(Some(Sound { file_name: format!("{name}.{ending}"), media_type, bytes: self.recording_bytes(id)? }))
    }
}

/// An id comes from the page and becomes part of a path.
fn check_id(id: &RecordingId) -> Result<(), AppError> {
    let text = id.as_str();
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_plain { Ok(()) } else { Err(not_found("The recording")) }
}

fn checked_name(name: &str) -> Result<String, AppError> {
    let name: String = name.trim().chars().filter(|one| !one.is_control()).take(200).collect();
    if name.is_empty() { Err(invalid("name", "Give the recording a name")) } else { Ok(name) }
}

/// Name and ending of a file, without the folders before them.
fn split_name(file_name: &str) -> (String, String) {
    let last = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    match last.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem.to_owned(), ending.to_ascii_lowercase()),
        _ => (last.to_owned(), String::new()),
    }
}

/// Media type and ending by the bytes. Where those say nothing, the ending that the file had stays, for servers that go by
/// it.
fn kind_of(bytes: &[u8], own_ending: &str) -> (String, String) {
    let media_type = match file::media_type(bytes).unwrap_or("application/octet-stream") {
        // A recording of either has no picture, and servers ask for a sound.
        "video/webm" => "audio/webm",
        "video/mp4" => "audio/mp4",
        "audio/opus" => "audio/ogg",
        known => known,
    };
    let ending = match (media_type, sound::ending(media_type)) {
        ("audio/webm", _) => "webm",
        (_, "bin") if is_ending(own_ending) => own_ending,
        (_, ending) => ending,
    };
    (media_type.to_owned(), ending.to_owned())
}

fn is_ending(text: &str) -> bool {
    (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) && text != SIDECAR
}

/// What the sidecar says, brought up to date with the file; `None` for a file that is no recording.
fn described(path: &Path) -> Result<Option<Recording>, AppError> {
    let Some(id) = path.file_stem().and_then(|stem| stem.to_str()) else { return Ok(None) };
    let about = fs::metadata(path).map_err(|error| failed("read", path, &error))?;
    if !about.is_file() || check_id(&RecordingId(id.to_owned())).is_err() {
        return Ok(None);
    }
    let kept = fs::read(path.with_extension(SIDECAR)).ok();
    let kept: Option<Recording> = kept.and_then(|json| serde_json::from_slice(&json).ok());
    if let Some(recording) = kept.filter(|kept| kept.id.as_str() == id && kept.bytes == about.len()) {
        return Ok(Some(recording));
    }
    let bytes = fs::read(path).map_err(|error| failed("read", path, &error))?;
    let own_ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_owned();
    let (media_type, _) = kind_of(&bytes, &own_ending);
    let made = about.modified().ok().and_then(|made| made.duration_since(UNIX_EPOCH).ok());
    Ok(Some(Recording {
        id: RecordingId(id.to_owned()),
        name: "Recording".to_owned(),
        ending: own_ending,
        media_type,
        bytes: bytes.len() as u64,
        seconds: sound::seconds(&bytes, None).ok(),
        made_at: made.map_or(0, |made| made.as_millis() as u64),
    }))
}

/// In one step, so that a kill in between leaves the one before.
fn write_sidecar(path: &Path, recording: &Recording) -> Result<(), AppError> {
    let sidecar = path.with_extension(SIDECAR);
    let fresh = path.with_extension("json.new");
    let json = serde_json::to_vec_pretty(recording).map_err(crate::run::internal)?;
    fs::write(&fresh, json).map_err(|error| failed("written", &fresh, &error))?;
    fs::rename(&fresh, &sidecar).map_err(|error| failed("written", &sidecar, &error))
}

fn failed(doing: &str, path: &Path, error: &io::Error) -> AppError {
    AppError::Storage { message: format!("{} could not be {doing}: {error}", path.display()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Keys;

    /// A tenth of a second of silence.
    fn wav() -> Vec<u8> {
        let data = vec![0_u8; 3_200];
        let mut bytes = b"RIFF".to_vec();
        bytes.extend((36 + data.len() as u32).to_le_bytes());
        bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
        bytes.extend(16_000_u32.to_le_bytes());
        bytes.extend(32_000_u32.to_le_bytes());
        bytes.extend(b"\x02\0\x10\0data");
        bytes.extend((data.len() as u32).to_le_bytes());
        bytes.extend(data);
        bytes
    }

    #[tokio::test]
    async fn a_file_is_kept_to_the_byte_named_by_its_bytes_and_found_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let engine = Engine::open(folder.path(), Keys::Memory).expect("an engine");
        assert_eq!(engine.recordings().expect("a list"), []);
        let made = engine.import_recording("C:\\calls\\Grüße \"1\".mp3", &wav()).expect("a recording");
        assert_eq!((made.name.as_str(), made.ending.as_str()), ("Grüße \"1\"", "wav"));
        assert_eq!(made.media_type, "audio/wav");
        assert!(made.seconds.is_some_and(|seconds| (seconds - 0.1).abs() < 0.001), "{:?}", made.seconds);
        assert_eq!(engine.recording_bytes(&made.id).expect("bytes"), wav());

        let renamed = engine.rename_recording(&made.id, "  Call\n1 ").expect("a name");
        assert_eq!(renamed.name, "Call1");
        let unknown = engine.import_recording("note.amr", b"#!AMR\n\x00").expect("a recording");
        assert_eq!((unknown.ending.as_str(), unknown.seconds), ("amr", None));
        assert_eq!(engine.recordings().expect("a list").len(), 2);

        engine.delete_recording(&made.id).expect("deleted");
        assert_eq!(engine.recordings().expect("a list"), [unknown]);
        assert!(matches!(engine.kept_recording(&made.id), Err(AppError::NotFound { .. })));
    }

    #[tokio::test]
    async fn a_sound_without_a_sidecar_is_listed_and_an_id_is_no_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let engine = Engine::open(folder.path(), Keys::Memory).expect("an engine");
        let id = RecordingId::new();
        fs::write(engine.recording_to_be(&id).expect("a place"), wav()).expect("written");
        let listed = engine.recordings().expect("a list");
        assert_eq!(listed.len(), 1);
        assert_eq!((listed[0].id.clone(), listed[0].bytes), (id.clone(), wav().len() as u64));
        assert_eq!(engine.keep_recording(&id, "Kept").expect("kept").name, "Kept");
        for id in ["../juxta", "", "a/b", "a.wav"] {
            assert!(engine.recording_path(&RecordingId(id.to_owned())).is_err(), "{id}");
        }
    }
}
