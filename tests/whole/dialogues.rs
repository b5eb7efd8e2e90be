//! Dialogues with tools: what each step sends, byte for byte, and what becomes of it when something goes wrong.

mod auto;
mod by_hand;
mod responses;
pub(crate) mod tool_server;

use juxta_tests::http_bytes;
use juxta_tests::tee::TeeProxy;
use juxta_tests::world::{World, chat};
use juxta_wire::draft::Parameter;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::ids::{CellId, RunId};
use juxta_wire::lane::Comparison;
use juxta_wire::run::{Cell, CellState};
use juxta_wire::tools::{ToolOrigin, ToolReplies, ToolReply, ToolResult, ToolResultState};
use serde_json::{Value, json};

const STEPS: &str = "sandbox/tools-steps";

/// A sandbox behind a proxy that keeps what passes.
struct Bench {
    world: World,
    tee: TeeProxy,
    connection: juxta_wire::connection::Connection,
}

impl Bench {
    async fn new(dialect: Dialect) -> Self {
        let world = World::start().await;
        let tee = TeeProxy::start(world.sandbox.address()).expect("a proxy");
        let connection = world.connect("Tee", dialect, &tee.origin());
        Self { world, tee, connection }
    }

    /// Two tools, the second of them a function as well, so that two calls stand side by side.
    fn comparison(&self, endpoint: EndpointKind) -> Comparison {
        let mut comparison = chat(&self.connection.id, STEPS, &[]);
        comparison.lanes[0].endpoint = endpoint;
        comparison.draft.parameters.push(Parameter::new("tools", tools(endpoint)));
        comparison
    }

    /// Bodies of all requests, in the order in which they were sent.
    fn bodies(&self) -> Vec<String> {
        let sent: Vec<u8> = self.tee.connections().iter().flat_map(juxta_tests::tee::Connection::sent).collect();
        http_bytes::requests(&sent)
            .expect("requests")
            .into_iter()
            .map(|one| String::from_utf8(one.body).expect("UTF-8"))
            .collect()
    }

    fn cells(&self, run: &RunId) -> Vec<Cell> {
        self.world.engine.run(run).expect("the run").cells
    }

    /// Waits until a cell is over and on disk.
    async fn over(&self, id: &CellId) -> Cell {
        self.world.until(|seen| seen.states.get(id).is_some_and(CellState::is_over)).await;
        self.world.engine.cell(id).expect("the cell").cell
    }
}

fn tools(endpoint: EndpointKind) -> String {
    let schema = |name: &str| json!({"type": "object", "properties": {name: {"type": "string"}}, "required": [name]});
    let tools = [("get_weather", "city"), ("get_time", "zone")].map(|(name, member)| match endpoint {
        EndpointKind::Responses => {
            json!({"type": "function", "name": name, "parameters": schema(member)})
        }
        _ => json!({"type": "function", "function": {"name": name, "parameters": schema(member)}}),
    });
    Value::from(tools.to_vec()).to_string()
}

fn result(id: &str, text: &str) -> ToolResult {
    ToolResult {
        id: id.to_owned(),
        name: String::new(),
        origin: ToolOrigin::Hand,
        state: ToolResultState::Given { reply: ToolReply::Output { text: text.to_owned() } },
        elapsed_ms: None,
    }
}

fn ids(cell: &Cell) -> Vec<String> {
    cell.outcome.choices.iter().flat_map(|choice| &choice.tool_calls).filter_map(|call| call.id.clone()).collect()
}

fn replies(cell: &Cell, text: &str) -> ToolReplies {
    let results = ids(cell).iter().map(|id| result(id, &format!("{text} of {id}"))).collect();
    ToolReplies { choice: 0, results, arguments: Vec::new() }
}
