//! What the commands share: the engine and the sandbox of this start.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use juxta_engine::sandbox_link::{self, SandboxLink};
use juxta_engine::{Engine, Keys, blocking};
use juxta_media::peaks::Overviews;
use juxta_media::speaker::Speaker;
use juxta_media::thumbnails::Thumbnails;
use juxta_sandbox::{Options, Sandbox};
use juxta_wire::connection::KeychainStatus;
use juxta_wire::error::AppError;
use juxta_wire::params;
use juxta_wire::window::{Bootstrap, SandboxInfo};

use crate::studio::Studio;

/// Runs that the list shows when the window opens; more are loaded as it is scrolled.
const FIRST_RUNS: u32 = 200;
/// A keychain that needs longer is reported as missing, and can be tried again: on some desktops a first call waits for
/// a service that cannot start.
const KEYCHAIN_PATIENCE: Duration = Duration::from_millis(1500);

pub struct Shell {
    engine: Engine,
    sandbox: Sandbox,
    speaker: Arc<Speaker>,
    studio: Arc<Studio>,
    overviews: Arc<Overviews>,
    thumbnails: Arc<Thumbnails>,
}

impl Shell {
    pub async fn open(folder: &Path) -> Result<Self, AppError> {
        let keys = match std::env::var_os("JUXTA_MEMORY_KEYS") {
            Some(_) => Keys::Memory,
            None => Keys::System,
        };
        let engine = Engine::open(folder, keys)?;
        let left = engine.clone();
        blocking(move || {
            left.mend_recordings();
            Ok(())
        })
        .await?;
        let sandbox = start_sandbox(engine.folder()).await?;
        let link = SandboxLink {
            address: format!("http://{}", sandbox.address()),
            token: sandbox.token().unwrap_or_default().to_owned(),
        };
        engine.link_sandbox(link);
        engine.go_on_with_batches().await?;
        Ok(Self {
            engine,
            sandbox,
            speaker: Arc::default(),
            studio: Arc::default(),
            overviews: Arc::default(),
            thumbnails: Arc::default(),
        })
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    pub fn thumbnails(&self) -> Arc<Thumbnails> {
        Arc::clone(&self.thumbnails)
    }

    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    pub fn speaker(&self) -> Arc<Speaker> {
        Arc::clone(&self.speaker)
    }

    pub fn studio(&self) -> Arc<Studio> {
        Arc::clone(&self.studio)
    }

    pub fn overviews(&self) -> Arc<Overviews> {
        Arc::clone(&self.overviews)
    }

    pub async fn shut_down(&self) {
        self.studio.close();
        self.engine.shut_down().await;
    }

    pub async fn bootstrap(&self) -> Result<Bootstrap, AppError> {
        let keychain = self.keychain().await;
        let sandbox = self.sandbox_info();
        let engine = self.engine.clone();
        blocking(move || {
            let settings = engine.settings()?;
            let open = match &settings.open_comparison {
                // A comparison that was deleted meanwhile is no reason not to start.
                Some(id) => engine.comparison(id).ok(),
                None => None,
            };
            Ok(Bootstrap {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                connections: engine.connections()?,
                profiles: engine.profiles(),
                tables: params::tables(),
                keychain,
                comparisons: engine.comparisons()?,
                open,
                runs: engine.runs(FIRST_RUNS, None)?,
                sandbox,
                data_folder: engine.folder().display().to_string(),
                settings,
            })
        })
        .await
    }

    pub async fn keychain(&self) -> KeychainStatus {
        let engine = self.engine.clone();
        let asked = blocking(move || Ok(engine.keychain()));
        match tokio::time::timeout(KEYCHAIN_PATIENCE, asked).await {
            Ok(Ok(status)) => status,
            Ok(Err(error)) => KeychainStatus::Missing { reason: error.to_string() },
            Err(_) => KeychainStatus::Missing { reason: "The keychain has not answered yet".to_owned() },
        }
    }

    pub fn sandbox_info(&self) -> SandboxInfo {
        SandboxInfo {
            address: format!("http://{}", self.sandbox.address()),
            faults: self.sandbox.faults(),
            connections: sandbox_link::connection_ids(),
            models: self.sandbox.models(),
            scenarios: self.sandbox.scenarios(),
        }
    }
}

/// Its batches go on at the next start, as those of a real provider do meanwhile.
async fn start_sandbox(data: &Path) -> Result<Sandbox, AppError> {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let folder = Some(data.join("sandbox"));
    let options = Options { listen, token: Some(sandbox_link::new_token()), folder };
    Sandbox::start(options).await.map_err(|error| AppError::Internal {
        report_id: "sandbox".to_owned(),
        message: format!("The sandbox could not listen on this computer: {error}"),
    })
}
