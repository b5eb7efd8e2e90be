//! A body that no form says.

use std::ops::Range;

use juxta_client::import::body::Problem;
use juxta_client::json::{self, Kind};
use juxta_wire::body_edit::Severity;
use juxta_wire::draft::Parameter;

#[derive(Debug, Default)]
pub struct Read {
    /// Members with the places of their values, in bytes.
    pub members: Vec<(Parameter, Range<usize>)>,
    pub problems: Vec<Problem>,
}

/// Reads what can be said about a body without knowing its endpoint. A text that is no object has an error.
pub fn read(text: &str) -> Read {
    let error = |span, message: String| {
        let problem = Problem { span, severity: Severity::Error, path: String::new(), message };
        Read { members: Vec::new(), problems: vec![problem] }
    };
    let node = match json::parse(text) {
        Ok(node) => node,
        Err(fault) => return error(fault.span, fault.message),
    };
    let Kind::Object(members) = &node.kind else {
        return error(node.span, "A body is an object: it begins with { and ends with }.".to_owned());
    };
    let mut read = Read::default();
    for member in members {
        if read.members.iter().any(|(known, _)| known.name == member.name) {
            let message = format!("{} stands here a second time. Most servers read the last one.", member.name);
            let span = member.name_span.clone();
            read.problems.push(Problem { span, severity: Severity::Warning, path: member.name.clone(), message });
        }
        read.members.push((Parameter::new(&member.name, member.value.text(text)), member.value.span.clone()));
    }
    read
}
