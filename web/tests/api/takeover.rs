//! Who has a token, or an old password, and tries to keep the account.

use std::path::Path;
use std::time::Duration;

use im_shared::testing::wait_until;
use im_shared::wire::Code;
use serde_json::{Value, json};
use tokio_postgres::NoTls;

use crate::actors::Answer;
use crate::app::TestApp;
use crate::passwords::{
    OTHER, PASSWORD, change, forget, login, mailing, mails, register, reset, tokens, with,
};

/// B6, B7: a login with the old password that was under way when the password was changed opens nothing.
#[tokio::test]
async fn a_login_that_overlaps_a_change_of_the_password_is_refused() {
    let app = TestApp::start().await;
    register(&app, "ada").await;
    let (mut owner, connection) = tokio_postgres::connect(app.postgres.url.expose(), NoTls)
        .await
        .unwrap();
    // Ends with the client.
    tokio::spawn(connection);
    let change = owner.transaction().await.unwrap();
    let sql = "UPDATE users SET password_hash = 'another' WHERE username = 'ada'";
    change.execute(sql, &[]).await.unwrap();
    let changing = async {
        // The old password is right, and its login waits for the row.
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let is_waiting = async || app.rows(sql, &[]).await[0].get::<_, i64>(0) == 1;
        wait_until(is_waiting, Duration::from_secs(20)).await;
        change.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(login(&app, "ada", PASSWORD, "thief"), changing);
    answer.expect(Code::WrongCredentials, 401);
    let rows = app
        .rows("SELECT id FROM sign_ins WHERE device_id = 'thief'", &[])
        .await;
    assert!(rows.is_empty());
}

async fn update(app: &TestApp, token: &Value, change: Value) -> Answer {
    with(app, "PUT", "/user/profile", token, change).await
}

/// The one token that was mailed.
async fn mailed(folder: &Path) -> String {
    tokens(folder, 1).await.remove(0)
}

/// B4, B6: a token alone does not lead the mails of an account elsewhere, and what was mailed to the address before is of no use any more.
#[tokio::test]
async fn another_mail_address_takes_the_password_and_ends_what_was_mailed_before() {
    let (app, folder) = mailing().await;
    register(&app, "ada").await;
    let token = login(&app, "ada", PASSWORD, "d").await.expect_ok()["accessToken"].clone();
    let other = "thief@example.org";
    for change in [
        json!({"email": other}),
        json!({"email": other, "password": OTHER}),
        json!({"email": "", "nickname": "A"}),
    ] {
        let answer = update(&app, &token, change).await;
        answer.expect(Code::WrongCredentials, 401);
    }
    // The same address, and everything else, takes none.
    let same = json!({"email": "ada@example.org", "nickname": "Ada"});
    let profile = update(&app, &token, same).await.expect_ok();
    assert_eq!(
        (&profile["email"], &profile["nickname"]),
        (&json!("ada@example.org"), &json!("Ada"))
    );

    forget(&app, json!({"username": "ada"})).await;
    let old = mailed(folder.path()).await;
    let change = json!({"email": "countess@example.org", "password": PASSWORD});
    let profile = update(&app, &token, change).await.expect_ok();
    assert_eq!(profile["email"], "countess@example.org");
    reset(&app, &old, OTHER)
        .await
        .expect(Code::ResetTokenInvalid, 400);
}

/// To whom a mail goes, and what it is about.
fn heading(mail: &str) -> (String, String) {
    let header = |name: &str| {
        let line = mail.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().to_owned()
    };
    (header("To: "), header("Subject: "))
}

/// B6: whose account it is reads in the mailbox what a thief would do, and whoever has the mailbox after the change reads nothing of before.
#[tokio::test]
async fn the_owner_is_told_of_what_a_thief_would_change() {
    let (app, folder) = mailing().await;
    register(&app, "ada").await;
    let pair = login(&app, "ada", PASSWORD, "d").await.expect_ok();
    change(&app, &pair["accessToken"], "wrong", OTHER)
        .await
        .expect(Code::WrongCredentials, 401);
    let pair = change(&app, &pair["accessToken"], PASSWORD, OTHER)
        .await
        .expect_ok();
    let elsewhere = "countess@example.org";
    for profile in [
        json!({"nickname": "Ada", "email": "ada@example.org"}),
        json!({"email": elsewhere, "password": OTHER}),
    ] {
        update(&app, &pair["accessToken"], profile)
            .await
            .expect_ok();
    }
    forget(&app, json!({"username": "ada"})).await;
    reset(&app, &mailed(folder.path()).await, PASSWORD)
        .await
        .expect_ok();

    let there = async || mails(folder.path()).len() == 4;
    wait_until(there, Duration::from_secs(20)).await;
    let headings: Vec<_> = mails(folder.path())
        .iter()
        .map(|mail| heading(mail))
        .collect();
    let expected = [
        ("ada@example.org", "Your password was changed"),
        ("ada@example.org", "Your mail address was changed"),
        (elsewhere, "Your password"),
        (elsewhere, "Your password was changed"),
    ];
    assert_eq!(
        headings,
        expected.map(|(to, subject)| (to.to_owned(), subject.to_owned()))
    );
}

/// B6: an account without an address has nobody to tell.
#[tokio::test]
async fn an_account_without_an_address_is_changed_in_silence() {
    let (app, folder) = mailing().await;
    let body = json!({"username": "eve", "password": PASSWORD});
    app.post("/auth/register", body).await.expect_ok();
    let pair = login(&app, "eve", PASSWORD, "d").await.expect_ok();
    change(&app, &pair["accessToken"], PASSWORD, OTHER)
        .await
        .expect_ok();
    // One task sends them in their order.
    register(&app, "ada").await;
    forget(&app, json!({"username": "ada"})).await;
    mailed(folder.path()).await;
    assert_eq!(mails(folder.path()).len(), 1);
}
