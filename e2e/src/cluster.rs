//! A whole cluster as processes, for one test: started by a builder, its nodes killed, stopped and started again by name.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use im_client::Preference;
use im_client::api::Api;
use im_client::transport::Address;
use im_shared::ids::{ConversationId, MessageId, UserId};
use im_shared::tokens::{self, Signer};
use im_shared::wire::EntryType;

use crate::backend::Backend;
use crate::history::Stored;
use crate::ports::free_port;
use crate::programs::{Node, new_folder};
use crate::user::{Account, Connect, TestUser};

/// How long programs wait for a server or a client that a machine with much else to do holds up: the most that `limits.wait_ms` takes.
const SLOW_MS: u32 = 10_000;
/// How long web may take to list the access nodes.
const LISTED: Duration = Duration::from_secs(60);

/// What to start. Each field has the smallest useful default.
#[derive(Debug, Clone)]
#[must_use]
pub struct Builder {
    access: usize,
    logic: usize,
    web: usize,
    private_servers: bool,
    transport: Preference,
    settings: Vec<(String, String)>,
}

impl Builder {
    /// So many access nodes.
    pub const fn access(mut self, count: usize) -> Self {
        self.access = count;
        self
    }

    /// So many logic workers.
    pub const fn logic(mut self, count: usize) -> Self {
        self.logic = count;
        self
    }

    /// So many web nodes.
    pub const fn web(mut self, count: usize) -> Self {
        self.web = count;
        self
    }

    /// PostgreSQL, Redis and NATS of its own, which the test may kill.
    pub const fn private_servers(mut self) -> Self {
        self.private_servers = true;
        self
    }

    /// Which transports devices use where nothing else is said.
    pub const fn transport(mut self, transport: Preference) -> Self {
        self.transport = transport;
        self
    }

    /// A setting as environment variable, such as `IM_ACCESS_DRAIN__WINDOW_MS`, for every node of that program.
    pub fn setting(mut self, name: &str, value: impl ToString) -> Self {
        self.settings.push((name.to_owned(), value.to_string()));
        self
    }

    /// A session need not be heard of for ten minutes, so that on a slow machine only what the test does ends one.
    pub fn unhurried(self) -> Self {
        self.setting("IM_ACCESS_SESSION__HEARTBEAT_INTERVAL_MS", 600_000)
    }

    /// Starts everything and waits until it is ready.
    ///
    /// # Errors
    /// When a program is missing or does not become ready; its log is part of the error.
    pub async fn start(self) -> Result<Cluster> {
        let folder = new_folder()?;
        let backend = Backend::start(self.private_servers).await?;
        let (private, public) = tokens::generate_key()?.write(&folder.join("keys"), "e2e")?;
        let public_folder = public.parent().context("a folder")?.to_owned();
        let signer = Signer::load(&private)?;
        let common = Common {
            backend: &backend,
            private_folder: private.parent().context("a folder")?.to_owned(),
            public_folder,
            extra: &self.settings,
        };

        let mut nodes = Vec::new();
        for number in 1..=self.logic {
            nodes.push(common.node("logic", number, &folder)?);
        }
        for number in 1..=self.access {
            nodes.push(common.node("access", number, &folder)?);
        }
        let mut bases = Vec::new();
        for number in 1..=self.web {
            let (node, base) = common.web(number, &folder)?;
            nodes.push(node);
            bases.push(base);
        }
        for node in &mut nodes {
            node.spawn()?;
        }
        try_join_all(nodes.iter_mut().map(Node::ready)).await?;
        let apis = bases.iter().map(|base| Api::new(base));
        let apis = apis.collect::<Result<Vec<_>, _>>()?;
        ensure!(!apis.is_empty(), "a cluster needs a web node");
        let cluster = Cluster {
            nodes,
            apis,
            backend,
            folder,
            transport: self.transport,
            signer,
        };
        cluster.wait_for_endpoints(self.access).await?;
        Ok(cluster)
    }
}

/// What every node's settings are made from.
struct Common<'a> {
    backend: &'a Backend,
    private_folder: PathBuf,
    public_folder: PathBuf,
    extra: &'a [(String, String)],
}

impl Common<'_> {
    fn node(&self, program: &str, number: usize, folder: &Path) -> Result<Node> {
        let ops = free_port();
        let upper = program.to_uppercase();
        let mut settings = self.settings(program, number, ops);
        if program == "access" {
            let port = free_port();
            settings.extend([
                (
                    format!("IM_{upper}_WEB_TRANSPORT__LISTEN"),
                    format!("[::]:{port}"),
                ),
                (
                    format!("IM_{upper}_WEB_SOCKET__LISTEN"),
                    format!("[::]:{port}"),
                ),
                (
                    format!("IM_{upper}_WEB_TRANSPORT__RESET_KEY"),
                    path(&folder.join("reset.key")),
                ),
            ]);
        } else {
            settings.push((format!("IM_{upper}_POSTGRES__URL"), self.backend.postgres()));
        }
        self.finish(program, number, ops, folder, settings)
    }

    fn web(&self, number: usize, folder: &Path) -> Result<(Node, String)> {
        let (ops, port) = (free_port(), free_port());
        let mut settings = self.settings("web", number, ops);
        settings.extend([
            (
                "IM_WEB_HTTP__LISTEN".to_owned(),
                format!("127.0.0.1:{port}"),
            ),
            ("IM_WEB_POSTGRES__URL".to_owned(), self.backend.postgres()),
            (
                "IM_WEB_FILES__FOLDER".to_owned(),
                path(&folder.join("files")),
            ),
            (
                "IM_WEB_FILES__SECRET_FILE".to_owned(),
                path(&folder.join("keys/files.key")),
            ),
            (
                "IM_WEB_TOKENS__PRIVATE_KEYS".to_owned(),
                path(&self.private_folder),
            ),
        ]);
        let node = self.finish("web", number, ops, folder, settings)?;
        Ok((node, format!("http://127.0.0.1:{port}")))
    }

    fn settings(&self, program: &str, number: usize, ops: u16) -> Vec<(String, String)> {
        let upper = program.to_uppercase();
        let mut settings = vec![
            (node_setting(program), format!("{program}-{number}")),
            (
                format!("IM_{upper}_OPS__LISTEN"),
                format!("127.0.0.1:{ops}"),
            ),
            (format!("IM_{upper}_NATS__URL"), self.backend.nats()),
            (
                format!("IM_{upper}_NATS__PREFIX"),
                self.backend.prefix().to_owned(),
            ),
            (format!("IM_{upper}_REDIS__URL"), self.backend.redis()),
            (
                format!("IM_{upper}_REDIS__PREFIX"),
                self.backend.prefix().to_owned(),
            ),
        ];
        // Where nobody breaks a server, one that is slow for a moment is not away.
        if self.backend.private().is_err() {
            settings.push((
                format!("IM_{upper}_REDIS__COMMAND_TIMEOUT_MS"),
                SLOW_MS.to_string(),
            ));
            let waits: &[&str] = match program {
                "access" => &["PRESENCE__DEADLINE_MS", "HANDSHAKE__DEADLINE_MS"],
                "web" => &["LIMITS__WAIT_MS", "HTTP__COMMAND_TIMEOUT_MS"],
                _ => &["REDIS__CACHE_TIMEOUT_MS"],
            };
            for key in waits {
                settings.push((format!("IM_{upper}_{key}"), SLOW_MS.to_string()));
            }
        }
        if program != "logic" {
            settings.push((
                format!("IM_{upper}_TOKENS__PUBLIC_KEYS"),
                path(&self.public_folder),
            ));
        }
        settings
    }

    fn finish(
        &self,
        program: &str,
        number: usize,
        ops: u16,
        folder: &Path,
        mut settings: Vec<(String, String)>,
    ) -> Result<Node> {
        let prefix = format!("IM_{}_", program.to_uppercase());
        settings.extend(
            self.extra
                .iter()
                .filter(|(name, _)| name.starts_with(&prefix))
                .cloned(),
        );
        let node = Node::new(
            &format!("{program}-{number}"),
            &format!("im-{program}"),
            ops,
            folder,
            settings,
        )?;
        // The committed files: they are under test, too. What is said here comes on top.
        Ok(node.with_config(repository().join("env").join(format!("{program}.toml"))))
    }
}

/// The root of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    folder.parent().unwrap_or(folder).to_owned()
}

/// Where a program's configuration has its name.
fn node_setting(program: &str) -> String {
    let key = match program {
        "access" => "NODE__ID",
        "logic" => "NODE_ID",
        _ => "NODE",
    };
    format!("IM_{}_{key}", program.to_uppercase())
}

fn path(path: &Path) -> String {
    path.display().to_string()
}

/// A running cluster. Everything ends with it; the logs stay until the test runs again.
pub struct Cluster {
    nodes: Vec<Node>,
    apis: Vec<Api>,
    backend: Backend,
    folder: PathBuf,
    transport: Preference,
    signer: Signer,
}

impl Cluster {
    /// One access node, one logic worker, one web node, unless said otherwise.
    pub const fn builder() -> Builder {
        Builder {
            access: 1,
            logic: 1,
            web: 1,
            private_servers: false,
            transport: Preference::Auto,
            settings: Vec::new(),
        }
    }

    /// REST without a token.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.apis[0]
    }

    /// REST of each web node without a token.
    #[must_use]
    pub fn apis(&self) -> &[Api] {
        &self.apis
    }

    /// Which transports devices use where nothing else is said.
    #[must_use]
    pub const fn transport(&self) -> Preference {
        self.transport
    }

    /// What web signs tokens with.
    #[must_use]
    pub const fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Where its logs are; a test may leave more there.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The servers below.
    pub const fn backend(&self) -> &Backend {
        &self.backend
    }

    /// A node by its name: `access-1`.
    ///
    /// # Panics
    /// When there is none of that name.
    pub fn node(&mut self, name: &str) -> &mut Node {
        let found = self.nodes.iter_mut().find(|node| node.name() == name);
        found.unwrap_or_else(|| panic!("there is no node {name}"))
    }

    /// All nodes.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Makes an account of this name and connects a terminal of its own, to any access node.
    ///
    /// # Errors
    /// When either fails.
    pub async fn user(&self, name: &str) -> Result<TestUser> {
        TestUser::join(self, name, Connect::default()).await
    }

    /// The same, on this access node.
    ///
    /// # Errors
    /// When either fails.
    pub async fn user_on(&self, node: &str, name: &str) -> Result<TestUser> {
        TestUser::join(self, name, Connect::on(node)).await
    }

    /// Makes an account without connecting it.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn account(&self, name: &str) -> Result<Account> {
        Account::register(self, name).await
    }

    /// Kills a node and starts it again.
    ///
    /// # Errors
    /// When it does not run, or does not become ready again.
    pub async fn kill_and_restart(&mut self, name: &str) -> Result<()> {
        let node = self.node(name);
        node.kill().await?;
        node.spawn()?;
        node.ready().await
    }

    /// Ends a node with SIGTERM and starts it again.
    ///
    /// # Errors
    /// When it does not end well, or does not become ready again.
    pub async fn terminate_and_restart(&mut self, name: &str) -> Result<()> {
        let node = self.node(name);
        node.terminate().await?;
        node.spawn()?;
        node.ready().await
    }

    /// The endpoints that clients are told, as web gives them.
    ///
    /// # Errors
    /// When web does not answer.
    pub async fn endpoints(&self) -> Result<Vec<Address>> {
        Ok(self.api().endpoints().await?)
    }

    async fn wait_for_endpoints(&self, count: usize) -> Result<()> {
        let deadline = tokio::time::Instant::now() + LISTED;
        while self.endpoints().await?.len() < count {
            ensure!(
                tokio::time::Instant::now() < deadline,
                "the access nodes are not listed"
            );
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        Ok(())
    }

    /// The whole log of every conversation, as PostgreSQL holds it.
    ///
    /// # Errors
    /// When PostgreSQL does not answer.
    pub async fn stored(&self) -> Result<Vec<Stored>> {
        let client = self.backend.database().await?;
        let sql = "SELECT id, conversation_id, seq, message_index, sender_id, content, type FROM messages ORDER BY conversation_id, seq";
        let number =
            |row: &tokio_postgres::Row, at: usize| -> u64 { row.get::<_, i64>(at).cast_unsigned() };
        let stored = |row: tokio_postgres::Row| Stored {
            id: MessageId(number(&row, 0)),
            conversation: ConversationId(number(&row, 1)),
            seq: number(&row, 2),
            index: number(&row, 3),
            kind: EntryType(row.get::<_, i16>(6).cast_unsigned() as u8),
            sender: UserId(number(&row, 4)),
            text: row.get(5),
        };
        Ok(client
            .query(sql, &[])
            .await?
            .into_iter()
            .map(stored)
            .collect())
    }

    /// What any node logged as an error, or printed in a panic; empty when all is well.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        let of = |node: &Node| {
            node.errors()
                .into_iter()
                .map(|line| format!("{}: {line}", node.name()))
                .collect::<Vec<_>>()
        };
        self.nodes.iter().flat_map(of).collect()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for node in &self.nodes {
                eprintln!("--- {}\n{}", node.name(), node.log_end(15));
            }
        }
    }
}
