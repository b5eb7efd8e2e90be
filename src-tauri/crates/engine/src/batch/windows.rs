//! How many tokens models take, as far as their provider says so in its list of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use juxta_wire::connection::Connection;
use juxta_wire::error::AppError;
use juxta_wire::ids::{BatchId, ConnectionId};

use crate::Engine;
use crate::blocking;
use crate::run::feed::lock;

/// A look at a file waits no longer for the list.
const PATIENCE: Duration = Duration::from_secs(4);

/// Tokens by the name of the model.
pub(super) type Windows = Arc<HashMap<String, u64>>;

/// By connection and its address, which can change.
pub(super) type KnownWindows = HashMap<(ConnectionId, String), Windows>;

impl Engine {
    /// Those that are known; none where the provider was not asked yet.
    pub(super) fn windows_of(&self, connection: &Connection) -> Windows {
        let key = (connection.id.clone(), connection.base_url.clone());
        lock(&self.batches_shared().windows).get(&key).cloned().unwrap_or_default()
    }

    /// Asks the provider of a batch, once a start. Without an answer no line is too long.
    pub(super) async fn learn_windows_for(&self, batch: &BatchId) {
        let (engine, id) = (self.clone(), batch.clone());
        let connection = blocking(move || engine.ready_connection(&engine.stored_batch(&id)?.job.connection)).await;
        let stop = &self.batches_shared().stop;
        let asked = match connection {
            Ok(connection) => tokio::select! {
                biased;
                () = stop.cancelled() => Ok(()),
                asked = self.learn_windows(&connection) => asked,
            },
            Err(error) => Err(error),
        };
        if let Err(error) = asked {
            tracing::info!(%error, %batch, "how many tokens the models take is not known");
        }
    }

    async fn learn_windows(&self, connection: &Connection) -> Result<(), AppError> {
        let key = (connection.id.clone(), connection.base_url.clone());
        if lock(&self.batches_shared().windows).contains_key(&key) {
            return Ok(());
        }
        let listing = match tokio::time::timeout(PATIENCE, self.list_models(&connection.id)).await {
            Ok(listing) => listing?,
            // It is asked again at the next look.
            Err(_) => return Ok(()),
        };
        let windows = listing.models.into_iter().filter_map(|model| Some((model.id, model.context_window?)));
        let windows = Arc::new(windows.filter(|(_, tokens)| *tokens > 0).collect());
        lock(&self.batches_shared().windows).insert(key, windows);
        Ok(())
    }
}
