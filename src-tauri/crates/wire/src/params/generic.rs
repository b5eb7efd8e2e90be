//! Parameters of generic inference, which Scale alone has. `model` stands beside them.

use super::ParameterGroup::{Delivery, Input};
use super::ParameterKind::Object;
use super::ParameterSpec;
use super::entry::{Entry, IN_SCALE, entry, select};
use crate::endpoint::Dialect;

const ENTRIES: &[Entry] = &[
    entry(
        "args",
        IN_SCALE,
        Input,
        Object { example: r#"{"prompt":"Name a city.","stream":true}"# },
        "What the model is called with; each model says itself what it takes. Streaming is asked for in here, with stream.",
    ),
    entry(
        "inference_configuration",
        IN_SCALE,
        Delivery,
        Object { example: r#"{"timeout_seconds":60,"num_retries":2}"# },
        "How the vendor's Launch runs the call: seconds until it gives up, and how often it tries again.",
    ),
];

/// The parameters of generic inference in `dialect`, in the order of the form.
pub fn parameters(dialect: Dialect) -> Vec<ParameterSpec> {
    select(ENTRIES, dialect, "Scale GP OpenAPI v5, GenericInferenceRequest")
}
