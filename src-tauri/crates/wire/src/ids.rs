//! Ids are UUIDs of version 7, so that they sort by the time they were made.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
        #[ts(export, type = "string")]
        pub struct $name(pub String);

        impl $name {
            /// A new id, later in order than every id made before it on this machine.
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7().to_string())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A saved connection: address, headers, network settings.
    ConnectionId
);
id!(
    /// A saved comparison: one draft and its lanes.
    ComparisonId
);
id!(
    /// One column of a comparison.
    LaneId
);
id!(
    /// One press of Run.
    RunId
);
id!(
    /// One call of a run.
    CellId
);
id!(
    /// One message of a draft.
    MessageId
);
id!(
    /// A sound that was recorded or imported.
    RecordingId
);
id!(
    /// A matrix: prompts over models, values, rows and repeats.
    MatrixId
);
id!(
    /// A job for a provider's queue.
    BatchId
);
