//! Who is told of messages while they have no session (E6).

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use im_logic::push::{Vapid, generate};
use im_shared::bus::{Origin, encode_upstream};
use im_shared::ids::{ConversationId, Incarnation, Seq, SessionId, UserId};
use im_shared::testing::wait_until;
use im_shared::wire::{
    Body, Code, ConversationRead, Frame, MessageRecall, Platform, PushSubscribe, RequestId,
    SystemNotify, encode,
};
use ring::hmac;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::access::{TestAccess, text, to_conversation};
use crate::outside::{Asked, Browser, Manner, Outside};
use crate::world::{PATIENCE, World};

pub(super) const SECRET: &str = "a secret of the operator";
pub(super) const HOOK: &str = "/hook";

/// Due only when a test says so.
pub(super) const LONG: u64 = 3_600_000;

/// A world with programs outside of it.
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) outside: Outside,
    pub(super) access: TestAccess,
    _folder: tempfile::TempDir,
    pub(super) key: PathBuf,
}

impl Scene {
    /// With Web Push only, and friends of user 1.
    pub(super) async fn new(users: i64) -> Self {
        let outside = Outside::start().await;
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("vapid.pem");
        generate(&key).unwrap();
        let mut world = World::new().await;
        let push = &mut world.config.push;
        push.web_push = true;
        push.vapid_key.clone_from(&key);
        push.subject = "mailto:operator@example.org".to_owned();
        push.allowed_hosts = vec!["127.0.0.1".to_owned()];
        push.allow_private_hosts = true;
        push.delay_ms = 0;
        push.collapse_ms = 0;
        push.poll_ms = 10;
        push.deadline_ms = 60_000;
        world.users(users).await;
        for friend in 2..=users {
            world.befriend(1, friend.unsigned_abs()).await;
        }
        let access = world.access("access-1").await;
        Self {
            world,
            outside,
            access,
            _folder: folder,
            key,
        }
    }

    pub(super) fn webhook(&mut self) {
        let push = &mut self.world.config.push;
        push.webhook_url = format!("{}{HOOK}", self.outside.url).into();
        push.webhook_secret = SECRET.into();
    }

    /// A device of a user that can come back without a password.
    pub(super) async fn signed_in(&self, user: u64, device: &str) {
        let sql = format!(
            "INSERT INTO refresh_tokens (id, user_id, family_id, device_id, token_hash, expires_at) \
             VALUES ({0}, {user}, {0}, '{device}', '{0}', now() + interval '1 day')",
            rand::random_range(1..i64::MAX)
        );
        self.world.execute(&sql).await;
    }

    /// A user who subscribes, and then goes away.
    pub(super) async fn away(&self, user: u64, change: impl FnOnce(&mut PushSubscribe)) -> Browser {
        self.signed_in(user, "phone").await;
        let browser = Browser::new(&self.outside, &format!("/{user}"));
        let mut request = browser.subscribe("phone");
        change(&mut request);
        let mut session = self.access.session(user).await;
        let reply = session.ask(request).await;
        assert!(matches!(reply, Body::Done(_)), "{reply:?}");
        self.access.forget(&session).await;
        browser
    }

    /// Jobs of which this holds.
    pub(super) async fn jobs(&self, condition: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM push_jobs WHERE {condition}");
        self.world.count(&sql).await
    }

    pub(super) async fn until(&self, condition: &str) {
        wait_until(async || self.jobs(condition).await > 0, PATIENCE).await;
    }

    /// What has failed waits an hour longer, so that it is due again when the test says so, however long the test takes to look.
    async fn hold_back(&self) {
        self.world
            .execute(
                "CREATE FUNCTION hold_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                   NEW.not_before := NEW.not_before + interval '1 hour'; RETURN NEW; \
                 END $$; \
                 CREATE TRIGGER hold_back BEFORE UPDATE ON push_jobs FOR EACH ROW \
                 WHEN (NEW.attempts > OLD.attempts) EXECUTE FUNCTION hold_back()",
            )
            .await;
    }

    /// Every job is due.
    pub(super) async fn due(&self) {
        self.world
            .execute("UPDATE push_jobs SET not_before = now() WHERE status = 1")
            .await;
    }
}

fn claims(push: &Asked) -> Value {
    let token = push
        .header("authorization")
        .strip_prefix("vapid t=")
        .unwrap();
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

/// E6, RFC 8030, RFC 8291, RFC 8292: with another implementation of the standards on the browser's side.
#[tokio::test(flavor = "multi_thread")]
async fn a_browser_of_somebody_who_is_away_gets_a_push_that_only_it_can_read() {
    let scene = Scene::new(2).await;
    let worker = scene.world.worker().await;
    let browser = scene.away(2, |_| {}).await;
    let mut ann = scene.access.session(1).await;
    let conversation = ann.tell(2, "see you at ten").await.conversation_id;

    let push = scene.outside.nth("/2", 1).await;
    let expected = json!({
        "conversationId": conversation.to_string(), "seq": 1, "senderId": "1", "senderName": "user1",
        "conversationName": "", "preview": "see you at ten", "type": 1, "hidden": false,
        "tag": format!("conversation-{conversation}"),
    });
    assert_eq!(browser.read(&push), expected);
    assert_eq!(push.header("content-encoding"), "aes128gcm");
    assert_eq!(push.header("ttl"), "86400");
    assert_eq!(push.header("urgency"), "high");
    assert_eq!(push.header("topic").len(), 32);

    let vapid = Vapid::load(&scene.key, "").unwrap();
    let signed = push
        .header("authorization")
        .strip_prefix("vapid t=")
        .unwrap();
    let (token, key) = signed.split_once(", k=").unwrap();
    assert_eq!(key, vapid.public());
    let (signed, signature) = token.rsplit_once('.').unwrap();
    UnparsedPublicKey::new(
        &ECDSA_P256_SHA256_FIXED,
        URL_SAFE_NO_PAD.decode(key).unwrap(),
    )
    .verify(
        signed.as_bytes(),
        &URL_SAFE_NO_PAD.decode(signature).unwrap(),
    )
    .unwrap();
    let claims = claims(&push);
    assert_eq!(claims["aud"], scene.outside.url);
    assert_eq!(claims["sub"], "mailto:operator@example.org");
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    assert!((now..now + 86_400).contains(&claims["exp"].as_u64().unwrap()));

    // The next one takes the place of the first where both wait.
    ann.tell(2, "or eleven").await;
    let next = scene.outside.nth("/2", 2).await;
    assert_eq!(browser.read(&next)["preview"], "or eleven");
    assert_eq!(next.header("topic"), push.header("topic"));
    worker.stop().await;
}

/// E6: the content hidden by setting.
#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_wishes_so_is_not_told_what_and_from_whom() {
    let scene = Scene::new(2).await;
    let worker = scene.world.worker().await;
    let browser = scene.away(2, |request| request.hide_content = true).await;
    scene.access.session(1).await.tell(2, "a secret").await;
    let note = browser.read(&scene.outside.nth("/2", 1).await);
    assert_eq!(note["preview"], "New message");
    assert_eq!(
        (&note["senderId"], &note["senderName"]),
        (&Value::Null, &json!(""))
    );
    assert_eq!(note["hidden"], true);
    worker.stop().await;
}

/// E6: signed, with the time.
#[tokio::test(flavor = "multi_thread")]
async fn the_webhook_is_told_who_is_away_and_can_check_who_says_so() {
    let mut scene = Scene::new(3).await;
    scene.webhook();
    let worker = scene.world.worker().await;
    let mut ann = scene.access.session(1).await;
    let _there = scene.access.session(3).await;
    let conversation = ann.tell(2, "hello").await.conversation_id;
    let other = ann.tell(3, "you are here").await.conversation_id;

    let asked = scene.outside.nth(HOOK, 1).await;
    let note = asked.json();
    assert_eq!(note["users"], json!(["2"]));
    assert_eq!(note["conversationId"], conversation.to_string());
    assert_eq!(
        (&note["seq"], &note["preview"]),
        (&json!(1), &json!("hello"))
    );

    let (time, digits) = asked.header("x-im-signature").split_once(",v1=").unwrap();
    let time = time.strip_prefix("t=").unwrap();
    let signed = [time.as_bytes(), b".", &asked.body].concat();
    let digest: Vec<u8> = (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect();
    hmac::verify(
        &hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()),
        &signed,
        &digest,
    )
    .unwrap();

    // Who has a session is not away.
    scene
        .until(&format!(
            "conversation_id = {other} AND channel = 2 AND status = 2 AND since_seq = 1"
        ))
        .await;
    assert_eq!(scene.outside.asked(HOOK).len(), 1);
    worker.stop().await;
}

/// E6: collapse per conversation.
#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_one_push_that_tells_the_last_of_it() {
    let mut scene = Scene::new(2).await;
    scene.world.config.push.delay_ms = LONG;
    let worker = scene.world.worker().await;
    let browser = scene.away(2, |_| {}).await;
    let mut ann = scene.access.session(1).await;
    for number in 1..=5 {
        ann.tell(2, &format!("number {number}")).await;
    }
    scene.until("seq = 5").await;
    assert_eq!(scene.jobs("true").await, 1);
    scene.due().await;
    scene.until("status = 2 AND since_seq = 5").await;
    let pushes = scene.outside.asked("/2");
    assert_eq!(pushes.len(), 1);
    assert_eq!(browser.read(&pushes[0])["preview"], "number 5");
    worker.stop().await;
}

/// E6: at the time of the push, not of the message.
#[tokio::test(flavor = "multi_thread")]
async fn muted_read_elsewhere_recalled_and_present_is_no_push() {
    let mut scene = Scene::new(6).await;
    scene.world.config.push.delay_ms = LONG;
    let worker = scene.world.worker().await;
    for user in 2..=6 {
        scene.away(user, |_| {}).await;
    }
    let mut ann = scene.access.session(1).await;
    let mut conversations = Vec::new();
    for user in 2..=6 {
        conversations.push(ann.tell(user, "hello").await.conversation_id);
    }
    let [muted, read, recalled, ..] = conversations[..] else {
        panic!("{conversations:?}")
    };
    wait_until(async || scene.jobs("true").await == 5, PATIENCE).await;

    let mute = format!(
        "INSERT INTO conversation_views (id, user_id, conversation_id, muted_until) VALUES (1, 2, {muted}, now() + interval '1 hour')"
    );
    scene.world.execute(&mute).await;
    let mut elsewhere = scene.access.session(3).await;
    let position = ConversationRead {
        conversation_id: read,
        seq: Seq(1),
    };
    assert!(matches!(
        elsewhere.ask(position).await,
        Body::ReadReceipt(_)
    ));
    scene.access.forget(&elsewhere).await;
    let recall = MessageRecall {
        conversation_id: recalled,
        target_seq: Seq(1),
        client_message_id: Uuid::now_v7(),
    };
    let reply = ann.ask(recall).await;
    assert!(matches!(reply, Body::MessageAck(_)), "{reply:?}");
    let _present = scene.access.session(5).await;

    scene.due().await;
    wait_until(async || scene.jobs("status = 2").await == 5, PATIENCE).await;
    let told: Vec<usize> = (2..=6)
        .map(|user| scene.outside.asked(&format!("/{user}")).len())
        .collect();
    assert_eq!(told, [0, 0, 0, 0, 1]);
    worker.stop().await;
}

/// E6: what is written by whoever went away meanwhile, too.
#[tokio::test(flavor = "multi_thread")]
async fn two_who_wrote_and_went_are_each_told_of_the_other_one() {
    let mut scene = Scene::new(2).await;
    scene.world.config.push.delay_ms = LONG;
    let worker = scene.world.worker().await;
    let (ann_browser, bob_browser) = (scene.away(1, |_| {}).await, scene.away(2, |_| {}).await);
    let (mut ann, mut bob) = (scene.access.session(1).await, scene.access.session(2).await);
    ann.tell(2, "from ann").await;
    bob.tell(1, "from bob").await;
    scene.access.forget(&ann).await;
    scene.access.forget(&bob).await;
    scene.until("seq = 2").await;
    scene.due().await;
    let to_ann = scene.outside.nth("/1", 1).await;
    let to_bob = scene.outside.nth("/2", 1).await;
    assert_eq!(ann_browser.read(&to_ann)["preview"], "from bob");
    assert_eq!(bob_browser.read(&to_bob)["preview"], "from ann");
    worker.stop().await;
}

/// E6, RFC 8030, 7.3
#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_its_push_service_does_not_know_any_more_is_removed() {
    let scene = Scene::new(2).await;
    scene.outside.answers("/2", Manner::Status(410));
    let worker = scene.world.worker().await;
    scene.away(2, |_| {}).await;
    scene.access.session(1).await.tell(2, "hello").await;
    scene.until("status = 2").await;
    let left = "SELECT count(*) FROM push_subscriptions";
    assert_eq!(scene.world.count(left).await, 0);
    assert_eq!(scene.outside.asked("/2").len(), 1);
    worker.stop().await;
}

/// E6, B7: whoever holds a device that was signed out reads nothing more of its former user.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_signed_out_gets_no_push() {
    let scene = Scene::new(3).await;
    let worker = scene.world.worker().await;
    scene.away(2, |_| {}).await;
    scene.away(3, |_| {}).await;
    let sign_out = "UPDATE refresh_tokens SET status = 3 WHERE user_id = 2";
    scene.world.execute(sign_out).await;
    let mut ann = scene.access.session(1).await;
    ann.tell(2, "hello").await;
    ann.tell(3, "hello").await;
    scene.outside.nth("/3", 1).await;
    wait_until(async || scene.jobs("status = 2").await == 2, PATIENCE).await;
    assert!(scene.outside.asked("/2").is_empty());
    worker.stop().await;
}

/// E6: retry, backoff, dead letter, and again.
#[tokio::test(flavor = "multi_thread")]
async fn the_webhook_is_asked_again_ever_later_and_then_the_job_is_dead_until_it_is_sent_again() {
    let mut scene = Scene::new(2).await;
    scene.webhook();
    scene.world.config.push.web_push = false;
    scene.world.config.push.tries = 3;
    scene.outside.answers(HOOK, Manner::Status(500));
    scene.hold_back().await;
    let worker = scene.world.worker().await;
    let mut ann = scene.access.session(1).await;
    ann.tell(2, "first").await;
    for (attempt, least, most) in [(1, 3.0, 5.0), (2, 7.0, 10.0)] {
        let condition = format!(
            "status = 1 AND attempts = {attempt} \
             AND not_before - updated_at - interval '1 hour' BETWEEN interval '{least} s' AND interval '{most} s' \
             AND error LIKE 'answered 500%as the test says'"
        );
        scene.until(&condition).await;
        scene.due().await;
    }
    scene.until("status = 3 AND attempts = 3").await;
    assert_eq!(scene.outside.asked(HOOK).len(), 3);

    // The next message is told by itself, and the dead one waits for the operator.
    scene.outside.answers(HOOK, Manner::Status(200));
    ann.tell(2, "second").await;
    scene.until("status = 2").await;
    assert_eq!(scene.outside.nth(HOOK, 4).await.json()["preview"], "second");
    assert_eq!(scene.jobs("status = 3").await, 1);
    let again = "SELECT push_again(array_agg(id)) FROM push_jobs WHERE status = 3";
    assert_eq!(scene.world.count(again).await, 1);
    assert_eq!(scene.outside.nth(HOOK, 5).await.json()["preview"], "second");
    scene.until("status = 2 AND since_seq = 2").await;
    assert_eq!(scene.jobs("true").await, 1);
    let ids: Vec<String> = scene
        .outside
        .asked(HOOK)
        .iter()
        .map(|asked| asked.header("x-im-delivery").to_owned())
        .collect();
    assert_eq!(ids[0], ids[1], "a repeat can be told from a new request");
    assert_ne!(ids[0], ids[3]);
    worker.stop().await;
}

/// E6: a browser that cannot be reached delays nobody else, and is tried by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_fails_is_tried_again_for_that_browser_alone() {
    let scene = Scene::new(2).await;
    scene.outside.answers("/tablet", Manner::Later(429, 60));
    let worker = scene.world.worker().await;
    let tablet = Browser::new(&scene.outside, "/tablet");
    let mut bob = scene.access.session(2).await;
    scene.signed_in(2, "tablet").await;
    bob.ask(tablet.subscribe("tablet")).await;
    scene.away(2, |_| {}).await;
    scene.access.forget(&bob).await;
    scene.access.session(1).await.tell(2, "hello").await;

    // A push service that asks for a longer wait gets it.
    scene
        .until("subscription_id > 0 AND attempts = 1 AND not_before - updated_at BETWEEN interval '59 s' AND interval '61 s'")
        .await;
    scene
        .until("subscription_id = 0 AND status = 2 AND since_seq = 1")
        .await;
    assert_eq!(
        (
            scene.outside.asked("/2").len(),
            scene.outside.asked("/tablet").len()
        ),
        (1, 1)
    );
    scene.outside.answers("/tablet", Manner::Status(201));
    scene.due().await;
    let push = scene.outside.nth("/tablet", 2).await;
    assert_eq!(tablet.read(&push)["preview"], "hello");
    wait_until(
        async || scene.jobs("subscription_id > 0").await == 0,
        PATIENCE,
    )
    .await;
    assert_eq!(scene.outside.asked("/2").len(), 1);
    worker.stop().await;
}

/// "A webhook that hangs": messages and Web Push go on; after the deadline it has failed and is tried again later.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_hangs_delays_neither_messages_nor_browsers() {
    let mut scene = Scene::new(8).await;
    scene.webhook();
    scene.world.config.push.webhook_places = 2;
    scene.outside.answers(HOOK, Manner::Hang);
    let worker = scene.world.worker().await;
    scene.away(8, |_| {}).await;
    let mut ann = scene.access.session(1).await;
    // More than it has places.
    for user in 2..=7 {
        ann.tell(user, "hello").await;
    }
    scene.outside.nth(HOOK, 2).await;
    let ack = ann.tell(8, "and to you").await;
    assert_eq!(ack.results[0].code, Code::Ok);
    scene.outside.nth("/8", 1).await;
    assert_eq!(scene.outside.asked(HOOK).len(), 2, "its places are bounded");
    scene.outside.let_go();
    wait_until(
        async || scene.jobs("channel = 2 AND status = 2").await == 7,
        PATIENCE,
    )
    .await;
    worker.stop().await;
}

/// "A webhook that hangs", its outcome.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_does_not_answer_within_the_deadline_has_failed() {
    let mut scene = Scene::new(2).await;
    scene.webhook();
    scene.world.config.push.deadline_ms = 1_000;
    scene.outside.answers(HOOK, Manner::Hang);
    scene.hold_back().await;
    let worker = scene.world.worker().await;
    scene.access.session(1).await.tell(2, "hello").await;
    scene
        .until("channel = 2 AND status = 1 AND attempts = 1 AND error = 'no answer within 1s'")
        .await;
    worker.stop().await;
}

/// E6: at least once.
#[tokio::test(flavor = "multi_thread")]
async fn the_job_of_a_killed_worker_is_taken_up_by_another_one() {
    let mut scene = Scene::new(2).await;
    scene.webhook();
    scene.outside.answers(HOOK, Manner::Hang);
    let first = scene.world.worker().await;
    scene.access.session(1).await.tell(2, "hello").await;
    scene.outside.nth(HOOK, 1).await;
    first.kill().await;
    scene.outside.answers(HOOK, Manner::Status(200));
    let second = scene.world.worker().await;
    // The lease of the dead one protects it a little longer.
    assert_eq!(
        scene
            .jobs("channel = 2 AND status = 1 AND claims = 1 AND not_before > now()")
            .await,
        1
    );
    scene.due().await;
    assert_eq!(
        scene.outside.nth(HOOK, 2).await.json()["users"],
        json!(["2"])
    );
    scene
        .until("channel = 2 AND status = 2 AND claims >= 2")
        .await;
    second.stop().await;
}

/// E6: over all workers.
#[tokio::test(flavor = "multi_thread")]
async fn two_workers_share_the_jobs_and_nobody_is_told_twice() {
    let mut scene = Scene::new(40).await;
    scene.webhook();
    scene.world.config.push.web_push = false;
    scene.world.config.push.delay_ms = LONG;
    let (first, second) = (scene.world.worker().await, scene.world.worker().await);
    let mut ann = scene.access.session(1).await;
    for user in 2..=40 {
        ann.tell(user, "hello").await;
    }
    wait_until(async || scene.jobs("seq = 1").await == 39, PATIENCE).await;
    scene.due().await;
    wait_until(async || scene.jobs("status = 2").await == 39, PATIENCE).await;
    let asked = scene.outside.asked(HOOK);
    let mut told: Vec<u64> = asked
        .iter()
        .map(|asked| asked.json()["users"][0].as_str().unwrap().parse().unwrap())
        .collect();
    told.sort_unstable();
    assert_eq!(told, (2..=40).collect::<Vec<u64>>());
    assert_eq!(scene.jobs("claims = 1").await, 39);
    first.stop().await;
    second.stop().await;
}

/// [P5]
#[tokio::test(flavor = "multi_thread")]
async fn announcements_are_told_to_browsers_and_the_world_chat_to_nobody() {
    let mut scene = Scene::new(3).await;
    scene.webhook();
    let worker = scene.world.worker().await;
    let (bob, _cid) = (scene.away(2, |_| {}).await, scene.away(3, |_| {}).await);
    let muted = "INSERT INTO conversation_views (id, user_id, conversation_id, muted_until) VALUES (1, 3, 2, 'infinity')";
    scene.world.execute(muted).await;
    let mut ann = scene.access.session(1).await;
    ann.acknowledged(to_conversation(
        ConversationId::WORLD,
        &[text("hello, world")],
    ))
    .await;
    let operator = Origin {
        session: SessionId(0),
        user: UserId(0),
        platform: Platform::Unknown,
        guest: false,
    };
    let notice = SystemNotify {
        client_message_id: Uuid::now_v7(),
        everybody: true,
        title: "Maintenance".to_owned(),
        content: "At ten.".to_owned(),
        ..SystemNotify::default()
    };
    let request = encode(&Frame::request(RequestId(1), notice));
    let carrier = encode_upstream("", Incarnation(0), &[(operator, request)]);
    let bus = scene.access.bus();
    bus.request(bus.subjects().upstream(), carrier, PATIENCE)
        .await
        .unwrap();
    let note = bob.read(&scene.outside.nth("/2", 1).await);
    assert_eq!(note["preview"], "Maintenance");
    assert_eq!(
        (&note["conversationId"], &note["senderId"]),
        (&json!("2"), &Value::Null)
    );
    scene.until("conversation_id = 2 AND status = 2").await;
    assert!(scene.outside.asked("/3").is_empty() && scene.outside.asked(HOOK).is_empty());
    assert_eq!(scene.jobs("true").await, 1);
    worker.stop().await;
}

/// E6: a stop loses nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_before_a_stop_is_told_by_the_next_worker() {
    let mut scene = Scene::new(2).await;
    scene.world.config.push.delay_ms = LONG;
    let first = scene.world.worker().await;
    let browser = scene.away(2, |_| {}).await;
    let mut ann = scene.access.session(1).await;
    ann.tell(2, "before the stop").await;
    first.stop().await;
    assert_eq!(scene.jobs("status = 1").await, 1);
    scene.due().await;
    let second = scene.world.worker().await;
    let push = scene.outside.nth("/2", 1).await;
    assert_eq!(browser.read(&push)["preview"], "before the stop");
    second.stop().await;
}

/// E6, E4: page by page, each member once, whoever is there left out.
#[tokio::test(flavor = "multi_thread")]
async fn the_members_of_a_large_group_who_are_away_are_told_once_each() {
    let mut scene = Scene::new(1).await;
    scene.webhook();
    let group = ConversationId(7_000);
    scene.world.users_from(2, 1_200).await;
    scene
        .world
        .execute(
            "INSERT INTO conversations (id, type, name, owner_id, member_count) VALUES (7000, 2, 'Tea', 1, 1200); \
             INSERT INTO conversation_members (id, conversation_id, user_id, role) \
             SELECT 100000 + n, 7000, n, CASE WHEN n = 1 THEN 3 ELSE 1 END FROM generate_series(1, 1200) n",
        )
        .await;
    let worker = scene.world.worker().await;
    let mut ann = scene.access.session(1).await;
    let _there = scene.access.session(700).await;
    ann.acknowledged(to_conversation(group, &[text("tea is ready")]))
        .await;
    scene
        .until("channel = 2 AND status = 2 AND since_seq = 1")
        .await;
    let mut told: Vec<u64> = Vec::new();
    for asked in scene.outside.asked(HOOK) {
        let note = asked.json();
        assert_eq!(note["conversationName"], "Tea");
        let users = note["users"].as_array().unwrap();
        assert!(users.len() <= 500);
        told.extend(
            users
                .iter()
                .map(|user| user.as_str().unwrap().parse::<u64>().unwrap()),
        );
    }
    let expected: Vec<u64> = (2..=1_200).filter(|user| *user != 700).collect();
    assert_eq!(told, expected);
    worker.stop().await;
}

/// E6: nobody is told while it is not known who is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_waits_until_it_is_known_again_who_is_away() {
    let mut world = World::private().await;
    let outside = Outside::start().await;
    let push = &mut world.config.push;
    push.webhook_url = format!("{}{HOOK}", outside.url).into();
    push.webhook_secret = SECRET.into();
    push.delay_ms = LONG;
    push.poll_ms = 10;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    access.session(1).await.tell(2, "hello").await;
    let count = async |condition: &str| {
        let sql = format!("SELECT count(*) FROM push_jobs WHERE {condition}");
        world.count(&sql).await
    };
    wait_until(async || count("true").await == 1, PATIENCE).await;
    world.servers().redis.kill().await;
    world
        .execute("UPDATE push_jobs SET not_before = now()")
        .await;
    wait_until(
        async || count("claims > 0 AND not_before < now() + interval '6 s'").await == 1,
        Duration::from_secs(30),
    )
    .await;
    assert_eq!(count("attempts = 0 AND status = 1").await, 1);
    world.servers().redis.restart().await;
    // While a worker has it, it is due after a lease of a minute: that one is left alone, or it would be told twice.
    let waits = "status = 1 AND not_before < now() + interval '6 s'";
    let tried = async || {
        world
            .execute(&format!(
                "UPDATE push_jobs SET not_before = now() WHERE {waits}"
            ))
            .await;
        count("status = 2").await == 1
    };
    wait_until(tried, Duration::from_secs(30)).await;
    assert_eq!(outside.asked(HOOK).len(), 1);
    worker.stop().await;
}
