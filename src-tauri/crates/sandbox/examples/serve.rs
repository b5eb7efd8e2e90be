//! Runs a sandbox until it is killed, and prints where it is and which token it wants as one line of JSON.

use std::io::Write;

use juxta_sandbox::{Options, Sandbox};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let token = format!("sandbox-{}", uuid::Uuid::new_v4().simple());
    let mut options = Options { token: Some(token.clone()), ..Options::default() };
    if let Some(listen) = std::env::args().nth(1) {
        options.listen = listen.parse().map_err(std::io::Error::other)?;
    }
    let sandbox = Sandbox::start(options).await?;
    let line = serde_json::json!({ "address": format!("http://{}", sandbox.address()), "token": token });
    let mut out = std::io::stdout();
    writeln!(out, "{line}")?;
    out.flush()?;
    std::future::pending().await
}
