//! Real browsers against a real cluster: `e2e/browser/*.test.mjs` say what they do, this file starts both.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use im_e2e::user::PASSWORD;
use im_e2e::{Cluster, repository};
use tokio::process::Command;

/// Everything that the browsers do takes less, on a machine with much else to do too.
const LIMIT: Duration = Duration::from_secs(900);

/// What browsers subscribe to pushes with: any point of P-256 does where none is sent, and this is its generator (SEC 2, 2.4.2).
const PUSH_KEY: &str =
    "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU";

/// Starts a cluster that serves the built web client, with alice, who has the friends bob and carol, and runs one file of browser tests on it.
async fn run(file: &str) -> Result<()> {
    run_with(file, &[]).await
}

/// The same, with more in the environment of the browsers.
async fn run_with(file: &str, environment: &[(&str, &str)]) -> Result<()> {
    let root = repository();
    let dist = root.join("desktop-web/dist");
    ensure!(
        dist.join("index.html").is_file(),
        "the web client is not built: cd desktop-web && npm ci && npm run build"
    );
    let cluster = Cluster::builder()
        .access(2)
        .logic(2)
        .setting("IM_WEB_HTTP__STATIC_DIR", dist.display())
        .setting("IM_WEB_PUSH__PUBLIC_KEY", PUSH_KEY)
        .start()
        .await?;
    let (alice, bob) = (
        cluster.account("alice").await?,
        cluster.account("bob").await?,
    );
    alice.befriend(&bob).await?;
    alice.befriend(&cluster.account("carol").await?).await?;

    let output = Command::new("node")
        .args(["--test", "--test-reporter=spec"])
        .arg(root.join("e2e/browser").join(file))
        .env(
            "IM_URL",
            cluster.api().server().replace("127.0.0.1", "localhost"),
        )
        .env("IM_PASSWORD", PASSWORD)
        .env("IM_EVIDENCE", cluster.folder())
        .env("IM_PICTURES", root.join("target/pictures"))
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(LIMIT, output)
        .await
        .context("the browsers take too long")??;
    let said = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{said}\n{complaints}");
    Ok(())
}

/// H2, A2, A3: two windows over WebTransport, a third without it over WebSocket.
#[tokio::test]
async fn browser_windows_chat_over_both_transports() -> Result<()> {
    run("chat.test.mjs").await
}

/// H1, H3, H4: register, log in, find a friend, ask, accept, write, and see what is unread.
#[tokio::test]
async fn people_register_become_friends_and_see_what_is_unread() -> Result<()> {
    run("friends.test.mjs").await
}

/// H1, H11, B11: somebody without an account enters, and the world chat shows the message to a user.
#[tokio::test]
async fn a_guest_enters_and_talks_in_the_world_chat() -> Result<()> {
    run("guest.test.mjs").await
}

/// E2, D8 to D11, F4, F7, G5: a group is made, talks, changes what was said, and goes on when somebody leaves.
#[tokio::test]
async fn a_group_talks_in_three_windows() -> Result<()> {
    run("group.test.mjs").await
}

/// A3: what browsers chat, they chat without WebTransport too.
#[tokio::test]
async fn browsers_without_web_transport_chat_as_well() -> Result<()> {
    for file in ["friends.test.mjs", "group.test.mjs"] {
        run_with(file, &[("IM_WITHOUT_WEB_TRANSPORT", "1")]).await?;
    }
    Ok(())
}

/// H5: without a network the pages open with what they held, and what is written then is sent once; a lost session comes back.
#[tokio::test]
async fn a_browser_without_a_network_shows_what_it_held_and_sends_later() -> Result<()> {
    run("offline.test.mjs").await
}

/// A19: datagrams vanish under a live session, TCP goes on: the page goes over to WebSocket, loses nothing and repeats nothing.
#[tokio::test]
async fn a_session_whose_udp_path_dies_goes_on_over_web_socket() -> Result<()> {
    run("path.test.mjs").await
}

/// H9: a message notifies whoever does not see it, a push too, and being read ends both.
#[tokio::test]
async fn a_browser_notifies_of_what_nobody_sees() -> Result<()> {
    run("notifications.test.mjs").await
}

/// H16: tabs of one browser share one session; one is closed while another sends, is loaded anew, and signs out for all.
#[tokio::test]
async fn tabs_of_a_browser_write_as_one() -> Result<()> {
    run("tabs.test.mjs").await
}

/// H6: a phone shows one view at a time.
#[tokio::test]
async fn somebody_chats_on_a_phone() -> Result<()> {
    run("phone.test.mjs").await
}

/// H14: without a mouse.
#[tokio::test]
async fn chatting_works_by_keys() -> Result<()> {
    run("keyboard.test.mjs").await
}

/// S8: who signed in elsewhere is told so, and takes the session back by hand.
#[tokio::test]
async fn a_browser_whose_session_was_taken_says_so() -> Result<()> {
    run("kicked.test.mjs").await
}

/// H6, H14: every screen in three sizes and two themes, looked at by axe; nothing comes from other machines. Keeps pictures.
#[tokio::test]
async fn every_screen_is_whole_and_accessible() -> Result<()> {
    run("screens.test.mjs").await
}

/// H14: what opens over the screens, and the screens behind links, looked at by axe in two sizes and both themes. Keeps pictures.
#[tokio::test]
async fn every_menu_and_dialog_is_whole_and_accessible() -> Result<()> {
    run("overlays.test.mjs").await
}
