//! For operators.

use im_client::Api;
use im_client::api::Account;
use im_shared::ids::UserId;

use crate::cli::AdminCommand;
use crate::context::Context;
use crate::error::Error;
use crate::show::{Show, column, plain};

pub(crate) async fn run(context: &Context, command: AdminCommand) -> Result<(), Error> {
    let me = context.me().await?;
    let (api, show) = (&me.api, &context.show);
    match command {
        AdminCommand::Users { text } => users(api, show, &text).await,
        AdminCommand::Show { account } => {
            let account = api.account(find(api, &account).await?).await?;
            println!("{}", line(show, &account));
            println!(
                "mail {}  phone {}  role {}",
                plain(&account.email),
                plain(&account.phone),
                account.role.as_deref().unwrap_or("none")
            );
            Ok(())
        }
        AdminCommand::Disable { account, reason } => {
            let id = find(api, &account).await?;
            api.disable_account(id, &reason).await?;
            println!("Disabled; logged out everywhere.");
            Ok(())
        }
        AdminCommand::Enable { account, reason } => {
            let id = find(api, &account).await?;
            api.enable_account(id, &reason).await?;
            println!("Enabled.");
            Ok(())
        }
        AdminCommand::Sessions { account } => sessions(api, show, &account).await,
        AdminCommand::LogOut { account, session } => {
            let id = find(api, &account).await?;
            let count = api.log_account_out(id, session).await?;
            println!("Logged out: {count}.");
            Ok(())
        }
        AdminCommand::Audit { account } => audit(api, show, account.as_deref()).await,
    }
}

/// The account of an exact username or an id.
async fn find(api: &Api, user: &str) -> Result<UserId, Error> {
    let name = user.to_lowercase();
    let found = api.accounts(&name, None).await?.users;
    let exact = found.iter().find(|account| account.username == name);
    let by_id = || {
        found
            .iter()
            .find(|account| account.user_id.to_string() == name)
    };
    let account = exact.or_else(by_id);
    account
        .map(|account| account.user_id)
        .ok_or(Error::NoSuchUser(name))
}

fn line(show: &Show, account: &Account) -> String {
    let kind = if account.guest { "guest" } else { "user" };
    format!(
        "{}  {}  {}  {kind}  {}  {}",
        account.user_id,
        column(&plain(&account.username), 24),
        column(&account.status, 8),
        show.time(account.created_at),
        plain(&account.nickname)
    )
}

async fn users(api: &Api, show: &Show, text: &str) -> Result<(), Error> {
    let mut after = None;
    loop {
        let page = api.accounts(text, after).await?;
        for account in &page.users {
            println!("{}", line(show, account));
        }
        after = page.next_after;
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn sessions(api: &Api, show: &Show, user: &str) -> Result<(), Error> {
    let id = find(api, user).await?;
    for device in api.account_devices(id).await? {
        println!(
            "{}  {}  {}  {}  {}  {}",
            device.sign_in_id,
            column(&device.platform, 8),
            column(&plain(&device.address), 20),
            show.time(device.last_seen_at),
            plain(&device.device_id),
            plain(&device.name)
        );
    }
    Ok(())
}

async fn audit(api: &Api, show: &Show, user: Option<&str>) -> Result<(), Error> {
    let about = match user {
        Some(user) => Some(find(api, user).await?),
        None => None,
    };
    let name = |id: Option<UserId>| id.map_or_else(|| "-".to_owned(), |id| id.to_string());
    for entry in api.audit(about).await? {
        println!(
            "{}  {}  {}  {}  {}",
            show.time(entry.created_at),
            column(&name(entry.operator_id), 19),
            column(&plain(&entry.action), 14),
            column(&name(entry.target_id), 19),
            plain(&entry.detail.to_string())
        );
    }
    Ok(())
}
