//! The pictures of an answer, from its recorded bytes, or as they were fetched from the addresses in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use juxta_client::call::Call;
use juxta_client::endpoints::media::image::{self, Source};
use juxta_client::http::Http;
use juxta_client::observe::event_of;
use juxta_client::pictures::fetch_picture;
use juxta_media::{file, picture};
use juxta_sse::Parser;
use juxta_store::RecordKind;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::media_answer::{AnswerPicture, AnswerPictureForm, AnsweredPicture, MediaAnswer};
use juxta_wire::outcome::Outcome;
use tokio_util::sync::CancellationToken;

use crate::run::storage;
use crate::{Engine, blocking, not_found};

/// The largest answer that is read for its pictures.
const LARGEST_BODY: u64 = 512 << 20;

impl Engine {
    /// Fetches the pictures that an answer names by their addresses, and keeps them with the cell. One that cannot be had is
    /// said in the log, and where it is looked at.
    pub(crate) async fn keep_pictures(
        &self,
        http: &Http,
        call: &Call,
        outcome: &Outcome,
        cell: CellId,
        stop: &CancellationToken,
    ) {
        let Some(MediaAnswer::Pictures { pictures }) = &outcome.media else { return };
        for (number, picture) in pictures.iter().enumerate() {
            let AnswerPictureForm::Address { url } = &picture.form else { continue };
            let kept = match fetch_picture(http, call, url, stop).await {
                Ok(bytes) => {
                    let (store, cell) = (self.store().clone(), cell.clone());
                    blocking(move || store.keep_picture(&cell, number as u32, &bytes).map_err(storage)).await
                }
                Err(error) => Err(error),
            };
            if let Err(error) = kept {
                tracing::warn!(%error, %cell, number, "a picture could not be fetched");
            }
        }
    }

    /// What the pictures of an answer are, in its order. One that cannot be shown says why.
    ///
    /// # Errors
    /// When the answer has none.
    pub fn pictures(&self, cell: &CellId) -> Result<Vec<AnsweredPicture>, AppError> {
        let Some(MediaAnswer::Pictures { pictures }) = self.cell_head(cell)?.outcome.media else {
            return Err(not_found("The picture"));
        };
        let inline = self.inline_pictures(cell)?;
        let looked_at = pictures.into_iter().enumerate().map(|(number, told)| {
            let bytes = match inline.get(number).cloned().flatten() {
                Some(bytes) => Some(bytes),
                None => self.store().kept_picture(cell, number as u32).map_err(storage)?,
            };
            Ok(looked_at(number as u32, told, bytes.as_deref()))
        });
        looked_at.collect()
    }

    /// The bytes of one picture, as they came.
    ///
    /// # Errors
    /// When there is no such picture, or when it could not be fetched.
    pub fn picture_bytes(&self, cell: &CellId, number: u32) -> Result<Vec<u8>, AppError> {
        if let Some(bytes) = self.store().kept_picture(cell, number).map_err(storage)? {
            return Ok(bytes);
        }
        let inline = self.inline_pictures(cell)?.into_iter().nth(number as usize).flatten();
        inline.ok_or_else(|| not_found("The picture"))
    }

    /// The pictures that the recorded answer holds; `None` in the place of each that it only names.
    fn inline_pictures(&self, cell: &CellId) -> Result<Vec<Option<Vec<u8>>>, AppError> {
        let (body, size) = self.store().read_body(cell, LARGEST_BODY).map_err(storage)?;
        if size > LARGEST_BODY {
            return Err(AppError::Storage {
                message: "The answer is too large to be read for its pictures.".to_owned(),
            });
        }
        let index = self.store().read_index(cell).map_err(storage)?;
        let mut pictures = Vec::new();
        if index.iter().any(|record| record.kind == RecordKind::Event) {
            let mut parser = Parser::new();
            let mut on_frame = |frame: juxta_sse::Frame<'_>| {
                if let Some((name, data)) = event_of(frame.kind) {
                    pictures.extend(image::source_of_event(name, data).map(decoded));
                }
            };
            parser.push(&body, &mut on_frame);
            parser.finish(&mut on_frame);
        } else {
            let text = String::from_utf8_lossy(&body);
            pictures.extend(image::sources(&text).into_iter().map(decoded));
        }
        Ok(pictures)
    }
}

/// Base64 that is none is no picture, which is told where it is looked at.
fn decoded(source: Source<'_>) -> Option<Vec<u8>> {
    match source {
        Source::Base64(base64) => Some(STANDARD.decode(base64.as_bytes()).unwrap_or_default()),
        Source::Address(_) => None,
    }
}

fn looked_at(number: u32, told: AnswerPicture, bytes: Option<&[u8]>) -> AnsweredPicture {
    let url = match told.form {
        AnswerPictureForm::Address { url } => Some(url),
        AnswerPictureForm::Inline { .. } => None,
    };
    let media_type = bytes.and_then(file::media_type).unwrap_or_default();
    let (size, problem) = match bytes {
        None => ((0, 0), Some("It could not be fetched when the answer came.".to_owned())),
        Some([]) => ((0, 0), Some("It is no base64.".to_owned())),
        Some(bytes) => match picture::facts(bytes) {
            Ok(facts) => ((facts.width, facts.height), None),
            Err(error) => ((0, 0), Some(error.to_string())),
        },
    };
    AnsweredPicture {
        number,
        revised_prompt: told.revised_prompt,
        url,
        bytes: bytes.map_or(0, |bytes| bytes.len() as u64),
        media_type: media_type.to_owned(),
        width: size.0,
        height: size.1,
        problem,
    }
}
