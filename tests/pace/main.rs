//! Times that must be true. In a program of its own, so that nothing else of the tests runs beside it.

mod replay;
mod timing_truth;
