//! Access tokens at the door of every route.

use std::time::{Duration, SystemTime};

use im_shared::testing::{Forged, Forger};
use im_shared::tokens::{Signer, generate_key};
use im_shared::wire::{Code, Platform};
use serde_json::json;

use crate::actors::Answer;
use crate::app::{TestApp, subject_of};

/// Routes that need no token.
const OPEN: [&str; 9] = [
    "/api/v1/auth/password/forgot",
    "/api/v1/auth/password/reset",
    "/.well-known/jwks.json",
    "/api/v1/auth/register",
    "/api/v1/auth/login",
    "/api/v1/auth/guest",
    "/api/v1/auth/refresh",
    "/api/v1/access/endpoints",
    "/api/v1/files/{fileId}/{variant}",
];

/// A path template with 1 in every hole, whatever routes there are.
pub(crate) fn filled(template: &str) -> String {
    let parts = template.split('/');
    let fill = |part: &str| if part.starts_with('{') { "1" } else { part }.to_owned();
    parts.map(fill).collect::<Vec<_>>().join("/")
}

/// B9.
#[tokio::test]
async fn every_other_route_asks_for_a_bearer() {
    let app = TestApp::start().await;
    for route in im_web::routes::all() {
        let path = filled(route.path);
        let request = || {
            app.http
                .request(route.method.clone(), format!("{}{path}", app.url))
                .json(&json!({}))
        };
        if OPEN.contains(&route.path) {
            let answer = request().send().await.unwrap();
            assert_ne!(answer.status(), 401, "{}", route.path);
            continue;
        }
        let without = Answer::of(request()).await;
        without.expect(Code::Unauthenticated, 401);
        assert_eq!(without.headers["www-authenticate"], "Bearer");
        let basic = request().basic_auth("ada", Some("x"));
        Answer::of(basic).await.expect(Code::Unauthenticated, 401);
        Answer::of(request().bearer_auth("nonsense"))
            .await
            .expect(Code::TokenInvalid, 401);
    }
}

/// B5, B9, B13.
#[tokio::test]
async fn an_expired_and_a_foreign_token_are_told_apart() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let long_ago = SystemTime::now() - Duration::from_secs(8 * 86_400);
    let expired = app
        .signer
        .sign(&subject_of(ada.id, "d"), long_ago)
        .unwrap()
        .token;
    let key = generate_key().unwrap();
    let foreign = Signer::from_pem("test-1", &key.private_pem).unwrap();
    let foreign = foreign
        .sign(&subject_of(ada.id, "d"), SystemTime::now())
        .unwrap()
        .token;
    for (token, code) in [(expired, Code::TokenExpired), (foreign, Code::TokenInvalid)] {
        let request = app.http.get(app.api("/user/profile")).bearer_auth(token);
        Answer::of(request).await.expect(code, 401);
    }
}

/// B13: every known way to forge a token, at the door of REST.
#[tokio::test]
async fn every_kind_of_forged_token_is_refused_by_rest() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let private = app.key_folder().join("private/test-1.pem");
    let pem = std::fs::read_to_string(private).unwrap();
    let subject = subject_of(ada.id, "d");
    let forger = Forger::new("test-1", &pem, subject, SystemTime::now());
    let ask = async |token: &str| {
        let request = app.http.get(app.api("/user/profile"));
        Answer::of(request.bearer_auth(token)).await
    };
    ask(&forger.genuine()).await.expect_ok();
    let forged = forger.all();
    assert!(forged.len() >= 13);
    for Forged { name, token } in forged {
        let code = if name == "expired" {
            Code::TokenExpired
        } else {
            Code::TokenInvalid
        };
        let answer = ask(&token).await;
        assert_eq!((answer.status, answer.code), (401, code.0), "{name}");
    }
}

/// B10: what access and logic check is what web signs.
#[tokio::test]
async fn a_token_of_a_login_is_good_on_access() {
    let app = TestApp::start().await;
    let account = json!({"username": "ada", "password": "correct horse"});
    app.post("/auth/register", account).await.expect_ok();
    let login = json!({"username": "ada", "password": "correct horse", "deviceId": "laptop-1", "platform": "terminal"});
    let pair = app.post("/auth/login", login).await.expect_ok();
    let claims = app
        .verifier
        .verify(pair["accessToken"].as_str().unwrap())
        .unwrap();
    assert_eq!(claims.user.to_string(), pair["userId"].as_str().unwrap());
    assert_eq!(claims.device, "laptop-1");
    assert_eq!(claims.platform, Platform::Terminal);
    assert_eq!(
        claims.expires_at_millis(),
        pair["expiresAt"].as_u64().unwrap()
    );

    let next = app
        .post(
            "/auth/refresh",
            json!({"refreshToken": pair["refreshToken"]}),
        )
        .await
        .expect_ok();
    let claims = app
        .verifier
        .verify(next["accessToken"].as_str().unwrap())
        .unwrap();
    assert_eq!(
        (claims.device.as_str(), claims.platform),
        ("laptop-1", Platform::Terminal)
    );
}
