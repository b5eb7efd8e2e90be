//! Connections: saving them, testing them, their keys.

use std::sync::PoisonError;

use juxta_client::call::Call;
use juxta_client::endpoints::models;
use juxta_client::{providers, resolve_call};
use juxta_wire::connection::{
    Connection, ConnectionTest, KeySource, KeychainStatus, ModelListing, ProfileInfo, SecretSlot,
};
use juxta_wire::endpoint::{EndpointKind, ProfileId};
use juxta_wire::error::AppError;
use juxta_wire::ids::ConnectionId;
use std::time::Duration;

use crate::run::{invalid, storage};
use crate::sandbox_link::{self, SandboxLink};
use crate::{Engine, not_found, resolve};

/// Keys that lived in memory are gone after a restart; the connections must not claim otherwise.
pub(crate) fn forget_memory_keys(engine: &Engine) -> Result<(), AppError> {
    for mut connection in engine.store().connections().map_err(storage)? {
        let mut changed = false;
        for secret in connection.headers.iter_mut().filter_map(|header| header.secret.as_mut()) {
            if matches!(secret.source, KeySource::Memory { .. }) {
                secret.source = KeySource::Absent;
                changed = true;
            }
        }
        if changed {
            engine.store().save_connection(&connection).map_err(storage)?;
        }
    }
    Ok(())
}

fn origin(connection: &Connection) -> Result<String, AppError> {
    let url = providers::url(&connection.base_url, connection.dialect, EndpointKind::Models)?;
    Ok(url.origin().ascii_serialization())
}

fn for_slot<'a>(connection: &'a mut Connection, slot: &'a str) -> impl Iterator<Item = &'a mut SecretSlot> {
    connection.headers.iter_mut().filter_map(|header| header.secret.as_mut()).filter(move |secret| secret.slot == slot)
}

impl Engine {
    /// The sandbox of this start. Without it the sandbox connections have no address.
    pub fn link_sandbox(&self, link: SandboxLink) {
        *self.inner.sandbox.write().unwrap_or_else(PoisonError::into_inner) = Some(link);
    }

    fn sandbox(&self) -> Option<SandboxLink> {
        self.inner.sandbox.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn profiles(&self) -> Vec<ProfileInfo> {
        providers::profiles()
    }

    pub fn keychain(&self) -> KeychainStatus {
        self.secrets().probe_again()
    }

    /// The person's own connections, then those of the sandbox.
    pub fn connections(&self) -> Result<Vec<Connection>, AppError> {
        let mut connections = self.store().connections().map_err(storage)?;
        connections.extend(sandbox_link::connections(self.sandbox().as_ref()));
        Ok(connections)
    }

    /// A connection that a call can be built from.
    pub(crate) fn ready_connection(&self, id: &ConnectionId) -> Result<Connection, AppError> {
        self.connections()?
            .into_iter()
            .find(|connection| connection.id == *id)
            .ok_or_else(|| invalid("connection", "This lane's connection was deleted. Choose another"))
    }

    /// Saves a connection. When its address moved to another origin, its keys stay behind: a key belongs to the host it
    /// was entered for.
    pub fn save_connection(&self, mut connection: Connection) -> Result<Connection, AppError> {
        if sandbox_link::is_sandbox(&connection.id) {
            return Err(invalid("connection", "The sandbox's own connections cannot be changed"));
        }
        if connection.name.trim().is_empty() {
            return Err(invalid("name", "Give the connection a name"));
        }
        let new_origin = origin(&connection)?;
        for header in &connection.headers {
            header_is_valid(&header.name, &header.value)?;
        }
        let known = self.store().connections().map_err(storage)?;
        if let Some(before) = known.into_iter().find(|known| known.id == connection.id) {
            let old_origin = origin(&before)?;
            if old_origin != new_origin {
                self.drop_keys(&mut connection, &before, &old_origin)?;
            }
        }
        self.store().save_connection(&connection).map_err(storage)?;
        Ok(connection)
    }

    fn drop_keys(&self, connection: &mut Connection, before: &Connection, old_origin: &str) -> Result<(), AppError> {
        let kept: Vec<SecretSlot> = before.headers.iter().filter_map(|header| header.secret.clone()).collect();
        for secret in connection.headers.iter_mut().filter_map(|header| header.secret.as_mut()) {
            // A key that was stored for the new origin a moment ago reads differently from the old one.
            let is_old = kept.iter().any(|old| old == secret);
            if is_old && matches!(secret.source, KeySource::Keychain { .. } | KeySource::Memory { .. }) {
                let account = juxta_store::account(&before.id, old_origin, &secret.slot);
                self.secrets().forget(&account).map_err(keychain)?;
                secret.source = KeySource::Absent;
            }
        }
        Ok(())
    }

    pub fn delete_connection(&self, id: &ConnectionId) -> Result<(), AppError> {
        let known = self.store().connections().map_err(storage)?;
        let Some(connection) = known.into_iter().find(|known| known.id == *id) else {
            return Err(not_found("The connection"));
        };
        let origin = origin(&connection)?;
        for secret in connection.headers.iter().filter_map(|header| header.secret.as_ref()) {
            if matches!(secret.source, KeySource::Keychain { .. } | KeySource::Memory { .. }) {
                self.secrets().forget(&juxta_store::account(id, &origin, &secret.slot)).map_err(keychain)?;
            }
        }
        self.store().delete_connection(id).map_err(storage)
    }

    /// Writes a key and reads it back. The connection comes back with where the key is now.
    pub fn store_key(&self, mut connection: Connection, slot: &str, key: &str) -> Result<Connection, AppError> {
        let key = key.trim();
        if key.is_empty() {
            return Err(invalid("key", "Type or paste the key first"));
        }
        header_is_valid("key", key)?;
        let account = juxta_store::account(&connection.id, &origin(&connection)?, slot);
        let source = self.secrets().write(&account, key).map_err(keychain)?;
        for secret in for_slot(&mut connection, slot) {
            secret.source = source.clone();
        }
        self.keep_key_source(&connection, slot, &source)?;
        Ok(connection)
    }

    pub fn forget_key(&self, mut connection: Connection, slot: &str) -> Result<Connection, AppError> {
        let account = juxta_store::account(&connection.id, &origin(&connection)?, slot);
        self.secrets().forget(&account).map_err(keychain)?;
        for secret in for_slot(&mut connection, slot) {
            secret.source = KeySource::Absent;
        }
        self.keep_key_source(&connection, slot, &KeySource::Absent)?;
        Ok(connection)
    }

    /// Where a key is changes at once, also while other edits of the connection are not saved yet.
    fn keep_key_source(&self, connection: &Connection, slot: &str, source: &KeySource) -> Result<(), AppError> {
        let known = self.store().connections().map_err(storage)?;
        let Some(mut saved) = known.into_iter().find(|known| known.id == connection.id) else { return Ok(()) };
        if origin(&saved)? == origin(connection)? {
            for secret in for_slot(&mut saved, slot) {
                secret.source = source.clone();
            }
            self.store().save_connection(&saved).map_err(storage)?;
        }
        Ok(())
    }

    /// The key that a header of `connection` wants. Blocks on the keychain.
    pub(crate) fn key(&self, connection: &Connection, slot: &SecretSlot) -> Result<Option<String>, AppError> {
        let missing = |message: String| AppError::MissingKey {
            connection: connection.name.clone(),
            slot: slot.slot.clone(),
            message,
        };
        if connection.profile == ProfileId::Sandbox {
            return Ok(self.sandbox_key(slot));
        }
        match &slot.source {
            KeySource::Absent => Ok(None),
            KeySource::Environment { name } => match std::env::var(name) {
                Ok(key) if !key.is_empty() => Ok(Some(key)),
                _ => Err(missing(format!("The environment variable {name} is not set"))),
            },
            KeySource::Keychain { .. } | KeySource::Memory { .. } => {
                let account = juxta_store::account(&connection.id, &origin(connection)?, &slot.slot);
                match self.secrets().read(&account).map_err(keychain)? {
                    Some(key) => Ok(Some(key)),
                    None => Err(missing("The keychain has no key for this connection and address".into())),
                }
            }
        }
    }

    pub(crate) fn masked_key(&self, connection: &Connection, slot: &SecretSlot) -> Result<Option<String>, AppError> {
        if connection.profile == ProfileId::Sandbox {
            return Ok(self.sandbox_key(slot));
        }
        resolve::masked_key(slot)
    }

    fn sandbox_key(&self, slot: &SecretSlot) -> Option<String> {
        self.sandbox().filter(|_| slot.slot == "key").map(|link| link.token)
    }

    /// The call that lists the models of `connection`. Blocks on the keychain.
    fn listing_call(&self, connection: &Connection) -> Result<Call, AppError> {
        let url = providers::url(&connection.base_url, connection.dialect, EndpointKind::Models)?;
        let keys = |slot: &SecretSlot| self.key(connection, slot);
        let headers = resolve_call::headers(connection, EndpointKind::Models, false, None, &keys)?;
        providers::plain_http_guard(&url, &headers, connection.plain_http_agreed)?;
        Ok(Call {
            method: http::Method::GET,
            url,
            headers,
            body: bytes::Bytes::new(),
            endpoint: EndpointKind::Models,
            dialect: connection.dialect,
            idle_timeout: Duration::from_millis(connection.network.idle_timeout_ms),
        })
    }

    pub async fn list_models(&self, id: &ConnectionId) -> Result<ModelListing, AppError> {
        let engine = self.clone();
        let id = id.clone();
        let (call, network) = crate::blocking(move || {
            let connection = engine.ready_connection(&id)?;
            Ok((engine.listing_call(&connection)?, connection.network))
        })
        .await?;
        models::list(&self.http().get(&network)?, &call, call.dialect).await
    }

    /// Calls the model listing with the connection as given, saved or not.
    pub async fn test_connection(&self, connection: Connection) -> Result<ConnectionTest, AppError> {
        let engine = self.clone();
        let network = connection.network.clone();
        let call = crate::blocking(move || engine.listing_call(&connection)).await?;
        Ok(models::test(&self.http().get(&network)?, &call, call.dialect).await)
    }
}

fn keychain(error: impl std::fmt::Display) -> AppError {
    AppError::Keychain { message: error.to_string() }
}

/// A header that HTTP can carry; said here, where the field is, and not when a call fails.
fn header_is_valid(name: &str, value: &str) -> Result<(), AppError> {
    if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
        return Err(invalid("headers", &format!("“{name}” is no header name: use letters, digits and dashes")));
    }
    if value.chars().any(|c| c.is_control()) {
        return Err(invalid(
            "headers",
            &format!("The value of {name} holds a line break or another control character"),
        ));
    }
    Ok(())
}
