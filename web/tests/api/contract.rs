//! What holds for every route: the document, ids as strings, camelCase.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::SystemTime;

use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::wire::{
    AckResult, Body, Done, Entry, MemberReceipt, MessageAck, ReadReceipt, ReceiptResponse,
    SearchResponse,
};
use im_web::config::MailKind;
use im_web::{openapi, routes};
use serde_json::{Value, json};

use crate::actors::document as judge;
use crate::actors::{Answer, User};
use crate::app::TestApp;
use crate::auth::login;
use crate::logic;

fn document() -> Value {
    serde_json::from_str(&openapi::text().unwrap()).unwrap()
}

/// M7.
#[test]
fn the_document_has_exactly_the_routes_of_the_router() {
    let routed: BTreeSet<(String, String)> = routes::all()
        .iter()
        .map(|route| (route.method.as_str().to_lowercase(), route.path.to_owned()))
        .collect();
    let mut documented = BTreeSet::new();
    for (path, methods) in document()["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            documented.insert((method.clone(), path.clone()));
        }
    }
    assert_eq!(routed, documented);
    assert_eq!(routed.len(), routes::all().len(), "a route stands twice");
}

/// M7: what makes clients from the document names its functions by these.
#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = document();
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|methods| methods.as_object().unwrap().values());
    let names: Vec<&str> = operations
        .map(|one| one["operationId"].as_str().unwrap())
        .collect();
    let distinct: BTreeSet<&&str> = names.iter().collect();
    assert_eq!(distinct.len(), names.len(), "{names:?}");
}

/// M7, M12: `IM_GOLDEN=write cargo test -p im-web` writes the document anew.
#[test]
fn the_committed_document_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/openapi.json");
    let text = openapi::text().unwrap();
    if std::env::var("IM_GOLDEN").is_ok_and(|value| value == "write") {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "schema/openapi.json is stale: run the test with IM_GOLDEN=write"
    );
}

/// M7: each operation says what may go wrong, in which headers, and shows it; and what is shown fits the schemas.
#[test]
fn every_operation_has_errors_headers_and_examples_that_fit() {
    let document = document();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = format!("{method} {path}");
            let mut expected = vec!["500", "503", "504"];
            if path.starts_with("/api/") {
                expected.push("429");
            }
            if !operation["security"].is_null() {
                expected.extend(["401", "403"]);
            }
            if !operation["requestBody"].is_null() {
                expected.extend(["400", "408", "413"]);
            }
            let responses = operation["responses"].as_object().unwrap();
            for status in expected {
                assert!(responses.contains_key(status), "{name}: {status}");
            }
            for (status, response) in responses {
                let name = format!("{name}: {status}");
                let response = judge::resolved(response);
                assert!(!response["description"].as_str().unwrap().is_empty());
                let headers = &response["headers"];
                assert!(headers["X-Request-Id"].is_object(), "{name}");
                let waits = ["429", "503"].contains(&status.as_str());
                assert_eq!(headers["Retry-After"].is_object(), waits, "{name}");
                shown_fits(&response["content"], &name);
            }
            shown_fits(&operation["requestBody"]["content"], &name);
        }
    }
}

/// What `content` shows as JSON is there and fits its schema.
fn shown_fits(content: &Value, name: &str) {
    let json = &content["application/json"];
    if json.is_null() {
        return;
    }
    let several = json["examples"].as_object().into_iter().flatten();
    let mut shown: Vec<&Value> = several
        .map(|(_, example)| &judge::resolved(example)["value"])
        .collect();
    shown.extend(json.get("example"));
    assert!(!shown.is_empty(), "{name} shows nothing");
    for example in shown {
        let faults = judge::faults(&json["schema"], example);
        assert!(faults.is_empty(), "{name}: {faults:?}: {example}");
    }
}

/// B9: the document says who needs a token.
#[test]
fn a_route_with_a_bearer_says_so() {
    let document = document();
    assert_eq!(
        document["components"]["securitySchemes"]["bearer"]["scheme"],
        "bearer"
    );
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let signed_in =
                ["logout", "logout-all", "upgrade"].map(|name| format!("/api/v1/auth/{name}"));
            let open = path.starts_with("/api/v1/auth/") && !signed_in.contains(path)
                || path.ends_with("endpoints")
                || path.ends_with("{variant}")
                || path.starts_with("/.well-known/");
            assert_eq!(operation["security"].is_null(), open, "{method} {path}");
            assert_eq!(
                operation["responses"]["401"].is_null(),
                open && !path.ends_with("login") && !path.ends_with("refresh"),
                "{method} {path}"
            );
        }
    }
}

/// I4: every route is called once, and all that it says is walked.
#[tokio::test]
async fn every_id_is_a_string_and_every_name_is_camel_case() {
    let key = format!("B{}", "A".repeat(86));
    let app = TestApp::start_with(|config| {
        config.push.public_key = key;
        config.mail.kind = MailKind::Log;
    })
    .await;
    let mut called = Called {
        app: &app,
        seen: BTreeSet::new(),
    };
    let account = json!({"username": "carol", "password": "correct horse", "nickname": "Carol"});
    called
        .call("POST", "/auth/register", &[], account, None)
        .await;
    let login = json!({"username": "carol", "password": "correct horse", "deviceId": "d", "platform": "ios"});
    let pair = called.call("POST", "/auth/login", &[], login, None).await;
    let arrival = json!({"deviceId": "d", "platform": "web"});
    let guest = called.call("POST", "/auth/guest", &[], arrival, None).await;
    let account = json!({"username": "dora", "password": "correct horse"});
    let guest = guest["accessToken"].as_str();
    called
        .call("POST", "/auth/upgrade", &[], account, guest)
        .await;
    let pair = called
        .call(
            "POST",
            "/auth/refresh",
            &[],
            json!({"refreshToken": pair["refreshToken"]}),
            None,
        )
        .await;
    let carol = pair["accessToken"].as_str().unwrap().to_owned();
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let (ada_token, bob_token) = (Some(ada.token.as_str()), Some(bob.token.as_str()));
    let none = Value::Null;

    called
        .call("GET", "/user/profile", &[], none.clone(), ada_token)
        .await;
    called
        .call(
            "PUT",
            "/user/profile",
            &[],
            json!({"nickname": "Ada"}),
            ada_token,
        )
        .await;
    called
        .call(
            "GET",
            "/user/search",
            &[("?", "q=a")],
            none.clone(),
            ada_token,
        )
        .await;
    called
        .call(
            "GET",
            "/user/{id}",
            &[("{id}", &bob.id.to_string())],
            none.clone(),
            ada_token,
        )
        .await;
    for answer in ["accept", "reject"] {
        let from = if answer == "accept" {
            ada_token
        } else {
            Some(carol.as_str())
        };
        let asked = called
            .call(
                "POST",
                "/friends/request",
                &[],
                json!({"friendId": bob.id.to_string()}),
                from,
            )
            .await;
        called
            .call("GET", "/friends/requests", &[], none.clone(), bob_token)
            .await;
        let request = asked["requestId"].as_str().unwrap();
        called
            .call(
                "POST",
                &format!("/friends/requests/{{id}}/{answer}"),
                &[("{id}", request)],
                none.clone(),
                bob_token,
            )
            .await;
    }
    called
        .call("GET", "/friends", &[], none.clone(), ada_token)
        .await;
    let friend = [("{friendId}", &*bob.id.to_string())];
    let blocked = [("{userId}", &*bob.id.to_string())];
    for (method, template) in [
        ("PUT", "/blocks/{userId}"),
        ("GET", "/blocks"),
        ("DELETE", "/blocks/{userId}"),
        ("GET", "/user/privacy"),
    ] {
        called
            .call(method, template, &blocked, none.clone(), ada_token)
            .await;
    }
    called
        .call(
            "PUT",
            "/user/privacy",
            &[],
            json!({"contact": "friends"}),
            ada_token,
        )
        .await;
    let asked = json!({"friendId": ada.id.to_string()});
    let asked = called
        .call("POST", "/friends/request", &[], asked, Some(&carol))
        .await;
    called
        .call(
            "DELETE",
            "/friends/requests/{id}",
            &[("{id}", asked["requestId"].as_str().unwrap())],
            none.clone(),
            Some(&carol),
        )
        .await;
    called
        .call(
            "PUT",
            "/friends/{friendId}/remark",
            &friend,
            json!({"remark": "Bobby"}),
            ada_token,
        )
        .await;

    let id = logic::conversation(&app, ada.id, bob.id).await;
    logic::append(&app, id, bob.id, 1, "hi").await;
    logic::about(&app, id, ada.id, 1, "hello", 1, &[bob.id]).await;
    logic::about(&app, id, ada.id, 34, "+👍", 1, &[]).await;
    let group = logic::group(&app, "Tea", &[ada.id, bob.id]).await;
    let _logic = logic::obey(&app, move |_, body| obedient(&body, id, group)).await;
    called
        .call(
            "POST",
            "/conversations",
            &[],
            json!({"userId": bob.id.to_string()}),
            ada_token,
        )
        .await;
    called
        .call(
            "GET",
            "/conversations",
            &[("?", "limit=1")],
            none.clone(),
            ada_token,
        )
        .await;
    let one = [("{id}", &*id.to_string())];
    called
        .call("GET", "/conversations/{id}", &one, none.clone(), ada_token)
        .await;
    called
        .call(
            "GET",
            "/conversations/{id}/messages",
            &one,
            none.clone(),
            ada_token,
        )
        .await;
    groups(&mut called, &ada, &bob, group).await;
    messages(&mut called, &ada, id).await;
    files(&mut called, &ada).await;
    called
        .call("GET", "/access/endpoints", &[], none.clone(), None)
        .await;
    called
        .call("DELETE", "/friends/{friendId}", &friend, none, ada_token)
        .await;
    devices(&mut called, &carol).await;
    passwords(&mut called).await;
    operators(&mut called, &ada, &bob).await;
    let refresh = json!({"refreshToken": pair["refreshToken"]});
    called
        .call("POST", "/auth/logout", &[], refresh, Some(&carol))
        .await;

    // Without the envelope: `jwks` has a test of its own.
    called
        .seen
        .insert(("GET".to_owned(), routes::jwks::PATH.to_owned()));

    let all: BTreeSet<_> = routes::all()
        .iter()
        .map(|route| (route.method.to_string(), route.path.to_owned()))
        .collect();
    assert_eq!(called.seen, all, "every route is called");
}

/// Erin changes her password, forgets it, and sets it anew.
async fn passwords(called: &mut Called<'_>) {
    let app = called.app;
    let account = json!({"username": "erin", "password": "correct horse"});
    app.post("/auth/register", account).await.expect_ok();
    let pair = login(app, "erin", "d").await;
    let change = json!({"oldPassword": "correct horse", "newPassword": "battery staple 42"});
    let pair = called
        .call(
            "PUT",
            "/user/password",
            &[],
            change,
            pair["accessToken"].as_str(),
        )
        .await;
    let whose = json!({"username": "erin"});
    called
        .call("POST", "/auth/password/forgot", &[], whose, None)
        .await;
    let id: UserId = pair["userId"].as_str().unwrap().parse().unwrap();
    let reset = app.signer.sign_reset(id, SystemTime::now()).unwrap();
    let hash = im_web::mailing::hash_of(&reset.token);
    let kept =
        "INSERT INTO password_resets (id, user_id, token_hash, expires_at) VALUES ($1, $2, $3, $4)";
    app.execute(
        kept,
        &[&app.id(), &id.to_sql(), &hash.as_slice(), &reset.expires_at],
    )
    .await;
    let body = json!({"token": reset.token, "newPassword": "correct horse"});
    called
        .call("POST", "/auth/password/reset", &[], body, None)
        .await;
}

/// Ada is an admin for once, and Bob has to bear it.
async fn operators(called: &mut Called<'_>, ada: &User<'_>, bob: &User<'_>) {
    let app = called.app;
    let admin = "INSERT INTO operators (id, role) VALUES ($1, 2)";
    app.execute(admin, &[&ada.id.to_sql()]).await;
    let erin = login(app, "erin", "d").await["userId"].clone();
    let erin = erin.as_str().unwrap();
    let (bob, token) = (bob.id.to_string(), Some(ada.token.as_str()));
    let because = json!({"reason": "spam"});
    let devices = "/admin/users/{id}/devices";
    for (method, template, body) in [
        ("GET", "/admin/users", Value::Null),
        ("GET", "/admin/users/{id}", Value::Null),
        ("POST", "/admin/users/{id}/disable", because.clone()),
        ("POST", "/admin/users/{id}/enable", because),
        ("GET", "/admin/audit", Value::Null),
        ("GET", "/admin/limits", Value::Null),
        ("PUT", "/admin/limits", json!({"rules": []})),
    ] {
        called
            .call(method, template, &[("{id}", &bob)], body, token)
            .await;
    }
    let listed = called
        .call("GET", devices, &[("{id}", erin)], Value::Null, token)
        .await;
    let one = listed["devices"][0]["signInId"].as_str().unwrap();
    let holes = [("{id}", erin), ("{signInId}", one)];
    for template in ["/admin/users/{id}/devices/{signInId}", devices] {
        called
            .call("DELETE", template, &holes, Value::Null, token)
            .await;
    }
    app.execute("DELETE FROM operators", &[]).await;
}

/// Carol, whose token this is, signs her phone out, and whatever else there is.
async fn devices(called: &mut Called<'_>, token: &str) {
    login(called.app, "carol", "phone").await;
    let (listed, keep) = (Value::Null, json!({"keepCurrent": true}));
    let listed = called
        .call("GET", "/devices", &[], listed, Some(token))
        .await;
    let phone = listed["devices"][0]["id"].as_str().unwrap();
    for (method, template, body) in [
        ("DELETE", "/devices/{id}", Value::Null),
        ("DELETE", "/devices", Value::Null),
        ("POST", "/auth/logout-all", keep),
    ] {
        called
            .call(method, template, &[("{id}", phone)], body, Some(token))
            .await;
    }
}

/// What logic says when it agrees.
fn obedient(body: &Body, conversation: ConversationId, group: ConversationId) -> Body {
    match body {
        Body::ConversationOpen(_) | Body::ConversationSet(_) => logic::event(conversation),
        Body::ConversationRead(read) => ReadReceipt {
            conversation_id: conversation,
            user_id: UserId(1),
            seq: read.seq,
        }
        .into(),
        Body::MessageEdit(_) | Body::MessageRecall(_) | Body::MessageReaction(_) => {
            let result = AckResult {
                message_id: MessageId(5),
                seq: Seq(4),
                created_at: 1_700_000_000_000,
                ..AckResult::default()
            };
            let results = vec![result];
            MessageAck {
                conversation_id: conversation,
                results,
            }
            .into()
        }
        Body::ReceiptRequest(_) => ReceiptResponse {
            receipts: vec![MemberReceipt {
                user_id: UserId(1),
                ..MemberReceipt::default()
            }],
            ..ReceiptResponse::default()
        }
        .into(),
        Body::SearchRequest(_) => SearchResponse {
            entries: vec![Entry {
                conversation_id: conversation,
                seq: Seq(1),
                created_at: 1_700_000_000_000,
                mentions: vec![UserId(1)],
                ..Entry::default()
            }],
            ..SearchResponse::default()
        }
        .into(),
        Body::PushSubscribe(_) | Body::PushUnsubscribe(_) | Body::PresenceSet(_) => Done {}.into(),
        _ => logic::event(group),
    }
}

async fn groups(called: &mut Called<'_>, ada: &User<'_>, bob: &User<'_>, group: ConversationId) {
    let token = Some(ada.token.as_str());
    let asked = "INSERT INTO group_requests (id, conversation_id, user_id, asked_by) VALUES ($1, $2, $3, $3)";
    let app = called.app;
    app.execute(asked, &[&app.id(), &group.to_sql(), &bob.id.to_sql()])
        .await;
    let (group, user) = (group.to_string(), bob.id.to_string());
    let holes = [("{id}", &*group), ("{userId}", &*user)];
    let who = json!({"userId": user});
    for (method, template, body) in [
        (
            "POST",
            "/groups",
            json!({"name": "Tea", "memberIds": [user]}),
        ),
        ("GET", "/groups", Value::Null),
        ("GET", "/groups/{id}", Value::Null),
        ("PATCH", "/groups/{id}", json!({"name": "Coffee"})),
        ("PUT", "/groups/{id}/owner", who),
        ("GET", "/groups/{id}/members", Value::Null),
        ("POST", "/groups/{id}/members", json!({"userIds": [user]})),
        (
            "PATCH",
            "/groups/{id}/members/{userId}",
            json!({"role": "admin"}),
        ),
        ("DELETE", "/groups/{id}/members/{userId}", Value::Null),
        ("POST", "/groups/{id}/join", json!({})),
        ("GET", "/groups/{id}/requests", Value::Null),
        (
            "PUT",
            "/groups/{id}/requests/{userId}",
            json!({"accept": true}),
        ),
        ("DELETE", "/groups/{id}", Value::Null),
    ] {
        called.call(method, template, &holes, body, token).await;
    }
}

async fn messages(called: &mut Called<'_>, ada: &User<'_>, conversation: ConversationId) {
    let token = Some(ada.token.as_str());
    let id = conversation.to_string();
    let holes = [("{id}", &*id), ("{seq}", "1"), ("{reaction}", "x")];
    let message = "/conversations/{id}/messages/{seq}";
    let reaction = "/conversations/{id}/messages/{seq}/reactions/{reaction}";
    let receipts = "/conversations/{id}/messages/{seq}/receipts";
    let subscription =
        json!({"endpoint": "https://push.example.org", "keys": {"p256dh": "B", "auth": "A"}});
    for (method, template, body) in [
        (
            "PATCH",
            "/conversations/{id}/settings",
            json!({"pinned": true}),
        ),
        ("POST", "/conversations/{id}/read", json!({"seq": 1})),
        ("PUT", message, json!({"content": "new"})),
        ("DELETE", message, Value::Null),
        ("PUT", reaction, Value::Null),
        ("DELETE", reaction, Value::Null),
        ("GET", receipts, Value::Null),
        ("GET", "/push/key", Value::Null),
        ("PUT", "/push/subscription", subscription),
        ("DELETE", "/push/subscription", Value::Null),
        ("GET", "/user/presence", Value::Null),
        ("PUT", "/user/presence", json!({"invisible": false})),
    ] {
        called.call(method, template, &holes, body, token).await;
    }
    let query = [("?", "q=tea")];
    let path = "/search/messages";
    called.call("GET", path, &query, Value::Null, token).await;
}

/// Uploads have bodies that are no JSON, and downloads are no envelopes.
async fn files(called: &mut Called<'_>, ada: &User<'_>) {
    let content = crate::files::picture(400, 300, image::ImageFormat::Png);
    let mut upload = ada.upload(content, "", "name=a.png").await.expect_ok();
    called.saw("POST", "/files", &upload);
    let token = Some(ada.token.as_str());
    let url = upload["url"].take();
    let id = upload["fileId"].as_str().unwrap();
    let holes = [("{fileId}", id)];
    for (method, template) in [
        ("GET", "/files/{fileId}"),
        ("POST", "/files/{fileId}/copy"),
        ("DELETE", "/files/{fileId}"),
    ] {
        if method == "DELETE" {
            let url = format!("{}{}", called.app.url, url.as_str().unwrap());
            assert_eq!(called.app.http.get(url).send().await.unwrap().status(), 200);
            called.saw("GET", "/files/{fileId}/{variant}", &Value::Null);
        }
        called
            .call(method, template, &holes, Value::Null, token)
            .await;
    }
}

struct Called<'a> {
    app: &'a TestApp,
    seen: BTreeSet<(String, String)>,
}

impl Called<'_> {
    /// What was called by other means.
    fn saw(&mut self, method: &str, template: &str, data: &Value) {
        self.seen
            .insert((method.to_owned(), format!("/api/v1{template}")));
        walk(template, data);
    }

    async fn call(
        &mut self,
        method: &str,
        template: &str,
        filled: &[(&str, &str)],
        body: Value,
        token: Option<&str>,
    ) -> Value {
        self.seen
            .insert((method.to_owned(), format!("/api/v1{template}")));
        let mut path = template.to_owned();
        for (hole, value) in filled {
            if *hole == "?" {
                path = format!("{path}?{value}");
            } else {
                path = path.replace(hole, value);
            }
        }
        let method = method.parse().unwrap();
        let mut request = self
            .app
            .http
            .request(method, self.app.api(&path))
            .json(&body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let data = Answer::of(request).await.expect_ok();
        walk(template, &data);
        data
    }
}

fn walk(path: &str, value: &Value) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(path, item)),
        Value::Object(fields) => {
            for (name, value) in fields {
                let camel = name.starts_with(|c: char| c.is_ascii_lowercase())
                    && name.chars().all(|c| c.is_ascii_alphanumeric());
                assert!(camel, "{path}: {name} is not camelCase");
                if name == "id" || name.ends_with("Id") {
                    let legal = value.is_string() || value.is_null();
                    assert!(legal, "{path}: {name} is {value}");
                }
                if name.ends_with("Ids") || name == "mentions" {
                    let legal = value
                        .as_array()
                        .is_some_and(|ids| ids.iter().all(Value::is_string));
                    assert!(legal, "{path}: {name} is {value}");
                }
                if name.ends_with("At") {
                    let legal = |time| time > 1_600_000_000_000;
                    assert!(
                        value.is_null() || value.as_i64().is_some_and(legal),
                        "{path}: {name} is {value}"
                    );
                }
                walk(path, value);
            }
        }
        _ => {}
    }
}
