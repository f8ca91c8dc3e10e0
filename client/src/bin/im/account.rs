//! Making an account, logging in and out.

use im_client::ApiError;
use im_shared::wire::{Code, Platform};

use crate::cli::{Login, Register, Upgrade};
use crate::context::Context;
use crate::error::Error;
use crate::show::plain;

pub(crate) async fn register(context: &Context, command: Register) -> Result<(), Error> {
    let username = command.username.to_lowercase();
    let password = context.password(&username, true)?;
    context
        .api
        .register(&username, &password, &command.nickname)
        .await?;
    context
        .log_in(context.vault.account(&username)?, &password)
        .await?;
    context.vault.keep_last(&username)?;
    println!(
        "Welcome, {username}. You are logged in at {}.",
        context.api.server()
    );
    Ok(())
}

pub(crate) async fn login(context: &Context, command: Login) -> Result<(), Error> {
    let username = context.username(command.username)?;
    let password = context.password(&username, false)?;
    context
        .log_in(context.vault.account(&username)?, &password)
        .await?;
    context.vault.keep_last(&username)?;
    println!("Logged in as {username} at {}.", context.api.server());
    Ok(())
}

pub(crate) async fn guest(context: &Context, nickname: &str) -> Result<(), Error> {
    // No file has this name: the account is a new one, and its name comes from the server.
    let mut account = context.vault.account("guest-")?;
    let login = context
        .api
        .guest_called(nickname, &account.device_id, Platform::Terminal)
        .await?;
    let profile = context
        .api
        .with_token(&login.access_token)
        .profile()
        .await?;
    account.username = profile.username;
    let me = context.keep(account, login)?;
    context.vault.keep_last(&me.account.username)?;
    println!(
        "Welcome, {}. Talk with everybody: im chat world. Stay: im upgrade USERNAME",
        plain(&profile.nickname)
    );
    Ok(())
}

pub(crate) async fn upgrade(context: &Context, command: Upgrade) -> Result<(), Error> {
    let guest = context.me().await?;
    let username = command.username.to_lowercase();
    let password = context.password(&username, true)?;
    let login = guest
        .api
        .upgrade(&username, &password, &command.nickname)
        .await?;
    let mut account = guest.account.clone();
    account.username.clone_from(&username);
    context.keep(account, login)?;
    context.vault.keep_last(&username)?;
    let mut before = guest.account;
    before.login = None;
    context.vault.keep(&before)?;
    println!("You are {username} now, and what you said as a guest stays yours.");
    Ok(())
}

pub(crate) async fn logout(context: &Context) -> Result<(), Error> {
    let me = context.me().await?;
    match me.api.logout(&me.login.refresh_token).await {
        // Tokens that the server does not know any more are as good as revoked.
        Err(ApiError::Refused {
            code: Code::TokenInvalid | Code::TokenExpired | Code::TokenRevoked,
            ..
        })
        | Ok(()) => {}
        Err(error) => return Err(error.into()),
    }
    let mut account = me.account;
    account.login = None;
    context.vault.keep(&account)?;
    if context.vault.last()?.as_ref() == Some(&account.username) {
        context.vault.keep_last("")?;
    }
    println!("Logged out {}.", account.username);
    Ok(())
}

pub(crate) async fn whoami(context: &Context) -> Result<(), Error> {
    let me = context.me().await?;
    let profile = me.api.profile().await?;
    println!(
        "{} ({}), id {}, at {}",
        profile.username,
        profile.nickname,
        profile.user_id,
        context.api.server()
    );
    Ok(())
}
