//! The sandbox from outside: what a plain socket receives, byte for byte.

mod answers;
mod batch_faults;
mod batches;
mod caller;
mod connections;
mod files;
mod items;
mod media;
mod models;
mod prompts;
mod refusals;
mod responses;
mod scenarios;
mod sound;
mod streams;
mod validation;
mod values;
