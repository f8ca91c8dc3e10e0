//! Every bad request gets its own code, and the session goes on.

use anyhow::Result;
use bytes::Bytes;
use im_client::transport::{Dialer, Kind};
use im_e2e::{Cluster, Raw};
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{
    Body, Code, ConversationRead, Direction, EntryType, HistoryRequest, MessageAck,
    OutgoingMessage, Platform, UserMessage,
};
use uuid::Uuid;

fn text(content: impl Into<Bytes>) -> OutgoingMessage {
    OutgoingMessage {
        client_message_id: Uuid::now_v7(),
        type_: EntryType::Text,
        content: content.into(),
        ..OutgoingMessage::default()
    }
}

fn to_peer(peer_id: UserId, messages: Vec<OutgoingMessage>) -> UserMessage {
    UserMessage {
        conversation_id: ConversationId(0),
        peer_id,
        messages,
        retry: false,
    }
}

/// The code of a whole request, or of its only message.
fn code(reply: &Body) -> Code {
    match reply {
        Body::ErrorResponse(error) => error.code,
        Body::MessageAck(MessageAck { results, .. }) if results.len() == 1 => results[0].code,
        other => panic!("neither an error nor one result: {other:?}"),
    }
}

/// A8, D13, M5, M6, M7, M8, S9: over both transports.
#[tokio::test]
async fn every_bad_request_gets_its_own_code_and_the_session_goes_on() -> Result<()> {
    let cluster = Cluster::builder()
        .setting("IM_ACCESS_SESSION__FRAMES_PER_SECOND", 1_000)
        .setting("IM_ACCESS_SESSION__FRAME_BURST", 1_000)
        .start()
        .await?;
    let alice = cluster.account("alice").await?;
    let (bob, carol, stranger) = (
        cluster.user("bob").await?,
        cluster.user("carol").await?,
        cluster.account("dave").await?,
    );
    alice.befriend(bob.account()).await?;
    bob.befriend(&carol).await?;
    let others = bob.send(&carol, "not for alice").await?.conversation_id;

    let address = cluster.endpoints().await?.remove(0);
    for (kind, platform) in [
        (Kind::WebTransport, Platform::Terminal),
        (Kind::WebSocket, Platform::Desktop),
    ] {
        let login = alice.login(platform).await?;
        let device = alice.device_id(platform);
        let (mut session, _) = Raw::join(
            &Dialer::default(),
            &address,
            kind,
            &login,
            (&device, platform),
        )
        .await?;
        let mut not_v7 = text("a");
        not_v7.client_message_id = Uuid::nil();
        let mut no_type = text("a");
        no_type.type_ = EntryType(31);
        let both = UserMessage {
            conversation_id: others,
            ..to_peer(bob.id(), vec![text("a")])
        };
        let cases: Vec<(&str, Body, Code)> = vec![
            (
                "nobody",
                to_peer(UserId(1), vec![text("a")]).into(),
                Code::UserNotFound,
            ),
            (
                "a stranger",
                to_peer(stranger.id, vec![text("a")]).into(),
                Code::NotFriends,
            ),
            (
                "oneself",
                to_peer(alice.id, vec![text("a")]).into(),
                Code::InvalidArgument,
            ),
            (
                "no target",
                to_peer(UserId(0), vec![text("a")]).into(),
                Code::InvalidArgument,
            ),
            ("two targets", both.into(), Code::InvalidArgument),
            (
                "no message",
                to_peer(bob.id(), vec![]).into(),
                Code::InvalidArgument,
            ),
            (
                "65 messages",
                to_peer(bob.id(), (0..65).map(|_| text("a")).collect()).into(),
                Code::TooManyMessages,
            ),
            (
                "8,193 bytes",
                to_peer(bob.id(), vec![text("a".repeat(8_193))]).into(),
                Code::TextTooLong,
            ),
            (
                "nothing",
                to_peer(bob.id(), vec![text("")]).into(),
                Code::MessageEmpty,
            ),
            (
                "not UTF-8",
                to_peer(bob.id(), vec![text(vec![0xff, 0xfe])]).into(),
                Code::TextInvalid,
            ),
            (
                "NUL",
                to_peer(bob.id(), vec![text("a\0b")]).into(),
                Code::TextInvalid,
            ),
            (
                "another type",
                to_peer(bob.id(), vec![no_type]).into(),
                Code::MessageTypeInvalid,
            ),
            (
                "no UUIDv7",
                to_peer(bob.id(), vec![not_v7]).into(),
                Code::MessageIdInvalid,
            ),
            (
                "no such conversation",
                UserMessage {
                    conversation_id: ConversationId(404),
                    ..to_peer(UserId(0), vec![text("a")])
                }
                .into(),
                Code::ConversationNotFound,
            ),
            (
                "a conversation of others",
                UserMessage {
                    conversation_id: others,
                    ..to_peer(UserId(0), vec![text("a")])
                }
                .into(),
                Code::NotMember,
            ),
            (
                "reading that of others",
                ConversationRead {
                    conversation_id: others,
                    seq: Seq(1),
                }
                .into(),
                Code::NotMember,
            ),
            (
                "the history of others",
                HistoryRequest {
                    conversation_id: others,
                    seq: Seq(0),
                    direction: Direction::Backward,
                    limit: 10,
                }
                .into(),
                Code::NotMember,
            ),
            (
                "the wrong direction",
                MessageAck {
                    conversation_id: others,
                    results: vec![],
                }
                .into(),
                Code::Unsupported,
            ),
        ];
        for (what, request, wanted) in cases {
            let reply = session.request(request).await?;
            assert_eq!(code(&reply), wanted, "{what} over {kind}: {reply:?}");
        }

        // A bad message is refused alone, and the session is as good as before.
        let mixed = to_peer(bob.id(), vec![text("good"), text(""), text("also good")]);
        let Body::MessageAck(ack) = session.request(mixed).await? else {
            panic!("an acknowledgement")
        };
        let codes: Vec<Code> = ack.results.iter().map(|result| result.code).collect();
        assert_eq!(
            codes,
            [Code::Ok, Code::MessageEmpty, Code::Ok],
            "over {kind}"
        );
        assert_eq!(ack.results[2].seq, ack.results[0].seq.next());
    }
    assert_eq!(cluster.errors(), Vec::<String>::new());
    Ok(())
}

/// S9: too many frames are answered with a time, and have no effect.
#[tokio::test]
async fn a_client_that_sends_too_fast_is_told_when_to_come_back() -> Result<()> {
    let cluster = Cluster::builder()
        // So few that a slow machine is too fast, too: the forty take less than the half minute in which thirty come back.
        .setting("IM_ACCESS_SESSION__FRAMES_PER_SECOND", 1)
        .setting("IM_ACCESS_SESSION__FRAME_BURST", 10)
        .start()
        .await?;
    let (alice, bob) = (
        cluster.account("alice").await?,
        cluster.account("bob").await?,
    );
    alice.befriend(&bob).await?;
    let login = alice.login(Platform::Terminal).await?;
    let address = cluster.endpoints().await?.remove(0);
    let device = alice.device_id(Platform::Terminal);
    let (mut session, _) = Raw::join(
        &Dialer::default(),
        &address,
        Kind::WebTransport,
        &login,
        (&device, Platform::Terminal),
    )
    .await?;
    let (mut stored, mut refused) = (0, 0);
    for _ in 0..40 {
        match session.request(to_peer(bob.id, vec![text("a")])).await? {
            Body::MessageAck(_) => stored += 1,
            Body::ErrorResponse(error) => {
                assert_eq!(error.code, Code::RetryLater);
                assert!(
                    (1..=1_000).contains(&error.retry_after_ms),
                    "{} ms",
                    error.retry_after_ms
                );
                refused += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(
        stored >= 10 && refused > 0,
        "{stored} stored, {refused} refused"
    );
    assert_eq!(cluster.stored().await?.len(), stored);
    Ok(())
}
