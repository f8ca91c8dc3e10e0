//! What the terminal client does over REST, by the real programs: passwords, operators, limits, files.

use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use im_e2e::programs::program;
use im_e2e::terminal::Said;
use im_e2e::{Cluster, Terminal};
use im_shared::testing::wait_until;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use tokio::process::Command;

const PATIENCE: Duration = Duration::from_secs(60);

/// Makes an operator as who runs the servers does: beside the database.
async fn promote(cluster: &Cluster, name: &str) -> Result<()> {
    let output = Command::new(program("im-web")?)
        .args(["operator", "grant", "--role", "admin", "--username", name])
        .env("IM_WEB_POSTGRES__URL", cluster.backend().postgres())
        .output()
        .await?;
    ensure!(output.status.success(), "{output:?}");
    Ok(())
}

/// That the command was refused, with these words on standard error.
fn refused(said: &Said, words: &str) {
    let is_refused = said.code.is_some_and(|code| code != 0);
    assert!(
        is_refused && said.err.contains(words),
        "{words:?}: {said:?}"
    );
}

/// B6, B7: the new password opens, the old one does not, and who was there with the old one is out.
#[tokio::test]
async fn a_password_changed_at_the_terminal_logs_every_other_device_out() -> Result<()> {
    let cluster = Cluster::builder().web(2).start().await?;
    let new = "twelve grey herons at dawn";
    let ann = Terminal::register(&cluster, "ann").await?;
    let other = Terminal::new(&cluster, "ann's other terminal")?;
    other.im(&["login", "ann"]).await?;
    let mut there = other.watch(&["tail"])?;
    there.says("connected to").await?;

    refused(
        &ann.run(&["passwd", "--new-password", "short"], "").await?,
        "8 to 71",
    );
    let wrong = ["--password", "another's", "passwd", "--new-password", new];
    refused(&ann.run(&wrong, "").await?, "password");
    assert_eq!(other.im(&["devices"]).await?.lines().count(), 2);

    let changed = ann.im(&["passwd", "--new-password", new]).await?;
    assert_eq!(changed, "Changed. Every other device is logged out.\n");
    there.says("the server ended the session").await?;
    for web in cluster.apis() {
        let whoami = ["--server", web.server(), "whoami"];
        assert!(ann.im(&["whoami"]).await?.starts_with("ann "));
        refused(&other.run(&["whoami"], "").await?, "im login");
        refused(&other.run(&whoami, "").await?, "im login");
        let login = ["--server", web.server(), "login", "ann"];
        refused(&other.run(&login, "").await?, "password");
    }
    other.im(&["--password", new, "login", "ann"]).await?;
    assert!(other.im(&["whoami"]).await?.starts_with("ann "));
    assert_eq!(ann.im(&["devices"]).await?.lines().count(), 2);
    Ok(())
}

/// B7: an operator disables a user, who is out at once, and enables them again; both are noted with their reasons.
#[tokio::test]
async fn an_operator_disables_and_enables_a_user_at_the_terminal() -> Result<()> {
    let cluster = Cluster::builder().web(2).start().await?;
    let ann = Terminal::register(&cluster, "ann").await?;
    let bob = Terminal::register(&cluster, "bob").await?;
    let disable = ["admin", "disable", "bob", "spam in the world chat"];
    refused(&ann.run(&disable, "").await?, "not allowed");
    promote(&cluster, "ann").await?;
    let mut there = bob.watch(&["tail"])?;
    there.says("connected to").await?;
    assert_eq!(
        ann.im(&["admin", "sessions", "bob"]).await?.lines().count(),
        1
    );

    let disabled = ann.im(&disable).await?;
    assert_eq!(disabled, "Disabled; logged out everywhere.\n");
    there.says("the server ended the session").await?;
    refused(&bob.run(&["whoami"], "").await?, "im login");
    for web in cluster.apis() {
        let login = ["--server", web.server(), "login", "bob"];
        refused(&bob.run(&login, "").await?, "disabled");
    }
    let shown = ann.im(&["admin", "show", "bob"]).await?;
    assert!(shown.contains("disabled"), "{shown}");
    assert_eq!(ann.im(&["admin", "sessions", "bob"]).await?, "");

    ann.im(&["admin", "enable", "bob", "a mistake of ours"])
        .await?;
    bob.im(&["login", "bob"]).await?;
    assert!(bob.im(&["whoami"]).await?.starts_with("bob "));
    refused(&bob.run(&["admin", "users"], "").await?, "not allowed");
    let audit = ann.im(&["admin", "audit", "bob"]).await?;
    for reason in ["spam in the world chat", "a mistake of ours"] {
        assert!(audit.contains(reason), "{reason}: {audit}");
    }
    // An operator's own account is nobody's to disable.
    refused(
        &ann.run(&["admin", "disable", "ann", "for a test"], "")
            .await?,
        "not allowed",
    );
    Ok(())
}

/// B8: a limit that an operator changes holds on every web node while all of it runs, and so does its end.
#[tokio::test]
async fn limits_changed_at_the_terminal_hold_on_every_web_node() -> Result<()> {
    let cluster = Cluster::builder().web(2).start().await?;
    let ann = Terminal::register(&cluster, "ann").await?;
    promote(&cluster, "ann").await?;
    let log_in = async |terminal: &Terminal, name: &str| {
        for web in cluster.apis() {
            let login = ["--server", web.server(), "login", name];
            terminal.im(&login).await?;
        }
        anyhow::Ok(())
    };
    log_in(&ann, "ann").await?;
    let rule = async |web: &str| {
        let shown = ann.im(&["--server", web, "limits", "show"]).await?;
        let line = shown.lines().find(|line| line.starts_with("user_search"));
        anyhow::Ok(line.context("user_search")?.to_owned())
    };
    let follows = async |changed: bool| {
        for web in cluster.apis() {
            let holds = async || {
                let rule = rule(web.server()).await;
                rule.is_ok_and(|rule| rule.ends_with("(changed)") == changed)
            };
            wait_until(holds, PATIENCE).await;
        }
    };
    let set = ["limits", "set", "user_search", "1", "3600"];
    let set = ann.im(&set).await?;
    assert!(set.contains("1 per 3600 s"), "{set}");
    follows(true).await;
    for (number, web) in cluster.apis().iter().enumerate() {
        let name = format!("bob{number}");
        let bob = Terminal::register(&cluster, &name).await?;
        log_in(&bob, &name).await?;
        let search = ["--server", web.server(), "friends", "search", "nobody"];
        assert_eq!(bob.im(&search).await?, "Nobody found.\n");
        // Both nodes count together.
        for web in cluster.apis() {
            let search = ["--server", web.server(), "friends", "search", "nobody"];
            refused(&bob.run(&search, "").await?, "too many");
        }
    }

    let reset = ann.im(&["limits", "reset", "user_search"]).await?;
    assert!(!reset.contains("(changed)"), "{reset}");
    follows(false).await;
    for web in cluster.apis() {
        let search = ["--server", web.server(), "friends", "search", "nobody"];
        assert_eq!(ann.im(&search).await?, "Nobody found.\n");
        assert_eq!(ann.im(&search).await?, "Nobody found.\n");
    }
    Ok(())
}

/// A picture, and the same with a comment in it.
fn pictures() -> Result<(Vec<u8>, Vec<u8>)> {
    let drawn = DynamicImage::from(RgbImage::from_pixel(400, 300, Rgb([90, 120, 200])));
    let mut plain = Cursor::new(Vec::new());
    drawn.write_to(&mut plain, ImageFormat::Jpeg)?;
    let plain = plain.into_inner();
    let comment = b"\xff\xfe\x00\x0dAnn's phone";
    let told = [&plain[..2], comment, &plain[2..]].concat();
    Ok((plain, told))
}

/// Sends a file from one terminal and saves it at the other; gives what was said of it and what arrived.
async fn pass(ann: &Terminal, bob: &Terminal, file: &Path) -> Result<(String, Vec<u8>)> {
    let sent = ann
        .im(&["send-file", "bob", &file.display().to_string()])
        .await?;
    let seq = sent.split(' ').next().context("a number")?;
    let saved = file.with_extension("saved");
    let save = [
        "get-file",
        "ann",
        seq,
        "--output",
        &saved.display().to_string(),
    ];
    bob.im(&save).await?;
    let content = std::fs::read(&saved)?;
    // Never over another file.
    refused(&bob.run(&save, "").await?, "cannot write");
    Ok((sent, content))
}

/// D15: a file arrives byte by byte, and a picture without what it told, with the size that is said.
#[tokio::test]
async fn a_file_sent_from_a_terminal_arrives_at_the_other() -> Result<()> {
    let cluster = Cluster::builder().access(2).web(2).start().await?;
    let ann = Terminal::register(&cluster, "ann").await?;
    let bob = Terminal::register(&cluster, "bob").await?;
    ann.im(&["friends", "add", "bob"]).await?;
    bob.im(&["friends", "accept", "ann"]).await?;

    let notes: Vec<u8> = (0..300_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    let path = cluster.folder().join("notes.bin");
    std::fs::write(&path, &notes)?;
    let (said, arrived) = pass(&ann, &bob, &path).await?;
    assert!(
        said.contains("notes.bin (application/octet-stream, 300000 bytes)"),
        "{said}"
    );
    assert!(arrived == notes);

    let (plain, told) = pictures()?;
    let path = cluster.folder().join("sea.jpg");
    std::fs::write(&path, &told)?;
    let (said, arrived) = pass(&ann, &bob, &path).await?;
    let size = format!("sea.jpg (image/jpeg, {} bytes)", plain.len());
    assert!(said.contains(&size) && plain.len() < told.len(), "{said}");
    assert!(arrived == plain);

    let shown = bob.im(&["history", "ann"]).await?;
    assert!(shown.contains("notes.bin"), "{shown}");
    let nothing = ann.run(&["send-file", "bob", "nowhere.bin"], "").await?;
    refused(&nothing, "cannot read");
    let eve = Terminal::register(&cluster, "eve").await?;
    let stolen = cluster.folder().join("stolen").display().to_string();
    refused(
        &eve.run(&["get-file", "ann", "1", "-o", &stolen], "")
            .await?,
        "",
    );
    Ok(())
}
