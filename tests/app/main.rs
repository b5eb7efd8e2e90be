//! The app in its real window, from its first start to what is left after a crash.
//!
//! `cargo build --workspace`, then `cargo test --workspace --test window -- --test-threads=1`. With `JUXTA_SHOTS=FOLDER`
//! the pictures that the tests take are kept.
#![cfg(target_os = "linux")]

mod attached;
mod audio;
mod batches;
mod compare;
mod diff;
mod edits;
mod embeddings;
mod endpoints;
mod errors;
mod images;
mod inspect;
mod looks;
mod matrix;
mod person;
mod prompts;
mod recovery;
mod secrets;
mod start;
mod structured;
mod tables;
mod tools;
