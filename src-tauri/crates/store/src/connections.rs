//! Saved connections, and the settings of the app.

use juxta_wire::connection::Connection;
use juxta_wire::ids::ConnectionId;
use juxta_wire::settings::Settings;
use rusqlite::{Connection as Database, OptionalExtension};

use crate::documents::{from_json, to_json};
use crate::error::{Doing, StoreError};
use crate::store::Store;

impl Store {
    /// In the order in which they were made.
    pub fn connections(&self) -> Result<Vec<Connection>, StoreError> {
        const DOING: &str = "read the connections";
        self.read(|database| {
            let mut statement =
                database.prepare_cached("SELECT document FROM connections ORDER BY position").doing(DOING)?;
            let documents = statement.query_map([], |row| row.get::<_, String>(0)).doing(DOING)?;
            documents.map(|document| from_json(DOING, &document.doing(DOING)?)).collect()
        })
    }

    /// Adds a connection, or replaces the one with its id.
    pub fn save_connection(&self, connection: &Connection) -> Result<(), StoreError> {
        const DOING: &str = "save the connection";
        let connection = connection.clone();
        self.write(DOING, move |database| save(database, &connection, DOING))
    }

    /// Removes a connection; one that is not there is removed already. Runs made with it keep its name.
    pub fn delete_connection(&self, id: &ConnectionId) -> Result<(), StoreError> {
        const DOING: &str = "delete the connection";
        let id = id.0.clone();
        self.write(DOING, move |database| {
            database.execute("DELETE FROM connections WHERE id = ?1", [id]).doing(DOING)?;
            Ok(())
        })
    }

    /// The defaults until something was saved.
    pub fn settings(&self) -> Result<Settings, StoreError> {
        const DOING: &str = "read the settings";
        self.read(|database| {
            let document: Option<String> = database
                .query_row("SELECT document FROM settings WHERE id = 1", [], |row| row.get(0))
                .optional()
                .doing(DOING)?;
            document.map_or_else(|| Ok(Settings::default()), |document| from_json(DOING, &document))
        })
    }

    pub fn save_settings(&self, settings: &Settings) -> Result<(), StoreError> {
        const DOING: &str = "save the settings";
        let document = to_json(DOING, settings)?;
        self.write(DOING, move |database| {
            let sql = "INSERT INTO settings (id, document) VALUES (1, ?1) \
                       ON CONFLICT (id) DO UPDATE SET document = excluded.document";
            database.prepare_cached(sql).doing(DOING)?.execute([document]).doing(DOING)?;
            Ok(())
        })
    }
}

/// Within a transaction.
pub(crate) fn save(database: &Database, connection: &Connection, doing: &'static str) -> Result<(), StoreError> {
    let sql = "INSERT INTO connections (id, document) VALUES (?1, ?2) \
               ON CONFLICT (id) DO UPDATE SET document = excluded.document";
    let row = (connection.id.as_str(), to_json(doing, connection)?);
    database.prepare_cached(sql).doing(doing)?.execute(row).doing(doing)?;
    Ok(())
}
