//! Full text over one's own conversations.

use im_shared::ids::{ConversationId, MessageId, Seq};
use im_shared::wire::{Body, Code, MessageEdit, MessageRecall, SearchRequest, SearchResponse};
use uuid::Uuid;

use crate::access::{TestSession, text, to_conversation};
use crate::world::World;

fn search(query: &str) -> SearchRequest {
    SearchRequest {
        query: query.to_owned(),
        conversation_id: ConversationId(0),
        before_message_id: MessageId(0),
        limit: 20,
    }
}

async fn ask(session: &mut TestSession, request: SearchRequest) -> SearchResponse {
    match session.ask(request).await {
        Body::SearchResponse(response) => response,
        other => panic!("{other:?}"),
    }
}

async fn found(session: &mut TestSession, query: &str) -> Vec<String> {
    let response = ask(session, search(query)).await;
    let text = |entry: &im_shared::wire::Entry| String::from_utf8(entry.content.to_vec()).unwrap();
    response.entries.iter().map(text).collect()
}

/// D16: Chinese and English, by words, stems, beginnings, characters and pairs.
#[tokio::test(flavor = "multi_thread")]
async fn messages_are_found_by_their_words_in_chinese_and_english() {
    let world = World::new().await;
    world.users(3).await;
    world.befriend(1, 2).await;
    world.befriend(1, 3).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    for line in [
        "The quick brown foxes were running",
        "分布式消息系统很快",
        "消息，系统",
        "Meet me at the Café",
        "Rust 的消息队列",
    ] {
        ann.tell(2, line).await;
    }
    ann.tell(3, "foxes again").await;
    assert_eq!(
        found(&mut ann, "fox").await,
        ["foxes again", "The quick brown foxes were running"]
    );
    assert_eq!(
        found(&mut bob, "FOX run").await,
        ["The quick brown foxes were running"]
    );
    assert_eq!(
        found(&mut bob, "brown qui").await,
        ["The quick brown foxes were running"]
    );
    assert_eq!(found(&mut bob, "消息系统").await, ["分布式消息系统很快"]);
    assert_eq!(found(&mut bob, "快").await, ["分布式消息系统很快"]);
    assert_eq!(found(&mut bob, "rust 消息").await, ["Rust 的消息队列"]);
    assert_eq!(found(&mut bob, "cafe").await, ["Meet me at the Café"]);
    assert_eq!(found(&mut bob, "to be or not").await, [""; 0]);
    assert_eq!(
        found(&mut bob, "was").await,
        [""; 0],
        "a beginning is no end"
    );
    worker.stop().await;
}

/// D16: an edited message is found by what it says now, one that was taken back not at all.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_edited_or_taken_back_is_found_as_it_is_now() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let conversation_id = ann.tell(2, "green apples").await.conversation_id;
    ann.tell(2, "secret pears").await;
    assert_eq!(found(&mut bob, "apples").await, ["green apples"]);
    assert_eq!(found(&mut bob, "pears").await, ["secret pears"]);
    let edit = MessageEdit {
        conversation_id,
        target_seq: Seq(1),
        client_message_id: Uuid::now_v7(),
        content: "red cherries".into(),
        mentions: Vec::new(),
    };
    assert!(matches!(ann.ask(edit).await, Body::MessageAck(_)));
    let recall = MessageRecall {
        conversation_id,
        target_seq: Seq(2),
        client_message_id: Uuid::now_v7(),
    };
    assert!(matches!(ann.ask(recall).await, Body::MessageAck(_)));
    assert_eq!(found(&mut bob, "apples").await, [""; 0]);
    assert_eq!(found(&mut bob, "cherries").await, ["red cherries"]);
    assert_eq!(found(&mut bob, "pears").await, [""; 0]);
    worker.stop().await;
}

/// D16, D8: one's own conversations, and of those what one may read.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_found_outside_ones_own_conversations_and_time() {
    let world = World::new().await;
    world.users(3).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut cat) = (access.session(1).await, access.session(3).await);
    let conversation = ann.tell(2, "needle one").await.conversation_id;
    for line in ["needle two", "needle three", "needle four"] {
        ann.tell(2, line).await;
    }
    assert_eq!(found(&mut cat, "needle").await, [""; 0]);
    let named = SearchRequest {
        conversation_id: conversation,
        ..search("needle")
    };
    assert_eq!(cat.refused(named.clone()).await, Code::NotMember);
    let nowhere = SearchRequest {
        conversation_id: ConversationId(99),
        ..search("needle")
    };
    assert_eq!(cat.refused(nowhere).await, Code::ConversationNotFound);
    // From the second entry on, up to the third.
    world
        .execute(
            "UPDATE conversation_members SET from_seq = 1, until_seq = 3, deleted = 1 WHERE user_id = 1",
        )
        .await;
    assert_eq!(
        found(&mut ann, "needle").await,
        ["needle three", "needle two"]
    );
    // The world chat is nobody's own, and is searched when it is asked for.
    let words = to_conversation(ConversationId::WORLD, &[text("needle in the world")]);
    ann.acknowledged(words).await;
    assert_eq!(found(&mut cat, "needle").await, [""; 0]);
    let world_chat = SearchRequest {
        conversation_id: ConversationId::WORLD,
        ..search("needle")
    };
    assert_eq!(ask(&mut cat, world_chat).await.entries.len(), 1);
    worker.stop().await;
}

/// D16
#[tokio::test(flavor = "multi_thread")]
async fn pages_go_on_where_the_last_one_ended_and_bad_searches_are_refused() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let (worker, second) = (world.worker().await, world.worker().await);
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    for n in 0..25 {
        ann.tell(2, &format!("needle {n}")).await;
    }
    let mut request = search("needle");
    let mut seqs = Vec::new();
    let mut pages = 0;
    loop {
        let page = ask(&mut ann, request.clone()).await;
        seqs.extend(page.entries.iter().map(|entry| entry.seq.0));
        pages += 1;
        if !page.next_message_id.is_some() {
            break;
        }
        request.before_message_id = page.next_message_id;
    }
    assert_eq!(seqs, (1..=25).rev().collect::<Vec<u64>>());
    assert_eq!(pages, 2);
    for bad in ["", "?!", &"x".repeat(257)] {
        assert_eq!(ann.refused(search(bad)).await, Code::SearchInvalid);
    }
    let none = SearchRequest {
        limit: 0,
        ..search("needle")
    };
    assert_eq!(ann.refused(none).await, Code::InvalidArgument);
    worker.stop().await;
    second.stop().await;
}

/// D16: the index follows by itself, and two workers that index the same do it once.
#[tokio::test(flavor = "multi_thread")]
async fn the_index_follows_the_commits_on_whatever_worker() {
    let mut world = World::new().await;
    world.config.search.interval_ms = 10;
    world.config.search.entries_per_second = 100_000;
    world.users(2).await;
    world.befriend(1, 2).await;
    let (worker, second) = (world.worker().await, world.worker().await);
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    for n in 0..40 {
        ann.tell(2, &format!("word{n}")).await;
    }
    let indexed = async || world.count("SELECT count(*) FROM search_entries").await == 40;
    im_shared::testing::wait_until(indexed, crate::world::PATIENCE).await;
    assert_eq!(
        world
            .count("SELECT max(indexed_seq) FROM search_progress")
            .await,
        40
    );
    worker.stop().await;
    second.stop().await;
}
