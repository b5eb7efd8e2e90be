//! The store through its public face, on real folders.

mod bodies;
mod documents;
mod fixtures;
mod folders;
mod kill;
mod runs;
mod search;
