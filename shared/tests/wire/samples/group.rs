//! What web and the operator send to logic over the bus.

use im_shared::wire::*;

use super::{ALICE, BOB, CONVERSATION, NOW, Sample, message_uuid, request};

pub(super) fn samples() -> Vec<Sample> {
    let conversation_id = CONVERSATION;
    let client_message_id = message_uuid(6);
    let user_id = BOB;
    vec![
        request("group-create", group_create()),
        request("group-update", group_update()),
        request(
            "group-invite",
            GroupInvite {
                conversation_id,
                client_message_id,
                user_ids: vec![ALICE, BOB],
            },
        ),
        request(
            "group-join",
            GroupJoin {
                conversation_id,
                client_message_id,
                message: "May I?".to_owned(),
            },
        ),
        request(
            "group-answer",
            GroupAnswer {
                conversation_id,
                client_message_id,
                user_id,
                accept: true,
            },
        ),
        request(
            "group-remove",
            GroupRemove {
                conversation_id,
                client_message_id,
                user_id,
            },
        ),
        request(
            "group-leave",
            GroupLeave {
                conversation_id,
                client_message_id,
            },
        ),
        request(
            "group-transfer",
            GroupTransfer {
                conversation_id,
                client_message_id,
                user_id,
            },
        ),
        request(
            "group-dissolve",
            GroupDissolve {
                conversation_id,
                client_message_id,
            },
        ),
        request(
            "group-role",
            GroupRole {
                conversation_id,
                client_message_id,
                user_id,
                role: Role::Admin,
            },
        ),
        request(
            "group-silence",
            GroupSilence {
                conversation_id,
                client_message_id,
                user_id,
                until: NOW + 600_000,
            },
        ),
        request("system-notify", system_notify()),
    ]
}

fn group_create() -> GroupCreate {
    GroupCreate {
        client_message_id: message_uuid(6),
        name: "Tea".to_owned(),
        avatar: "https://example.com/tea.png".to_owned(),
        description: "Every day at four.".to_owned(),
        join_policy: JoinPolicy::Approval,
        history_open: true,
        member_ids: vec![ALICE, BOB],
    }
}

/// An empty description and a voice given back are changes; what is not there is none.
fn group_update() -> GroupUpdate {
    GroupUpdate {
        conversation_id: CONVERSATION,
        client_message_id: message_uuid(6),
        name: Some("Coffee".to_owned()),
        avatar: None,
        description: Some(String::new()),
        join_policy: Some(JoinPolicy::Invite),
        history_open: None,
        silenced: Some(false),
    }
}

fn system_notify() -> SystemNotify {
    SystemNotify {
        client_message_id: message_uuid(6),
        user_ids: vec![ALICE, BOB],
        everybody: true,
        title: "Maintenance".to_owned(),
        content: "Tonight at ten.".to_owned(),
    }
}
