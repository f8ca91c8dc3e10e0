//! What holds for every route: the document, ids as strings, camelCase.

use std::collections::BTreeSet;
use std::path::Path;

use im_web::{openapi, routes};
use serde_json::{Value, json};

use crate::actors::Answer;
use crate::app::TestApp;
use crate::logic::{self, Reply};

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
            let signed_in = ["/api/v1/auth/logout", "/api/v1/auth/upgrade"];
            let open = path.starts_with("/api/v1/auth/") && !signed_in.contains(&&**path)
                || path.ends_with("endpoints");
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
    let app = TestApp::start().await;
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
    let _logic = logic::answer(&app, move |_, _| Reply::Conversation(id)).await;
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
    called
        .call("GET", "/access/endpoints", &[], none.clone(), None)
        .await;
    called
        .call("DELETE", "/friends/{friendId}", &friend, none, ada_token)
        .await;
    let refresh = json!({"refreshToken": pair["refreshToken"]});
    called
        .call("POST", "/auth/logout", &[], refresh, Some(&carol))
        .await;

    let all: BTreeSet<_> = routes::all()
        .iter()
        .map(|route| (route.method.to_string(), route.path.to_owned()))
        .collect();
    assert_eq!(called.seen, all, "every route is called");
}

struct Called<'a> {
    app: &'a TestApp,
    seen: BTreeSet<(String, String)>,
}

impl Called<'_> {
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
                    assert!(value.is_string(), "{path}: {name} is {value}");
                }
                if name.ends_with("At") {
                    assert!(
                        value.as_i64().is_some_and(|time| time > 1_600_000_000_000),
                        "{path}: {name} is {value}"
                    );
                }
                walk(path, value);
            }
        }
        _ => {}
    }
}
