//! What a request wishes beside its body.

use http::HeaderMap;
use juxta_wire::window::SandboxFaults;

use crate::delivery::Pace;
use crate::faults::{self, Behaviour, Fault, StreamFault};
use crate::refusal::{FieldProblem, Reason, Step};

/// How the answer is to come, from header, model name and menu, in this order.
pub(super) struct Wish {
    pub(super) behaviour: Option<Behaviour>,
    pub(super) pace: Pace,
    pub(super) done_on_scale: bool,
}

impl Wish {
    pub(super) fn read(
        headers: &HeaderMap,
        named: Option<&'static Fault>,
        pace: Pace,
        menu: &SandboxFaults,
    ) -> Result<Self, Reason> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let by_header = match text("x-sandbox-fault") {
            Some(name) => Some(faults::find(name).ok_or_else(|| unknown_header("x-sandbox-fault", name))?),
            None => None,
        };
        let by_menu = || menu.scenario.as_deref().and_then(faults::find);
        let behaviour = by_header.or(named).or_else(by_menu).map(|fault: &Fault| fault.behaviour);
        let by_header = match text("x-sandbox-rate") {
            Some(rate) => Some(rate.parse().map_err(|_| unknown_header("x-sandbox-rate", rate))?),
            None => None,
        };
        let by_scenario = match behaviour {
            Some(Behaviour::Rate(rate)) => Some(rate),
            _ => None,
        };
        let rate: Option<f64> = by_header.or(by_scenario).or(menu.tokens_per_second);
        Ok(Self {
            behaviour,
            pace: rate.map_or(pace, |rate| pace.at(rate)),
            done_on_scale: menu.done_on_scale || text("x-sandbox-done") == Some("true"),
        })
    }

    pub(super) fn stream_fault(&self) -> Option<StreamFault> {
        match self.behaviour {
            Some(Behaviour::Stream(fault)) => Some(fault),
            _ => None,
        }
    }
}

fn unknown_header(name: &str, value: &str) -> Reason {
    Reason::Fields(vec![FieldProblem {
        path: vec![Step::Name(name.to_owned())],
        message: "This header's value is not one the sandbox knows".to_owned(),
        code: "value_error",
        input: value.into(),
        context: None,
    }])
}
