//! Hostile clients harm nobody but themselves.

use std::time::{Duration, Instant};

use anyhow::Result;
use bytes::Bytes;
use im_client::transport::{Address, Dialer, Kind};
use im_e2e::load::seed;
use im_e2e::{Cluster, Raw};
use im_shared::testing::wait_until;
use im_shared::wire::{
    self, AuthRequest, Body, CloseCode, Code, Frame, Heartbeat, Platform, RequestId,
};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

/// What a hostile client sends first.
fn garbage(rng: &mut StdRng) -> Bytes {
    let sound = wire::encode(&Frame::request(RequestId(1), Heartbeat { client_time: 1 }));
    let mut frame = sound.to_vec();
    match rng.random_range(0..4) {
        0 => {
            frame = vec![0; rng.random_range(1..4_000)];
            rng.fill_bytes(&mut frame);
        }
        1 => frame.truncate(rng.random_range(0..frame.len())),
        2 => {
            let at = rng.random_range(0..frame.len());
            frame[at] ^= rng.random_range(1..=255);
        }
        // Sound, but no AuthRequest.
        _ => {}
    }
    frame.into()
}

/// A8, S1, F3: garbage before and after authentication ends the session that sent it, while others chat undisturbed.
#[tokio::test]
async fn garbage_ends_its_own_session_while_others_chat() -> Result<()> {
    let cluster = Cluster::builder().start().await?;
    let (alice, bob) = (cluster.user("alice").await?, cluster.user("bob").await?);
    alice.befriend(&bob).await?;
    let mallory = cluster.account("mallory").await?;
    let address = cluster.endpoints().await?.remove(0);
    let dialer = Dialer::default();
    let mut rng = StdRng::seed_from_u64(seed());

    let attack = async {
        for round in 0..100 {
            let kind = if round % 2 == 0 {
                Kind::WebTransport
            } else {
                Kind::WebSocket
            };
            let mut raw = Raw::open(&dialer, &address, kind).await?;
            raw.send(garbage(&mut rng)).await?;
            raw.end().await?;
        }
        for kind in [Kind::WebTransport, Kind::WebSocket] {
            let login = mallory.login(Platform::Terminal).await?;
            let device = mallory.device_id(Platform::Terminal);
            let (mut raw, _) = Raw::join(
                &dialer,
                &address,
                kind,
                &login,
                (&device, Platform::Terminal),
            )
            .await?;
            raw.send(Bytes::from(vec![0xa5; 600])).await?;
            assert_eq!(
                raw.end().await?,
                Some(CloseCode::ProtocolError),
                "over {kind}"
            );
        }
        anyhow::Ok(())
    };
    let chat = async {
        for number in 0..30 {
            let text = format!("undisturbed {number}");
            alice.send(&bob, &text).await?;
            assert_eq!(bob.next_message().await?.text, text);
        }
        anyhow::Ok(())
    };
    let (attacked, chatted) = tokio::join!(attack, chat);
    attacked?;
    chatted?;
    assert_eq!(
        alice.observe(|seen| seen.disconnects.clone()),
        Vec::<String>::new()
    );
    assert_eq!(cluster.errors(), Vec::<String>::new());
    Ok(())
}

/// B13, S3: a token that is broken, of somebody else's key or of another device gets its code and the end.
#[tokio::test]
async fn a_refused_token_gets_its_code_and_the_end() -> Result<()> {
    let cluster = Cluster::builder().start().await?;
    let alice = cluster.account("alice").await?;
    let login = alice.login(Platform::Terminal).await?;
    let device = alice.device_id(Platform::Terminal);
    let keys = tempfile::tempdir()?;
    let (private, _) = im_shared::tokens::generate_key()?.write(keys.path(), "e2e")?;
    let signer = im_shared::tokens::Signer::load(&private)?;
    let subject = im_shared::tokens::Subject {
        user: alice.id,
        kind: im_shared::tokens::AccountKind::User,
        sign_in: im_shared::ids::SignInId(1),
        device: &device,
        platform: Platform::Terminal,
    };
    let forged = signer.sign(&subject, std::time::SystemTime::now())?;

    let address = cluster.endpoints().await?.remove(0);
    let cases = [
        ("nonsense".to_owned(), device.clone(), Platform::Terminal),
        (
            format!("{}x", login.access_token),
            device.clone(),
            Platform::Terminal,
        ),
        (forged.token, device.clone(), Platform::Terminal),
        (
            login.access_token.clone(),
            "another-device".to_owned(),
            Platform::Terminal,
        ),
        (login.access_token, device, Platform::Web),
    ];
    for kind in [Kind::WebTransport, Kind::WebSocket] {
        for (token, device_id, platform) in &cases {
            let mut raw = Raw::open(&Dialer::default(), &address, kind).await?;
            let request = AuthRequest {
                token: token.as_str().into(),
                device_id: device_id.clone(),
                platform: *platform,
                client_version: String::new(),
            };
            let Body::ErrorResponse(error) = raw.request(request).await? else {
                panic!("it was let in")
            };
            assert_eq!(error.code, Code::TokenInvalid);
            assert_eq!(raw.end().await?, Some(CloseCode::AuthenticationFailed));
        }
    }
    Ok(())
}

/// A14: a client that takes nothing delays nobody, and ends as slow.
#[tokio::test]
async fn a_client_that_reads_nothing_delays_nobody() -> Result<()> {
    let cluster = Cluster::builder()
        .setting("IM_ACCESS_SESSION__SLOW_AFTER_MS", 2_000)
        .start()
        .await?;
    let (alice, bob) = (cluster.user("alice").await?, cluster.user("bob").await?);
    alice.befriend(&bob).await?;
    let login = bob.account().login(Platform::Desktop).await?;
    let device = bob.account().device_id(Platform::Desktop);
    let address = cluster.endpoints().await?.remove(0);
    // Nothing of this one's is read from here on.
    let (stalled, _) = Raw::join(
        &Dialer::default(),
        &address,
        Kind::WebTransport,
        &login,
        (&device, Platform::Desktop),
    )
    .await?;

    let long = "x".repeat(8_000);
    let began = Instant::now();
    for number in 0..120 {
        let text = format!("{number} {long}");
        alice.send(&bob, &text).await?;
        bob.shows(&text).await?;
    }
    assert!(
        began.elapsed() < Duration::from_secs(60),
        "{:?} for 120 messages",
        began.elapsed()
    );
    drop(stalled);
    assert_eq!(
        alice.observe(|seen| seen.disconnects.clone()),
        Vec::<String>::new()
    );
    Ok(())
}

/// Bytes of resident memory and open files of a process.
fn usage(pid: u32) -> (usize, usize) {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    let kilobytes: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    let files = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .count();
    (kilobytes * 1024, files)
}

/// Gives how many sessions were opened: a connect may fail (docs/adr/0008) and must leave nothing behind either.
async fn come_and_go(
    dialer: &Dialer,
    address: &Address,
    logins: &[(im_client::Login, String)],
    times: usize,
) -> usize {
    let mut opened = 0;
    for round in 0..times {
        let kind = if round % 2 == 0 {
            Kind::WebTransport
        } else {
            Kind::WebSocket
        };
        let sessions = logins.iter().map(|(login, device)| {
            Raw::join(dialer, address, kind, login, (device, Platform::Terminal))
        });
        let sessions = futures_util::future::join_all(sessions).await;
        opened += sessions.iter().filter(|session| session.is_ok()).count();
    }
    opened
}

/// M13: sessions leave nothing behind: no memory, no file, no session in the count.
#[tokio::test]
async fn ten_thousand_connects_and_disconnects_leave_nothing_behind() -> Result<()> {
    let mut cluster = Cluster::builder().start().await?;
    let mut logins = Vec::new();
    for number in 0..20 {
        let account = cluster.account(&format!("user{number}")).await?;
        logins.push((
            account.login(Platform::Terminal).await?,
            account.device_id(Platform::Terminal),
        ));
    }
    let address = cluster.endpoints().await?.remove(0);
    let dialer = Dialer::default();
    let pid = cluster.node("access-1").pid().expect("it runs");
    come_and_go(&dialer, &address, &logins, 20).await;
    let empty = async |cluster: &mut Cluster| {
        cluster
            .node("access-1")
            .metric("im_access_sessions")
            .await
            .is_ok_and(|sessions| sessions == 0.0)
    };
    wait_until(async || empty(&mut cluster).await, Duration::from_secs(90)).await;
    let (memory, files) = usage(pid);

    let opened = come_and_go(&dialer, &address, &logins, 500).await;
    assert!(opened >= 9_900, "{opened} of 10,000");
    wait_until(async || empty(&mut cluster).await, Duration::from_secs(90)).await;
    let limit = memory + 16 * 1024 * 1024;
    let settled = async || {
        let (memory_now, files_now) = usage(pid);
        memory_now <= limit && files_now <= files + 4
    };
    wait_until(settled, Duration::from_secs(60)).await;
    Ok(())
}
