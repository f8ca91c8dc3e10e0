//! Whatever devices miss, and however they catch up, they end with the same messages (D14, [E6], [E7], [R1]).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use im_client::fold::{Fold, Shown};
use im_client::tracker::Tracker;
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{
    AckResult, Body, Code, Cursor, Direction, Entry, EntryType, HistoryRequest, RequestId,
    SyncRequest, UserMessage, decode,
};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

use crate::access::{TestAccess, TestSession, text, to_conversation};
use crate::changes::{edit, group, react, recall, unreact};
use crate::world::World;

const USERS: u64 = 5;
const STEPS: usize = 500;
const REACTIONS: [&str; 3] = ["👍", "🎉", "+1"];
/// What a random change may be refused with.
const MAY_BE: [Code; 5] = [
    Code::NotSender,
    Code::NotPermitted,
    Code::TargetRecalled,
    Code::EditTooOften,
    Code::TooManyReactions,
];

/// What a device holds of a conversation: up to its tip everything, and folded.
struct Held {
    tracker: Tracker,
    fold: Fold,
}

/// A client without a screen.
struct Device {
    user: u64,
    access: TestAccess,
    session: Option<TestSession>,
    held: BTreeMap<ConversationId, Held>,
    /// Asked and not answered; asked again after a reconnect ([M3]).
    asked: Vec<(RequestId, Body)>,
}

impl Device {
    fn new(user: u64, access: &TestAccess, conversations: &[ConversationId]) -> Self {
        let empty = |id: &ConversationId| (*id, Held::from(Seq(0)));
        Self {
            user,
            access: access.clone(),
            session: None,
            held: conversations.iter().map(empty).collect(),
            asked: Vec::new(),
        }
    }

    fn take(&mut self, entry: Entry) {
        let held = self.held.get_mut(&entry.conversation_id).unwrap();
        for applied in held.tracker.offer(entry, Instant::now()) {
            held.fold.apply(&applied);
        }
    }

    /// What has arrived by now. Without a session nothing has.
    fn drain(&mut self) {
        let mut arrived = Vec::new();
        if let Some(session) = &mut self.session {
            while let Some(delivery) = session.try_next() {
                arrived.push(decode(&delivery.delivery.frame).unwrap());
            }
        }
        for frame in arrived {
            if frame.request_id.is_push() {
                if let Body::PushMessage(push) = frame.body {
                    push.entries.into_iter().for_each(|entry| self.take(entry));
                }
            } else {
                let place = self
                    .asked
                    .iter()
                    .position(|(id, _)| *id == frame.request_id);
                let (_, request) = self.asked.remove(place.expect("an answer to nothing"));
                self.answered(&request, frame.body);
            }
        }
    }

    /// An own change enters the log by its answer ([R3]).
    fn answered(&mut self, request: &Body, answer: Body) {
        match answer {
            Body::MessageAck(ack) => {
                assert_eq!(ack.results.len(), 1);
                assert_eq!(ack.results[0].code, Code::Ok);
                if ack.results[0].seq.0 > 0 {
                    self.take(own_entry(UserId(self.user), request, &ack.results[0]));
                }
            }
            Body::ErrorResponse(error) => {
                assert!(MAY_BE.contains(&error.code), "{error:?} to {request:?}");
            }
            other => panic!("{other:?}"),
        }
    }

    async fn ask(&mut self, request: Body) {
        if let Some(session) = &mut self.session {
            let id = session.request(request.clone()).await;
            self.asked.push((id, request));
        }
    }

    /// What is under way to it is lost.
    async fn disconnect(&mut self) {
        if let Some(session) = self.session.take() {
            self.access.forget(&session).await;
        }
    }

    /// First the session, then the sync ([S2]); at last what was not answered, again.
    async fn connect(&mut self, rng: &mut StdRng) {
        if self.session.is_some() {
            return;
        }
        self.session = Some(self.access.session(self.user).await);
        self.sync().await;
        let conversations: Vec<ConversationId> = self.held.keys().copied().collect();
        for conversation in conversations {
            if rng.random_range(0..6) == 0 {
                self.reinstall(conversation, rng).await;
            } else {
                self.catch_up(conversation, rng).await;
            }
        }
        for (_, request) in std::mem::take(&mut self.asked) {
            self.ask(request).await;
        }
    }

    async fn sync(&mut self) {
        let cursor = |(id, held): (&ConversationId, &Held)| Cursor {
            conversation_id: *id,
            seq: held.tracker.tip(),
        };
        let request = SyncRequest {
            cursors: self.held.iter().map(cursor).collect(),
            ..SyncRequest::default()
        };
        let session = self.session.as_mut().unwrap();
        let Body::SyncResponse(page) = session.ask(request).await else {
            panic!("no page")
        };
        let states = page.conversations.iter();
        let states = states.filter(|state| self.held.contains_key(&state.conversation_id));
        assert_eq!(states.count(), self.held.len());
        page.entries.into_iter().for_each(|entry| self.take(entry));
    }

    async fn page(
        &mut self,
        conversation_id: ConversationId,
        seq: Seq,
        direction: Direction,
        limit: u16,
    ) -> (Vec<Entry>, bool) {
        let request = HistoryRequest {
            conversation_id,
            seq,
            direction,
            limit,
        };
        match self.session.as_mut().unwrap().ask(request).await {
            Body::SyncResponse(page) => (page.entries, page.more),
            other => panic!("{other:?}"),
        }
    }

    /// Forward from the tip.
    async fn catch_up(&mut self, conversation: ConversationId, rng: &mut StdRng) {
        loop {
            let tip = self.held[&conversation].tracker.tip();
            let limit = rng.random_range(1..40);
            let (entries, more) = self
                .page(conversation, tip, Direction::Forward, limit)
                .await;
            entries.into_iter().for_each(|entry| self.take(entry));
            if !more {
                return;
            }
        }
    }

    /// With nothing, and from the newest page backwards to the first entry; what comes meanwhile is ahead.
    async fn reinstall(&mut self, conversation: ConversationId, rng: &mut StdRng) {
        let limit = rng.random_range(1..40);
        let mut page = self
            .page(conversation, Seq(0), Direction::Backward, limit)
            .await;
        let Some(tip) = page.0.last().map(|entry| entry.seq) else {
            return;
        };
        let mut held = Held::from(tip);
        loop {
            for entry in &page.0 {
                held.fold.apply(entry);
            }
            let before = page.0[0].seq;
            if !page.1 {
                break;
            }
            page = self
                .page(conversation, before, Direction::Backward, limit)
                .await;
        }
        self.held.insert(conversation, held);
    }

    /// Some page of what it holds already, as it is now.
    async fn look_back(&mut self, conversation: ConversationId, rng: &mut StdRng) {
        let tip = self.held[&conversation].tracker.tip();
        if self.session.is_none() || tip == Seq(0) {
            return;
        }
        let from = Seq(rng.random_range(0..tip.0));
        let limit = rng.random_range(1..20);
        let (entries, _) = self
            .page(conversation, from, Direction::Forward, limit)
            .await;
        let held = self.held.get_mut(&conversation).unwrap();
        for entry in entries.iter().filter(|entry| entry.seq <= tip) {
            held.fold.apply(entry);
        }
    }

    /// A message, or a change of some message that it shows.
    fn wish(&self, conversation: ConversationId, rng: &mut StdRng) -> Body {
        let shown: Vec<Shown> = self.held[&conversation].fold.messages().collect();
        let is_text = |shown: &&Shown| shown.entry.type_ == EntryType::Text;
        let is_own = |shown: &&Shown| shown.entry.sender_id == UserId(self.user);
        let own = shown.iter().filter(is_text).filter(is_own);
        let own: Vec<u64> = own.map(|shown| shown.entry.seq.0).collect();
        let all: Vec<u64> = shown.iter().map(|shown| shown.entry.seq.0).collect();
        // The newest ones are where people meet.
        let pick = |of: &[u64], rng: &mut StdRng| {
            let recent = &of[of.len().saturating_sub(6)..];
            let place = rng.random_range(0..recent.len().max(1));
            recent.get(place).copied()
        };
        let said = format!("{} {}", self.user, rng.next_u32());
        let reaction = REACTIONS[rng.random_range(0..REACTIONS.len())];
        match rng.random_range(0..10) {
            0..=2 => pick(&own, rng).map(|target| {
                let mut change = edit(conversation, target, &said);
                if rng.random_range(0..4) == 0 {
                    change.mentions = vec![UserId(1)];
                }
                change.into()
            }),
            3 => pick(&own, rng).map(|target| recall(conversation, target).into()),
            4 => pick(&all, rng).map(|target| recall(conversation, target).into()),
            5 | 6 => pick(&all, rng).map(|target| react(conversation, target, reaction).into()),
            7 => pick(&all, rng).map(|target| unreact(conversation, target, reaction).into()),
            _ => None,
        }
        .unwrap_or_else(|| {
            let mut message = text(&said);
            if rng.random_range(0..4) == 0 {
                message.reply_to_seq = Seq(pick(&all, rng).unwrap_or(0));
            }
            to_conversation(conversation, &[message]).into()
        })
    }
}

impl From<Seq> for Held {
    fn from(tip: Seq) -> Self {
        Self {
            tracker: Tracker::new(tip),
            fold: Fold::default(),
        }
    }
}

/// The entry that an answer is about, as the device knows it.
fn own_entry(sender_id: UserId, request: &Body, result: &AckResult) -> Entry {
    let stored = Entry {
        sender_id,
        seq: result.seq,
        message_index: result.message_index,
        message_id: result.message_id,
        client_message_id: result.client_message_id,
        created_at: result.created_at,
        ..Entry::default()
    };
    match request {
        Body::UserMessage(UserMessage {
            conversation_id,
            messages,
            ..
        }) => Entry {
            conversation_id: *conversation_id,
            type_: EntryType::Text,
            content: messages[0].content.clone(),
            target_seq: messages[0].reply_to_seq,
            ..stored
        },
        Body::MessageEdit(change) => Entry {
            conversation_id: change.conversation_id,
            type_: EntryType::Edit,
            target_seq: change.target_seq,
            content: change.content.clone(),
            mentions: change.mentions.clone(),
            ..stored
        },
        Body::MessageRecall(change) => Entry {
            conversation_id: change.conversation_id,
            type_: EntryType::Recall,
            target_seq: change.target_seq,
            ..stored
        },
        Body::MessageReaction(change) => Entry {
            conversation_id: change.conversation_id,
            type_: EntryType::Reaction,
            target_seq: change.target_seq,
            content: format!(
                "{}{}",
                if change.remove { '-' } else { '+' },
                change.reaction
            )
            .into(),
            ..stored
        },
        other => panic!("{other:?}"),
    }
}

/// What somebody sees who comes now and reads everything; each message was given as it is shown, and nothing that was recalled ([E5]).
async fn fresh(access: &TestAccess, user: u64, conversation: ConversationId) -> Vec<Shown> {
    let mut session = access.session(user).await;
    let log = crate::changes::log(&mut session, conversation).await;
    access.forget(&session).await;
    let mut fold = Fold::default();
    for entry in &log {
        fold.apply(entry);
    }
    for entry in &log {
        match entry.type_ {
            EntryType::Recall | EntryType::Reaction => {}
            EntryType::Edit => {
                let target = fold.message(entry.target_seq).unwrap().entry;
                assert_eq!(entry.content.is_empty(), target.recalled_seq > Seq(0));
                assert_eq!(entry.recalled_seq, target.recalled_seq);
            }
            _ => assert_eq!(fold.message(entry.seq).unwrap().entry, *entry),
        }
    }
    fold.messages().collect()
}

/// D14, D5, [E5] to [E7], [R1], [M3]: on two workers and two nodes, in a private conversation, a group and the world chat, with requests that are
/// repeated, sessions that are lost, and logs that are caught up by cursors, forwards, or from their end backwards.
#[tokio::test(flavor = "multi_thread")]
async fn devices_that_miss_and_catch_up_at_random_all_end_with_the_same_messages() {
    let seed = std::env::var("IM_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| rand::rng().next_u64());
    println!("seed {seed} (IM_SEED)");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut world = World::new().await;
    world.config.world.messages_per_second = 1_000.0;
    world.config.world.burst = 1_000;
    world.users(USERS as i64).await;
    world.befriend(1, 2).await;
    let (first, second) = (world.worker().await, world.worker().await);
    let nodes = [
        world.access("access-1").await,
        world.access("access-2").await,
    ];
    let members: Vec<(u64, u8)> = [3, 2, 1, 1, 1]
        .into_iter()
        .enumerate()
        .map(|(n, role)| (n as u64 + 1, role))
        .collect();
    let ours = group(&world, 910, &members, 3).await;
    let mut ann = nodes[0].session(1).await;
    let private = ann.tell(2, "hello").await.conversation_id;
    nodes[0].forget(&ann).await;

    let mut devices = Vec::new();
    for user in 1..=USERS {
        let mut conversations = vec![ConversationId::WORLD, ours];
        if user <= 2 {
            conversations.push(private);
        }
        for node in &nodes {
            let mut device = Device::new(user, node, &conversations);
            device.connect(&mut rng).await;
            devices.push(device);
        }
    }
    for _ in 0..STEPS {
        let place = rng.random_range(0..devices.len());
        let device = &mut devices[place];
        device.drain();
        let mut conversations: Vec<ConversationId> = device.held.keys().copied().collect();
        conversations.sort_unstable();
        let conversation = conversations[rng.random_range(0..conversations.len())];
        match rng.random_range(0..20) {
            0 => device.disconnect().await,
            1 | 2 => device.connect(&mut rng).await,
            3 => device.look_back(conversation, &mut rng).await,
            _ => {
                let wish = device.wish(conversation, &mut rng);
                if rng.random_range(0..8) == 0 {
                    device.ask(wish.clone()).await;
                }
                device.ask(wish).await;
            }
        }
    }

    for device in &mut devices {
        device.connect(&mut rng).await;
        let deadline = Instant::now() + Duration::from_secs(20);
        while !device.asked.is_empty() {
            assert!(
                Instant::now() < deadline,
                "not answered: {:?}",
                device.asked
            );
            tokio::task::yield_now().await;
            device.drain();
        }
    }
    let mut compared = 0;
    for device in &mut devices {
        let conversations: Vec<ConversationId> = device.held.keys().copied().collect();
        for conversation in conversations {
            device.catch_up(conversation, &mut rng).await;
            let expected = fresh(&device.access, device.user, conversation).await;
            let held = &device.held[&conversation];
            let shown: Vec<Shown> = held.fold.messages().collect();
            assert_eq!(shown, expected, "user {} in {conversation}", device.user);
            compared += shown.len();
        }
    }
    let kinds = "SELECT count(DISTINCT type) FROM messages";
    assert_eq!(world.count(kinds).await, 4, "text, edit, recall, reaction");
    println!("{compared} messages compared");
    world.audit().await;
    first.stop().await;
    second.stop().await;
}
