mod schemas;

use super::*;

#[test]
fn no_name_stands_twice_in_a_table_and_none_is_the_models_or_the_contents() {
    for table in tables() {
        let place = format!("{:?} of {:?}", table.endpoint, table.dialect);
        assert!(!table.parameters.is_empty(), "{place}");
        let mut names: Vec<&str> = table.parameters.iter().map(|spec| spec.name).collect();
        assert!(!names.contains(&"model"), "{place}");
        assert!(table.endpoint.content_member().is_none_or(|content| !names.contains(&content)), "{place}");
        names.sort_unstable();
        let mut unique = names.clone();
        unique.dedup();
        assert_eq!(unique, names, "{place}");
    }
}

#[test]
fn an_endpoint_that_a_dialect_has_not_takes_nothing() {
    for (endpoint, dialect) in [
        (EndpointKind::Responses, Dialect::ScaigridV1),
        (EndpointKind::Generic, Dialect::OpenAi),
        (EndpointKind::Generate, Dialect::ScaleV5),
        (EndpointKind::Completions, Dialect::ScaigridV1),
        (EndpointKind::Embed, Dialect::ScaleV5),
        (EndpointKind::Image, Dialect::ScaleV5),
        (EndpointKind::Transcribe, Dialect::ScaleV5),
        (EndpointKind::Synthesize, Dialect::ScaleV5),
        (EndpointKind::Models, Dialect::OpenAi),
    ] {
        assert_eq!(table(endpoint, dialect).parameters, []);
    }
}

#[test]
fn examples_are_json_that_fits_their_own_entry() {
    for table in tables() {
        for spec in &table.parameters {
            let example = match spec.kind {
                ParameterKind::Object { example }
                | ParameterKind::ObjectList { example, .. }
                | ParameterKind::TextOrObject { example, .. } => example,
                _ => continue,
            };
            assert_eq!(check(spec, example), None, "{} of {:?}", spec.name, table.endpoint);
        }
    }
}

#[test]
fn a_deprecated_parameter_names_one_that_the_table_has() {
    for table in tables() {
        for instead in table.parameters.iter().filter_map(|spec| spec.deprecated) {
            assert!(table.parameters.iter().any(|spec| spec.name == instead), "{instead} of {:?}", table.endpoint);
        }
    }
}
