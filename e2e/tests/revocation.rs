//! Whoever was signed out is out, everywhere and within a second.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use im_client::api::Login;
use im_client::transport::{Address, Dialer, Kind};
use im_e2e::user::PASSWORD;
use im_e2e::{Account, Cluster, Raw};
use im_shared::testing::wait_until;
use im_shared::wire::{AuthRequest, Body, CloseCode, Code, Heartbeat, Platform};
use reqwest::Method;
use serde_json::{Value, json};

const SECOND: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the access nodes and the web nodes of a cluster are.
struct Doors {
    access: Vec<Address>,
    web: Vec<String>,
}

impl Doors {
    async fn of(cluster: &Cluster) -> Result<Self> {
        let web = cluster.apis().iter().map(|api| api.server().to_owned());
        Ok(Self {
            access: cluster.endpoints().await?,
            web: web.collect(),
        })
    }

    /// Logs in on a device, and opens a session on this access node.
    async fn enter(&self, cluster: &Cluster, device: &str, node: usize) -> Result<Present> {
        let platform = Platform::Terminal;
        let login = cluster.api().login("alice", PASSWORD, device, platform);
        let login = login.await?;
        let mut session =
            Raw::open(&Dialer::default(), &self.access[node], Kind::WebSocket).await?;
        let answer = session.request(auth_request(&login, device)).await?;
        ensure!(matches!(answer, Body::AuthResponse(_)), "{answer:?}");
        Ok(Present {
            login,
            device: device.to_owned(),
            session,
        })
    }

    /// Why no access node lets a token in.
    async fn refusal(&self, who: &Present) -> Result<Code> {
        let mut said = None;
        for address in &self.access {
            let mut raw = Raw::open(&Dialer::default(), address, Kind::WebSocket).await?;
            let answer = raw.request(auth_request(&who.login, &who.device)).await?;
            let Body::ErrorResponse(error) = answer else {
                anyhow::bail!("{} was let in: {answer:?}", who.device);
            };
            if said != Some(Code::RetryLater) {
                said = Some(error.code);
            }
        }
        said.context("there is an access node")
    }

    /// The sessions have ended within a second from `answered`, with this code; their tokens are refused at every door.
    async fn are_closed<const N: usize>(
        &self,
        gone: [&mut Present; N],
        answered: Instant,
        code: CloseCode,
    ) -> Result<()> {
        // All of them before any door is tried, which takes its time.
        let ends = gone.map(|who| async move {
            let ended = who.session.end().await?;
            let took = answered.elapsed();
            ensure!(ended == Some(code), "{}: {ended:?}", who.device);
            ensure!(took < SECOND, "{} was there for {took:?}", who.device);
            anyhow::Ok(&*who)
        });
        for who in try_join_all(ends).await? {
            self.are_shut(who).await?;
        }
        Ok(())
    }

    /// The token is refused at every door.
    async fn are_shut(&self, who: &Present) -> Result<()> {
        for web in &self.web {
            let answer = who.ask(web, Method::GET, "/user/profile", Value::Null);
            let answer = answer.await?;
            ensure!(answer["code"] == Code::TokenRevoked.0, "{web}: {answer}");
        }
        let refusal = self.refusal(who).await?;
        ensure!(refusal == Code::TokenRevoked, "{refusal:?}");
        Ok(())
    }
}

fn auth_request(login: &Login, device: &str) -> AuthRequest {
    AuthRequest {
        token: login.access_token.as_str().into(),
        device_id: device.to_owned(),
        platform: Platform::Terminal,
        client_version: String::new(),
    }
}

/// Alice on one of her devices.
struct Present {
    login: Login,
    device: String,
    session: Raw,
}

impl Present {
    async fn ask(&self, web: &str, method: Method, path: &str, body: Value) -> Result<Value> {
        let request = reqwest::Client::new()
            .request(method, format!("{web}/api/v1{path}"))
            .bearer_auth(&self.login.access_token);
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        Ok(request.send().await?.json().await?)
    }

    /// The data of a success at the first web node, and when it was answered: how long the transaction takes is the disk's matter.
    async fn done(
        &self,
        doors: &Doors,
        method: Method,
        path: &str,
        body: Value,
    ) -> Result<(Value, Instant)> {
        let answer = self.ask(&doors.web[0], method, path, body).await?;
        let answered = Instant::now();
        ensure!(answer["code"] == 0, "{path}: {answer}");
        Ok((answer["data"].clone(), answered))
    }
}

fn builder() -> im_e2e::cluster::Builder {
    let policy = "IM_ACCESS_DEVICES__POLICY";
    Cluster::builder()
        .access(2)
        .web(2)
        .setting(policy, "unlimited")
        .unhurried()
}

/// B7, B16, A12: logout, one device, the others, all of them, and a new password: out on every node within a second, although no logic runs.
#[tokio::test]
async fn a_revoked_user_is_out_on_every_node_within_a_second() -> Result<()> {
    let mut cluster = builder().start().await?;
    Account::register(&cluster, "alice").await?;
    cluster.node("logic-1").kill().await?;
    let (doors, none) = (Doors::of(&cluster).await?, Value::Null);

    for node in [0, 1] {
        let mut laptop = doors.enter(&cluster, "laptop", node).await?;
        let logout = laptop.done(&doors, Method::POST, "/auth/logout", none.clone());
        let (_, answered) = logout.await?;
        let code = CloseCode::SignedOut;
        doors.are_closed([&mut laptop], answered, code).await?;
    }

    let mut laptop = doors.enter(&cluster, "laptop", 0).await?;
    let mut phone = doors.enter(&cluster, "phone", 1).await?;
    let listed = laptop.done(&doors, Method::GET, "/devices", none.clone());
    let (listed, _) = listed.await?;
    let id = listed["devices"][0]["id"].as_str().context("the phone")?;
    let path = format!("/devices/{id}");
    let (_, answered) = laptop
        .done(&doors, Method::DELETE, &path, none.clone())
        .await?;
    doors
        .are_closed([&mut phone], answered, CloseCode::SignedOut)
        .await?;

    let mut phone = doors.enter(&cluster, "phone", 1).await?;
    let others = laptop.done(&doors, Method::DELETE, "/devices", none.clone());
    let (_, answered) = others.await?;
    doors
        .are_closed([&mut phone], answered, CloseCode::SignedOut)
        .await?;

    let mut phone = doors.enter(&cluster, "phone", 1).await?;
    let all = laptop.done(&doors, Method::POST, "/auth/logout-all", none);
    let (_, answered) = all.await?;
    let both = [&mut phone, &mut laptop];
    doors
        .are_closed(both, answered, CloseCode::SignedOut)
        .await?;

    let mut laptop = doors.enter(&cluster, "laptop", 0).await?;
    let mut phone = doors.enter(&cluster, "phone", 1).await?;
    let change = json!({"oldPassword": PASSWORD, "newPassword": "another horse entirely"});
    let changed = laptop.done(&doors, Method::PUT, "/user/password", change);
    let (_, answered) = changed.await?;
    let (both, code) = ([&mut phone, &mut laptop], CloseCode::PasswordChanged);
    doors.are_closed(both, answered, code).await
}

/// B7: without the mirror nobody new is let in; once it is whole again the revoked token is refused for what it is.
#[tokio::test]
async fn a_flush_revives_no_token() -> Result<()> {
    let cluster = builder().private_servers().start().await?;
    Account::register(&cluster, "alice").await?;
    let doors = Doors::of(&cluster).await?;
    let mut laptop = doors.enter(&cluster, "laptop", 0).await?;
    let mut phone = doors.enter(&cluster, "phone", 1).await?;
    let redis = &cluster.backend().private()?.redis;
    redis.dump().await;
    let logout = laptop.done(&doors, Method::POST, "/auth/logout", json!({}));
    let (_, answered) = logout.await?;
    doors
        .are_closed([&mut laptop], answered, CloseCode::SignedOut)
        .await?;

    for is_flush in [true, false, true] {
        if is_flush {
            redis.flush().await;
        } else {
            redis.restart().await;
        }
        // Until the mirror is whole the doors cannot say why; they never say yes.
        let known = async || {
            let refusal = doors.refusal(&laptop).await.unwrap();
            assert!(
                [Code::TokenRevoked, Code::RetryLater].contains(&refusal),
                "{refusal:?}"
            );
            refusal == Code::TokenRevoked
        };
        wait_until(known, PATIENCE).await;
        for web in &doors.web {
            let asked = laptop.ask(web, Method::GET, "/user/profile", Value::Null);
            let answer = asked.await?;
            ensure!(answer["code"] == Code::TokenRevoked.0, "{web}: {answer}");
        }
    }
    // Whoever was not signed out has noticed nothing.
    let beat = Heartbeat { client_time: 1 };
    let answer = phone.session.request(beat).await?;
    ensure!(matches!(answer, Body::HeartbeatAck(_)), "{answer:?}");
    doors.enter(&cluster, "tablet", 0).await?;
    Ok(())
}
