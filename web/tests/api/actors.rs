//! Those who use the API, and what they are told.

use im_shared::ids::UserId;
use im_shared::wire::Code;
use serde_json::{Value, json};

use crate::app::TestApp;

#[path = "document.rs"]
pub(crate) mod document;

/// Somebody who is signed in.
pub(crate) struct User<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) id: UserId,
    pub(crate) token: String,
}

impl User<'_> {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.app.http.get(self.app.api(path))).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.app.http.post(self.app.api(path)).json(&body))
            .await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.app.http.put(self.app.api(path)).json(&body))
            .await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.app.http.patch(self.app.api(path)).json(&body))
            .await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.app.http.delete(self.app.api(path))).await
    }

    /// Asks `other` to be friends.
    pub(crate) async fn request(&self, other: &User<'_>) -> Answer {
        let body = json!({"friendId": other.id.to_string(), "message": "hello"});
        self.post("/friends/request", body).await
    }

    /// The friends' ids as the API tells them.
    pub(crate) async fn friends(&self) -> Vec<String> {
        let data = self.get("/friends").await.expect_ok();
        let friends = data["friends"].as_array().unwrap();
        friends
            .iter()
            .map(|friend| friend["friendId"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Any request, in this user's name.
    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        Answer::of(request.bearer_auth(&self.token)).await
    }
}

/// What the API said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) code: u16,
    pub(crate) message: String,
    pub(crate) data: Value,
    pub(crate) headers: reqwest::header::HeaderMap,
}

impl Answer {
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = client.execute(request).await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.unwrap();
        let body: Value =
            serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: no JSON: {text}"));
        document::check(method.as_str(), &path, status, Some(&body));
        let mut names: Vec<&str> = body
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        names.sort_unstable();
        assert_eq!(names, ["code", "data", "message"], "the envelope");
        let answer = Self {
            status,
            code: u16::try_from(body["code"].as_u64().unwrap()).unwrap(),
            message: body["message"].as_str().unwrap().to_owned(),
            data: body["data"].clone(),
            headers,
        };
        // The status is honest: a failure is never 2xx, a success always.
        assert_eq!(answer.code == 0, (200..300).contains(&status), "{answer:?}");
        answer
    }

    /// The data of a success.
    #[track_caller]
    pub(crate) fn expect_ok(self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        self.data
    }

    /// A failure with this code and status; its data is nothing, or the field that is to blame.
    #[track_caller]
    pub(crate) fn expect(&self, code: Code, status: u16) {
        assert_eq!(
            (self.code, self.status),
            (code.0, status),
            "{} expected: {self:?}",
            code.name()
        );
        let fault = self.data.as_object();
        let names = fault.map(|fault| fault.keys().map(String::as_str).collect::<Vec<_>>());
        assert!(
            self.data.is_null() || names.as_deref() == Some(&["field", "rule"]),
            "{self:?}"
        );
        assert!(!self.message.is_empty());
    }

    /// `InvalidArgument` that names this field.
    #[track_caller]
    pub(crate) fn expect_invalid(&self, field: &str) {
        self.expect(Code::InvalidArgument, 400);
        assert_eq!(self.data["field"], field, "{self:?}");
    }
}
