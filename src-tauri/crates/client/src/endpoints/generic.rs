//! Generic inference: free `args` in, any JSON out.

mod encode;

pub(super) use encode::write_args;
