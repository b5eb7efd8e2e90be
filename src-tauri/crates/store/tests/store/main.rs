//! The store through its public face, on real folders.

mod batches;
mod bodies;
mod documents;
mod fixtures;
mod folders;
mod kill;
mod matrix_cells;
mod plain_scan;
mod runs;
mod search;
mod vocabulary;
