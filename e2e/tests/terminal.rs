//! The terminal client: what the system can, it offers.

use anyhow::{Context, Result};
use im_e2e::programs::program;
use im_e2e::{Cluster, Terminal};

/// The number after the mark of a stored message.
fn number(said: &str) -> Result<String> {
    let line = said.lines().find_map(|line| line.strip_prefix("✓ "));
    Ok(line.context("no message was stored")?.to_owned())
}

/// Makes friends of two terminals.
async fn befriend(asker: &Terminal, name: &str, other: &Terminal, other_name: &str) -> Result<()> {
    asker.im(&["friends", "add", other_name]).await?;
    other.im(&["friends", "accept", name]).await?;
    Ok(())
}

/// E1, D7, D14, D16: a group from its beginning to its end, with an edit, a reply, a mention, a reaction, a recall, receipts and a search.
#[tokio::test]
async fn a_group_lives_at_the_terminal() -> Result<()> {
    let cluster = Cluster::builder().start().await?;
    let ann = Terminal::register(&cluster, "ann").await?;
    let bob = Terminal::register(&cluster, "bob").await?;
    befriend(&ann, "ann", &bob, "bob").await?;

    let made = ann
        .im(&["group", "create", "Tea", "bob", "--description", "at five"])
        .await?;
    assert!(made.contains("with 2 members"), "{made}");
    assert!(bob.im(&["group", "list"]).await?.contains("#Tea"));
    let shown = bob.im(&["group", "show", "Tea"]).await?;
    for line in ["about    at five", "you      are a member", "owner    ann"] {
        assert!(shown.contains(line), "{line}: {shown}");
    }

    let hello = number(&ann.chat("#Tea", "the kettle is cold @bob\n").await?)?;
    assert!(
        bob.im(&["conversations"]).await?.contains("(1 new, @1)"),
        "unread, and called by name"
    );
    ann.chat("#Tea", &format!("/edit {hello} the kettle is hot @bob\n"))
        .await?;
    let answer = number(
        &bob.chat("#Tea", &format!("/reply {hello} coming\n"))
            .await?,
    )?;
    bob.chat("#Tea", &format!("/react {hello} 👍\n")).await?;
    let slip = number(&bob.chat("#Tea", "a slip of the tongue\n").await?)?;
    bob.chat("#Tea", &format!("/recall {slip}\n")).await?;

    let history = ann.im(&["history", "#Tea"]).await?;
    for words in [
        "ann made the group Tea".replace("ann", "you"),
        "me: the kettle is hot @bob (edited)  👍 1".to_owned(),
        format!("bob: ↪ {hello} coming"),
        "bob: (taken back)".to_owned(),
    ] {
        assert!(history.contains(&words), "{words}: {history}");
    }
    assert!(!history.contains("slip") && !history.contains("cold"));

    let found = ann.im(&["search", "kettle", "--in", "#Tea"]).await?;
    assert!(found.contains("#Tea you: the kettle is hot"), "{found}");
    assert_eq!(ann.im(&["search", "slip"]).await?, "Nothing found.\n");
    assert_eq!(ann.im(&["search", "cold"]).await?, "Nothing found.\n");

    let receipts = bob.im(&["receipts", "#Tea", &answer]).await?;
    assert!(receipts.starts_with(&format!("{answer}: ")), "{receipts}");
    assert!(receipts.contains(" of 1, read by "), "{receipts}");
    let who = bob.chat("#Tea", &format!("/who {answer}\n")).await?;
    assert!(who.contains(" of 1, read by "), "{who}");

    ann.im(&["group", "rename", "Tea", "Coffee"]).await?;
    ann.im(&["group", "role", "Coffee", "bob", "admin"]).await?;
    let members = ann.im(&["group", "members", "Coffee"]).await?;
    let bobs = members
        .lines()
        .find(|line| line.starts_with("bob"))
        .context("bob")?;
    assert!(bobs.contains("admin"), "{members}");
    ann.im(&["group", "transfer", "Coffee", "bob"]).await?;
    ann.im(&["group", "leave", "Coffee"]).await?;
    let history = bob.im(&["history", "#Coffee"]).await?;
    for words in [
        "ann called the group Coffee",
        "ann made you an admin",
        "ann gave the group to you",
        "ann left",
    ] {
        assert!(history.contains(words), "{words}: {history}");
    }
    bob.im(&["group", "dissolve", "Coffee"]).await?;
    let said = bob.run(&["chat", "#Coffee"], "anybody?\n").await?;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("dissolved"), "{said:?}");
    Ok(())
}

/// E1, [G4], [G5]: one asks to join a group by its id, and an admin lets one in; who is silenced cannot write.
#[tokio::test]
async fn somebody_asks_to_join_at_the_terminal() -> Result<()> {
    let cluster = Cluster::builder().start().await?;
    let ann = Terminal::register(&cluster, "ann").await?;
    let bob = Terminal::register(&cluster, "bob").await?;
    let made = ann
        .im(&["group", "create", "Tea", "--policy", "approval"])
        .await?;
    let id = made
        .split(['(', ')'])
        .nth(1)
        .context("the id of the group")?
        .to_owned();
    let asked = bob.im(&["group", "join", &id, "please"]).await?;
    assert!(asked.starts_with("Asked."), "{asked}");
    let requests = ann.im(&["group", "requests", "Tea"]).await?;
    assert!(requests.trim_end().ends_with("bob: please"), "{requests}");
    ann.im(&["group", "accept", "Tea", "bob"]).await?;
    number(&bob.chat("#Tea", "thank you\n").await?)?;

    ann.im(&["group", "silence", "Tea", "bob", "5"]).await?;
    let said = bob.run(&["chat", "#Tea"], "may I?\n").await?;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("not allowed to write"), "{said:?}");
    ann.im(&["group", "silence", "Tea", "bob", "0"]).await?;
    number(&bob.chat("#Tea", "again\n").await?)?;
    ann.im(&["group", "remove", "Tea", "bob"]).await?;
    let said = bob.run(&["chat", "#Tea"], "and now?\n").await?;
    assert_eq!(said.code, Some(1), "{said:?}");
    Ok(())
}

/// B11, E3: a guest talks with everybody, and stays as a user with what the guest had said.
#[tokio::test]
async fn a_guest_talks_with_everybody_and_becomes_a_user() -> Result<()> {
    let cluster = Cluster::builder().start().await?;
    let ann = Terminal::register(&cluster, "ann").await?;
    let guest = Terminal::new(&cluster, "guest")?;
    let welcome = guest.im(&["guest", "Visitor"]).await?;
    assert!(welcome.starts_with("Welcome, Visitor."), "{welcome}");
    let said = number(&guest.chat("world", "is anybody here?\n").await?)?;
    let heard = ann.im(&["history", "world"]).await?;
    assert!(
        heard.contains("Visitor (guest): is anybody here?"),
        "{heard}"
    );
    let refused = guest.run(&["group", "create", "Tea"], "").await?;
    assert_eq!(refused.code, Some(1), "{refused:?}");

    guest.im(&["upgrade", "vera"]).await?;
    assert!(guest.im(&["whoami"]).await?.starts_with("vera (Visitor)"));
    guest
        .chat("world", &format!("/edit {said} is somebody here?\n"))
        .await?;
    let heard = ann.im(&["history", "world"]).await?;
    assert!(heard.contains("vera: is somebody here?"), "{heard}");
    Ok(())
}

/// G1, G6, F5: what one sets for oneself is seen in the list; presence is said and unsaid.
#[tokio::test]
async fn what_one_sets_is_seen_in_the_list() -> Result<()> {
    let cluster = Cluster::builder().start().await?;
    let ann = Terminal::register(&cluster, "ann").await?;
    let bob = Terminal::register(&cluster, "bob").await?;
    befriend(&ann, "ann", &bob, "bob").await?;
    ann.chat("bob", "hello\n").await?;
    for (set, marks) in [
        (vec!["pin"], "(1 new, pinned) "),
        (vec!["mute", "8"], "(1 new, pinned, muted) "),
        (vec!["unpin"], "(1 new, muted) "),
        (vec!["archive"], "(1 new, muted, archived) "),
        (vec!["unmute"], "(1 new, archived) "),
        (vec!["unarchive"], "(1 new) "),
        (vec!["draft", "dear ann"], "draft: dear ann"),
    ] {
        let mut command = vec!["set", "ann"];
        command.extend(set);
        bob.im(&command).await?;
        let list = bob.im(&["conversations"]).await?;
        assert!(list.contains(marks), "{command:?}: {list}");
    }
    bob.im(&["set", "ann", "hide"]).await?;
    assert!(!bob.im(&["conversations"]).await?.contains("dear ann"));

    bob.im(&["presence", "invisible"]).await?;
    let presence = bob.im(&["presence"]).await?;
    assert_eq!(presence, "You are offline to everybody.\n");
    bob.im(&["presence", "visible"]).await?;
    let presence = bob.im(&["presence"]).await?;
    assert_eq!(presence, "Friends see whether you are there.\n");
    Ok(())
}

/// E1, E2, D14: what happens in a group is told in words while it happens, in the talk and in everything that arrives.
#[tokio::test]
async fn what_happens_in_a_group_is_told_while_it_happens() -> Result<()> {
    let cluster = Cluster::builder().access(2).logic(2).start().await?;
    let ann = Terminal::register(&cluster, "ann").await?;
    let bob = Terminal::register(&cluster, "bob").await?;
    let eve = Terminal::register(&cluster, "eve").await?;
    befriend(&ann, "ann", &bob, "bob").await?;
    befriend(&ann, "ann", &eve, "eve").await?;
    ann.im(&["group", "create", "Tea", "bob"]).await?;

    let mut talk = bob.watch(&["chat", "#Tea", "--commands"])?;
    talk.types("I am here").await?;
    let here = number(&talk.says("✓ ").await?)?;
    let mut all = eve.watch(&["tail"])?;
    all.says("waiting for what comes").await?;
    ann.im(&["group", "invite", "Tea", "eve"]).await?;
    talk.says("ann invited eve").await?;
    all.says("#Tea: you are a member now").await?;
    let hello = number(&ann.chat("#Tea", "hello @bob and @all\n").await?)?;
    let said = talk.says("hello").await?;
    assert!(said.contains("ann: @you hello @bob and @all"), "{said}");
    all.says("ann: @you hello @bob and @all").await?;
    ann.chat(
        "#Tea",
        &format!(
            "/reply {here} welcome\n/react {here} ❤\n/edit {hello} good day\n/recall {hello}\n"
        ),
    )
    .await?;
    for words in [
        format!("ann: ↪ {here} welcome"),
        format!("ann reacted ❤ to {here}"),
        format!("ann edited {hello}: good day"),
        format!("ann took {hello} back"),
    ] {
        talk.says(&words).await?;
        all.says(&words).await?;
    }
    ann.im(&["group", "remove", "Tea", "eve"]).await?;
    talk.says("ann removed eve").await?;
    all.says("ann removed you").await?;
    Ok(())
}

/// E3: the world chat comes live to who is in it.
#[tokio::test]
async fn the_world_chat_comes_live() -> Result<()> {
    let cluster = Cluster::builder().access(2).logic(2).start().await?;
    let ann = Terminal::register(&cluster, "ann").await?;
    let guest = Terminal::new(&cluster, "guest")?;
    guest.im(&["guest", "ann"]).await?;
    let mut talk = ann.watch(&["chat", "world", "--commands"])?;
    talk.types("good morning").await?;
    let morning = number(&talk.says("✓ ").await?)?;
    guest
        .chat("world", &format!("/reply {morning} it is evening\n"))
        .await?;
    let said = talk.says("it is evening").await?;
    assert!(
        said.contains("ann (guest): ↪"),
        "a guest is never taken for a user: {said}"
    );
    Ok(())
}

/// E6: a device takes pushes where it says, and what is no push service is refused.
#[tokio::test]
async fn a_device_takes_pushes_from_the_terminal() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("vapid.pem").display().to_string();
    let made = tokio::process::Command::new(program("im-logic")?)
        .args(["generate-push-key", "--file", &file])
        .output()
        .await?;
    assert!(made.status.success(), "{made:?}");
    let public = String::from_utf8(made.stdout)?;
    let cluster = Cluster::builder()
        .setting("IM_WEB_PUSH__PUBLIC_KEY", public.trim())
        .setting("IM_LOGIC_PUSH__WEB_PUSH", true)
        .setting("IM_LOGIC_PUSH__VAPID_KEY", file)
        .setting("IM_LOGIC_PUSH__SUBJECT", "mailto:operator@example.org")
        .start()
        .await?;
    let ann = Terminal::register(&cluster, "ann").await?;
    // The receiver of RFC 8291, appendix A.
    let key =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    let secret = "BTBZMqHH6r4Tts7J_aSIgg";
    let service = "https://fcm.googleapis.com/fcm/send/terminal";
    ann.im(&["push", "subscribe", service, key, secret]).await?;
    let kept = "SELECT count(*) FROM push_subscriptions WHERE endpoint = $1 AND deleted = 0";
    let database = cluster.backend().database().await?;
    let count = async || -> Result<i64> { Ok(database.query_one(kept, &[&service]).await?.get(0)) };
    assert_eq!(count().await?, 1);
    let elsewhere = ["push", "subscribe", "https://127.0.0.1/", key, secret];
    let refused = ann.run(&elsewhere, "").await?;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.err.contains("push subscription is not valid"),
        "{refused:?}"
    );
    ann.im(&["push", "unsubscribe"]).await?;
    assert_eq!(count().await?, 0);
    Ok(())
}
