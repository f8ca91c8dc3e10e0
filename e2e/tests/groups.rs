//! Groups through the whole system: made by REST, spoken in from every node, with the same log for everybody at the end.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use im_client::api::{Admission, Answer, GroupChange, NewGroup, Policy, Role};
use im_client::{ClientError, Event};
use im_e2e::load::seed;
use im_e2e::talker::{Said, Talker};
use im_e2e::view::{self, Line};
use im_e2e::{Cluster, Connect, Device, Group, PATIENCE, TestUser, circle, group};
use im_shared::content::{Content, GroupEvent, MemberEvent};
use im_shared::ids::{Seq, UserId};
use im_shared::wire::{Code, EntryType, JoinChange, Platform};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::task::JoinSet;

async fn cluster() -> Result<Cluster> {
    Cluster::builder().access(2).logic(2).start().await
}

fn member(line: &Line) -> MemberEvent {
    assert_eq!(line.kind, EntryType::Member, "{line:?}");
    MemberEvent::parse(line.text.as_bytes()).unwrap()
}

fn renamed(line: &Line) -> GroupEvent {
    assert_eq!(line.kind, EntryType::Group, "{line:?}");
    GroupEvent::parse(line.text.as_bytes()).unwrap()
}

/// The code with which REST refuses.
fn refused<T: std::fmt::Debug>(answer: Result<T, im_client::ApiError>) -> Option<Code> {
    answer.expect_err("it is refused").code()
}

/// E1, E2, E5, D14: whoever did it by REST, and whatever it was, every device of every member ends with the same log.
#[tokio::test]
async fn a_group_is_the_same_on_every_device_of_every_member() -> Result<()> {
    let cluster = cluster().await?;
    let users = circle(&cluster, &["alice", "bob", "carol", "dave"]).await?;
    let [alice, bob, carol, dave] = &users[..] else {
        bail!("four users")
    };
    let desktop = Connect::on("access-1").platform(Platform::Desktop);
    let bobs_desktop = bob.account().connect(desktop).await?;

    let tea = alice.create_group("Tea", &[bob, carol]).await?;
    let api = &alice.account().api;
    let made = api.group(tea.id).await?;
    assert_eq!(
        (made.member_count, made.owner_id, made.role),
        (3, Some(alice.id()), Role::Owner)
    );
    tea.say(alice, "who is coming?").await?;
    tea.say(bob, "me").await?;
    tea.say(&bobs_desktop, "and a friend").await?;
    let name = GroupChange {
        name: Some("Tea at five".to_owned()),
        ..GroupChange::default()
    };
    assert_eq!(
        refused(bob.account().api.change_group(tea.id, &name).await),
        Some(Code::NotPermitted)
    );
    api.set_role(tea.id, bob.id(), Role::Admin).await?;
    bob.account().api.change_group(tea.id, &name).await?;
    api.invite(tea.id, &[dave.id()]).await?;
    tea.say(dave, "the friend").await?;
    bob.account().api.remove_member(tea.id, carol.id()).await?;
    tea.say(alice, "poor carol").await?;

    // Who stayed from the beginning, on three devices on two nodes.
    let all: [&Device; 3] = [alice, bob, &bobs_desktop];
    let lines = tea.is_the_same_for(alice.account(), &all).await?;
    assert_eq!(lines.len(), 11, "{lines:#?}");
    assert!(renamed(&lines[0]).created);
    let (users, user) = (vec![bob.id(), carol.id()], carol.id());
    assert_eq!(member(&lines[1]), MemberEvent::Invited { users });
    assert_eq!(renamed(&lines[6]).name.as_deref(), Some("Tea at five"));
    assert_eq!(member(&lines[9]), MemberEvent::Removed { user });
    let texts: Vec<&str> = lines
        .iter()
        .filter(|line| line.kind == EntryType::Text)
        .map(|line| line.text.as_str())
        .collect();
    assert_eq!(
        texts,
        [
            "who is coming?",
            "me",
            "and a friend",
            "the friend",
            "poor carol"
        ]
    );
    // Dave sees what came from the invitation on, carol what came up to the removal.
    let of_dave = tea.is_the_same_for(dave.account(), &[dave]).await?;
    assert_eq!(of_dave, lines[lines.len() - of_dave.len()..]);
    assert_eq!(
        member(&of_dave[0]),
        MemberEvent::Invited {
            users: vec![dave.id()]
        }
    );
    let of_carol = tea.is_the_same_for(carol.account(), &[carol]).await?;
    assert_eq!(of_carol, lines[..of_carol.len()]);
    assert_eq!(
        member(of_carol.last().context("carol was there")?),
        MemberEvent::Removed { user }
    );

    // The owner goes, and bob, an admin, has the group.
    api.remove_member(tea.id, alice.id()).await?;
    let of_bob = bob.account();
    let now = of_bob.api.group(tea.id).await?;
    assert_eq!(
        (now.member_count, now.owner_id, now.name.as_str()),
        (2, Some(bob.id()), "Tea at five")
    );
    let members = tea.members(of_bob).await?;
    let mut expected = [bob.id(), dave.id()];
    expected.sort();
    assert_eq!(group::ids(&members), expected);
    of_bob.api.dissolve_group(tea.id).await?;
    let late = dave.post(tea.id, "hello?").await?;
    assert_eq!(dave.refused(late).await?, Code::GroupDissolved);
    let end = tea.is_the_same_for(of_bob, &[bob, &bobs_desktop]).await?;
    let last: Vec<MemberEvent> = end[end.len() - 2..].iter().map(member).collect();
    let owner = Some(bob.id());
    assert_eq!(last, [MemberEvent::Left { owner }, MemberEvent::Dissolved]);
    assert_eq!(cluster.errors(), Vec::<String>::new());
    Ok(())
}

/// D3, D14, K9: edits, recalls, reactions, replies and mentions from six devices on two nodes while each logic worker is killed in turn; in
/// the end every device shows what a fresh one and REST show.
#[tokio::test]
async fn devices_that_change_messages_at_once_converge_whatever_is_killed() -> Result<()> {
    const STEPS: usize = 40;
    let mut cluster = cluster().await?;
    let users = circle(&cluster, &["alice", "bob", "carol"]).await?;
    let group = users[0]
        .create_group("Tea", &[&users[1], &users[2]])
        .await?;
    let (said, seed) = (Said::default(), seed());
    let ids: Vec<UserId> = users.iter().map(TestUser::id).collect();
    let mut talkers = JoinSet::new();
    for (turn, user) in (0_u64..).zip(&users) {
        for (side, node) in [(0, "access-1"), (1, "access-2")] {
            let platform = [Platform::Desktop, Platform::Android][side];
            let how = Connect::on(node).platform(platform);
            let rng = StdRng::seed_from_u64(seed.wrapping_add(turn * 2 + side as u64));
            let talker = Talker {
                group,
                device: user.account().connect(how).await?,
                friends: ids.clone(),
                said: Arc::clone(&said),
                rng,
            };
            talkers.spawn(talker.talk(STEPS));
        }
    }
    for (name, so_many) in [("logic-1", 20), ("logic-2", 50)] {
        users[0].reaches(group.id, Seq(so_many)).await?;
        cluster.kill_and_restart(name).await?;
    }
    let mut devices = Vec::new();
    while let Some(ended) = talkers.join_next().await {
        devices.push(ended??);
    }
    let how = Connect::default().platform(Platform::Web);
    devices.push(users[2].account().connect(how).await?);
    let mut all: Vec<&Device> = devices.iter().collect();
    all.extend(users.iter().map(TestUser::device));
    let lines = group.is_the_same_for(users[0].account(), &all).await?;
    for user in &users {
        assert_eq!(view::by_rest(&user.account().api, group.id).await?, lines);
    }
    // Each kind of change happened.
    let some = |is: fn(&Line) -> bool| lines.iter().any(is);
    assert!(some(|line| line.edited > Seq(0)) && some(|line| line.recalled > Seq(0)));
    assert!(some(|line| !line.reactions.is_empty()) && some(|line| line.answers > Seq(0)));
    assert!(some(|line| !line.mentions.is_empty()));
    Ok(())
}

/// D3, E2, [R10]: who joins on one node in the moment in which others write on the other gets everything from the join on, and nothing before.
#[tokio::test]
async fn who_joins_while_others_write_gets_everything_from_then_on() -> Result<()> {
    const EACH: usize = 15;
    let cluster = cluster().await?;
    let users = circle(&cluster, &["alice", "bob", "carol", "dave", "erin"]).await?;
    let (alice, rest) = users.split_first().context("five users")?;
    let tea = alice.create_group("Tea", &[]).await?;
    let free = GroupChange {
        join_policy: Some(Policy::Free),
        ..GroupChange::default()
    };
    alice.account().api.change_group(tea.id, &free).await?;
    for (round, joiner) in rest.iter().enumerate() {
        let mut last = None;
        for number in 0..EACH {
            last = Some(alice.post(tea.id, &format!("{round} {number}")).await?);
        }
        joiner.account().api.join(tea.id, "").await?;
        tea.say(joiner, &format!("{} is here", joiner.name()))
            .await?;
        alice.acknowledged(last.context("there are some")?).await?;
    }
    let lines = tea.is_the_same_for(alice.account(), &[alice]).await?;
    assert_eq!(lines.len(), 2 + rest.len() * (EACH + 2));
    for joiner in rest {
        let own = tea.is_the_same_for(joiner.account(), &[joiner]).await?;
        assert_eq!(own, lines[lines.len() - own.len()..], "{}", joiner.name());
        assert_eq!(own[0].sender, joiner.id());
        assert_eq!(member(&own[0]), MemberEvent::Joined);
    }
    let count = alice.account().api.group(tea.id).await?.member_count;
    assert_eq!(count, 5);
    Ok(())
}

/// E1, D13, [G7], [R11], [R12]: what somebody had under way when they were removed is stored before the removal or refused, never after it; who
/// comes again sees nothing of the time between.
#[tokio::test]
async fn what_a_removed_member_had_under_way_is_before_the_removal_or_refused() -> Result<()> {
    const BEHIND_HIS_BACK: &str = "he is gone";
    let cluster = cluster().await?;
    let users = circle(&cluster, &["alice", "bob"]).await?;
    let (alice, bob) = (&users[0], &users[1]);
    let tea = alice.create_group("Tea", &[bob]).await?;
    let mut stored = 0;
    for round in 0..6 {
        let client = bob.client().clone();
        let first = tea.say(bob, &format!("{round} begins")).await?.seq;
        let writing = tokio::spawn(async move {
            let mut last = first;
            for number in 0.. {
                let text = format!("{round} {number}");
                match client.send_and_wait(tea.id, text).await {
                    Ok(stored) => last = stored.seq,
                    Err(ClientError::Refused { code, .. }) => return Ok((last, code)),
                    Err(error) => bail!("{error:?}"),
                }
            }
            bail!("nobody removed bob")
        });
        alice.reaches(tea.id, Seq(first.0 + 2)).await?;
        alice.account().api.remove_member(tea.id, bob.id()).await?;
        let (last, code) = writing.await??;
        assert_eq!(code, Code::NotMember);

        // Bob has seen all that alice has but what was said while he was out; REST gives him his last membership.
        let lines = tea.is_the_same_for(alice.account(), &[alice]).await?;
        let end = lines.last().context("there is a log")?;
        assert_eq!(member(end), MemberEvent::Removed { user: bob.id() });
        assert_eq!(
            end.seq,
            last.next(),
            "it comes after the last of bob's that was acknowledged"
        );
        bob.reaches(tea.id, end.seq).await?;
        let seen = lines.iter().filter(|line| line.text != BEHIND_HIS_BACK);
        assert!(bob.view(tea.id).iter().eq(seen), "{:#?}", bob.view(tea.id));
        let own = view::by_rest(&bob.account().api, tea.id).await?;
        assert_eq!(own, lines[lines.len() - own.len()..]);
        stored = lines.iter().filter(|line| line.sender == bob.id()).count();
        tea.say(alice, BEHIND_HIS_BACK).await?;
        alice.account().api.invite(tea.id, &[bob.id()]).await?;
    }
    assert!(stored >= 12, "{stored}");
    Ok(())
}

/// E1, E2, [G5]: who asks to join is announced to an admin on the other node, and speaks as soon as the admin agrees, unless silenced.
#[tokio::test]
async fn who_asks_to_join_is_admitted_from_another_node_and_may_be_silenced() -> Result<()> {
    let cluster = cluster().await?;
    let users = circle(&cluster, &["alice", "bob"]).await?;
    let (alice, bob) = (&users[0], &users[1]);
    let tea = alice.create_group("Tea", &[]).await?;
    tea.say(alice, "before bob").await?;
    let asked = GroupChange {
        join_policy: Some(Policy::Approval),
        ..GroupChange::default()
    };
    alice.account().api.change_group(tea.id, &asked).await?;
    let early = bob.post(tea.id, "hello?").await?;
    assert_eq!(bob.refused(early).await?, Code::NotMember);

    let admission = bob.account().api.join(tea.id, "I bring cake").await?;
    assert_eq!(admission, Admission::Asked {});
    let of_bob = |wanted: JoinChange| {
        let (group, user) = (tea.id, bob.id());
        move |event: &Event| match event {
            Event::Join(join)
                if (join.conversation_id, join.user_id, join.change) == (group, user, wanted) =>
            {
                Some(join.message.clone())
            }
            _ => None,
        }
    };
    let message = alice
        .event("request", of_bob(JoinChange::Requested))
        .await?;
    assert_eq!(message, "I bring cake");
    let api = &alice.account().api;
    api.answer_join(tea.id, bob.id(), Answer::Accept).await?;
    bob.event("answer", of_bob(JoinChange::Accepted)).await?;
    tea.say(bob, "here it is").await?;
    api.silence(tea.id, bob.id(), 4_000_000_000_000).await?;
    let silenced = bob.post(tea.id, "may I?").await?;
    assert_eq!(bob.refused(silenced).await?, Code::Silenced);
    api.silence(tea.id, bob.id(), 0).await?;
    tea.say(bob, "thank you").await?;

    let lines = tea.is_the_same_for(bob.account(), &[bob]).await?;
    assert_eq!(member(&lines[0]), MemberEvent::Admitted { user: bob.id() });
    let all = tea.is_the_same_for(alice.account(), &[alice]).await?;
    assert_eq!(lines, all[all.len() - lines.len()..]);
    Ok(())
}

/// D7, G2, G3, [R7], [R17]: who has received and read a message of a group is known to its sender, by push from the other node and by REST.
#[tokio::test]
async fn who_has_read_a_message_of_a_group_is_known_to_its_sender() -> Result<()> {
    let cluster = cluster().await?;
    let users = circle(&cluster, &["alice", "bob", "carol"]).await?;
    let (alice, bob, carol) = (&users[0], &users[1], &users[2]);
    let away = cluster.account("dave").await?;
    alice.account().befriend(&away).await?;
    let new = NewGroup {
        name: "Tea".to_owned(),
        member_ids: vec![bob.id(), carol.id(), away.id],
        ..NewGroup::default()
    };
    let tea = Group {
        id: alice.account().api.create_group(&new).await?.id,
    };
    let said = tea.say(alice, "who reads this?").await?.seq;
    for member in [bob, carol] {
        let id = member.id();
        let delivered = |event: &Event| {
            matches!(event, Event::Delivered(at) if at.user_id == id && at.seq >= said)
                .then_some(())
        };
        alice.event("delivery receipt", delivered).await?;
    }
    let unread = async |user: &TestUser| -> Result<u64> {
        let conversation = user.account().api.conversation(tea.id).await?;
        Ok(conversation.unread_count)
    };
    assert_eq!([unread(bob).await?, unread(carol).await?], [1, 1]);
    bob.client().read(tea.id, said).await?;
    let read = |event: &Event| {
        matches!(event, Event::Read(at) if at.user_id == bob.id() && at.seq == said).then_some(())
    };
    alice.event("read receipt", read).await?;
    assert_eq!([unread(bob).await?, unread(carol).await?], [0, 1]);

    let counted = alice.account().api.receipts(tea.id, said, None).await?;
    assert_eq!(
        (counted.members, counted.delivered, counted.read),
        (3, 2, 1)
    );
    let readers = counted.receipts.iter().filter(|one| one.read);
    assert_eq!(
        readers.map(|one| one.user_id).collect::<Vec<_>>(),
        [bob.id()]
    );
    let asked = alice.client().receipts(tea.id, said, UserId(0), 10).await?;
    assert_eq!((asked.members, asked.read), (3, 1));
    assert_eq!(
        refused(carol.account().api.receipts(tea.id, said, None).await),
        Some(Code::NotSender)
    );
    Ok(())
}

/// J7: the same creation, repeated at another logic worker after the first one has died, makes one group.
#[tokio::test]
async fn a_repeated_creation_on_another_worker_makes_one_group() -> Result<()> {
    let mut cluster = cluster().await?;
    let (alice, bob) = (cluster.account("alice").await?, cluster.user("bob").await?);
    alice.befriend(bob.account()).await?;
    let key = uuid::Uuid::now_v7();
    let login = alice.login(Platform::Desktop).await?;
    // Not killed: for a moment NATS would still hand it requests.
    cluster.node("logic-2").terminate().await?;
    let first = create(&cluster, &login, key, "Tea", bob.id()).await?;
    let again = create(&cluster, &login, key, "Tea", bob.id()).await?;
    let node = cluster.node("logic-2");
    node.spawn()?;
    node.ready().await?;
    cluster.node("logic-1").kill().await?;
    let elsewhere = create(&cluster, &login, key, "Tea", bob.id()).await?;
    assert_eq!(first["code"], 0, "{first}");
    assert_eq!(again["data"]["id"], first["data"]["id"]);
    assert_eq!(elsewhere["data"]["id"], first["data"]["id"]);
    let other = create(&cluster, &login, key, "Coffee", bob.id()).await?;
    assert_eq!(other["code"], serde_json::json!(Code::MessageConflict.0));

    let id: im_shared::ids::ConversationId =
        first["data"]["id"].as_str().context("an id")?.parse()?;
    let tea = Group { id };
    let lines = tea.is_the_same_for(bob.account(), &[bob.device()]).await?;
    assert_eq!(lines.len(), 2, "made, and bob invited");
    let groups = cluster.backend().database().await?;
    let groups = groups
        .query_one("SELECT count(*) FROM conversations WHERE type = 2", &[])
        .await?;
    assert_eq!(groups.get::<_, i64>(0), 1);
    Ok(())
}

/// A creation with this key, as any program would send it: again while no worker answers, as when NATS does not know yet that one has died.
async fn create(
    cluster: &Cluster,
    login: &im_client::Login,
    key: uuid::Uuid,
    name: &str,
    member: UserId,
) -> Result<serde_json::Value> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let request = reqwest::Client::new()
            .post(format!("{}/api/v1/groups", cluster.api().server()))
            .bearer_auth(&login.access_token)
            .header("Idempotency-Key", key.to_string())
            .json(&serde_json::json!({ "name": name, "memberIds": [member] }));
        let answer: serde_json::Value = request.send().await?.json().await?;
        if answer["code"] != Code::DeadlineExceeded.0 || Instant::now() > deadline {
            return Ok(answer);
        }
    }
}
