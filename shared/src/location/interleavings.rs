//! [F2, F4, F6] Seeded interleavings of everything that changes locations, against a real Redis.
//!
//! A world has two users, three nodes, and sessions of a few devices on two platforms, under one of the policies for devices. Sessions
//! come and go, nodes restart without a word, are taken for dead by mistake, Redis loses everything, and a restarted node's commands may
//! still arrive late. Each change is made of attempts, and a seeded choice says whose attempt is next. In the end, when the nodes have
//! audited their sessions:
//!
//! - every session that a node holds is listed (no user is unreachable);
//! - every listed session of a live start of a node is held there by that user (none is misrouted);
//! - the policy holds, and no device has two sessions.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::NonZeroU16;

use fred::prelude::KeysInterface;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::change::{Change, Step};
use super::{Arrival, DevicePolicy, Location, Locations};
use crate::cache::{self, Keys, Redis};
use crate::ids::{Incarnation, SessionId, UserId};
use crate::testing::{Servers, unique_prefix};
use crate::wire::Platform;

const WORLDS: u64 = 4_000;
/// One restores what is missing; what that replaces, or forgets, is seen by the next.
const MAX_AUDITS: usize = 3;
const ACTIONS: usize = 24;
const NODES: [&str; 3] = ["a", "b", "c"];
const DEVICES: [&str; 3] = ["one", "two", "three"];

/// What a session still has to tell Redis, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    Add,
    Remove,
}

struct Session {
    user: UserId,
    location: Location,
    device: &'static str,
    /// The node has a live connection for it.
    held: bool,
    waiting: VecDeque<Task>,
    running: Option<Change>,
}

struct World {
    rng: StdRng,
    redis: Redis,
    keys: Keys,
    policy: DevicePolicy,
    users: [UserId; 2],
    incarnations: BTreeMap<&'static str, Incarnation>,
    sessions: Vec<Session>,
    again: usize,
    settling: bool,
}

impl World {
    fn new(redis: Redis, keys: Keys, policy: DevicePolicy, seed: u64) -> Self {
        let first = UserId(2 * seed + 1);
        Self {
            rng: StdRng::seed_from_u64(seed),
            redis,
            keys,
            policy,
            users: [first, UserId(first.0 + 1)],
            incarnations: NODES.map(|node| (node, Incarnation(1))).into(),
            sessions: Vec::new(),
            again: 0,
            settling: false,
        }
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        let index = self.rng.random_range(0..from.len().max(1));
        from.get(index).copied()
    }

    async fn act(&mut self) {
        match self.rng.random_range(0..100) {
            0..30 => self.connect(),
            30..42 => self.disconnect(),
            42..46 => self.restart_node(),
            46..49 => self.lose_everything().await,
            _ => {
                self.step().await;
            }
        }
    }

    fn connect(&mut self) {
        let node = self.pick(&NODES).unwrap();
        let user = self.pick(&self.users.clone()).unwrap();
        let platforms = [Platform::Web, Platform::Terminal];
        let location = Location {
            node: node.parse().unwrap(),
            incarnation: self.incarnations[node],
            session: SessionId(self.sessions.len() as u64 + 1),
            platform: self.pick(&platforms).unwrap(),
        };
        let device = self.pick(&DEVICES).unwrap();
        self.sessions.push(Session {
            user,
            location,
            device,
            held: true,
            waiting: VecDeque::from([Task::Add]),
            running: None,
        });
    }

    fn disconnect(&mut self) {
        let held = self.indices(|s| s.held);
        if let Some(index) = self.pick(&held) {
            self.close(index);
        }
    }

    /// What a node does when a session ends, for whatever reason.
    fn close(&mut self, index: usize) {
        let session = &mut self.sessions[index];
        if session.held {
            session.held = false;
            session.waiting.push_back(Task::Remove);
        }
    }

    /// The node dies without a word. Half of its commands are on their way and still arrive.
    fn restart_node(&mut self) {
        let node = self.pick(&NODES).unwrap();
        self.incarnations.get_mut(node).unwrap().0 += 1;
        for session in &mut self.sessions {
            if session.location.node.as_str() == node {
                session.held = false;
                session.waiting.clear();
                if self.rng.random_bool(0.5) {
                    session.running = None;
                }
            }
        }
    }

    /// Every node notices, and adds its sessions again.
    async fn lose_everything(&mut self) {
        let keys = self.users.map(|user| self.keys.location(user)).to_vec();
        let () = self.redis.del(keys).await.unwrap();
        for session in self.sessions.iter_mut().filter(|s| s.held) {
            session.waiting.push_back(Task::Add);
        }
    }

    /// One attempt of one change; false when nothing is left to do.
    async fn step(&mut self) -> bool {
        let busy = self.indices(|s| s.running.is_some() || !s.waiting.is_empty());
        let Some(index) = self.pick(&busy) else {
            return false;
        };
        let (policy, mistaken) = (self.policy, self.mistaken());
        let session = &mut self.sessions[index];
        if session.running.is_none() {
            let key = self.keys.location(session.user);
            let location = session.location.clone();
            session.running = session.waiting.pop_front().map(|task| match task {
                Task::Add => Change::add(key, Arrival::of(location, session.device), policy),
                Task::Remove => Change::remove(key, location),
            });
        }
        let change = session.running.as_mut().unwrap();
        let is_live = |l: &Location| mistaken != Some(l.node.as_str());
        let step = change.attempt(&self.redis, is_live).await.unwrap();
        if step == Step::Again {
            self.again += 1;
            return true;
        }
        session.running = None;
        let alive = self.is_live(&self.sessions[index].location);
        match step {
            // A dead node hears no answer.
            Step::Added(added) if alive => {
                if added.superseded.is_some() {
                    self.close(index);
                }
                for old in added.replaced {
                    let old = self.indices(|s| s.location == old);
                    old.into_iter().for_each(|old| self.close(old));
                }
            }
            _ => {}
        }
        true
    }

    /// A node that is taken for dead in this step although it may be alive.
    fn mistaken(&mut self) -> Option<&'static str> {
        let mistaken = !self.settling && self.rng.random_bool(0.1);
        mistaken.then(|| self.pick(&NODES).unwrap())
    }

    /// What is under way ends, and the nodes audit their sessions until nothing is missing.
    async fn settle(&mut self) {
        self.settling = true;
        for _ in 0..MAX_AUDITS {
            while self.step().await {}
            if !self.audit().await {
                return;
            }
        }
        panic!("the audits find no end");
    }

    /// Whether something was missing.
    async fn audit(&mut self) -> bool {
        let locations = Locations::new(self.redis.clone(), self.keys.clone());
        let held: Vec<_> = self.sessions.iter().filter(|s| s.held).collect();
        let held: Vec<_> = held.iter().map(|s| (s.user, s.location.clone())).collect();
        let missing = locations.missing(&held).await.unwrap();
        for (_, missing) in &missing {
            for index in self.indices(|s| s.location == *missing) {
                self.sessions[index].waiting.push_back(Task::Add);
            }
        }
        !missing.is_empty()
    }

    async fn check(&self, seed: u64) {
        let locations = Locations::new(self.redis.clone(), self.keys.clone());
        let found = locations.of(&self.users).await.unwrap();
        let mut listed = BTreeSet::new();
        for (user, entries) in self.users.iter().zip(&found) {
            self.check_policy(entries, seed);
            for entry in entries.iter().filter(|entry| self.is_live(entry)) {
                listed.insert((*user, entry.session));
            }
        }
        let held = self.sessions.iter().filter(|s| s.held);
        let held: BTreeSet<_> = held.map(|s| (s.user, s.location.session)).collect();
        assert_eq!(listed, held, "listed = held, seed {seed}");
    }

    /// Sessions of dead nodes may stand next to others until something needs their room.
    fn check_policy(&self, entries: &[Location], seed: u64) {
        let policy = self.policy;
        let mut places = BTreeSet::new();
        for entry in entries {
            let device = self.sessions.iter().find(|s| s.location == *entry).unwrap();
            let device = (policy != DevicePolicy::OnePerPlatform).then_some(device.device);
            let fresh = places.insert((entry.platform.0, device));
            assert!(fresh, "two in one place, {policy:?}, seed {seed}");
        }
        let limit = policy.limit().unwrap_or(usize::MAX);
        assert!(entries.len() <= limit, "{policy:?}, seed {seed}");
    }

    fn is_live(&self, location: &Location) -> bool {
        self.incarnations.get(location.node.as_str()) == Some(&location.incarnation)
    }

    fn indices(&self, wanted: impl Fn(&Session) -> bool) -> Vec<usize> {
        let all = self.sessions.iter().enumerate();
        all.filter(|(_, s)| wanted(s)).map(|(i, _)| i).collect()
    }
}

/// [F2, F4, F6]
#[tokio::test(flavor = "multi_thread")]
async fn no_interleaving_leaves_a_user_unreachable_or_misrouted() {
    let prefix = unique_prefix();
    let redis = cache::connect(&Servers::redis(&prefix)).await.unwrap();
    let first: u64 = match std::env::var("IM_TEST_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => 1,
    };
    let policies = [
        DevicePolicy::OnePerPlatform,
        DevicePolicy::AtMost(NonZeroU16::new(2).unwrap()),
        DevicePolicy::Unlimited,
    ];
    println!("seeds {first} to {}", first + WORLDS - 1);
    let parts = (0..8).map(|part| {
        let (redis, keys) = (redis.clone(), Keys::new(&prefix));
        tokio::spawn(async move {
            let mut again = 0;
            for seed in (first + part..first + WORLDS).step_by(8) {
                let policy = policies[(seed % 3) as usize];
                let mut world = World::new(redis.clone(), keys.clone(), policy, seed);
                for _ in 0..ACTIONS {
                    world.act().await;
                }
                world.settle().await;
                world.check(seed).await;
                let keys = world.users.map(|user| keys.location(user)).to_vec();
                let () = redis.del(keys).await.unwrap();
                again += world.again;
            }
            again
        })
    });
    let mut again = 0;
    for part in parts.collect::<Vec<_>>() {
        again += part.await.unwrap();
    }
    assert!(again > 1_000, "the changes do meet each other: {again}");
}
