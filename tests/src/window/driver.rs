//! WebKitWebDriver: the process, and the few commands that thirtyfour has no name for.

use std::fs::OpenOptions;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::common::command::FormatRequestData;
use thirtyfour::{Capabilities, RequestData, SessionId, WebDriver, WebElement};

use super::process::Group;
use super::{Home, Outcome, Screen, eventually};

/// A new session never answers when the app dies at its start, so this wait needs an end of its own.
const START_PATIENCE: Duration = Duration::from_secs(20);

/// One driver process with its one session.
pub(super) struct Driver {
    pub(super) session: WebDriver,
    pub(super) group: Group,
}

impl Driver {
    /// Starts `binary` on the screen with the environment, and waits until its page can be asked.
    pub(super) async fn start(
        binary: &Path,
        screen: &Screen,
        home: &Home,
        environment: &[(String, String)],
    ) -> Outcome<Self> {
        let port = free_port()?;
        let log = OpenOptions::new().create(true).append(true).open(home.log_file())?;
        let group = Group::spawn(
            Command::new("WebKitWebDriver")
                .arg(format!("--port={port}"))
                .env_clear()
                .envs(home.environment(screen.display()))
                .envs(environment.iter().map(|(name, value)| (name, value)))
                .env("TAURI_WEBVIEW_AUTOMATION", "true")
                .stdin(Stdio::null())
                .stdout(log.try_clone()?)
                .stderr(log),
        )?;
        eventually("WebKitWebDriver listening", || async {
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).map(drop).map_err(Into::into)
        })
        .await?;
        let wanted = json!({ "webkitgtk:browserOptions": { "binary": binary, "args": [] } });
        let wanted: Capabilities = serde_json::from_value(wanted)?;
        // No proxy of the machine may stand between the test and its own driver.
        let client = reqwest::Client::builder().no_proxy().build()?;
        let opening = WebDriver::builder(format!("http://127.0.0.1:{port}"), wanted).client(client);
        let session = match tokio::time::timeout(START_PATIENCE, opening.into_future()).await {
            Ok(Ok(session)) => session,
            Ok(Err(error)) => return Err(format!("no session: {error}\n{}", home.log()).into()),
            Err(_) => return Err(format!("the app did not open in {START_PATIENCE:?}\n{}", home.log()).into()),
        };
        // The process group is what ends a session here. Left to itself, thirtyfour asks a driver that is gone to
        // close, for two minutes, in the destructor.
        session.clone().leak()?;
        Ok(Self { session, group })
    }
}

/// The port could be taken by somebody else before the driver binds it; the session start then fails, loudly.
fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// The accessible name as WebKit computes it.
pub(super) async fn computed_label(element: &WebElement) -> Outcome<String> {
    computed(element, "computedlabel").await
}

/// The ARIA role as WebKit computes it.
pub(super) async fn computed_role(element: &WebElement) -> Outcome<String> {
    computed(element, "computedrole").await
}

async fn computed(element: &WebElement, what: &'static str) -> Outcome<String> {
    let path = format!("element/{}/{what}", element.element_id());
    let value = element.handle().cmd(Get(path)).await?.value_json()?;
    Ok(match value {
        Value::String(text) => text,
        _ => String::new(),
    })
}

/// A GET below the session.
#[derive(Debug)]
struct Get(String);

impl FormatRequestData for Get {
    fn format_request(&self, session: &SessionId) -> RequestData {
        RequestData::new(http::Method::GET, format!("session/{session}/{}", self.0))
    }
}
