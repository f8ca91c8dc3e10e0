//! What web has read of groups and users is forgotten by the write (I7).

use fred::prelude::KeysInterface;
use im_logic::store::{Cached, Store};
use im_shared::cache::{self, Keys, Redis, family};
use im_shared::database;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Body, PresenceSet, Role};

use super::{Scene, dissolve, done, invite, leave, remove, role, transfer, update};
use crate::access::TestSession;

struct Remembered {
    redis: Redis,
    keys: Keys,
}

impl Remembered {
    async fn of(scene: &Scene) -> Self {
        let config = &scene.world.config.redis;
        Self {
            redis: cache::connect(config).await.unwrap(),
            keys: Keys::new(&config.prefix),
        }
    }

    /// As web does, before the request; nothing of it is left when that is answered.
    async fn is_forgotten(
        &self,
        session: &mut TestSession,
        request: impl Into<Body>,
        family: &str,
        id: u64,
    ) {
        let key = self.keys.cached(family, id);
        let put = self.redis.set::<(), _, _>(&key, "Vold", None, None, false);
        put.await.unwrap();
        done(session, request).await;
        let held: Option<String> = self.redis.get(&key).await.unwrap();
        assert_eq!(held, None, "{key}");
    }
}

/// I7: before a change of a group is answered, nobody reads how it was any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_group_forgets_what_was_read_of_it() {
    let scene = Scene::new(4).await;
    let mut owner = scene.session(1).await;
    let mut member = scene.session(2).await;
    let group: ConversationId = scene.group(&[2, 3]).await;
    let remembered = Remembered::of(&scene).await;
    let (family, id) = (family::CONVERSATIONS, group.0);
    let forgets = async |session: &mut TestSession, request: Body| {
        remembered.is_forgotten(session, request, family, id).await;
    };
    let mut renamed = update(group);
    renamed.name = Some("Coffee".to_owned());
    forgets(&mut owner, renamed.into()).await;
    forgets(&mut owner, invite(group, &[4]).into()).await;
    forgets(&mut owner, role(group, 3, Role::Admin).into()).await;
    forgets(&mut owner, remove(group, 4).into()).await;
    forgets(&mut member, leave(group).into()).await;
    forgets(&mut owner, transfer(group, 3).into()).await;
    let mut owner = scene.session(3).await;
    forgets(&mut owner, dissolve(group).into()).await;
    scene.stop().await;
}

/// I7: who asked for a conversation before it was made does not keep others from it.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_conversation_is_not_remembered_as_missing() {
    let scene = Scene::new(3).await;
    let (config, remembered) = (&scene.world.config, Remembered::of(&scene).await);
    let Remembered { redis, keys } = &remembered;
    let pool = database::pool(&config.postgres).unwrap();
    let store = Store::new(pool, database::breaker(&config.postgres));
    let within = config.redis.cache_timeout();
    let store = store.with_cached(Cached::new(redis, keys, within));
    let key = |id| keys.cached(family::CONVERSATIONS, id);
    for id in [701, 711, 721] {
        let put = redis.set::<(), _, _>(key(id), "A", None, None, false);
        put.await.unwrap();
    }
    let (ann, ben, eve) = (UserId(1), UserId(2), UserId(3));
    let made = store.make_private(ann, ben, [701, 702, 703]).await;
    assert_eq!(made.unwrap(), ConversationId(701));
    let (users, ids) = ([ann, eve], [(711, 712), (721, 722)]);
    let made = store.notice_conversations(&users, &ids).await;
    assert_eq!(made.unwrap().len(), 2);
    for id in [701, 711, 721] {
        let held: Option<String> = redis.get(key(id)).await.unwrap();
        assert_eq!(held, None, "{id}");
    }
    scene.stop().await;
}

/// I7, F5: who begins to hide is not shown from what was read before.
#[tokio::test(flavor = "multi_thread")]
async fn who_hides_is_forgotten_as_visible() {
    let scene = Scene::new(1).await;
    let mut session = scene.session(1).await;
    let remembered = Remembered::of(&scene).await;
    for invisible in [true, false] {
        let request = PresenceSet { invisible };
        remembered
            .is_forgotten(&mut session, request, family::USERS, 1)
            .await;
    }
    scene.stop().await;
}
