//! Generic inference: free `args` in, any JSON out.

mod encode;
mod mapper;

pub(super) use encode::write_args;
pub use mapper::Mapper;
