//! Plain values in, carriers out.
#![allow(clippy::unwrap_used)]

use im_shared::ids::Incarnation;
use im_shared::wire::{Platform, RequestId};
use proptest::prelude::*;

use super::*;

fn node(number: u64) -> Arc<NodeId> {
    Arc::new(format!("access-{number}").parse().unwrap())
}

/// Session numbers tell the node: 100s on node 1, 200s on node 2.
fn location(session: u64) -> Location {
    Location {
        node: (*node(session / 100)).clone(),
        incarnation: Incarnation(1),
        session: SessionId(session),
        platform: Platform::Web,
    }
}

fn push(name: u8, users: &[u64], except: Option<u64>) -> Push {
    Push {
        frame: Bytes::from(vec![name; 10]),
        audience: Audience::Users(users.iter().map(|user| UserId(*user)).collect()),
        except: except.map(|session| (node(session / 100), SessionId(session))),
        ephemeral: false,
    }
}

fn answer(name: u8, user: u64, session: u64) -> Answer {
    let address = Address::Session {
        node: node(session / 100),
        session: SessionId(session),
    };
    let caller = Caller {
        user: UserId(user),
        guest: false,
        request_id: RequestId(1),
        address,
    };
    Answer {
        caller,
        frame: Bytes::from(vec![name; 10]),
        bulk: false,
    }
}

/// Destination and names of the frames of each carrier, in order.
fn names(outgoing: &[Outgoing]) -> Vec<(String, String)> {
    let carrier = |carrier: &Carrier| {
        let to = match &carrier.destination {
            Destination::Node(node) => node.to_string(),
            Destination::Everyone => "everyone".to_owned(),
        };
        (
            to,
            carrier
                .deliveries
                .iter()
                .map(|delivery| char::from(delivery.frame[0]))
                .collect(),
        )
    };
    let carriers = |outgoing: &Outgoing| match outgoing {
        Outgoing::Carriers(carriers) => carriers.iter().map(carrier).collect(),
        Outgoing::Inbox { subject, frame } => {
            vec![(subject.to_string(), char::from(frame[0]).to_string())]
        }
    };
    outgoing.iter().flat_map(carriers).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(to, names)| ((*to).to_owned(), (*names).to_owned()))
        .collect()
}

/// [M2]: whatever the nodes, no answer is published before a push.
#[test]
fn pushes_to_all_nodes_go_out_before_the_answers() {
    let locations = HashMap::from([
        (UserId(1), vec![location(101)]),
        (UserId(2), vec![location(201), location(102)]),
    ]);
    let pushes = [
        push(b'p', &[2, 1], Some(101)),
        push(b'q', &[2, 1], Some(101)),
    ];
    let answers = vec![answer(b'A', 1, 101), answer(b'B', 1, 101)];
    let outgoing = route(&pushes, answers, &Whereabouts::Known(&locations));
    // Two carriers, because the last push carrier takes the answers of its node along.
    assert_eq!(
        names(&outgoing),
        pairs(&[("access-2", "pq"), ("access-1", "pqAB")])
    );
}

/// R2, F3
#[test]
fn the_session_that_sent_gets_no_push_of_its_own() {
    let locations = HashMap::from([(UserId(1), vec![location(101), location(102)])]);
    let outgoing = route(
        &[push(b'p', &[1], Some(101))],
        Vec::new(),
        &Whereabouts::Known(&locations),
    );
    let [Outgoing::Carriers(carriers)] = &outgoing[..] else {
        panic!("{outgoing:?}")
    };
    let targets = &carriers[0].deliveries[0].targets;
    assert_eq!(
        targets[..],
        [Target {
            session: SessionId(102),
            user: UserId(1)
        }]
    );
}

/// Nothing is missed while nobody knows where the users are.
#[test]
fn without_locations_a_push_goes_to_every_node_for_all_sessions_of_the_users() {
    let outgoing = route(
        &[push(b'p', &[1, 2], None)],
        vec![answer(b'A', 1, 101)],
        &Whereabouts::Unknown,
    );
    assert_eq!(
        names(&outgoing),
        pairs(&[("everyone", "p"), ("access-1", "A")])
    );
}

/// [M9], [M2]: whatever the number of users, one carrier; and the acknowledgements after it.
#[test]
fn what_is_for_everybody_goes_out_once_before_the_answers() {
    let everybody = |name| Push {
        audience: Audience::Everybody,
        ..push(name, &[], Some(101))
    };
    let pushes = [everybody(b'p'), everybody(b'q')];
    let answers = vec![answer(b'A', 1, 101), answer(b'B', 2, 201)];
    let outgoing = route(&pushes, answers, &Whereabouts::Known(&HashMap::new()));
    assert_eq!(
        names(&outgoing),
        pairs(&[("everyone", "pq"), ("access-1", "A"), ("access-2", "B")])
    );
    let [Outgoing::Carriers(carriers)] = &outgoing[..] else {
        panic!("{outgoing:?}")
    };
    let everyone = Target {
        session: SessionId(0),
        user: UserId(0),
    };
    for delivery in &carriers[0].deliveries {
        assert_eq!(delivery.targets[..], [everyone]);
    }
}

/// [M9], A20: access is told whom a frame is for, and whether it may be lost.
#[test]
fn a_delivery_says_who_follows_it_and_whether_it_may_be_lost() {
    let followed = Push {
        audience: Audience::Followers(ConversationId::WORLD),
        ..push(b'p', &[], None)
    };
    let hint = Push {
        ephemeral: true,
        ..push(b'q', &[1], None)
    };
    for whereabouts in [
        Whereabouts::Known(&HashMap::from([(UserId(1), vec![location(101)])])),
        Whereabouts::Unknown,
    ] {
        let outgoing = route(&[followed.clone(), hint.clone()], Vec::new(), &whereabouts);
        let [Outgoing::Carriers(carriers)] = &outgoing[..] else {
            panic!("{outgoing:?}")
        };
        let said: Vec<(ConversationId, bool)> = carriers
            .iter()
            .flat_map(|carrier| &carrier.deliveries)
            .map(|delivery| (delivery.followed, delivery.ephemeral))
            .collect();
        assert_eq!(
            said,
            [(ConversationId::WORLD, false), (ConversationId(0), true)]
        );
    }
}

/// [M2]: more answers than a carrier holds do not overtake the pushes that wait for answers of another node.
#[test]
fn a_full_carrier_of_answers_stays_behind_the_pushes() {
    let locations = HashMap::from([(UserId(1), vec![location(101)])]);
    let large = || Answer {
        frame: Bytes::from(vec![b'A'; MAX_CARRIER_BYTES / 2]),
        ..answer(b'A', 2, 201)
    };
    let outgoing = route(
        &[push(b'p', &[1], None)],
        vec![large(), large()],
        &Whereabouts::Known(&locations),
    );
    assert_eq!(
        names(&outgoing),
        pairs(&[("access-1", "p"), ("access-2", "A"), ("access-2", "A")])
    );
}

/// A program that waits gets its answer after the pushes as well.
#[test]
fn an_inbox_gets_a_bare_frame() {
    let mut asked = answer(b'A', 1, 101);
    asked.caller.address = Address::Inbox("reply".into());
    let locations = HashMap::from([(UserId(2), vec![location(201)])]);
    let outgoing = route(
        &[push(b'p', &[2], None)],
        vec![asked],
        &Whereabouts::Known(&locations),
    );
    assert_eq!(
        names(&outgoing),
        pairs(&[("access-2", "p"), ("reply", "A")])
    );
}

proptest! {
    /// [M2] and the limit of a payload, for any sizes and nodes.
    #[test]
    fn no_answer_overtakes_a_push_and_no_carrier_is_too_large(
        sizes in proptest::collection::vec((1_usize..60_000, 1_u64..4), 1..40),
        asked in proptest::collection::vec(1_u64..4, 0..20),
    ) {
        let locations: HashMap<UserId, Vec<Location>> =
            (1..4).map(|user| (UserId(user), vec![location(user * 100 + 1)])).collect();
        let pushes: Vec<Push> = sizes.iter().map(|(size, user)| Push {
            frame: Bytes::from(vec![b'p'; *size]), audience: Audience::Users(vec![UserId(*user)]), except: None, ephemeral: false,
        }).collect();
        let answers: Vec<Answer> = asked.iter().map(|node| answer(b'A', *node, node * 100 + 1)).collect();
        let outgoing = route(&pushes, answers, &Whereabouts::Known(&locations));
        let [Outgoing::Carriers(carriers)] = &outgoing[..] else { panic!("one group") };
        let all: String = names(&outgoing).into_iter().map(|(_, names)| names).collect();
        prop_assert_eq!(all.matches('p').count(), sizes.len());
        prop_assert_eq!(all.matches('A').count(), asked.len());
        prop_assert!(!all.contains("Ap"));
        for carrier in carriers {
            let bytes: usize = carrier.deliveries.iter().map(size).sum();
            prop_assert!(bytes <= MAX_CARRIER_BYTES);
        }
    }
}
