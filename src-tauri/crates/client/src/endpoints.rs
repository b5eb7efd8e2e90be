//! One folder for each endpoint kind: its request body and its answer. [`encode`] writes the body of any of them, and
//! [`Route`] says from which to which a draft is carried.

pub mod batch;
mod carry;
pub mod chat;
pub mod dialogue;
mod encode;
pub mod generic;
pub mod item;
pub mod logprobs;
mod mapper;
pub mod media;
pub mod models;
pub mod prompt;
mod reading;
pub mod responses;
mod spoken;
mod writer;

pub use carry::Route;
pub use encode::{Attached, Encoded, Form, encode, wants_stream};
pub use mapper::Mapper;
pub use spoken::Spoken;
