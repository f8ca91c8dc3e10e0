//! What only a process shows: crashes and signals.

use std::time::Instant;

use im_shared::wire::CloseCode;

use crate::support::{PATIENCE, Program, Stage, Ticket, Transport};

/// Findings: with a shared reset key, the clients of a node that crashed and came back notice with their next packet,
/// not after half a minute.
#[tokio::test]
async fn clients_of_a_node_that_crashed_notice_as_soon_as_it_is_back() {
    let stage = Stage::start().await;
    let mut program = Program::start(&stage, "access-2").await;
    for (transport, user) in Transport::BOTH.into_iter().zip([1, 2]) {
        let ticket = Ticket::of(user);
        let mut client = program.connect(&stage, transport).await;
        client.authenticate(&stage.token(&ticket), &ticket).await;
        program.crash_and_restart(&stage).await;
        let began = Instant::now();
        client.send_bytes(b"anything").await;
        assert_eq!(client.rest().await.1, None);
        assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());

        // What the earlier start held counts no more.
        let mut client = program.connect(&stage, transport).await;
        client.authenticate(&stage.token(&ticket), &ticket).await;
        assert!(stage.has_sessions(user, &[client.session]).await);
    }
}

/// D11: SIGTERM is a success, and has an end.
#[tokio::test]
async fn sigterm_drains_and_ends_the_process() {
    let stage = Stage::start().await;
    let mut program = Program::start(&stage, "access-2").await;
    let mut clients = Vec::new();
    for (transport, user) in Transport::BOTH.into_iter().zip([1, 2]) {
        let ticket = Ticket::of(user);
        let mut client = program.connect(&stage, transport).await;
        client.authenticate(&stage.token(&ticket), &ticket).await;
        clients.push(client);
    }
    let began = Instant::now();
    let stop = async {
        for client in &mut clients {
            client.expect_kick(CloseCode::GoingAway).await;
        }
    };
    let (status, ()) = tokio::join!(program.terminate(), stop);
    assert!(status.success());
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    for user in [1, 2] {
        assert!(stage.located(user).await.is_empty());
    }
}
