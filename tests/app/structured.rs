//! An answer by a schema with one value that the schema does not allow: it is counted, named, and lit to the letter.

use juxta_tests::window::{App, Outcome, eventually};
use serde_json::json;

use crate::looks::look_in_both_themes;
use crate::person::{choose_model, first_start, focused, lane, log, says, set_json, try_the_sandbox, until};

#[tokio::test]
async fn a_value_that_the_schema_does_not_allow_is_lit_in_the_answer_and_in_the_schema() -> Outcome<()> {
    let (_screen, _home, app) = first_start().await?;
    try_the_sandbox(&app).await?;
    app.press("Ctrl+1").await?;
    choose_model(&app, 'A', "sandbox/schema-wrong-enum").await?;
    let schema = json!({
        "type": "object",
        "properties": {
            "size": { "type": "integer" },
            "colour": { "type": "string", "enum": ["red", "grün"] },
            "price": { "type": "number" },
        },
        "required": ["size", "colour", "price"],
        "additionalProperties": false,
    });
    let format = json!({ "type": "json_schema", "json_schema": { "name": "order", "strict": true, "schema": schema } });
    set_json(&app, 'A', "response_format", &format.to_string()).await?;
    app.press("Ctrl+Shift+Enter").await?;
    until(&app, &[('A', "finished")]).await?;

    let strip = lane(&app, 'A').await?.find("region", "Schema check").await?;
    says(&strip, &["1 fault against order"]).await?;
    lit(&app, "\"blue\"").await?;
    strip.find("button", "1 fault against order").await?.click().await?;
    says(&strip, &["/colour", "red", "grün"]).await?;
    look_in_both_themes(&app, "schema-fault").await?;
    strip.find("button", "Show in answer, fault 1").await?.click().await?;
    focused(&log(&app, 'A').await?, "the answer").await?;
    lit(&app, "\"blue\"").await?;

    strip.find("button", "Show in schema, fault 1").await?.click().await?;
    let composer = app.find("region", "Composer").await?;
    says(&composer, &["colour"]).await?;
    look_in_both_themes(&app, "schema-shown").await
}

/// Waits until just this is lit.
async fn lit(app: &App, text: &str) -> Outcome<()> {
    const LIT: &str = "return [...(CSS.highlights.get('schema-fault') ?? [])].map((range) => range.toString());";
    eventually("the fault is lit", || async {
        let lit = app.script(LIT, vec![]).await?;
        if lit == json!([text]) { Ok(()) } else { Err(lit.to_string().into()) }
    })
    .await
}
