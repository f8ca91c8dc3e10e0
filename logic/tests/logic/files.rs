//! Messages about files: stored where the file is there, is the sender's and is what the message says.

use std::sync::atomic::{AtomicU64, Ordering};

use im_shared::wire::{Code, EntryType, OutgoingMessage};

use crate::access::{codes, text, to_conversation, to_user};
use crate::world::World;

/// Puts the row of an upload, as web does.
pub(crate) async fn upload(
    world: &World,
    owner: u64,
    id: &str,
    mime: &str,
    size: u64,
    sides: (u32, u32),
) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let row = NEXT.fetch_add(1, Ordering::Relaxed);
    let (width, height) = sides;
    world
        .execute(&format!(
            "INSERT INTO files (id, public_id, owner_id, blob_id, name, mime, size, width, height, look_at) \
             VALUES ({row}, '{id}', {owner}, 1, 'a', '{mime}', {size}, {width}, {height}, now() + interval '1 day')"
        ))
        .await;
}

fn typed(entry_type: EntryType, content: &str) -> OutgoingMessage {
    OutgoingMessage {
        type_: entry_type,
        ..text(content)
    }
}

fn image(id: &str, mime: &str, size: u64, width: u32) -> OutgoingMessage {
    let content =
        format!(r#"{{"fileId":"{id}","mime":"{mime}","size":{size},"width":{width},"height":3}}"#);
    typed(EntryType::Image, &content)
}

/// D15, [M7]: each message for itself; the texts beside them are stored.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_stored_when_its_file_is_what_it_says() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    upload(&world, 1, "mine", "image/png", 10, (4, 3)).await;
    upload(&world, 2, "theirs", "image/png", 10, (4, 3)).await;
    upload(&world, 1, "condemned", "image/png", 10, (4, 3)).await;
    world
        .execute("UPDATE files SET condemned_at = now() WHERE public_id = 'condemned'")
        .await;
    upload(&world, 1, "unseen", "image/png", 10, (0, 0)).await;
    upload(&world, 1, "speech", "audio/ogg", 20, (0, 0)).await;
    upload(&world, 1, "film", "video/mp4", 30, (0, 0)).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);

    let voice = r#"{"fileId":"speech","mime":"audio/ogg","size":20,"durationMs":900}"#;
    let video =
        r#"{"fileId":"film","mime":"video/mp4","size":30,"width":640,"height":480,"durationMs":9}"#;
    let file = r#"{"fileId":"unseen","name":"b.png","mime":"image/png","size":10}"#;
    let cases = [
        (image("mine", "image/png", 10, 4), Code::Ok),
        (text("look"), Code::Ok),
        (image("none", "image/png", 10, 4), Code::FileNotFound),
        (image("theirs", "image/png", 10, 4), Code::FileNotFound),
        (image("condemned", "image/png", 10, 4), Code::FileNotFound),
        (image("mine", "image/gif", 10, 4), Code::FileMismatch),
        (image("mine", "image/png", 11, 4), Code::FileMismatch),
        (image("mine", "image/png", 10, 5), Code::FileMismatch),
        (image("unseen", "image/png", 10, 4), Code::FileMismatch),
        (typed(EntryType::File, file), Code::Ok),
        (typed(EntryType::Voice, voice), Code::Ok),
        (typed(EntryType::Video, video), Code::Ok),
    ];
    let (messages, expected): (Vec<_>, Vec<Code>) = cases.into_iter().unzip();
    let ack = ann.acknowledged(to_user(2, &messages)).await;
    assert_eq!(codes(&ack.results), expected);
    let stored = "SELECT count(*) FROM messages WHERE type BETWEEN 2 AND 5 AND message_file(content) IS NOT NULL";
    assert_eq!(world.count(stored).await, 4);

    // All refused: nothing reaches a lane, and the answer is the same.
    let again = to_conversation(ack.conversation_id, &[image("none", "image/png", 10, 4)]);
    let refused = ann.acknowledged(again).await;
    assert_eq!(codes(&refused.results), [Code::FileNotFound]);
    // The other one may send their own.
    let own = to_conversation(ack.conversation_id, &[image("theirs", "image/png", 10, 4)]);
    assert_eq!(codes(&bob.acknowledged(own).await.results), [Code::Ok]);
    worker.stop().await;
}

/// D15, D4: a repeat is the same message, and a request that repeats itself within has one result.
#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_is_sent_again_is_the_same_message() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    upload(&world, 1, "mine", "image/png", 10, (4, 3)).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    let picture = image("mine", "image/png", 10, 4);
    let missing = image("none", "image/png", 10, 4);
    let request = [picture.clone(), picture.clone(), missing.clone(), missing];
    let first = ann.acknowledged(to_user(2, &request)).await;
    let ok = [Code::Ok, Code::Ok, Code::FileNotFound, Code::FileNotFound];
    assert_eq!(codes(&first.results), ok);
    assert_eq!(first.results[0], first.results[1]);
    let again = ann.acknowledged(to_user(2, &[picture])).await;
    assert_eq!(again.results[0], first.results[0]);
    assert_eq!(
        world
            .count("SELECT count(*) FROM messages WHERE type = 2")
            .await,
        1
    );
    worker.stop().await;
}
