//! Form and JSON are two views of one draft: whichever way one goes around, nothing is lost.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

/// JSON text of any value, with odd numbers and odd white space.
fn json_value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just(" true ".to_owned()),
        select(vec!["1.0", "1e-3", "-0", "0.20", "12345678901234567890123", "1E+400", "9007199254740993"])
            .prop_map(str::to_owned),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?",
        text().prop_map(|text| quoted(&text)),
        Just(r#""\u0041\/\ud83d\ude00\ud800""#.to_owned()),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(|items| format!("[ {}\n]", items.join(" ,"))),
            vec((text(), inner), 0..3).prop_map(|items| {
                let members: Vec<String> =
                    items.iter().map(|(name, item)| format!("{} :{item}", quoted(name))).collect();
                format!("{{{}\t}}", members.join(",\r\n"))
            }),
        ]
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        select(vec!["", "{{city}}", "\"\\\n\t\u{0}\u{2028}", "東京 👩‍👩‍👧 שלום", "{\"a\":1}", " : , ", "role", "text"])
            .prop_map(str::to_owned),
    ]
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text is JSON")
}

/// Members of different names, none of which is among `taken`.
fn members(taken: &'static [&'static str]) -> impl Strategy<Value = Vec<Parameter>> {
    let name = prop_oneof![
        select(vec!["temperature", "seed", "stop", "stream", "tool_calls", "name", "x-\"odd\"", ""])
            .prop_map(str::to_owned),
        text(),
    ];
    vec((name, json_value()), 0..6).prop_map(move |pairs| {
        let mut members: Vec<Parameter> = Vec::new();
        for (name, json) in pairs {
            if !taken.contains(&name.as_str()) && members.iter().all(|known| known.name != name) {
                members.push(Parameter { name, json });
            }
        }
        members
    })
}

/// None, or some of the names in any order, one that is not there among them.
fn some_order(first: &[&str], members: &[Parameter]) -> impl Strategy<Value = Vec<String>> + use<> {
    let mut names: Vec<String> = first.iter().map(|name| (*name).to_owned()).collect();
    names.extend(members.iter().map(|member| member.name.clone()));
    names.push("not there".to_owned());
    let most = names.len();
    prop_oneof![Just(Vec::new()), subsequence(names, 0..=most).prop_shuffle()]
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        text().prop_map(|text| Part::Text { text }),
        (text(), proptest::option::of(text())).prop_map(|(url, detail)| Part::Image { url, detail }),
        (text(), text()).prop_map(|(data, format)| Part::Audio { data, format }),
        proptest::array::uniform4(proptest::option::of(text())).prop_map(|[name, data, id, url]| Part::File {
            name,
            data,
            id,
            url
        }),
        json_value().prop_map(|json| Part::Raw { json }),
        select(vec![
            r#"{"type":"text","text":"known"}"#,
            r#"{"text":"known","type":"text"}"#,
            r#"{"type":"image_url","image_url":{"url":"u","detail":null}}"#,
            r#"{"type":"image_url","image_url":{"detail":"low","url":"u"}}"#,
            r#"{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}"#,
        ])
        .prop_map(|json| Part::Raw { json: json.to_owned() }),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    let content = prop_oneof![
        3 => text().prop_map(|text| Content::Text { text }),
        1 => vec(part(), 0..4).prop_map(|parts| Content::Parts { parts }),
        1 => Just(Content::Null),
        1 => Just(Content::Absent),
    ];
    let plain = (select(Role::ALL.to_vec()), content, members(&["role", "content"]), any::<bool>());
    plain.prop_flat_map(|(role, content, members, muted)| {
        some_order(&["role", "content"], &members).prop_map(move |order| Message {
            content: content.clone(),
            members: members.clone(),
            muted,
            order,
            ..Message::text(role, "")
        })
    })
}

fn any_comparison() -> impl Strategy<Value = Comparison> {
    let other = (text(), members(&["model", "messages"]), proptest::option::of(vec(message(), 0..3)));
    let plain = (vec(message(), 0..5), members(&["model", "messages"]), vec(other, 0..3), any::<prop::sample::Index>());
    plain.prop_flat_map(|(messages, draft, others, unset)| {
        some_order(&["model", "messages"], &draft).prop_map(move |order| {
            let mut made = comparison(messages.clone(), &[], vec![lane("base/model")]);
            made.draft.parameters = draft.clone();
            made.draft.order = order;
            for (model, own, forked) in &others {
                let mut lane = lane(model);
                lane.forked_messages = forked.clone();
                lane.overrides = own.iter().cloned().map(|parameter| Override::Set { parameter }).collect();
                if let Some(gone) = draft.get(unset.index(draft.len().max(1)))
                    && own.iter().all(|known| known.name != gone.name)
                {
                    lane.overrides.push(Override::Unset { name: gone.name.clone() });
                }
                made.lanes.push(lane);
            }
            made
        })
    })
}

/// A body as somebody may write it: members in any order, none of them in our spelling but texts.
fn any_body() -> impl Strategy<Value = String> {
    let content = prop_oneof![
        Just(None),
        Just(Some("null".to_owned())),
        text().prop_map(|text| Some(quoted(&text))),
        vec(part(), 0..3).prop_map(|parts| {
            let message = Message { content: Content::Parts { parts }, ..Message::text(Role::User, "") };
            let bytes = chat::encode_message(&message).expect("JSON");
            let text = String::from_utf8(bytes).expect("UTF-8");
            text.strip_prefix(r#"{"role":"user","content":"#).and_then(|rest| rest.strip_suffix('}')).map(str::to_owned)
        }),
    ];
    let message = (select(Role::ALL.to_vec()), content, members(&["role", "content"])).prop_flat_map(
        |(role, content, members)| {
            let content = content.map(|json| Parameter::new("content", json));
            let role = Parameter::new("role", quoted(role.as_str()));
            let all: Vec<Parameter> = std::iter::once(role).chain(content).chain(members).collect();
            prop_oneof![Just(all.clone()), Just(all).prop_shuffle()].prop_map(|members| object(&members))
        },
    );
    (text(), vec(message, 0..4), members(&["model", "messages"])).prop_flat_map(|(model, messages, members)| {
        let model = Parameter::new("model", quoted(&model));
        let messages = Parameter::new("messages", format!("[{}]", messages.join(" , ")));
        let all: Vec<Parameter> = [model, messages].into_iter().chain(members).collect();
        prop_oneof![Just(all.clone()), Just(all).prop_shuffle()].prop_map(|members| object(&members))
    })
}

fn object(members: &[Parameter]) -> String {
    let members: Vec<String> =
        members.iter().map(|member| format!("{} : {}", quoted(&member.name), member.json)).collect();
    format!("{{ {} }}", members.join("\n,"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn form_to_json_to_form_changes_nothing(comparison in any_comparison(), lane in any::<prop::sample::Index>()) {
        let index = lane.index(comparison.lanes.len());
        let text = json::indented(&body_of(&comparison, index));
        let edit = apply(&comparison, index, &text, None);
        prop_assert_eq!(edit.comparison.as_ref(), Some(&comparison), "{}", &text);
        // The same without the way around for a text that says nothing new.
        prop_assert_eq!(&rebuilt(&comparison, index, body::read(EndpointKind::Chat, &text), None), &comparison, "{}", &text);
    }

    #[test]
    fn json_to_form_to_json_changes_nothing_but_white_space(
        comparison in any_comparison(),
        lane in any::<prop::sample::Index>(),
        text in any_body(),
    ) {
        let index = lane.index(comparison.lanes.len());
        let edit = apply(&comparison, index, &text, None);
        let changed = edit.comparison.ok_or_else(|| TestCaseError::fail(format!("{text}: {:?}", edit.problems)))?;
        prop_assert_eq!(json::compact(&body_of(&changed, index)), json::compact(&text));
        prop_assert_eq!(&changed.draft.variables, &comparison.draft.variables);
        if index > 0 {
            prop_assert_eq!(&changed.draft.parameters, &comparison.draft.parameters);
            prop_assert_eq!(&changed.lanes[0], &comparison.lanes[0]);
        }
        let muted = |messages: &[Message]| messages.iter().filter(|message| message.muted).cloned().collect::<Vec<_>>();
        let before = muted(messages(&comparison.draft, &comparison.lanes[index]));
        prop_assert_eq!(muted(messages(&changed.draft, &changed.lanes[index])), before, "muted messages stay");
    }

    #[test]
    fn no_text_upsets_it(text in any::<String>(), cut in any::<prop::sample::Index>(), body in any_body()) {
        let comparison = comparison(vec![], &[], vec![lane("a")]);
        let cut = (0..=body.len()).rev().skip(cut.index(body.len() + 1)).find(|at| body.is_char_boundary(*at));
        for text in [text.as_str(), &body[..cut.unwrap_or_default()]] {
            let units = text.encode_utf16().count() as u32;
            for problem in apply(&comparison, 0, text, None).problems {
                prop_assert!(problem.start <= problem.end && problem.end <= units);
            }
        }
    }
}
