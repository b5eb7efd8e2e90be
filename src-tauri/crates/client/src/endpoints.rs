//! One folder for each endpoint kind: its request body and its answer.

pub mod chat;
mod mapper;
pub mod models;
mod reading;

pub use mapper::Mapper;
