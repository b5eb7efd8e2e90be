//! The tables held beside the request schemas that the providers publish. The facts of each schema (names, types, limits)
//! stand in a file of their own, so that a field nobody mapped fails here.

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Schema {
    source: String,
    endpoint: EndpointKind,
    dialect: Dialect,
    fields: Vec<Field>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Field {
    /// With a point in it, a member of an object.
    name: String,
    /// `any` where the document names no type.
    #[serde(rename = "type")]
    kind: String,
    required: bool,
    minimum: Option<f64>,
    maximum: Option<f64>,
    maximum_items: Option<u32>,
    #[serde(default)]
    options: Vec<String>,
}

const SCHEMAS: [&str; 14] = [
    include_str!("schemas/scale-chat.json"),
    include_str!("schemas/scale-responses.json"),
    include_str!("schemas/scale-generic.json"),
    include_str!("schemas/scale-completions.json"),
    include_str!("schemas/scaigrid-chat.json"),
    include_str!("schemas/scaigrid-generate.json"),
    include_str!("schemas/scaigrid-embed.json"),
    include_str!("schemas/scaigrid-image.json"),
    include_str!("schemas/scaigrid-transcribe.json"),
    include_str!("schemas/scaigrid-synthesize.json"),
    include_str!("schemas/openai-embed.json"),
    include_str!("schemas/openai-image.json"),
    include_str!("schemas/openai-transcribe.json"),
    include_str!("schemas/openai-synthesize.json"),
];

fn schemas() -> Vec<Schema> {
    SCHEMAS.iter().map(|json| serde_json::from_str(json).expect("a schema")).collect()
}

/// What has a place of its own: the lane's model, and what the messages become.
fn is_beside(schema: &Schema, field: &Field) -> bool {
    field.name == "model" || schema.endpoint.content_member() == Some(&field.name)
}

#[test]
fn every_field_of_a_published_schema_has_an_entry_of_its_type_and_limits() {
    for schema in schemas() {
        let table = table(schema.endpoint, schema.dialect);
        for field in schema.fields.iter().filter(|field| !is_beside(&schema, field)) {
            let place = format!("{} of {}", field.name, schema.source);
            let (name, member) = field.name.split_once('.').map_or((field.name.as_str(), None), |(o, m)| (o, Some(m)));
            let spec = table.parameters.iter().find(|spec| spec.name == name);
            let spec = spec.unwrap_or_else(|| panic!("{place} has no entry"));
            // A voice has no usual one that a form could send by itself; that it is missing is said before sending.
            let is_asked_for = schema.endpoint == EndpointKind::Synthesize && field.name == "voice";
            assert!(!field.required || is_asked_for, "{place}: nothing that is required may be left unset");
            match member {
                Some(member) => {
                    assert!(example(spec).contains(&format!("\"{member}\"")), "{place}: not in the example")
                }
                None => assert_fits(spec, field, &place),
            }
        }
    }
}

#[test]
fn no_entry_is_made_up() {
    for schema in schemas() {
        for spec in table(schema.endpoint, schema.dialect).parameters {
            assert!(
                schema.fields.iter().any(|field| field.name == spec.name),
                "{} is not in {}",
                spec.name,
                schema.source
            );
        }
    }
}

fn example(spec: &ParameterSpec) -> &'static str {
    match spec.kind {
        ParameterKind::Object { example }
        | ParameterKind::ObjectList { example, .. }
        | ParameterKind::TextOrObject { example, .. } => example,
        _ => "",
    }
}

fn assert_fits(spec: &ParameterSpec, field: &Field, place: &str) {
    let types: &[&str] = match spec.kind {
        ParameterKind::Number { .. } => &["number"],
        ParameterKind::Integer { .. } => &["integer"],
        ParameterKind::Boolean => &["boolean"],
        ParameterKind::Text { .. } => &["string"],
        // Where a document asks for a list only, servers take one text all the same.
        ParameterKind::TextOrList { .. } => &["string or strings", "strings"],
        ParameterKind::TextList { .. } => &["strings"],
        ParameterKind::Object { .. } => &["object"],
        ParameterKind::ObjectList { .. } => &["objects"],
        ParameterKind::TextOrObject { .. } => &["string or object", "any"],
    };
    assert!(types.contains(&field.kind.as_str()), "{place}: {:?} for {}", spec.kind, field.kind);

    let (minimum, maximum) = match spec.kind {
        ParameterKind::Number { minimum, maximum } => (minimum, maximum),
        ParameterKind::Integer { minimum, maximum } => (minimum.map(|n| n as f64), maximum.map(|n| n as f64)),
        _ => (None, None),
    };
    // A count below one, or none at all, is worth a word although no document says so. Scales have no limit of ours.
    let is_count = matches!(spec.kind, ParameterKind::Integer { .. }) && matches!(minimum, Some(0.0 | 1.0));
    let is_common_scale = matches!(spec.name, "temperature" | "top_p") && field.minimum.is_none();
    assert!(minimum == field.minimum || is_count || is_common_scale, "{place}: from {minimum:?}");
    assert!(maximum == field.maximum || is_common_scale, "{place}: to {maximum:?}");

    let most = match spec.kind {
        ParameterKind::TextOrList { maximum_items } => Some(maximum_items),
        ParameterKind::ObjectList { maximum_items, .. } => maximum_items,
        _ => None,
    };
    assert!(most == field.maximum_items || field.maximum_items.is_none(), "{place}: {most:?} items");
    if let ParameterKind::Text { suggestions } = spec.kind
        && !field.options.is_empty()
    {
        assert_eq!(suggestions, field.options, "{place}");
    }
}
