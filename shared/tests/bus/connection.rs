//! The connection, against real NATS servers.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt;
use im_shared::bus::{
    Bus, BusError, Event, LOGIC_GROUP, NatsConfig, Subscription, connect, traceparent,
};
use im_shared::config::SecretUrl;
use im_shared::ids::UserId;
use im_shared::testing::{NatsServer, Servers, free_port, unique_prefix, wait_until};
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(20);

async fn bus() -> Bus {
    let config = NatsConfig {
        connect_timeout_ms: 20_000,
        publish_timeout_ms: 20_000,
        ..Servers::nats(&unique_prefix())
    };
    connect(&config, "test").await.unwrap()
}

async fn next(subscriber: &mut Subscription) -> async_nats::Message {
    timeout(SOON, subscriber.next()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_payload_reaches_every_subscriber_and_one_member_of_each_group() {
    let bus = bus().await;
    let subject = bus.subjects().user_event(UserId(7));
    let mut all = bus.subscribe(bus.subjects().user_events()).await.unwrap();
    let mut first = bus
        .queue_subscribe(bus.subjects().user_events(), LOGIC_GROUP)
        .await
        .unwrap();
    let mut second = bus
        .queue_subscribe(bus.subjects().user_events(), LOGIC_GROUP)
        .await
        .unwrap();
    bus.publish(subject.clone(), Bytes::from_static(b"one"))
        .await
        .unwrap();
    assert_eq!(next(&mut all).await.payload, "one");
    let member = timeout(SOON, async {
        tokio::select! { message = first.next() => message, message = second.next() => message }
    });
    assert_eq!(member.await.unwrap().unwrap().payload, "one");
}

#[tokio::test]
async fn a_trace_context_travels_in_the_header_and_a_bad_one_is_left_out() {
    let bus = bus().await;
    let subject = bus.subjects().task();
    let mut subscriber = bus.subscribe(subject.clone()).await.unwrap();
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    bus.publish_traced(subject.clone(), Bytes::from_static(b"one"), trace)
        .await
        .unwrap();
    assert_eq!(traceparent(&next(&mut subscriber).await), Some(trace));
    bus.publish_traced(subject, Bytes::from_static(b"two"), "a\r\nb: c")
        .await
        .unwrap();
    assert_eq!(traceparent(&next(&mut subscriber).await), None);
}

#[tokio::test]
async fn a_request_is_answered_or_fails_at_once_when_nobody_listens() {
    let bus = bus().await;
    let subject = bus.subjects().upstream();
    let nobody = bus.request(subject.clone(), Bytes::new(), SOON).await;
    assert!(matches!(nobody, Err(BusError::NoResponders)), "{nobody:?}");
    let asked = bus.ask(subject.clone(), Bytes::new()).await.unwrap();
    let nobody = asked.answer(SOON).await;
    assert!(matches!(nobody, Err(BusError::NoResponders)), "{nobody:?}");

    let mut subscriber = bus
        .queue_subscribe(subject.clone(), LOGIC_GROUP)
        .await
        .unwrap();
    let server = bus.clone();
    let answering = tokio::spawn(async move {
        let request = next(&mut subscriber).await;
        server
            .publish(request.reply.unwrap(), request.payload)
            .await
            .unwrap();
        subscriber
    });
    let answer = bus
        .request(subject.clone(), Bytes::from_static(b"ping"), SOON)
        .await
        .unwrap();
    assert_eq!(answer.payload, "ping");

    let asked = bus.ask(subject.clone(), Bytes::from_static(b"later")).await;
    let mut silent = answering.await.unwrap();
    let request = next(&mut silent).await;
    bus.publish(request.reply.unwrap(), request.payload)
        .await
        .unwrap();
    assert_eq!(asked.unwrap().answer(SOON).await.unwrap().payload, "later");

    let _silent = silent;
    let silence = bus
        .request(subject, Bytes::new(), Duration::from_millis(50))
        .await;
    assert!(matches!(silence, Err(BusError::Deadline)), "{silence:?}");
}

#[tokio::test]
async fn a_payload_that_the_server_does_not_take_is_refused() {
    let bus = bus().await;
    let error = bus
        .publish(bus.subjects().task(), Bytes::from(vec![0; 2 * 1024 * 1024]))
        .await;
    assert!(matches!(error, Err(BusError::TooLarge)), "{error:?}");
}

#[tokio::test]
async fn without_a_server_the_connection_fails_and_names_it_without_its_password() {
    let url = format!("nats://im:secret@127.0.0.1:{}", free_port());
    let config = NatsConfig {
        url: SecretUrl::from(url),
        connect_timeout_ms: 500,
        ..NatsConfig::default()
    };
    let error = connect(&config, "test").await.unwrap_err();
    assert!(matches!(error, BusError::Connect { .. }), "{error:?}");
    assert!(!error.to_string().contains("secret"));
}

/// F: a broker that restarts is found again by itself, and the listeners are told.
#[tokio::test]
async fn after_a_restart_of_the_server_the_subscriptions_hold_again() {
    let server = NatsServer::start();
    let config = NatsConfig {
        url: server.url().into(),
        ..NatsConfig::default()
    };
    let bus = connect(&config, "test").await.unwrap();
    let mut subscriber = bus.subscribe(bus.subjects().task()).await.unwrap();
    bus.flush(SOON).await.unwrap();
    let mut events = bus.events();

    server.kill().await;
    wait_until(async || !bus.is_connected(), SOON).await;
    server.restart().await;
    wait_until(async || bus.is_connected(), SOON).await;
    let mut told = Vec::new();
    while told.last() != Some(&Event::Connected) || !told.contains(&Event::Disconnected) {
        told.push(timeout(SOON, events.recv()).await.unwrap().unwrap());
    }

    bus.flush(SOON).await.unwrap();
    bus.publish(bus.subjects().task(), Bytes::from_static(b"again"))
        .await
        .unwrap();
    assert_eq!(next(&mut subscriber).await.payload, "again");
}

/// The library alone would wait for ever.
#[tokio::test]
async fn publishing_without_a_server_ends_at_its_deadline() {
    let server = NatsServer::start();
    let config = NatsConfig {
        url: server.url().into(),
        publish_timeout_ms: 100,
        ..NatsConfig::default()
    };
    let bus = connect(&config, "test").await.unwrap();
    server.kill().await;
    wait_until(async || !bus.is_connected(), SOON).await;

    let mut error = None;
    for _ in 0..100_000 {
        let started = Instant::now();
        if let Err(failed) = bus
            .publish(bus.subjects().task(), Bytes::from_static(b"x"))
            .await
        {
            assert!(started.elapsed() < SOON);
            error = Some(failed);
            break;
        }
    }
    assert!(matches!(error, Some(BusError::Deadline)), "{error:?}");
    let flushed = bus.flush(Duration::from_millis(50)).await;
    assert!(matches!(flushed, Err(BusError::Deadline)), "{flushed:?}");
}

/// The library drops what does not fit and says so in an event only.
#[tokio::test]
async fn a_full_subscription_is_told_to_the_listeners() {
    let bus = bus().await;
    let _never_read = bus.subscribe(bus.subjects().task()).await.unwrap();
    let mut events = bus.events();
    // One event per dropped payload: so many that the listener may fall behind.
    let full =
        async { while let Ok(Event::Connected | Event::Disconnected) = events.recv().await {} };
    let publish = async {
        loop {
            let payload = Bytes::from_static(b"x");
            bus.publish(bus.subjects().task(), payload).await.unwrap();
        }
    };
    // It takes tens of thousands of payloads.
    let told = timeout(3 * SOON, async {
        tokio::select! { () = full => (), () = publish => () }
    });
    told.await.unwrap();
}

/// By default the library would take about three minutes.
#[tokio::test]
async fn a_server_that_says_nothing_any_more_is_noticed_within_seconds() {
    let server = NatsServer::start();
    let config = NatsConfig {
        url: server.url().into(),
        ..NatsConfig::default()
    };
    let bus = connect(&config, "test").await.unwrap();
    server.pause().await;
    wait_until(async || !bus.is_connected(), SOON).await;
    server.resume().await;
    wait_until(async || bus.is_connected(), SOON).await;
}
