//! The public keys, as others read them.

use im_shared::testing::wait_until;
use im_shared::tokens::KeyFolder;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::TestApp;

async fn key_ids(app: &TestApp) -> Vec<String> {
    let answer = app.http.get(format!("{}/.well-known/jwks.json", app.url));
    let set: Value = answer.send().await.unwrap().json().await.unwrap();
    let keys = set["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

/// B14: whoever knows nothing but RFC 7517 can check our tokens.
#[tokio::test]
async fn the_key_set_is_that_of_the_verifier() {
    let app = TestApp::start().await;
    let url = format!("{}/.well-known/jwks.json", app.url);
    let answer = app.http.get(&url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let tag = answer.headers()["etag"].clone();
    assert!(
        answer.headers()["cache-control"]
            .to_str()
            .unwrap()
            .contains("max-age=")
    );
    assert!(
        answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("application/json")
    );
    let set: Value = answer.json().await.unwrap();
    let key = &app.verifier.public_keys(SystemTime::now())[0];
    let x = URL_SAFE_NO_PAD.encode(key.bytes);
    let expected = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "test-1", "use": "sig", "alg": "EdDSA"});
    assert_eq!(
        set,
        json!({"keys": [expected]}),
        "and nothing besides, no envelope"
    );

    let known = app.http.get(&url).header("if-none-match", &tag);
    let known = known.send().await.unwrap();
    assert_eq!(
        (known.status().as_u16(), &known.headers()["etag"]),
        (304, &tag)
    );
    let other = app.http.get(&url).header("if-none-match", "\"other\"");
    assert_eq!(other.send().await.unwrap().status(), 200);
}

/// B14: a rotation is seen without a restart, the new key before it signs.
#[tokio::test]
async fn an_announced_key_is_published() {
    let app = TestApp::start().await;
    assert_eq!(key_ids(&app).await, ["test-1"]);
    let (folder, now) = (KeyFolder::new(app.key_folder()), SystemTime::now());
    folder
        .rotate("test-2", Duration::from_secs(3_600), now)
        .unwrap();
    let both = async || key_ids(&app).await == ["test-1", "test-2"];
    wait_until(both, Duration::from_secs(20)).await;
}
