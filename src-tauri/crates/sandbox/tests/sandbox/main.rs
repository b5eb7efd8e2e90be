//! The sandbox from outside: what a plain socket receives, byte for byte.

mod answers;
mod caller;
mod connections;
mod models;
mod refusals;
mod scenarios;
mod streams;
mod validation;
