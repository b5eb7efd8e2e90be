//! The failures of the design in the real window: servers that really fail, the headline by its name, and the main action
//! pressed.

use juxta_sandbox::{Options, Sandbox};
use juxta_tests::servers::{Server, UNTRUSTED_SUBJECT, closed_port, untrusted};
use juxta_tests::window::{App, Found, Outcome, eventually};
use serde_json::{Value, json};

use crate::person::{command, first_start, focused, lane, log, says};

const KEY: &str = "sk-test-walnut-harbour-compass-2k8d";

/// One server that fails, as a curl command calls it.
struct Failing<'a> {
    origin: &'a str,
    key: &'a str,
    model: &'a str,
    /// Milliseconds of silence that the connection allows; `None` leaves it as it is.
    idle: Option<u32>,
    retries: u32,
}

impl<'a> Failing<'a> {
    fn at(origin: &'a str, model: &'a str) -> Self {
        Self { origin, key: KEY, model, idle: None, retries: 0 }
    }
}

#[tokio::test]
async fn every_failure_has_its_headline_and_its_main_action_does_what_it_says() -> Outcome<()> {
    let (_screen, _home, app) = first_start().await?;
    app.find("region", "Try the sandbox").await?;
    let sandbox = Sandbox::start(Options { token: Some(KEY.to_owned()), ..Options::default() }).await?;
    let origin = format!("http://{}/oai", sandbox.address());
    before_an_answer(&app).await?;
    keychain(&app).await?;
    refusals(&app, &origin).await?;
    broken_streams(&app, &origin).await?;
    countdown(&app, &origin).await
}

async fn before_an_answer(app: &App) -> Outcome<()> {
    let failed =
        fails(app, Failing::at("https://no-such-host.invalid", "m"), "No host named no-such-host.invalid").await?;
    has_actions(&failed, &["Edit base URL", "Run again"]).await?;
    app.picture("error-dns").await?;
    failed.find("button", "Edit base URL").await?.click().await?;
    focused(&app.find("textbox", "Base URL").await?, "the address").await?;

    let closed = closed_port().await?;
    let origin = format!("http://127.0.0.1:{closed}");
    let failed = fails(app, Failing::at(&origin, "m"), &format!("127.0.0.1 refused port {closed}")).await?;
    failed.find("button", "Run again").await?.click().await?;
    alert(app, &format!("127.0.0.1 refused port {closed}")).await?;

    let silent = Server::silent().await?;
    let origin = format!("http://{}", silent.address);
    let failed = fails(app, Failing { idle: Some(1000), ..Failing::at(&origin, "m") }, "No answer in 1 s").await?;
    has_actions(&failed, &["Run again", "Change the timeout"]).await?;

    let (server, pem) = untrusted().await?;
    let origin = format!("https://localhost:{}", server.address.port());
    let failed = fails(app, Failing::at(&origin, "m"), "Certificate of localhost is not trusted").await?;
    failed.find("button", "Show certificate").await?.click().await?;
    let shown = app.find("dialog", "Certificate of localhost").await?;
    says(&shown, &[UNTRUSTED_SUBJECT, "signed by itself", "2024-02-29", "2061-01-31", "SHA-256"]).await?;
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"));
    app.picture("error-certificate").await?;
    app.press("Esc").await
}

/// A home without a bus has no keychain, and the window says so for as long as it is so.
async fn keychain(app: &App) -> Outcome<()> {
    let words = "No keychain answers. The key stays in memory until Juxta closes";
    eventually("the notice about the keychain", || async {
        let text = app.script("return document.body.textContent", vec![]).await?;
        if text.as_str().is_some_and(|text| text.contains(words)) { Ok(()) } else { Err("it is not there".into()) }
    })
    .await?;
    app.click("button", "Try again").await?;
    app.find("button", "Try again").await.map(drop)
}

async fn refusals(app: &App, origin: &str) -> Outcome<()> {
    let wrong = Failing { key: "sk-not-the-key-of-this-server", ..Failing::at(origin, "sandbox/short") };
    let failed = fails(app, wrong, "The server does not accept this key").await?;
    says(&failed, &["The API key is not the one this sandbox was started with.", "401", "req_"]).await?;
    report_is_redacted(app, &failed).await?;
    app.picture("error-key").await?;
    failed.find("button", "Replace key").await?.click().await?;
    let field = app.find("textbox", "Key").await?;
    focused(&field, "the key").await?;
    field.type_text(KEY).await?;
    app.press("Enter").await?;
    app.find("button", "Replace key").await?;

    let model = "sandbox/fault/status-403";
    let failed = fails(app, Failing::at(origin, model), &format!("This key may not use {model}")).await?;
    has_actions(&failed, &["Replace key"]).await?;

    let astray = format!("{origin}/nowhere");
    let failed = fails(app, Failing::at(&astray, "m"), "The host answers, this path does not exist").await?;
    failed.find("button", "Set another path").await?.click().await?;
    focused(&app.find("textbox", "Base URL").await?, "the address").await?;

    let model = "sandbox/fault/status-413";
    let failed = fails(app, Failing::at(origin, model), "The request is too large for the server").await?;
    failed.find("button", "Show size").await?.click().await?;
    let parts = app.find("dialog", "Size of the request").await?;
    says(&parts, &["messages", "temperature", "model", "Share"]).await?;
    app.picture("error-size").await?;
    app.press("Esc").await?;

    let failed = fails(app, Failing::at(origin, "sandbox/fault/status-422"), "The server rejected temperature").await?;
    failed.find("button", "Go to temperature").await?.click().await?;
    let panel = app.find("region", "Parameters of lane A").await?;
    focused(&panel.find("spinbutton", "temperature").await?, "the parameter").await?;

    let failed = fails(app, Failing::at(origin, "sandbox/fault/status-500-html"), "The server failed").await?;
    says(&failed, &["Internal Server Error"]).await?;
    has_actions(&failed, &["Run again"]).await
}

async fn broken_streams(app: &App, origin: &str) -> Outcome<()> {
    let broken = Failing::at(origin, "sandbox/fault/error-in-stream");
    let failed = fails(app, broken, "The server broke off the stream").await?;
    let names: Vec<_> = failed.all("button").await?.into_iter().map(|(name, _)| name).collect();
    let show = names.iter().find(|name| name.starts_with("Show event ")).ok_or(format!("{names:?}"))?;
    failed.find("button", show).await?.click().await?;
    app.find("region", show.trim_start_matches("Show ").replacen("event", "Event", 1).as_str()).await?;
    app.picture("error-in-stream").await?;
    app.press("Ctrl+J").await?;

    import(app, Failing::at(origin, "sandbox/fault/cut")).await?;
    let failed = lane(app, 'A').await?.find("alert", "Lane A failed").await?;
    says(&failed, &["The stream ended early, after ", " events"]).await?;
    has_actions(&failed, &["Run again"]).await
}

async fn countdown(app: &App, origin: &str) -> Outcome<()> {
    import(app, Failing { retries: 2, ..Failing::at(origin, "sandbox/fault/status-429") }).await?;
    let waits = lane(app, 'A').await?.find("group", "Lane A waits").await?;
    says(&waits, &["Too many requests. Trying again in ", "5 s, sent by the server", "2 of 3"]).await?;
    app.picture("error-countdown").await?;
    waits.find("button", "Send now").await?.click().await?;
    let again = lane(app, 'A').await?.find("group", "Lane A waits").await?;
    says(&again, &["3 of 3"]).await?;
    again.find("button", "Cancel").await?.click().await?;
    eventually("the lane waits no more", || async {
        if lane(app, 'A').await?.has("group", "Lane A waits").await? { Err("it does".into()) } else { Ok(()) }
    })
    .await
}

/// Imports the call as a curl command, makes its connection fail soon, and runs it.
async fn import(app: &App, failing: Failing<'_>) -> Outcome<()> {
    let body = json!({
        "model": failing.model,
        "messages": [{ "role": "user", "content": "Tell nobody: “marble orchard” \\ ☀" }],
        "temperature": 1.5,
        "stream": true,
    });
    let (origin, key) = (failing.origin, failing.key);
    let curl = format!(
        "curl {origin}/v1/chat/completions -H 'Authorization: Bearer {key}' -H 'content-type: application/json' -d '{body}'"
    );
    command(app, "Import a file or paste").await?;
    let field = app.find("textbox", "Text to import").await?;
    field.replace_text(&curl).await?;
    app.press("Ctrl+Enter").await?;
    // Keys of the window wait as long as a dialog is there: this one is a moment longer than the new lane needs.
    eventually("no dialog", || async {
        match app.all("dialog").await?.first() {
            Some((name, _)) => Err(format!("{name} is there").into()),
            None => Ok(()),
        }
    })
    .await?;
    let name = format!("{}, model of lane A", failing.model);
    // The lane of the call before gives way to the new one, which may be while it is looked at.
    eventually("the imported lane", || async {
        if lane(app, 'A').await?.has("button", &name).await? { Ok(()) } else { Err("it is another one".into()) }
    })
    .await?;
    let known = app.invoke("bootstrap", json!({})).await?;
    let is_of = |connection: &&Value| {
        connection["baseUrl"].as_str().is_some_and(|url| url.trim_end_matches("/v1").trim_end_matches('/') == origin)
    };
    // Each import makes a connection of its own, or takes one that has the same address and key.
    let connections = known["connections"].as_array().cloned().unwrap_or_default();
    for mut connection in connections.iter().filter(is_of).cloned() {
        connection["network"]["maxRetries"] = json!(failing.retries);
        if let Some(idle) = failing.idle {
            connection["network"]["idleTimeoutMs"] = json!(idle);
        }
        app.invoke("save_connection", json!({ "connection": connection })).await?;
    }
    app.press("Ctrl+Shift+Enter").await?;
    log(app, 'A').await.map(drop)
}

/// The same, and waits for the failure with this headline.
async fn fails(app: &App, failing: Failing<'_>, headline: &str) -> Outcome<Found> {
    import(app, failing).await?;
    alert(app, headline).await
}

async fn alert(app: &App, headline: &str) -> Outcome<Found> {
    let failed = lane(app, 'A').await?.find("alert", "Lane A failed").await;
    let failed = failed.map_err(|error| format!("{headline}: {error}"))?;
    failed.find("heading", headline).await?;
    Ok(failed)
}

async fn has_actions(failed: &Found, actions: &[&str]) -> Outcome<()> {
    for action in actions {
        failed.find("button", action).await?;
    }
    Ok(())
}

/// What `Copy error report` puts on the clipboard, which a test cannot read here: the command behind it.
async fn report_is_redacted(app: &App, failed: &Found) -> Outcome<()> {
    failed.find("button", "Copy error report").await?;
    failed.find("button", "More of the error report").await?;
    let runs = app.invoke("list_runs", json!({ "limit": 1, "before": null })).await?;
    let run = app.invoke("open_run", json!({ "id": runs[0]["id"] })).await?;
    let cell = &run["cells"][0]["id"];
    let report = app.invoke("error_report", json!({ "cell": cell, "changed": [], "withContent": false })).await?;
    let report = report.as_str().unwrap_or_default();
    assert!(report.contains("Request id") && report.contains("401") && report.contains("/v1/chat/completions"));
    for secret in ["not-the-key", "marble"] {
        assert!(!report.contains(secret), "{report}");
    }
    Ok(())
}
