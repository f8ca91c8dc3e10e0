//! The callers, and a group of their own for each question, so that no answer depends on the one before it.

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use im_client::api::{Admission, Api, Login, NewGroup, Policy, Role};
use im_e2e::user::{Account, Connect, PASSWORD};
use im_e2e::{Cluster, Device};
use im_shared::ids::{ConversationId, FriendRequestId, UserId};
use im_shared::wire::Platform;
use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

/// Who asks, in the order of the columns.
pub(super) const CALLERS: [&str; 9] = [
    "nobody", "guest", "stranger", "former", "member", "admin", "owner", "operator", "revoked",
];

/// Everybody there is.
pub(super) struct Cast {
    http: reqwest::Client,
    server: String,
    api: Api,
    guest: Login,
    stranger: Account,
    former: Account,
    member: Account,
    admin: Account,
    owner: Account,
    revoked: String,
    /// A member whom things happen to.
    pawn: Account,
    /// Somebody who asks to join.
    seeker: Account,
    /// With which the owner writes.
    pen: Device,
    /// Of the callers, by their place; empty for those who have none of an account.
    tokens: Vec<String>,
}

impl Cast {
    pub(super) async fn assemble(cluster: &Cluster) -> Result<Self> {
        let owner = cluster.account("owner").await?;
        let mut others = Vec::new();
        for name in ["former", "member", "admin", "pawn", "seeker"] {
            let other = cluster.account(name).await?;
            owner.befriend(&other).await?;
            others.push(other);
        }
        let [former, member, admin, pawn, seeker]: [Account; 5] =
            others.try_into().ok().context("five")?;
        let operator = cluster.account("operator").await?;
        let database = cluster.backend().database().await?;
        let sql = "INSERT INTO operators (id, role) VALUES ($1, 2)";
        database.execute(sql, &[&operator.id.to_sql()]).await?;
        let stranger = cluster.account("stranger").await?;
        let mut tokens = vec![String::new(); 2];
        for account in [&stranger, &former, &member, &admin, &owner, &operator] {
            tokens.push(account.login(Platform::Web).await?.access_token);
        }
        let left = owner.login(Platform::Android).await?;
        cluster
            .api()
            .with_token(&left.access_token)
            .logout(&left.refresh_token)
            .await?;
        Ok(Self {
            http: reqwest::Client::new(),
            server: cluster.api().server().to_owned(),
            api: cluster.api().clone(),
            guest: cluster.api().guest("matrix", Platform::Web).await?,
            stranger,
            pen: owner.connect(Connect::default()).await?,
            revoked: left.access_token,
            former,
            member,
            admin,
            owner,
            pawn,
            seeker,
            tokens,
        })
    }

    /// A token of the caller; where the question may end it, of somebody new of the same kind.
    async fn token(&self, caller: usize, ends: bool) -> Result<String> {
        Ok(match caller {
            0 => String::new(),
            1 if ends => {
                let guest = self.api.guest(&unique(), Platform::Web).await?;
                guest.access_token
            }
            1 => self.guest.access_token.clone(),
            2..=7 if ends => self.newcomer().await?.access_token,
            2..=7 => self.tokens[caller].clone(),
            _ => self.revoked.clone(),
        })
    }

    /// Somebody registered whom nobody knows.
    async fn newcomer(&self) -> Result<Login> {
        let name = format!("new-{}", unique());
        self.api.register(&name, PASSWORD, &name).await?;
        Ok(self
            .api
            .login(&name, PASSWORD, "matrix", Platform::Web)
            .await?)
    }
}

fn unique() -> String {
    Uuid::new_v4().simple().to_string()[..16].to_owned()
}

/// The sign-in that a token is of.
fn sign_in(token: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    Some(claims["sid"].as_str()?.to_owned())
}

/// One question: who asks, and about what.
pub(super) struct Scene<'a> {
    cast: &'a Cast,
    token: String,
    /// What the words in the path and the body stand for.
    words: Vec<(&'static str, String)>,
}

impl<'a> Scene<'a> {
    /// For a question by `caller` about `path`. Makes only what the path names, and for each question anew what it may change.
    pub(super) async fn set(cast: &'a Cast, path: &str, caller: usize) -> Result<Self> {
        let has = |part: &str| path.contains(part);
        let ends =
            has("/auth/log") || has("/auth/upgrade") || has("/user/password") || has("v1/devices");
        let token = cast.token(caller, ends).await?;
        let mut words = vec![
            ("$pawn", cast.pawn.id.to_string()),
            ("$member", cast.member.id.to_string()),
            ("$stranger", cast.stranger.id.to_string()),
            ("$password", PASSWORD.to_owned()),
            ("$unique", unique()),
            ("{reaction}", "%F0%9F%91%8D".to_owned()),
            ("{variant}", "original".to_owned()),
        ];
        if has("/groups/{") || has("/conversations/{") {
            let (group, seq) = cast.gather().await?;
            words.push(("{id}", group.to_string()));
            words.push(("{seq}", seq.to_string()));
        } else if has("/friends/requests/{") {
            words.push(("{id}", cast.be_asked().await?.to_string()));
        } else if has("/friends/{") {
            words.push(("{friendId}", cast.make_friend().await?.to_string()));
        } else if has("/files/{") {
            words.push(("{fileId}", cast.upload().await?));
        } else if has("v1/devices/{") {
            words.push(("{id}", sign_in(&token).unwrap_or_else(|| "1".to_owned())));
        } else if has("/admin/users/{") || has("/blocks/{") {
            let new = cast.newcomer().await?;
            let sid = sign_in(&new.access_token).context("a sign-in")?;
            words.push(("{signInId}", sid));
            words.push(("{id}", new.user_id.to_string()));
            words.push(("{userId}", new.user_id.to_string()));
        } else {
            words.push(("{id}", cast.pawn.id.to_string()));
        }
        let user = match has("/requests/{userId}") {
            true => &cast.seeker,
            false => &cast.pawn,
        };
        words.push(("{userId}", user.id.to_string()));
        Ok(Self { cast, token, words })
    }

    /// Asks, and gives the status.
    pub(super) async fn ask(&self, method: &str, path: &str, body: &str) -> Result<u16> {
        let query = match path {
            "/api/v1/user/search" => "?q=member",
            "/api/v1/search/messages" => "?q=hello",
            _ => "",
        };
        let url = format!("{}{}{query}", self.cast.server, self.fill(path));
        let mut request = self
            .cast
            .http
            .request(Method::from_bytes(method.as_bytes())?, url);
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if !body.is_empty() {
            request = request
                .header("content-type", "application/json")
                .body(self.fill(body));
        }
        Ok(request.send().await?.status().as_u16())
    }

    fn fill(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (word, value) in &self.words {
            text = text.replace(word, value);
        }
        text
    }
}

impl Cast {
    /// A group with one of each, in which the owner has said something.
    async fn gather(&self) -> Result<(ConversationId, u64)> {
        let api = &self.owner.api;
        let members = [&self.former, &self.member, &self.admin, &self.pawn];
        let group = NewGroup {
            name: "Matrix".to_owned(),
            member_ids: members.iter().map(|account| account.id).collect(),
            join_policy: Some(Policy::Approval),
            ..NewGroup::default()
        };
        let id = api.create_group(&group).await?.id;
        api.set_role(id, self.admin.id, Role::Admin).await?;
        let seq = self.pen.send(id, "hello").await?.seq.0;
        api.remove_member(id, self.former.id).await?;
        let asked = self.seeker.api.join(id, "please").await?;
        anyhow::ensure!(matches!(asked, Admission::Asked {}), "the seeker waits");
        Ok((id, seq))
    }

    /// Somebody new asks the member to be friends.
    async fn be_asked(&self) -> Result<FriendRequestId> {
        let asker = self.newcomer().await?;
        let api = self.api.with_token(&asker.access_token);
        Ok(api.request_friend(self.member.id, "").await?)
    }

    /// Somebody new is a friend of the owner.
    async fn make_friend(&self) -> Result<UserId> {
        let new = self.newcomer().await?;
        let api = self.api.with_token(&new.access_token);
        let request = api.request_friend(self.owner.id, "").await?;
        self.owner.api.accept_friend(request).await?;
        Ok(new.user_id)
    }

    /// The owner uploads a file, and shows it to nobody.
    async fn upload(&self) -> Result<String> {
        let url = format!("{}/api/v1/files?name={}.txt", self.server, unique());
        let request = self.http.post(url).bearer_auth(&self.tokens[6]);
        let answer = request.body(unique()).send().await?.error_for_status()?;
        let answer: Value = serde_json::from_slice(&answer.bytes().await?)?;
        Ok(answer["data"]["fileId"]
            .as_str()
            .context("a file")?
            .to_owned())
    }
}
