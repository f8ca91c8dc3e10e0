//! The rules as tables: facts that differ in one thing from facts with which the change is allowed.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::config::ChangesConfig;

const NOW: Duration = Duration::from_secs(1_000_000);
const DAY: u64 = 86_400;

fn at(seconds_ago: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + NOW - Duration::from_secs(seconds_ago)
}

/// User 1 about the own text of a minute ago at seq 5, in a conversation of this kind.
fn facts(kind: ConversationType) -> Facts {
    Facts {
        room: Room {
            kind,
            peer: UserId(2),
            bond: Bond::Friends,
            is_silenced: false,
            is_dissolved: false,
            members_seq: Seq(1),
        },
        actor: Actor {
            user: UserId(1),
            role: Role::Member,
            from: Seq(4),
            silenced_until: SystemTime::UNIX_EPOCH,
        },
        target: Some(Target {
            seq: Seq(5),
            sender: UserId(1),
            sender_role: Role::Member,
            type_: EntryType::Text,
            content: "as sent".to_owned(),
            mentions: Vec::new(),
            created_at: at(60),
            edited_seq: Seq(0),
            recalled_seq: Seq(0),
            edits: 0,
        }),
        now: at(0),
    }
}

fn with(kind: ConversationType, change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = facts(kind);
    change(&mut facts);
    facts
}

fn with_target(change: impl FnOnce(&mut Target)) -> Facts {
    with(ConversationType::Group, |facts| {
        change(facts.target.as_mut().unwrap());
    })
}

type Outcome = Result<Decision, Code>;

fn edit(facts: &Facts) -> Outcome {
    edit::decide(facts, "better", &[], &ChangesConfig::default())
}

fn recall(facts: &Facts) -> Outcome {
    recall::decide(facts, &ChangesConfig::default())
}

fn react(facts: &Facts) -> Outcome {
    reaction::decide(facts, &[], "👍", false, &ChangesConfig::default())
}

const APPEND: Outcome = Ok(Decision::Append);

/// [C1]: facts, and what becomes of an edit, of a recall and of a reaction.
#[test]
fn who_may_not_write_may_recall_and_nothing_else() {
    const PRIVATE: ConversationType = ConversationType::Private;
    const GROUP: ConversationType = ConversationType::Group;
    let refused = |code| [Err(code); 3];
    let table = [
        ("private", facts(PRIVATE), [APPEND; 3]),
        ("group", facts(GROUP), [APPEND; 3]),
        ("world", facts(ConversationType::World), [APPEND; 3]),
        (
            "system",
            facts(ConversationType::System),
            refused(Code::ReadOnly),
        ),
        (
            "friends no more",
            with(PRIVATE, |f| f.room.bond = Bond::Strangers),
            [Err(Code::NotFriends), APPEND, Err(Code::NotFriends)],
        ),
        (
            "one has blocked the other",
            with(PRIVATE, |f| f.room.bond = Bond::Blocked),
            [Err(Code::Blocked), APPEND, Err(Code::Blocked)],
        ),
        (
            "silenced",
            with(GROUP, |f| f.actor.silenced_until = at(0) + NOW),
            [Err(Code::Silenced), APPEND, Err(Code::Silenced)],
        ),
        (
            "speaks again",
            with(GROUP, |f| f.actor.silenced_until = at(1)),
            [APPEND; 3],
        ),
        (
            "all are silenced",
            with(GROUP, |f| f.room.is_silenced = true),
            [Err(Code::Silenced), APPEND, Err(Code::Silenced)],
        ),
        (
            "all but admins are silenced",
            with(GROUP, |f| {
                f.room.is_silenced = true;
                f.actor.role = Role::Admin;
            }),
            [APPEND; 3],
        ),
        (
            "has left",
            with(GROUP, |f| f.actor.role = Role::None),
            refused(Code::NotMember),
        ),
        (
            "dissolved",
            with(GROUP, |f| {
                f.room.is_dissolved = true;
                f.actor.role = Role::None;
            }),
            refused(Code::GroupDissolved),
        ),
    ];
    for (name, facts, expected) in table {
        assert_eq!(
            [edit(&facts), recall(&facts), react(&facts)],
            expected,
            "{name}"
        );
    }
}

/// [C1]
#[test]
fn the_target_is_a_message_of_ones_own_time() {
    let missing = [
        with(ConversationType::World, |f| f.target = None),
        with(ConversationType::Group, |f| f.actor.from = Seq(5)),
        with_target(|target| target.type_ = EntryType::Recall),
        with_target(|target| target.type_ = EntryType::Member),
    ];
    for facts in missing {
        let outcomes = [edit(&facts), recall(&facts), react(&facts)];
        assert_eq!(outcomes, [Err(Code::TargetNotFound); 3], "{facts:?}");
    }
}

/// [C2]
#[test]
fn only_the_sender_edits_only_text_and_neither_late_nor_often() {
    let table = [
        (with_target(|t| t.sender = UserId(2)), Err(Code::NotSender)),
        (
            with_target(|t| t.recalled_seq = Seq(9)),
            Err(Code::TargetRecalled),
        ),
        (
            with_target(|t| t.type_ = EntryType::Image),
            Err(Code::MessageTypeInvalid),
        ),
        (with_target(|t| t.created_at = at(DAY)), APPEND),
        (
            with_target(|t| t.created_at = at(DAY + 1)),
            Err(Code::EditTooLate),
        ),
        (with_target(|t| t.edits = 49), APPEND),
        (with_target(|t| t.edits = 50), Err(Code::EditTooOften)),
        (
            with(ConversationType::Group, |f| {
                f.actor.role = Role::Owner;
                f.target.as_mut().unwrap().sender = UserId(2);
            }),
            Err(Code::NotSender),
        ),
    ];
    for (facts, expected) in table {
        assert_eq!(edit(&facts), expected, "{facts:?}");
    }
}

/// [C2]
#[test]
fn an_edit_to_what_is_there_is_no_edit() {
    let already = |facts: &Facts, mentions: &[UserId]| {
        edit::decide(facts, "as sent", mentions, &ChangesConfig::default())
    };
    let plain = facts(ConversationType::Private);
    assert_eq!(already(&plain, &[]), Ok(Decision::Already(Seq(5))));
    assert_eq!(already(&plain, &[UserId(2)]), APPEND);
    let edited = with_target(|target| {
        target.edited_seq = Seq(8);
        target.edits = 50;
        target.created_at = at(2 * DAY);
    });
    assert_eq!(already(&edited, &[]), Ok(Decision::Already(Seq(8))));
}

/// [C2]
#[test]
fn everybody_is_called_by_admins_of_groups_only() {
    let everybody =
        |facts: &Facts| edit::decide(facts, "all!", &[UserId(0)], &ChangesConfig::default());
    for kind in [
        ConversationType::Private,
        ConversationType::Group,
        ConversationType::World,
    ] {
        assert_eq!(everybody(&facts(kind)), Err(Code::MentionInvalid));
    }
    let admin = with(ConversationType::Group, |f| f.actor.role = Role::Admin);
    assert_eq!(everybody(&admin), APPEND);
}

/// [C3]: every pair of roles, of a message of two days ago.
#[test]
fn admins_recall_what_members_sent_and_the_owner_everything_at_any_time() {
    let (member, admin, owner) = (Role::Member, Role::Admin, Role::Owner);
    let table = [
        (member, member, Err(Code::NotSender)),
        (member, admin, Err(Code::NotSender)),
        (member, owner, Err(Code::NotSender)),
        (member, Role::None, Err(Code::NotSender)),
        (admin, Role::None, APPEND),
        (admin, member, APPEND),
        (admin, admin, Err(Code::NotPermitted)),
        (admin, owner, Err(Code::NotPermitted)),
        (owner, member, APPEND),
        (owner, admin, APPEND),
        (owner, owner, APPEND),
    ];
    for (actor, sender, expected) in table {
        let facts = with(ConversationType::Group, |f| {
            f.actor.role = actor;
            let target = f.target.as_mut().unwrap();
            target.sender = UserId(2);
            target.sender_role = sender;
            target.created_at = at(2 * DAY);
        });
        assert_eq!(recall(&facts), expected, "{actor:?} {sender:?}");
    }
    for kind in [ConversationType::Private, ConversationType::World] {
        let facts = with(kind, |f| f.target.as_mut().unwrap().sender = UserId(2));
        assert_eq!(recall(&facts), Err(Code::NotSender));
    }
}

/// [C3]
#[test]
fn an_own_message_is_recalled_once_and_within_a_day() {
    let own = |role, seconds_ago| {
        recall(&with(ConversationType::Group, |f| {
            f.actor.role = role;
            let target = f.target.as_mut().unwrap();
            target.sender_role = role;
            target.created_at = at(seconds_ago);
        }))
    };
    assert_eq!(own(Role::Member, DAY), APPEND);
    assert_eq!(own(Role::Member, DAY + 1), Err(Code::RecallTooLate));
    assert_eq!(own(Role::Admin, DAY + 1), Err(Code::RecallTooLate));
    assert_eq!(own(Role::Owner, DAY + 1), APPEND);
    let again = with_target(|target| {
        target.recalled_seq = Seq(9);
        target.created_at = at(2 * DAY);
    });
    assert_eq!(recall(&again), Ok(Decision::Already(Seq(9))));
    let of_another = with_target(|target| {
        target.recalled_seq = Seq(9);
        target.sender = UserId(2);
    });
    assert_eq!(recall(&of_another), Err(Code::NotSender));
}

/// [C3]: files, voice and all the rest.
#[test]
fn every_kind_of_message_is_recalled_and_reacted_to() {
    for number in 1..8 {
        let facts = with_target(|target| target.type_ = EntryType(number));
        assert_eq!([recall(&facts), react(&facts)], [APPEND; 2]);
    }
}

/// [C4]
#[test]
fn a_reaction_is_short_and_without_white_space() {
    for good in ["👍", "👩‍👩‍👧‍👦", "ok", "+1", &"x".repeat(32)] {
        assert_eq!(reaction::check(good), Ok(()), "{good}");
    }
    for bad in ["", " ", "a b", "a\u{0}", "a\u{3000}", "\n", &"x".repeat(33)] {
        assert_eq!(reaction::check(bad), Err(Code::ReactionInvalid), "{bad:?}");
    }
}

/// [C4]
#[test]
fn what_a_reaction_would_not_change_is_no_entry() {
    let facts = facts(ConversationType::Private);
    let own: Vec<(Seq, String)> = [(6, "+a"), (7, "+b"), (8, "-a"), (9, "+-b")]
        .map(|(seq, content)| (Seq(seq), content.to_owned()))
        .into();
    let decide = |reaction, remove| {
        reaction::decide(&facts, &own, reaction, remove, &ChangesConfig::default())
    };
    assert_eq!(decide("a", false), APPEND);
    assert_eq!(decide("a", true), Ok(Decision::Already(Seq(8))));
    assert_eq!(decide("b", false), Ok(Decision::Already(Seq(7))));
    assert_eq!(decide("b", true), APPEND);
    assert_eq!(decide("-b", false), Ok(Decision::Already(Seq(9))));
    assert_eq!(decide("c", true), Ok(Decision::Already(Seq(0))));
    let recalled = with_target(|target| target.recalled_seq = Seq(9));
    assert_eq!(react(&recalled), Err(Code::TargetRecalled));
}

/// [C4]
#[test]
fn a_user_has_so_many_reactions_to_a_message_and_turns_them_so_often() {
    let limits = ChangesConfig {
        max_reactions: 2,
        ..ChangesConfig::default()
    };
    let facts = facts(ConversationType::Private);
    let mut own = vec![(Seq(6), "+a".to_owned()), (Seq(7), "+b".to_owned())];
    let decide =
        |own: &[_], reaction, remove| reaction::decide(&facts, own, reaction, remove, &limits);
    assert_eq!(decide(&own, "c", false), Err(Code::TooManyReactions));
    own.push((Seq(8), "-a".to_owned()));
    assert_eq!(decide(&own, "c", false), APPEND);
    for turn in 0..18 {
        let seq = 9 + 2 * turn;
        own.push((Seq(seq), "+a".to_owned()));
        own.push((Seq(seq + 1), "-a".to_owned()));
    }
    assert_eq!(decide(&own, "a", false), Err(Code::TooManyReactions));
    assert_eq!(decide(&own, "b", true), APPEND);
}
