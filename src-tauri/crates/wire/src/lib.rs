//! Plain data that crosses a boundary: Rust to the web page, engine to disk, command line to file.
//!
//! Nothing here does I/O. Every type serialises with serde and has a TypeScript twin in `ui/src/bindings`, written by
//! `cargo test -p juxta-wire` and checked for staleness in CI. JSON that a person typed travels as text
//! ([`draft::Parameter::json`]) so that `1.0`, `1e-3` and twenty-digit integers keep their spelling on the way through
//! JavaScript.
//!
//! ```
//! use juxta_wire::draft::{Draft, Message, Parameter, Role};
//!
//! let draft = Draft {
//!     messages: vec![Message::text(Role::User, "Hello")],
//!     parameters: vec![Parameter::new("temperature", "0.20")],
//!     ..Draft::default()
//! };
//! assert_eq!(draft.parameters[0].json, "0.20");
//! ```

pub mod batch;
pub mod body_edit;
pub mod certificate;
pub mod check;
pub mod code;
pub mod connection;
pub mod dataset;
pub mod document;
pub mod draft;
pub mod endpoint;
pub mod error;
pub mod events;
pub mod exchange;
pub mod ids;
pub mod lane;
pub mod live;
pub mod matrix;
pub mod media;
pub mod media_answer;
pub mod metrics;
pub mod outcome;
pub mod params;
pub mod prompts;
pub mod recording;
pub mod repeats;
pub mod replay;
pub mod run;
pub mod schema;
pub mod search;
pub mod settings;
pub mod timing;
pub mod tokens;
pub mod tools;
pub mod transcript;
pub mod transfer;
pub mod usage;
pub mod vectors;
pub mod window;
pub mod words;
