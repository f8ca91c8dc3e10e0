//! How many guests an address may make.

use im_shared::testing::TestDatabase;
use im_shared::wire::Code;
use serde_json::json;

use crate::actors::Answer;
use crate::app::{TestApp, on_shared_servers};

async fn arrive(app: &TestApp, forwarded_for: Option<&str>) -> Answer {
    let body = json!({"deviceId": "phone-1", "platform": "ios"});
    let mut request = app.http.post(app.api("/auth/guest")).json(&body);
    if let Some(address) = forwarded_for {
        request = request.header("x-forwarded-for", address);
    }
    Answer::of(request).await
}

pub(crate) async fn let_in(app: &TestApp, forwarded_for: Option<&str>, guests: usize) {
    for _ in 0..guests {
        assert_eq!(arrive(app, forwarded_for).await.status, 201);
    }
}

/// Whether a guest is let in.
pub(crate) async fn comes_in(app: &TestApp) -> bool {
    arrive(app, None).await.status == 201
}

/// The wait that a refused guest is told, in seconds.
pub(crate) async fn refused(app: &TestApp, forwarded_for: Option<&str>) -> u64 {
    let answer = arrive(app, forwarded_for).await;
    answer.expect(Code::RateLimited, 429);
    let wait = answer.headers["retry-after"].to_str().unwrap();
    wait.parse().unwrap()
}

/// B8, B11: what one node let in counts on the other, and an arrival that is refused for what it says counts nowhere.
#[tokio::test]
async fn an_address_makes_so_many_guests_over_all_nodes() {
    let database = TestDatabase::create().await;
    let mut config = on_shared_servers(database.config());
    config.guests.per_address_per_hour = 4;
    let one = TestApp::serve(config.clone(), None).await;
    let other = TestApp::serve(config, Some(database)).await;
    let nameless = json!({"deviceId": "", "platform": "ios"});
    for _ in 0..8 {
        let answer = one.post("/auth/guest", nameless.clone()).await;
        answer.expect(Code::InvalidArgument, 400);
    }
    let_in(&one, None, 2).await;
    let_in(&other, None, 2).await;
    for node in [&one, &other] {
        // One comes back every quarter of an hour.
        let wait = refused(node, None).await;
        assert!((600..=900).contains(&wait), "{wait}");
    }
    let made = one.rows("SELECT id FROM users", &[]).await.len();
    assert_eq!(made, 4);
}

/// B8: without a trusted proxy the header is nobody's; nobody gets another limit by writing one.
#[tokio::test]
async fn a_forwarded_address_is_not_believed_by_itself() {
    let app = TestApp::start_with(|config| {
        config.guests.per_address_per_hour = 2;
        config.limits.exempt.clear();
    })
    .await;
    let_in(&app, Some("192.0.2.1"), 1).await;
    let_in(&app, Some("192.0.2.2"), 1).await;
    refused(&app, Some("192.0.2.3")).await;
}

/// B8: behind a trusted proxy each client has a limit, and an IPv6 client one for its /64.
#[tokio::test]
async fn behind_a_trusted_proxy_each_client_is_counted() {
    let app = TestApp::start_with(|config| {
        config.guests.per_address_per_hour = 2;
        config.limits.exempt.clear();
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let_in(&app, Some("1.1.1.1, 192.0.2.1"), 1).await;
    let_in(&app, Some("2.2.2.2, 192.0.2.1"), 1).await;
    refused(&app, Some("3.3.3.3, 192.0.2.1")).await;
    let_in(&app, Some("192.0.2.2"), 2).await;
    let_in(&app, Some("2001:db8::1"), 1).await;
    let_in(&app, Some("2001:db8::ffff:2"), 1).await;
    refused(&app, Some("2001:db8:0:0:1::3")).await;
    let_in(&app, Some("2001:db8:0:1::1"), 1).await;
}
