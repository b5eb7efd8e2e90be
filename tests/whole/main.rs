//! The floors together: engine, client, store and sandbox over real connections, and the rules of the house.
//!
//! One program, because each program of tests would be linked with everything once more.

mod answers;
mod arriving_speech;
mod batches;
mod code_exports;
mod curl;
mod dependencies;
mod dialogues;
mod error_report;
mod errors;
mod every_field;
mod floors;
mod generated_drafts;
mod history;
mod imported_endpoints;
mod inspector;
mod judges;
mod matrix;
mod matrix_results;
mod media_wire;
mod repeats;
mod runs;
mod schema_checks;
mod secrets;
mod test_rows;
mod transfer;
mod tree;
mod wire_truth;
