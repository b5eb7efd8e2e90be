//! The ways in which every row is sent: prompts × unmuted lanes × values.

use juxta_wire::connection::Connection;
use juxta_wire::draft::Parameter;
use juxta_wire::ids::{ComparisonId, LaneId};
use juxta_wire::lane::{Comparison, Lane, Override};
use juxta_wire::matrix::{MatrixAxis, MatrixPlan, MatrixPrompt, MatrixVariant};
use juxta_wire::params;

use super::values;
use crate::batch::build::letters;
use crate::batch::words::number;

/// The most variants. Each is a lane of every run.
const MOST_VARIANTS: usize = 1_000;

/// A plan, laid out.
#[derive(Debug, Clone)]
pub(super) struct Variants {
    pub prompts: u32,
    pub lanes: u32,
    /// Combinations of the axes' values.
    pub values: u32,
    pub variants: Vec<MatrixVariant>,
    /// The variants as its lanes.
    pub comparison: Comparison,
    pub problems: Vec<String>,
}

/// Lays a plan out. What cannot be said of it is among the problems; what is said is as much as can be.
pub(super) fn variants(plan: &MatrixPlan, connections: &[Connection]) -> Variants {
    let lanes: Vec<(usize, &Lane)> = plan.comparison.lanes.iter().enumerate().filter(|(_, lane)| !lane.muted).collect();
    let mut problems = problems(plan, &lanes);
    let axes = axes(plan, &lanes, connections, &mut problems);
    let combinations = combinations(&axes);
    let prompts: Vec<Option<&MatrixPrompt>> = match plan.prompts.as_slice() {
        [] => vec![None],
        prompts => prompts.iter().map(Some).collect(),
    };
    let count = prompts.len().saturating_mul(lanes.len()).saturating_mul(combinations.len());
    let mut laid = Variants {
        prompts: prompts.len() as u32,
        lanes: lanes.len() as u32,
        values: combinations.len() as u32,
        variants: Vec::new(),
        comparison: Comparison {
            // Its runs belong to no comparison that somebody edits.
            id: ComparisonId::new(),
            name: plan.name.clone(),
            lanes: Vec::new(),
            ..plan.comparison.clone()
        },
        problems,
    };
    if count > MOST_VARIANTS {
        let words = format!(
            "These are {} variants, and at most {} are taken. Take away prompts, lanes or values",
            number(count as u64),
            number(MOST_VARIANTS as u64)
        );
        laid.problems.push(words);
        return laid;
    }
    let names = lane_names(&lanes, connections);
    for prompt in &prompts {
        for ((_, lane), lane_name) in lanes.iter().zip(&names) {
            for combination in &combinations {
                let prompt_name = prompt.filter(|_| prompts.len() > 1).map(|prompt| prompt.name.trim().to_owned());
                let index = laid.variants.len();
                laid.variants.push(MatrixVariant {
                    index: index as u32,
                    letter: letters(index),
                    name: name(prompt_name.as_deref(), (lanes.len() > 1).then_some(lane_name), &axes, combination)
                        .unwrap_or_else(|| lane_name.clone()),
                    prompt: prompt_name,
                    connection: connection_name(lane, connections),
                    model: lane.model.clone(),
                    values: combination.clone(),
                });
                laid.comparison.lanes.push(made(lane, *prompt, &axes, combination));
            }
        }
    }
    laid
}

/// What is wrong before values are read.
fn problems(plan: &MatrixPlan, lanes: &[(usize, &Lane)]) -> Vec<String> {
    let mut problems = Vec::new();
    if lanes.is_empty() {
        problems.push("Every lane is muted: unmute one".to_owned());
    }
    if let Some((index, _)) = lanes.iter().find(|(_, lane)| lane.endpoint.is_of_media()) {
        let letter = letters(*index);
        problems
            .push(format!("Lane {letter} asks for no text. Pictures, sounds and vectors have sections of their own"));
    }
    let base = plan.comparison.lanes.first();
    if let Some(base) = base.filter(|base| base.muted)
        && lanes.first().is_some_and(|(_, lane)| lane.endpoint != base.endpoint)
    {
        let words =
            "The prompt is written for the endpoint of lane A, which is muted. Unmute it, or begin with another";
        problems.push(words.to_owned());
    }
    let is_varied = plan.prompts.len() > 1 || !plan.axes.is_empty();
    for (index, _) in lanes.iter().filter(|(_, lane)| is_varied && lane.raw_body.is_some()) {
        let letter = letters(*index);
        problems.push(format!(
            "Lane {letter} sends a body that was written by hand, which prompts and values do not reach. Mute it, or go \
             back to its form"
        ));
    }
    for (at, prompt) in plan.prompts.iter().enumerate() {
        let name = prompt.name.trim();
        if name.is_empty() {
            problems.push(format!("Prompt {} has no name", at + 1));
        } else if plan.prompts[..at].iter().any(|before| before.name.trim() == name) {
            problems.push(format!("Two prompts are called {name}"));
        }
    }
    problems
}

/// A parameter with its values, one of which may be to send no such key.
struct Axis<'a> {
    parameter: &'a str,
    values: Vec<Option<String>>,
}

fn axes<'a>(
    plan: &'a MatrixPlan,
    lanes: &[(usize, &Lane)],
    connections: &[Connection],
    problems: &mut Vec<String>,
) -> Vec<Axis<'a>> {
    let mut axes: Vec<Axis<'a>> = Vec::new();
    for MatrixAxis { parameter, values } in &plan.axes {
        let parameter = parameter.trim();
        if parameter.is_empty() {
            problems.push("Name the parameter whose values are to be varied".to_owned());
            continue;
        }
        let is_content = lanes.iter().any(|(_, lane)| lane.endpoint.content_member() == Some(parameter));
        if parameter == "model" || is_content {
            let instead = if parameter == "model" { "Add a lane for each model" } else { "Add a prompt for each text" };
            problems.push(format!("{parameter} is no parameter to vary. {instead}"));
            continue;
        }
        if axes.iter().any(|axis| axis.parameter == parameter) {
            problems.push(format!("{parameter} is varied twice"));
            continue;
        }
        let tables = lanes.iter().filter_map(|(_, lane)| {
            let connection = connections.iter().find(|connection| connection.id == lane.connection)?;
            Some(params::table(lane.endpoint, connection.dialect))
        });
        let spec = tables.flat_map(|table| table.parameters).find(|spec| spec.name == parameter);
        match values::parse(values, spec.as_ref()) {
            Ok(values) => axes.push(Axis { parameter, values }),
            Err(problem) => problems.push(format!("Values of {parameter}: {problem}")),
        }
    }
    axes
}

/// Each value of the first with each of the next; one without any when there are no axes.
fn combinations(axes: &[Axis<'_>]) -> Vec<Vec<Option<String>>> {
    axes.iter().fold(vec![Vec::new()], |combinations, axis| {
        let longer = |before: &Vec<Option<String>>, value: &Option<String>| {
            before.iter().chain([value]).cloned().collect::<Vec<_>>()
        };
        combinations
            .iter()
            .flat_map(|before| axis.values.iter().map(move |value| longer(before, value)))
            // Enough to see that they are too many.
            .take(MOST_VARIANTS * 10)
            .collect()
    })
}

fn connection_name(lane: &Lane, connections: &[Connection]) -> String {
    let found = connections.iter().find(|connection| connection.id == lane.connection);
    found.map_or_else(String::new, |connection| connection.name.clone())
}

/// What sets each lane apart from the others: its model, else that with its connection, else that with its letter.
fn lane_names(lanes: &[(usize, &Lane)], connections: &[Connection]) -> Vec<String> {
    let model = |lane: &Lane| match lane.model.trim() {
        "" => "no model".to_owned(),
        model => model.to_owned(),
    };
    let with_connection = |lane: &Lane| format!("{} ({})", model(lane), connection_name(lane, connections));
    let is_alone = |of: &dyn Fn(&Lane) -> String, lane: &Lane| {
        let name = of(lane);
        lanes.iter().filter(|(_, other)| of(other) == name).count() == 1
    };
    let name = |(index, lane): &(usize, &Lane)| {
        if is_alone(&model, lane) {
            model(lane)
        } else if is_alone(&with_connection, lane) {
            with_connection(lane)
        } else {
            format!("{} (lane {})", model(lane), letters(*index))
        }
    };
    lanes.iter().map(name).collect()
}

/// `None` when nothing sets it apart, because it is the only one.
fn name(
    prompt: Option<&str>,
    lane: Option<&String>,
    axes: &[Axis<'_>],
    combination: &[Option<String>],
) -> Option<String> {
    let values = axes.iter().zip(combination).filter(|(axis, _)| axis.values.len() > 1);
    let values = values.map(|(axis, value)| format!("{} {}", axis.parameter, value.as_deref().map_or("unset", bare)));
    let parts: Vec<String> = prompt.map(str::to_owned).into_iter().chain(lane.cloned()).chain(values).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// A text without its quotation marks, where nothing in it is escaped.
fn bare(json: &str) -> &str {
    json.strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|inside| !inside.contains('\\'))
        .unwrap_or(json)
}

fn made(lane: &Lane, prompt: Option<&MatrixPrompt>, axes: &[Axis<'_>], combination: &[Option<String>]) -> Lane {
    let mut made = Lane { id: LaneId::new(), hold: false, ..lane.clone() };
    if let Some(prompt) = prompt {
        made.forked_messages = Some(prompt.messages.clone());
    }
    for (axis, value) in axes.iter().zip(combination) {
        let change = match value {
            Some(json) => Override::Set { parameter: Parameter::new(axis.parameter, json.as_str()) },
            None => Override::Unset { name: axis.parameter.to_owned() },
        };
        match made.overrides.iter_mut().find(|known| known.name() == axis.parameter) {
            Some(known) => *known = change,
            None => made.overrides.push(change),
        }
    }
    made
}

#[cfg(test)]
mod tests;
