//! REST as a client sees it: JSON in the envelope `{code, message, data}`.

use anyhow::{Context, Result, bail};
use im_shared::ids::UserId;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// What a request came back with.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// The stable code; 0 for success.
    pub code: u64,
    /// The code's text.
    pub message: String,
    /// What was asked for.
    pub data: Value,
}

/// A caller of the API, with or without a token. A cheap clone.
#[derive(Clone)]
pub struct Rest {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl Rest {
    /// For the web node at `base`, such as `http://127.0.0.1:8080`.
    #[must_use]
    pub fn new(base: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            base: base.to_owned(),
            token: None,
        }
    }

    /// The same, on behalf of the owner of this token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// Where the web node is.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Any request below `/api/v1`; an answer of any status is an answer.
    ///
    /// # Errors
    /// When there is no answer, or one without the envelope.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Answer> {
        let mut request = self.http.request(method, format!("{}/api/v1{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        let mut envelope: Value = serde_json::from_str(&text).with_context(|| format!("{path}: {status} {text}"))?;
        Ok(Answer {
            status,
            code: envelope["code"].as_u64().context("no code")?,
            message: envelope["message"].as_str().context("no message")?.to_owned(),
            data: envelope["data"].take(),
        })
    }

    async fn must(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let answer = self.call(method.clone(), path, body).await?;
        if answer.code != 0 || !answer.status.is_success() {
            bail!("{method} {path}: {} {} ({})", answer.status, answer.message, answer.code);
        }
        Ok(answer.data)
    }

    /// A GET that must succeed.
    ///
    /// # Errors
    /// When it does not.
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.must(Method::GET, path, None).await
    }

    /// A POST that must succeed.
    ///
    /// # Errors
    /// When it does not.
    pub async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.must(Method::POST, path, Some(body)).await
    }

    /// Makes an account.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn register(&self, username: &str, password: &str) -> Result<UserId> {
        let account = json!({ "username": username, "password": password, "nickname": username });
        id(&self.post("/auth/register", account).await?["userId"])
    }

    /// Makes two users friends: the owner of this token asks, the other one accepts.
    ///
    /// # Errors
    /// When either is refused.
    pub async fn befriend(&self, other: &Self, other_id: UserId) -> Result<()> {
        let request = json!({ "friendId": other_id, "message": "" });
        let asked = self.post("/friends/request", request).await?;
        let request = asked["requestId"].as_str().context("no requestId")?;
        other.post(&format!("/friends/requests/{request}/accept"), json!({})).await?;
        Ok(())
    }
}

/// An id from JSON, where it is a decimal string.
///
/// # Errors
/// When it is anything else.
pub fn id<T: std::str::FromStr>(value: &Value) -> Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text = value.as_str().with_context(|| format!("{value} is no decimal string"))?;
    Ok(text.parse()?)
}
