//! The keys of tokens change under running programs.

use std::time::Duration;

use anyhow::{Context, Result};
use im_client::api::Login;
use im_client::transport::{Dialer, Kind};
use im_e2e::{Cluster, Load, Plan, Raw, Terminal};
use im_shared::testing::wait_until;
use im_shared::wire::{AuthRequest, Body, Code, Platform};

const PATIENCE: Duration = Duration::from_secs(60);

/// The operator, at the folder of keys.
struct Operator {
    terminal: Terminal,
    folder: String,
}

impl Operator {
    async fn keys(&self, arguments: &[&str]) -> Result<String> {
        let mut all = vec!["keys", "--dir", &self.folder];
        all.extend(arguments);
        self.terminal.im(&all).await
    }

    /// The first two words of each line of `im keys list`.
    async fn states(&self) -> Result<Vec<(String, String)>> {
        let listed = self.keys(&["list"]).await?;
        let two = |line: &str| {
            let mut words = line.split_whitespace().map(str::to_owned);
            Some((words.next()?, words.next()?))
        };
        Ok(listed.lines().filter_map(two).collect())
    }
}

/// The ids of the keys that this web node publishes.
async fn published(api: &str) -> Result<Vec<String>> {
    let set: serde_json::Value = reqwest::get(format!("{api}/.well-known/jwks.json"))
        .await?
        .json()
        .await?;
    let keys = set["keys"].as_array().context("keys")?;
    let id = |key: &serde_json::Value| key["kid"].as_str().map(str::to_owned);
    Ok(keys.iter().filter_map(id).collect())
}

/// The encoded header of a token; another key has another one.
fn header(login: &Login) -> &str {
    login.access_token.split('.').next().unwrap_or_default()
}

/// Why a token does not open a session on one of the access nodes; `None` when it does on all of them.
async fn refusal(
    cluster: &Cluster,
    login: &Login,
    device: (&str, Platform),
) -> Result<Option<Code>> {
    for address in cluster.endpoints().await? {
        let mut raw = Raw::open(&Dialer::default(), &address, Kind::WebSocket).await?;
        let request = AuthRequest {
            token: login.access_token.as_str().into(),
            device_id: device.0.to_owned(),
            platform: device.1,
            client_version: String::new(),
        };
        if let Body::ErrorResponse(error) = raw.request(request).await? {
            return Ok(Some(error.code));
        }
    }
    Ok(None)
}

/// B14: `im keys rotate` while people chat: the new key is published before it signs, tokens of both are good at every door, nobody notices. A key
/// that is withdrawn is refused everywhere, and a refresh is all that its users need.
#[tokio::test]
async fn keys_rotate_under_running_programs_and_nobody_is_signed_out() -> Result<()> {
    let cluster = Cluster::builder().access(2).unhurried().start().await?;
    let load = Load::start(&cluster, Plan::small()).await?;
    let operator = Operator {
        terminal: Terminal::new(&cluster, "operator")?,
        folder: cluster.folder().join("keys").display().to_string(),
    };
    let alice = cluster.account("alice").await?;
    let (platform, device) = (Platform::Desktop, alice.device_id(Platform::Desktop));
    let old = alice.login(platform).await?;

    operator
        .keys(&["rotate", "--id", "next", "--announce", "4"])
        .await?;
    let server = cluster.api().server();
    let known = async || {
        published(server)
            .await
            .is_ok_and(|ids| ids == ["e2e", "next"])
    };
    wait_until(known, PATIENCE).await;
    load.progress(100).await?;

    let newest = tokio::sync::Mutex::new(old.clone());
    let signs = async || {
        let mut login = newest.lock().await;
        match cluster.api().refresh(&login.refresh_token).await {
            Ok(next) => *login = next,
            Err(error) => panic!("a refresh was refused: {error}"),
        }
        header(&login) != header(&old)
    };
    wait_until(signs, PATIENCE).await;
    let new = newest.into_inner();
    let states = operator.states().await?;
    let expected = [("e2e", "verifying"), ("next", "signing")];
    let expected = expected.map(|(id, state)| (id.to_owned(), state.to_owned()));
    assert_eq!(states, expected);
    for login in [&old, &new] {
        cluster
            .api()
            .with_token(&login.access_token)
            .profile()
            .await?;
        assert_eq!(refusal(&cluster, login, (&device, platform)).await?, None);
    }
    load.progress(100).await?;
    assert_eq!(
        load.visible_errors(),
        Vec::<String>::new(),
        "what users saw"
    );
    let history = load.finish(&cluster).await?;
    assert_eq!(history.violations(), Vec::<String>::new());

    operator.keys(&["withdraw", "e2e"]).await?;
    let refused = async || {
        let said = refusal(&cluster, &old, (&device, platform)).await;
        let profile = cluster.api().with_token(&old.access_token).profile().await;
        said.is_ok_and(|code| code == Some(Code::TokenInvalid)) && profile.is_err()
    };
    wait_until(refused, PATIENCE).await;
    assert_eq!(refusal(&cluster, &new, (&device, platform)).await?, None);
    assert_eq!(operator.keys(&["prune"]).await?.trim(), "Removed: e2e.");
    let one = async || published(server).await.is_ok_and(|ids| ids == ["next"]);
    wait_until(one, PATIENCE).await;
    cluster.api().refresh(&new.refresh_token).await?;
    assert_eq!(
        cluster.errors(),
        Vec::<String>::new(),
        "what the nodes logged"
    );
    Ok(())
}
