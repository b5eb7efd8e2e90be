//! The files of a batch that is over, fetched at once: their addresses expire.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use juxta_client::call::Call;
use juxta_client::endpoints::batch::{self, BatchObject, Place};
use juxta_client::providers::BatchRoute;
use juxta_wire::batch::BatchState;
use juxta_wire::error::AppError;
use juxta_wire::ids::BatchId;

use super::ask::Line;
use crate::run::storage;
use crate::{Engine, blocking};

/// Fetches what `object`, the answer to `call`, names. A file is there whole or not at all; what an earlier try has left
/// of one is begun anew.
///
/// # Errors
/// What provider or network say; [`AppError::Protocol`] when there should be results and none are named.
pub(super) async fn fetch(
    engine: &Engine,
    id: &BatchId,
    line: &Line,
    call: &Call,
    object: &BatchObject,
) -> Result<(), AppError> {
    let counted = object.counts.unwrap_or_default();
    let names_nothing = object.output.is_empty() && object.errors.is_empty();
    if names_nothing && counted.done > 0 && object.state != BatchState::Refused {
        return Err(AppError::Protocol {
            at: 0,
            message: "the provider is done and names no file of results".to_owned(),
            excerpt: String::new(),
        });
    }
    let folder = engine.batch_folder(id)?;
    for (name, places) in [("output.jsonl", &object.output), ("errors.jsonl", &object.errors)] {
        if !places.is_empty() {
            fetch_one(line, call, places, folder.join(name)).await?;
        }
    }
    Ok(())
}

/// Several places are parts of one file.
async fn fetch_one(line: &Line, call: &Call, places: &[Place], path: PathBuf) -> Result<(), AppError> {
    let part = path.with_extension("jsonl.part");
    let beside = part.clone();
    let file = blocking(move || File::create(&beside).map_err(storage)).await?;
    let mut writer = Whole { file: BufWriter::with_capacity(256 << 10, file), last: b'\n' };
    for place in places {
        writer.begin_line().map_err(storage)?;
        match place {
            Place::Address(address) => batch::fetch_address(&line.http, call, address, &mut writer).await?,
            Place::File(file) => {
                let call = line.call_about(file, |id| BatchRoute::FileContent(id)).await?;
                batch::fetch_file(&line.http, &call, &mut writer).await?
            }
        };
    }
    blocking(move || settle(writer.file, &part, &path).map_err(storage)).await
}

fn settle(file: BufWriter<File>, part: &Path, path: &Path) -> io::Result<()> {
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    fs::rename(part, path)?;
    // The name is on the disk when the folder is; not every system lets a folder be opened for that.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Puts parts together so that no two lines become one.
struct Whole {
    file: BufWriter<File>,
    last: u8,
}

impl Whole {
    fn begin_line(&mut self) -> io::Result<()> {
        if self.last != b'\n' {
            self.write_all(b"\n")?;
        }
        Ok(())
    }
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        if let Some(last) = bytes[..written].last() {
            self.last = *last;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
