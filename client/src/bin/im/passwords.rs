//! Changing one's password, and setting a forgotten one anew.

use crate::cli::{Passwd, ResetPassword};
use crate::context::Context;
use crate::error::Error;

pub(crate) async fn change(context: &Context, command: Passwd) -> Result<(), Error> {
    let me = context.me().await?;
    let username = me.account.username.clone();
    let old = context.password(&username, false)?;
    let new = context.new_password(&username, command.new_password)?;
    let login = me.api.change_password(&old, &new).await?;
    context.keep(me.account, login)?;
    println!("Changed. Every other device is logged out.");
    Ok(())
}

pub(crate) async fn reset(context: &Context, command: ResetPassword) -> Result<(), Error> {
    let Some(token) = command.token else {
        let username = context.username(command.username)?;
        context.api.forgot_password(&username).await?;
        println!(
            "If {username} has a mail address, a token is on its way. Then: im reset-password --token TOKEN"
        );
        return Ok(());
    };
    let password = context.new_password("the account", command.new_password)?;
    context.api.reset_password(&token, &password).await?;
    println!("Set. Log in with: im login USERNAME");
    Ok(())
}
