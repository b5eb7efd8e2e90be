use juxta_wire::draft::{Draft, Message, Role};
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::ids::ConnectionId;
use juxta_wire::matrix::{MatrixLimits, RowChoice};

use super::*;

fn lane(model: &str) -> Lane {
    Lane {
        id: LaneId::new(),
        connection: ConnectionId("one".to_owned()),
        endpoint: EndpointKind::Chat,
        model: model.to_owned(),
        overrides: Vec::new(),
        forked_messages: None,
        muted: false,
        raw_body: None,
        hold: false,
        variables: Vec::new(),
    }
}

fn plan(models: &[&str], prompts: &[&str], axes: &[(&str, &str)]) -> MatrixPlan {
    let draft = Draft { messages: vec![Message::text(Role::User, "Shared")], ..Draft::default() };
    let prompt = |name: &&str| MatrixPrompt {
        name: (*name).to_owned(),
        messages: vec![Message::text(Role::User, format!("Says {name}"))],
    };
    MatrixPlan {
        name: "Plan".to_owned(),
        comparison: Comparison {
            id: ComparisonId::new(),
            name: "Plan".to_owned(),
            draft,
            lanes: models.iter().map(|model| lane(model)).collect(),
            repeats: 2,
        },
        prompts: prompts.iter().map(prompt).collect(),
        axes: axes
            .iter()
            .map(|(name, values)| MatrixAxis { parameter: (*name).to_owned(), values: (*values).to_owned() })
            .collect(),
        rows: RowChoice::All,
        limits: MatrixLimits::default(),
    }
}

fn names(plan: &MatrixPlan) -> Vec<String> {
    variants(plan, &[]).variants.into_iter().map(|variant| variant.name).collect()
}

#[test]
fn prompts_lanes_and_values_follow_in_this_order_and_are_named_by_what_sets_them_apart() {
    let laid = plan(&["a", "b"], &["Short", "Long"], &[("temperature", "0, unset"), ("seed", "7")]);
    let laid = variants(&laid, &[]);
    assert_eq!((laid.prompts, laid.lanes, laid.values, &laid.problems[..]), (2, 2, 2, &[][..]));
    let names: Vec<&str> = laid.variants.iter().map(|variant| variant.name.as_str()).collect();
    assert_eq!(names[..3], ["Short · a · temperature 0", "Short · a · temperature unset", "Short · b · temperature 0"]);
    assert_eq!(names[4], "Long · a · temperature 0");
    assert_eq!(laid.variants[7].letter, "H");
    assert_eq!(laid.variants[1].values, [None, Some("7".to_owned())]);
    let lane = &laid.comparison.lanes[1];
    assert_eq!(lane.overrides.len(), 2);
    assert!(matches!(&lane.overrides[0], Override::Unset { name } if name == "temperature"));
    assert_eq!(lane.forked_messages.as_ref().map(Vec::len), Some(1));
    let ids: std::collections::HashSet<_> = laid.comparison.lanes.iter().map(|lane| &lane.id).collect();
    assert_eq!(ids.len(), 8, "each variant is a lane of its own");
}

#[test]
fn one_prompt_and_one_lane_need_no_name_of_theirs() {
    assert_eq!(names(&plan(&["a"], &[], &[])), ["a"]);
    assert_eq!(
        names(&plan(&["a"], &["Only"], &[("reasoning_effort", "low, high")])),
        ["reasoning_effort low", "reasoning_effort high"]
    );
    assert_eq!(names(&plan(&["a", "a"], &[], &[])), ["a (lane A)", "a (lane B)"]);
    let alone = plan(&["a"], &[], &[]);
    assert_eq!(variants(&alone, &[]).comparison.lanes[0].forked_messages, None, "the draft's own messages are sent");
}

#[test]
fn muted_lanes_are_left_out_and_keep_their_letters_from_nobody() {
    let mut muted = plan(&["a", "b", "c"], &[], &[]);
    muted.comparison.lanes[1].muted = true;
    let laid = variants(&muted, &[]);
    let found: Vec<_> = laid.variants.iter().map(|variant| (variant.letter.as_str(), variant.model.as_str())).collect();
    assert_eq!(found, [("A", "a"), ("B", "c")]);
}

#[test]
fn a_value_takes_the_place_of_what_the_lane_said() {
    let mut own = plan(&["a"], &[], &[("temperature", "1")]);
    own.comparison.lanes[0].overrides = vec![Override::Set { parameter: Parameter::new("temperature", "0.2") }];
    let laid = variants(&own, &[]);
    assert_eq!(laid.comparison.lanes[0].overrides, [Override::Set { parameter: Parameter::new("temperature", "1") }]);
}

#[test]
fn what_cannot_be_laid_out_is_said_in_words() {
    let raw = |plan: &mut MatrixPlan| plan.comparison.lanes[0].raw_body = Some("{}".to_owned());
    let endpoint = |plan: &mut MatrixPlan| {
        plan.comparison.lanes[0].endpoint = EndpointKind::Responses;
        plan.comparison.lanes[0].muted = true;
    };
    type Change<'a> = &'a dyn Fn(&mut MatrixPlan);
    let cases: [(&str, Change<'_>); 7] = [
        ("by hand", &raw),
        ("lane A, which is muted", &endpoint),
        ("Prompt 1 has no name", &|plan| plan.prompts[0].name = " ".to_owned()),
        ("at most 1,000", &|plan| plan.axes[0].values = "0..999".to_owned()),
        ("varied twice", &|plan| plan.axes.push(plan.axes[0].clone())),
        ("Add a prompt", &|plan| plan.axes[0].parameter = "messages".to_owned()),
        ("no text", &|plan| plan.comparison.lanes[1].endpoint = EndpointKind::Image),
    ];
    for (part, change) in cases {
        let mut plan = plan(&["a", "b"], &["One", "Two"], &[("seed", "1, 2")]);
        change(&mut plan);
        let problems = variants(&plan, &[]).problems.join("\n");
        assert!(problems.contains(part), "{part}: {problems}");
    }
}
