//! `juxta-cli sandbox`.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use juxta_engine::sandbox_link;
use juxta_sandbox::{Options, Sandbox};

#[derive(clap::Args)]
pub struct Arguments {
    /// Address and port on this computer; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The token that requests must carry; a new one for each start without this.
    #[arg(long, env = "JUXTA_SANDBOX_TOKEN")]
    token: Option<String>,
    /// Ask for no token at all.
    #[arg(long, conflicts_with = "token")]
    open: bool,
    /// Where batches and their files are kept, so that the next sandbox goes on with them.
    #[arg(long)]
    folder: Option<PathBuf>,
}

pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let token = match (arguments.open, arguments.token) {
        (true, _) => None,
        (false, Some(token)) => Some(token),
        (false, None) => Some(sandbox_link::new_token()),
    };
    let sandbox = Sandbox::start(Options { listen: arguments.listen, token, folder: arguments.folder })
        .await
        .map_err(|error| format!("{}: {error}", arguments.listen))?;
    let line = serde_json::json!({ "address": format!("http://{}", sandbox.address()), "token": sandbox.token() });
    let mut out = std::io::stdout();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| error.to_string())?;
    tokio::signal::ctrl_c().await.map_err(|error| error.to_string())?;
    sandbox.shutdown().await;
    Ok(ExitCode::SUCCESS)
}
