//! A matrix as a file: all that the file of a prompt has, and what is run with it.

use juxta_client::json::{Kind, Node};
use juxta_wire::ids::ConnectionId;
use juxta_wire::matrix::{MatrixAxis, MatrixLimits, MatrixPlan, MatrixPrompt, RowChoice};

use super::read::{KNOWN, Reader, Reading, members_but};
use super::{Layout, NamedConnection, members, messages_layout};

/// What the first member says.
const FORMAT: &str = "juxta-matrix/1";

/// Members beside those of a prompt.
const OWN: [&str; 4] = ["prompts", "axes", "rows", "limits"];

/// The file of `plan`. `name_of` names a connection; `others` are members of the file that are none of the matrix's, with
/// their JSON.
pub fn write_matrix(
    plan: &MatrixPlan,
    name_of: &dyn Fn(&ConnectionId) -> String,
    others: Vec<(String, String)>,
) -> String {
    let MatrixPlan { name, comparison, prompts, axes, rows, limits } = plan;
    let mut members = members(FORMAT, comparison, name_of);
    for member in members.iter_mut().filter(|(known, _)| known == "name") {
        member.1 = Layout::text(name);
    }
    let list = |name: &str, items: Vec<Layout>| (!items.is_empty()).then(|| (name.to_owned(), Layout::List(items)));
    members.extend(list("prompts", prompts.iter().map(prompt).collect()));
    members.extend(list("axes", axes.iter().map(axis).collect()));
    members.extend(row_choice(rows).map(|rows| ("rows".to_owned(), rows)));
    members.extend(limits_layout(limits).map(|limits| ("limits".to_owned(), limits)));
    members.extend(others.into_iter().map(|(name, json)| (name, Layout::Raw(json))));
    Layout::Object(members).to_text()
}

/// Outermost members that are none of the matrix's, with their JSON as it is spelled.
pub fn other_matrix_members(text: &str) -> Vec<(String, String)> {
    members_but(text, |name| KNOWN.contains(&name) || OWN.contains(&name))
}

fn prompt(prompt: &MatrixPrompt) -> Layout {
    let MatrixPrompt { name, messages } = prompt;
    Layout::object([("name", Layout::text(name)), ("messages", messages_layout(messages))])
}

fn axis(axis: &MatrixAxis) -> Layout {
    let MatrixAxis { parameter, values } = axis;
    Layout::object([("parameter", Layout::text(parameter)), ("values", Layout::lines(values))])
}

/// Nothing for all.
fn row_choice(rows: &RowChoice) -> Option<Layout> {
    match rows {
        RowChoice::All => None,
        RowChoice::First { count } => Some(Layout::object([("first", Layout::Raw(count.to_string()))])),
        RowChoice::Numbers { text } => Some(Layout::object([("numbers", Layout::text(text))])),
    }
}

/// Nothing where they are the usual ones.
fn limits_layout(limits: &MatrixLimits) -> Option<Layout> {
    let MatrixLimits { in_flight, per_minute, budget } = limits;
    let usual = MatrixLimits::default();
    let members = [
        (*in_flight != usual.in_flight).then(|| ("inFlight", in_flight.to_string())),
        per_minute.map(|calls| ("perMinute", calls.to_string())),
        budget.filter(|budget| budget.is_finite()).map(|budget| ("budget", budget.to_string())),
    ];
    let members = members.into_iter().flatten().map(|(name, json)| (name.to_owned(), Layout::Raw(json)));
    let members: Vec<_> = members.collect();
    (!members.is_empty()).then_some(Layout::Object(members))
}

/// Reads the text of a file. `resolve` finds the connection that a lane means.
///
/// # Errors
/// The first place that does not fit.
pub fn read_matrix(text: &str, resolve: &dyn Fn(&NamedConnection) -> ConnectionId) -> Reading<MatrixPlan> {
    let reader = Reader::new(text, resolve);
    let root = reader.root()?;
    let comparison = reader.comparison(&root, FORMAT)?;
    let object = reader.object(&root, "a matrix")?;
    let prompts = reader.list(object.find("prompts"), "the prompts")?.iter();
    let axes = reader.list(object.find("axes"), "the axes")?.iter();
    Ok(MatrixPlan {
        name: comparison.name.clone(),
        prompts: prompts.map(|prompt| reader.prompt(prompt)).collect::<Reading<_>>()?,
        axes: axes.map(|axis| reader.axis(axis)).collect::<Reading<_>>()?,
        rows: object.find("rows").map_or(Ok(RowChoice::All), |rows| reader.row_choice(rows))?,
        limits: object.find("limits").map_or(Ok(MatrixLimits::default()), |limits| reader.limits(limits))?,
        comparison,
    })
}

impl Reader<'_> {
    fn prompt(&self, node: &Node) -> Reading<MatrixPrompt> {
        let object = self.object(node, "a prompt")?;
        Ok(MatrixPrompt {
            name: self.string(self.need(&object, "name")?)?,
            messages: self.messages(Some(self.need(&object, "messages")?))?,
        })
    }

    fn axis(&self, node: &Node) -> Reading<MatrixAxis> {
        let object = self.object(node, "an axis")?;
        Ok(MatrixAxis {
            parameter: self.string(self.need(&object, "parameter")?)?,
            values: self.lines(self.need(&object, "values")?)?,
        })
    }

    fn row_choice(&self, node: &Node) -> Reading<RowChoice> {
        if node.string(self.text()).as_deref() == Some("all") {
            return Ok(RowChoice::All);
        }
        let object = self.object(node, "\"all\", or which rows")?;
        match (object.find("first"), object.find("numbers")) {
            (Some(count), None) => Ok(RowChoice::First { count: self.whole_number(Some(count), 0)? }),
            (None, Some(text)) => Ok(RowChoice::Numbers { text: self.string(text)? }),
            _ => self.wrong(node, "an object with \"first\" or with \"numbers\""),
        }
    }

    fn limits(&self, node: &Node) -> Reading<MatrixLimits> {
        let object = self.object(node, "the limits")?;
        let known = |name: &str| object.find(name).filter(|node| node.kind != Kind::Null);
        let usual = MatrixLimits::default();
        let in_flight = self.whole_number(known("inFlight"), usual.in_flight)?;
        let per_minute = known("perMinute").map(|node| self.whole_number(Some(node), 0)).transpose()?;
        let budget = known("budget").map(|node| match node.text(self.text()).parse() {
            Ok(budget) => Ok(budget),
            Err(_) => self.wrong(node, "an amount"),
        });
        Ok(MatrixLimits { in_flight, per_minute, budget: budget.transpose()? })
    }
}

#[cfg(test)]
mod tests {
    use juxta_wire::draft::{Dataset, Draft, Message, Role};
    use juxta_wire::endpoint::EndpointKind;
    use juxta_wire::ids::{ComparisonId, LaneId, MessageId};
    use juxta_wire::lane::{Comparison, Lane};

    use super::*;

    fn plan() -> MatrixPlan {
        let lane = Lane {
            id: LaneId::new(),
            connection: ConnectionId("c-1".to_owned()),
            endpoint: EndpointKind::Chat,
            model: "m".to_owned(),
            overrides: Vec::new(),
            forked_messages: None,
            muted: false,
            raw_body: None,
            hold: false,
            variables: Vec::new(),
        };
        let draft = Draft {
            messages: vec![Message::text(Role::User, "{{question}}")],
            dataset: Some(Dataset { path: "größe 東京.csv".to_owned(), row: 0, off: false }),
            text_input: true,
            ..Draft::default()
        };
        let name = "Refunds \"now\"".to_owned();
        MatrixPlan {
            comparison: Comparison {
                id: ComparisonId::new(),
                name: name.clone(),
                draft,
                lanes: vec![lane],
                repeats: 5,
            },
            name,
            prompts: vec![
                MatrixPrompt {
                    name: "Short".to_owned(),
                    messages: vec![Message::text(Role::System, "Be\nbrief \\ \"")],
                },
                MatrixPrompt { name: "Ü".to_owned(), messages: Vec::new() },
            ],
            axes: vec![MatrixAxis { parameter: "temperature".to_owned(), values: "0..1 step 0.25, unset".to_owned() }],
            rows: RowChoice::Numbers { text: "1-20, 35".to_owned() },
            limits: MatrixLimits { in_flight: 3, per_minute: Some(60), budget: Some(1.5) },
        }
    }

    /// Ids of messages are not in the file.
    fn without_ids(mut plan: MatrixPlan) -> MatrixPlan {
        let prompts = plan.prompts.iter_mut().flat_map(|prompt| &mut prompt.messages);
        for message in prompts.chain(&mut plan.comparison.draft.messages) {
            message.id = MessageId(String::new());
        }
        plan
    }

    fn read(text: &str) -> Reading<MatrixPlan> {
        read_matrix(text, &|named| named.id.clone()).map(without_ids)
    }

    #[test]
    fn what_is_written_is_read_and_written_again_the_same() {
        let few = MatrixPlan {
            prompts: Vec::new(),
            axes: Vec::new(),
            rows: RowChoice::All,
            limits: MatrixLimits::default(),
            ..plan()
        };
        let first = MatrixPlan { rows: RowChoice::First { count: 20 }, ..plan() };
        for plan in [plan(), few, first] {
            let text = write_matrix(&plan, &|_| "Desk".to_owned(), Vec::new());
            assert_eq!(read(&text), Ok(without_ids(plan.clone())), "{text}");
            let with_more = text.trim_end().trim_end_matches('}').trim_end().to_owned() + ",\n  \"team\": [1.0]\n}\n";
            let others = other_matrix_members(&with_more);
            assert_eq!(others, [("team".to_owned(), "[1.0]".to_owned())]);
            assert_eq!(write_matrix(&plan, &|_| "Desk".to_owned(), others), with_more);
        }
    }

    #[test]
    fn what_does_not_fit_is_named_with_its_line() {
        let text = write_matrix(&plan(), &|_| String::new(), Vec::new());
        for (from, to) in [
            ("\"numbers\"", "\"every\""),
            ("\"inFlight\": 3", "\"inFlight\": \"three\""),
            ("\"budget\": 1.5", "\"budget\": []"),
            ("\"parameter\"", "\"parameters_of\""),
            ("juxta-matrix/1", "juxta-prompt/1"),
        ] {
            let broken = text.replace(from, to);
            let unread = read(&broken).expect_err(to);
            assert!(unread.line > 1 || to.starts_with('j'), "{to}: {unread:?}");
        }
    }
}
