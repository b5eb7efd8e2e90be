//! One module for each kind of call.

pub mod chat;
pub mod models;
