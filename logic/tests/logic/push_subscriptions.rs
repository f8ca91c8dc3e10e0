//! Who may take pushes, and where ([P1]).

use im_shared::wire::{Body, Code, PushSubscribe, PushUnsubscribe};

use crate::access::{TestSession, text, to_user};
use crate::outside::Browser;
use crate::push::Scene;

async fn refused(session: &mut TestSession, request: PushSubscribe) -> Code {
    session.refused(request).await
}

/// [P1]: a subscription is no way into the network of the servers.
#[tokio::test(flavor = "multi_thread")]
async fn private_addresses_foreign_hosts_and_keys_that_are_none_are_refused() {
    let mut scene = Scene::new(1).await;
    scene.world.config.push.allow_private_hosts = false;
    scene.world.config.push.allowed_hosts =
        vec!["127.0.0.1".to_owned(), "push.example.org".to_owned()];
    let worker = scene.world.worker().await;
    let mut ann = scene.access.session(1).await;
    let good = PushSubscribe {
        endpoint: "https://push.example.org/send/1".to_owned(),
        ..Browser::new(&scene.outside, "/1").subscribe("phone")
    };
    assert!(matches!(ann.ask(good.clone()).await, Body::Done(_)));
    for endpoint in [
        "https://127.0.0.1/send",
        "http://push.example.org/send/1",
        "https://push.example.org:8443/send/1",
        "https://example.org/send/1",
        "https://push.example.org.evil.example/send/1",
    ] {
        let request = PushSubscribe {
            endpoint: endpoint.to_owned(),
            ..good.clone()
        };
        assert_eq!(
            refused(&mut ann, request).await,
            Code::PushSubscriptionInvalid,
            "{endpoint}"
        );
    }
    let bad_keys = [
        (&*good.auth, &*good.auth),
        (&*good.p256dh, "short"),
        ("", ""),
    ];
    for (p256dh, auth) in bad_keys {
        let request = PushSubscribe {
            p256dh: p256dh.to_owned(),
            auth: auth.to_owned(),
            ..good.clone()
        };
        assert_eq!(
            refused(&mut ann, request).await,
            Code::PushSubscriptionInvalid
        );
    }
    let nobody = PushSubscribe {
        device_id: "no device".to_owned(),
        ..good
    };
    assert_eq!(refused(&mut ann, nobody).await, Code::InvalidArgument);
    assert_eq!(
        scene
            .world
            .count("SELECT count(*) FROM push_subscriptions")
            .await,
        1
    );
    worker.stop().await;
}

/// [P1]
#[tokio::test(flavor = "multi_thread")]
async fn a_device_has_one_subscription_and_a_browser_one_user() {
    let scene = Scene::new(3).await;
    let worker = scene.world.worker().await;
    let (mut bob, mut cid) = (scene.access.session(2).await, scene.access.session(3).await);
    let (old, new) = (
        Browser::new(&scene.outside, "/old"),
        Browser::new(&scene.outside, "/new"),
    );
    bob.ask(old.subscribe("phone")).await;
    bob.ask(new.subscribe("phone")).await;
    let sql = "SELECT count(*) FROM push_subscriptions WHERE endpoint LIKE '%/new'";
    assert_eq!(scene.world.count(sql).await, 1);
    // Somebody else signs in there: what is said to the first one is not shown any more.
    cid.ask(new.subscribe("phone")).await;
    let of_bob = "SELECT count(*) FROM push_subscriptions WHERE user_id = 2";
    assert_eq!(scene.world.count(of_bob).await, 0);
    let gone = PushUnsubscribe {
        device_id: "phone".to_owned(),
    };
    for _ in 0..2 {
        assert!(matches!(cid.ask(gone.clone()).await, Body::Done(_)));
    }
    assert_eq!(
        scene
            .world
            .count("SELECT count(*) FROM push_subscriptions")
            .await,
        0
    );
    worker.stop().await;
}

/// [P1]
#[tokio::test(flavor = "multi_thread")]
async fn without_web_push_nobody_subscribes_and_nothing_is_written_down() {
    let mut scene = Scene::new(2).await;
    scene.world.config.push.web_push = false;
    let worker = scene.world.worker().await;
    let mut ann = scene.access.session(1).await;
    let request = Browser::new(&scene.outside, "/1").subscribe("phone");
    assert_eq!(refused(&mut ann, request).await, Code::Unsupported);
    ann.acknowledged(to_user(2, &[text("hello")])).await;
    worker.stop().await;
    assert_eq!(scene.jobs("true").await, 0);
}
