//! The one recording that may be on.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use juxta_media::MediaError;
use juxta_media::capture::{Plan, Recorder};
use juxta_wire::ids::RecordingId;
use juxta_wire::media::{RecorderNews, RecordingRate};

#[derive(Default)]
pub struct Studio {
    now: Mutex<Option<(RecordingId, Recorder)>>,
}

impl Studio {
    /// # Errors
    /// When the device cannot be opened, or the file cannot be made. A recording before it that nobody stopped ends.
    pub fn begin(
        &self,
        path: PathBuf,
        recording: RecordingId,
        device: Option<String>,
        rate: RecordingRate,
        tell: impl FnMut(RecorderNews) + Send + 'static,
    ) -> Result<(), MediaError> {
        let mut now = self.now();
        *now = None;
        let plan = Plan { recording: recording.clone(), path, device, rate };
        *now = Some((recording, Recorder::start(plan, tell)?));
        Ok(())
    }

    pub fn pause(&self) {
        if let Some((_, recorder)) = self.now().as_ref() {
            recorder.pause();
        }
    }

    pub fn resume(&self) {
        if let Some((_, recorder)) = self.now().as_ref() {
            recorder.resume();
        }
    }

    /// Ends the file, and says which it is.
    pub fn end(&self) -> Option<RecordingId> {
        let (recording, recorder) = self.now().take()?;
        recorder.stop();
        Some(recording)
    }

    /// Ends what goes on when the window is closed. The next start gives it a name.
    pub fn close(&self) {
        self.end();
    }

    fn now(&self) -> MutexGuard<'_, Option<(RecordingId, Recorder)>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
