//! Recordings that Juxta did not live to end.

use std::path::Path;

use juxta_media::wav_file;
use juxta_wire::ids::RecordingId;

use crate::Engine;

/// What a recording is called that nobody could give a name.
const NAME: &str = "Recovered recording";

impl Engine {
    /// Makes whole what a crash left in the folder of the recordings. For the start, when nothing is being recorded.
    pub fn mend_recordings(&self) {
        let Ok(entries) = std::fs::read_dir(self.folder().join("recordings")) else { return };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let is_wav = path.extension().is_some_and(|ending| ending == "wav");
            if is_wav
                && !path.with_extension("json").exists()
                && let Err(error) = self.mend(&path)
            {
                tracing::warn!(%error, "a recording that was cut short could not be made whole");
            }
        }
    }

    fn mend(&self, path: &Path) -> Result<(), Box<dyn std::error::Error>> {
        let Some(id) = path.file_stem().and_then(|stem| stem.to_str()) else { return Ok(()) };
        wav_file::mend(path)?;
        self.keep_recording(&RecordingId(id.to_owned()), NAME)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Keys;

    /// A head that says nothing is there, and a second of samples.
    fn cut_short() -> Vec<u8> {
        let mut bytes = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        bytes.extend(16_000_u32.to_le_bytes());
        bytes.extend(32_000_u32.to_le_bytes());
        bytes.extend(b"\x02\0\x10\0data\0\0\0\0");
        bytes.extend([3_u8; 32_001]);
        bytes
    }

    #[tokio::test]
    async fn a_recording_that_a_crash_left_is_whole_at_the_next_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let engine = Engine::open(folder.path(), Keys::Memory).expect("an engine");
        engine.mend_recordings();
        let id = RecordingId::new();
        let path = engine.recording_to_be(&id).expect("a place");
        std::fs::write(&path, cut_short()).expect("a file");
        std::fs::write(path.with_file_name("notes.txt"), "no sound").expect("a file");
        engine.mend_recordings();
        let found = engine.kept_recording(&id).expect("a recording");
        assert_eq!((found.name.as_str(), found.seconds), (NAME, Some(1.0)));
        assert_eq!(std::fs::read(&path).expect("a file")[40..44], 32_000_u32.to_le_bytes());
        engine.rename_recording(&id, "Grüße").expect("a name");
        engine.mend_recordings();
        assert_eq!(engine.kept_recording(&id).expect("a recording").name, "Grüße", "what has a name keeps it");
    }
}
