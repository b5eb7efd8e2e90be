//! Request bodies that come from files, piece by piece, so that none of them is in memory as a whole.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::mpsc;

use crate::trace::Trace;

/// Bytes of a file that are read at a time; a multiple of three, so that each makes whole groups of base64.
const PORTION: usize = 48 << 10;
/// Portions that are read ahead of the socket.
const AHEAD: usize = 4;

/// A body of several parts. It can be sent again: files are opened anew each time.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    parts: Vec<Part>,
    length: u64,
}

#[derive(Debug, Clone)]
enum Part {
    Bytes(Bytes),
    /// The first `length` bytes of a file.
    File {
        path: PathBuf,
        length: u64,
        as_base64: bool,
    },
}

impl Upload {
    pub fn new() -> Self {
        Self { parts: Vec::new(), length: 0 }
    }

    pub fn bytes(mut self, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        self.length += bytes.len() as u64;
        self.parts.push(Part::Bytes(bytes));
        self
    }

    /// # Errors
    /// When the file is not there.
    pub fn file(mut self, path: PathBuf, as_base64: bool) -> io::Result<Self> {
        let length = std::fs::metadata(&path)?.len();
        self.length += if as_base64 { length.div_ceil(3) * 4 } else { length };
        self.parts.push(Part::File { path, length, as_base64 });
        Ok(self)
    }

    pub fn length(&self) -> u64 {
        self.length
    }

    /// A body that reads on a thread for what blocks, never far ahead of the socket.
    pub(super) fn open(&self, trace: Arc<Trace>) -> UploadBody {
        let (portions, taken) = mpsc::channel(AHEAD);
        let parts = self.parts.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = parts.iter().try_for_each(|part| read(part, &portions)) {
                // Nobody listens any more where the call was given up.
                let _ = portions.blocking_send(Err(error));
            }
        });
        UploadBody { portions: taken, left: self.length, trace }
    }
}

fn read(part: &Part, portions: &mpsc::Sender<io::Result<Bytes>>) -> io::Result<()> {
    let given_up = |_| io::Error::from(io::ErrorKind::BrokenPipe);
    match part {
        Part::Bytes(bytes) => portions.blocking_send(Ok(bytes.clone())).map_err(given_up),
        Part::File { path, length, as_base64 } => {
            let mut file = File::open(path)?.take(*length);
            loop {
                let mut portion = Vec::with_capacity(PORTION);
                (&mut file).take(PORTION as u64).read_to_end(&mut portion)?;
                if portion.is_empty() {
                    return Ok(());
                }
                let portion = if *as_base64 { STANDARD.encode(&portion).into_bytes() } else { portion };
                portions.blocking_send(Ok(portion.into())).map_err(given_up)?;
            }
        }
    }
}

pub(super) struct UploadBody {
    portions: mpsc::Receiver<io::Result<Bytes>>,
    left: u64,
    trace: Arc<Trace>,
}

impl http_body::Body for UploadBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let changed = || io::Error::other("the file changed while it was being sent");
        loop {
            let portion = match self.portions.poll_recv(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) if self.left > 0 => return Poll::Ready(Some(Err(changed()))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(Some(Ok(portion))) => portion,
            };
            if portion.is_empty() {
                continue;
            }
            let Some(left) = self.left.checked_sub(portion.len() as u64) else {
                return Poll::Ready(Some(Err(changed())));
            };
            self.left = left;
            self.trace.body_taken(left == 0);
            return Poll::Ready(Some(Ok(Frame::data(portion))));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
impl Upload {
    pub async fn whole(&self) -> String {
        String::from_utf8(tests::whole(self).await.expect("a body")).expect("text")
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;

    use http_body::Body as _;

    use super::*;

    pub async fn whole(upload: &Upload) -> Result<Vec<u8>, io::Error> {
        let mut body = pin!(upload.open(Trace::new()));
        let mut all = Vec::new();
        while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
            all.extend(frame?.into_data().expect("data"));
        }
        Ok(all)
    }

    #[tokio::test]
    async fn a_body_is_as_long_as_it_says_at_every_length_of_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("größe 東京.jsonl");
        for length in [0, 1, 2, 3, PORTION - 1, PORTION, PORTION + 1, 6 * PORTION + 2] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            std::fs::write(&path, &bytes).expect("a file");
            for as_base64 in [false, true] {
                let upload =
                    Upload::new().bytes("{\"a\":\"").file(path.clone(), as_base64).expect("a file").bytes("\"}");
                let middle = if as_base64 { STANDARD.encode(&bytes).into_bytes() } else { bytes.clone() };
                let expected = [b"{\"a\":\"".as_slice(), &middle, b"\"}"].concat();
                assert_eq!(upload.length(), expected.len() as u64);
                for _ in 0..2 {
                    assert!(whole(&upload).await.expect("a body") == expected, "{length} {as_base64}");
                }
            }
        }
    }

    #[tokio::test]
    async fn a_file_that_shrinks_is_an_error_and_one_that_grows_is_sent_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        std::fs::write(&path, "0123456789").expect("a file");
        let upload = Upload::new().file(path.clone(), false).expect("a file");
        std::fs::write(&path, "0123456789abc").expect("a file");
        assert_eq!(whole(&upload).await.expect("a body"), b"0123456789");
        std::fs::write(&path, "0123").expect("a file");
        assert!(whole(&upload).await.is_err());
        std::fs::remove_file(&path).expect("removed");
        assert!(whole(&upload).await.is_err());
    }
}
