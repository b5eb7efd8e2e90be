//! What Juxta keeps: connections, comparisons, settings, runs with their cells, and every exchange to the byte.
//!
//! One folder holds it all: `juxta.sqlite` for what is listed and looked up, `bodies/` for the bytes of answers as they
//! arrive, `juxta.lock` for the one process that may write. Keys are not in it: see [`Secrets`].
//!
//! Three promises:
//! - what a call here reported as saved survives the death of the process at any later moment;
//! - recording a stream costs no allocation and no wait for the medium ([`BodyWriter`]);
//! - each text stands in one place: an outcome in its cell, a request body in its exchange, an answer in its file.
//!
//! ```
//! use juxta_store::Store;
//! use juxta_wire::draft::{Draft, Message, Role};
//! use juxta_wire::ids::ComparisonId;
//! use juxta_wire::lane::Comparison;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! let store = Store::open(folder.path())?;
//! let comparison = Comparison {
//!     id: ComparisonId::new(),
//!     name: "Greetings".to_owned(),
//!     draft: Draft { messages: vec![Message::text(Role::User, "Hello")], ..Draft::default() },
//!     lanes: Vec::new(),
//!     repeats: 1,
//! };
//! store.save_comparison(&comparison)?;
//! assert_eq!(store.comparisons()?[0].name, "Greetings");
//! assert_eq!(store.comparison(&comparison.id)?, Some(comparison));
//! # Ok(())
//! # }
//! ```

mod batches;
mod bodies;
mod cells;
mod comparisons;
mod connections;
mod database;
mod documents;
mod error;
mod exchanges;
mod history;
mod import;
mod judgements;
mod lane_calls;
mod matrices;
mod matrix_cells;
mod matrix_spending;
#[cfg(feature = "measure")]
pub mod measure;
mod prompts;
mod reader;
mod recovery;
mod runs;
mod search;
mod secrets;
mod steps;
mod store;
mod writer;

pub use batches::{BatchHeld, StoredBatch};
pub use bodies::{BodyEnd, BodyWriter, IndexRecord, RecordKind};
pub use error::StoreError;
pub use exchanges::RequestBytes;
pub use import::{Import, ImportedExchange, ImportedRun};
pub use lane_calls::LaneCall;
pub use matrices::{MatrixBegun, MatrixCellRow, MatrixPlace, StoredMatrix};
pub use matrix_cells::{FoundCells, MatrixOrder};
pub use prompts::PromptLink;
pub use reader::BodyReader;
pub use search::help as search_help;
pub use secrets::{Secrets, account};
pub use store::Store;
