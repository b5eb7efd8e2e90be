//! Vectors: lists of numbers, or base64 of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use juxta_wire::error::AppError;
use juxta_wire::media_answer::MediaAnswer;
use serde_json::value::RawValue;

use crate::endpoints::reading;
use crate::loose::{self, Raw, members};

members!(Row {
    index: Raw<'a> = "index",
    embedding: Raw<'a> = "embedding",
});

members!(List { data: Raw<'a> = "data" });

/// One vector as it came.
#[derive(Debug, Clone, Copy)]
struct Sent<'a>(Raw<'a>);

/// The rows of an answer, in an envelope or not, in the order of their `index`.
fn rows<'a>(json: &'a str) -> Option<Vec<Sent<'a>>> {
    let outer: List<'a> = loose::object(json).ok()??;
    let data = outer.data?;
    let list = match loose::object::<List<'a>>(data.get()).ok()? {
        Some(inner) => inner.data?,
        None => data,
    };
    if !list.get().starts_with('[') {
        return None;
    }
    let mut rows: Vec<(u64, Sent<'a>)> = loose::elements(Some(list))
        .into_iter()
        .enumerate()
        .map(|(place, row): (usize, &'a RawValue)| {
            let row: Row<'a> = loose::object(row.get()).ok().flatten().unwrap_or_default();
            (loose::count(row.index).unwrap_or(place as u64), Sent(row.embedding))
        })
        .collect();
    rows.sort_by_key(|(index, _)| *index);
    Some(rows.into_iter().map(|(_, row)| row).collect())
}

impl Sent<'_> {
    fn is_packed(self) -> bool {
        loose::text(self.0).is_some()
    }

    /// `None` when it is no vector.
    fn numbers(self) -> Option<Vec<f32>> {
        if let Some(base64) = loose::text(self.0) {
            let bytes = STANDARD.decode(base64.as_bytes()).ok()?;
            let (numbers, rest) = bytes.as_chunks::<4>();
            return rest.is_empty().then(|| numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect());
        }
        let raw = self.0?.get();
        if let Ok(numbers) = serde_json::from_str::<Vec<f32>>(raw) {
            return Some(numbers);
        }
        // `null` stands for what JSON has no number for.
        let numbers: Vec<Option<f64>> = serde_json::from_str(raw).ok()?;
        Some(numbers.into_iter().map(|number| number.map_or(f32::NAN, |number| number as f32)).collect())
    }
}

/// # Errors
/// [`AppError::Protocol`] when the answer has no list of vectors.
pub(super) fn facts(json: &str) -> Result<MediaAnswer, AppError> {
    let rows = rows(json).ok_or_else(|| no_vectors(json))?;
    let first = rows.first();
    Ok(MediaAnswer::Vectors {
        count: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        dimensions: first.and_then(|row| row.numbers()).map_or(0, |numbers| numbers.len() as u32),
        packed: first.is_some_and(|row| row.is_packed()),
    })
}

/// The vectors of a recorded answer, in the order of the texts. One that is no list of numbers is empty.
///
/// # Errors
/// [`AppError::Protocol`] when it has no list of vectors.
pub fn vectors(json: &str) -> Result<Vec<Vec<f32>>, AppError> {
    let rows = rows(json.trim_start_matches('\u{FEFF}')).ok_or_else(|| no_vectors(json))?;
    Ok(rows.into_iter().map(|row| row.numbers().unwrap_or_default()).collect())
}

fn no_vectors(json: &str) -> AppError {
    reading::protocol(0, "The answer is JSON, but it has no list of vectors.".to_owned(), json)
}
