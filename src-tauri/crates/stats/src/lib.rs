//! What repeats of a call say: how often it passes and how sure that is, whether one lane is better than another, and
//! how many repeats would tell. Pure functions of counts and figures, in `f64`; what cannot be said is `None`.
//!
//! Intervals are of 95 % where no other quantile is given. `tests/numbers` holds them against statsmodels and scipy.
//!
//! ```
//! use juxta_stats::{Rate, Verdict, Z_95};
//!
//! let (base, other) = (Rate::new(15, 20), Rate::new(16, 20));
//! let base = base.expect("some repeats");
//! let other = other.expect("some repeats");
//! let difference = other.minus(base, Z_95);
//! assert_eq!(difference.verdict(), Verdict::CannotTell);
//! assert_eq!(juxta_stats::repeats_to_tell(base.share(), other.share()), Some(1_094));
//! ```

mod draws;
mod median;
mod rate;
mod several;
mod size;

pub use median::{Median, RESAMPLES, median};
pub use rate::{Difference, Interval, Rate, Verdict};
pub use several::{all_of, any_of, distinct};
pub use size::repeats_to_tell;

/// The 0.975 quantile of the standard normal distribution: of a two-sided interval of 95 %.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// Its 0.8 quantile: of a power of four in five.
pub const Z_80_POWER: f64 = 0.841_621_233_572_914_3;
