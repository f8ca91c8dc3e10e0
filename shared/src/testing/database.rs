//! An own, migrated database.

use deadpool_postgres::Pool;
use tokio_postgres::{Client, NoTls};

use super::{Servers, unique_prefix};
use crate::config::PostgresConfig;
use crate::database;

/// Only one process makes the template.
const LOCK: i64 = 0x696d_2d74_6573;

/// A database of one's own with all migrations applied; dropped at the end. It is copied from a template, which is migrated once.
#[derive(Debug)]
pub struct TestDatabase {
    server_url: String,
    name: String,
}

impl TestDatabase {
    /// On the shared server.
    ///
    /// # Panics
    ///
    /// When the server cannot be used.
    pub async fn create() -> Self {
        Self::create_on(Servers::postgres_url()).await
    }

    /// On the server whose maintenance database is at `server_url`.
    ///
    /// # Panics
    ///
    /// When the server cannot be used.
    pub async fn create_on(server_url: &str) -> Self {
        let client = connect(server_url).await;
        let template = template(&client, server_url).await;
        let name = format!("im_test_{}", unique_prefix());
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
        client.batch_execute(&create).await.expect("a database");
        Self {
            server_url: server_url.to_owned(),
            name,
        }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        with_name(&self.server_url, &self.name)
    }

    /// The address of its copy on a replica, whose maintenance database is at `server_url`.
    #[must_use]
    pub fn url_on(&self, server_url: &str) -> String {
        with_name(server_url, &self.name)
    }

    /// Settings with its address, a small pool and patience.
    #[must_use]
    pub fn config(&self) -> PostgresConfig {
        config(self.url())
    }

    /// A pool of its own.
    ///
    /// # Panics
    ///
    /// Never, unless the server's address is none.
    #[must_use]
    pub fn pool(&self) -> Pool {
        database::pool(&self.config()).expect("an address")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let url = self.server_url.clone();
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // `drop` may run on a runtime, which cannot wait for itself; a server that was killed needs no dropping.
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .ok()?;
            runtime.block_on(async {
                let (client, connection) = tokio_postgres::connect(&url, NoTls).await.ok()?;
                tokio::spawn(connection);
                client.batch_execute(&drop).await.ok()
            })
        };
        let _ = std::thread::spawn(work).join();
    }
}

/// The name of the migrated template; made if it is not there.
async fn template(client: &Client, server_url: &str) -> String {
    let name = format!("im_template_{:016x}", database::fingerprint());
    let lock = client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]);
    lock.await.expect("a lock");
    let sql = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)";
    let found = client.query_one(sql, &[&name]).await.expect("an answer");
    if !found.get::<_, bool>(0) {
        // Under another name first: a template that exists is complete.
        let building = format!("{name}_building");
        let drop = format!("DROP DATABASE IF EXISTS {building} WITH (FORCE)");
        client.batch_execute(&drop).await.expect("dropped");
        let create = format!("CREATE DATABASE {building}");
        client.batch_execute(&create).await.expect("created");
        let url = with_name(server_url, &building);
        database::migrate(&config(url)).await.expect("migrated");
        let rename = format!("ALTER DATABASE {building} RENAME TO {name}");
        client.batch_execute(&rename).await.expect("renamed");
    }
    let unlock = client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]);
    unlock.await.expect("unlocked");
    name
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect(url);
    // Ends with the client.
    tokio::spawn(connection);
    client
}

fn config(url: String) -> PostgresConfig {
    PostgresConfig {
        url: url.into(),
        pool_size: 8,
        // A machine that stands still for a while is no fault of what is tested.
        connect_timeout_ms: 20_000,
        acquire_timeout_ms: 20_000,
        statement_timeout_ms: 20_000,
        ..PostgresConfig::default()
    }
}

/// The same server, another database.
fn with_name(server_url: &str, name: &str) -> String {
    let (address, parameters) = match server_url.split_once('?') {
        Some((address, parameters)) => (address, format!("?{parameters}")),
        None => (server_url, String::new()),
    };
    let (server, _) = address.rsplit_once('/').expect("a database in the address");
    format!("{server}/{name}{parameters}")
}
