//! Finding past calls: their texts as terms, the language of queries, and the pages and counts that answer one.
//!
//! A text becomes the same terms when it is stored, when it is asked for and when its matches are marked, because all
//! three take them from [`terms`].

mod entry;
mod facets;
mod facts;
mod filters;
mod find;
mod page;
pub(crate) mod place;
mod plan;
mod query;
mod snippet;
mod terms;
mod texts;
pub(crate) mod vocabulary;

pub(crate) use entry::Entry;
pub(crate) use facets::FacetCache;
pub use filters::help;
