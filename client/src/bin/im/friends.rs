//! Friends, requests and blocks.

use im_client::Api;
use im_client::api::{Direction, FriendRequest};

use crate::cli::FriendsCommand;
use crate::context::Context;
use crate::error::Error;
use crate::names;
use crate::show::{Show, plain};

pub(crate) async fn run(context: &Context, command: Option<FriendsCommand>) -> Result<(), Error> {
    let me = context.me().await?;
    let (api, show) = (&me.api, &context.show);
    match command.unwrap_or(FriendsCommand::List) {
        FriendsCommand::List => list(api, show).await,
        FriendsCommand::Search { words } => search(api, show, &words).await,
        FriendsCommand::Add { username, message } => {
            let user = names::find(api, &username).await?;
            api.request_friend(user.user_id, &message).await?;
            println!("Asked {}.", user.username);
            Ok(())
        }
        FriendsCommand::Requests => requests(api, show).await,
        FriendsCommand::Cancel { username } => {
            let request = request_of(api, Direction::Sent, &username).await?;
            api.cancel_request(request.id).await?;
            println!("Taken back.");
            Ok(())
        }
        FriendsCommand::Accept { username } => {
            let request = request_of(api, Direction::Received, &username).await?;
            api.accept_friend(request.id).await?;
            println!(
                "{} and you are friends now. Say hello: im chat {}",
                request.user.username, request.user.username
            );
            Ok(())
        }
        FriendsCommand::Reject { username } => {
            let request = request_of(api, Direction::Received, &username).await?;
            api.reject_friend(request.id).await?;
            println!("Declined.");
            Ok(())
        }
        FriendsCommand::Remove { username } => {
            api.remove_friend(names::find(api, &username).await?.user_id)
                .await?;
            println!("{username} is no friend any more.");
            Ok(())
        }
        FriendsCommand::Remark { username, text } => {
            api.remark_friend(names::find(api, &username).await?.user_id, &text)
                .await?;
            println!("Done.");
            Ok(())
        }
    }
}

async fn list(api: &Api, show: &Show) -> Result<(), Error> {
    let friends = api.friends().await?;
    if friends.is_empty() {
        println!("No friends yet. Find somebody: im friends search NAME");
    }
    for friend in friends {
        let state = match (friend.blocked, friend.online) {
            (true, _) => "blocked",
            (false, true) => "online",
            (false, false) => "",
        };
        let name = if friend.remark.is_empty() {
            friend.profile.nickname
        } else {
            friend.remark
        };
        println!(
            "{:<20} {:<24} {}",
            show.strong(&friend.profile.username),
            plain(&name),
            show.dim(state)
        );
    }
    Ok(())
}

async fn search(api: &Api, show: &Show, words: &str) -> Result<(), Error> {
    let users = api.search(words, 20).await?;
    if users.is_empty() {
        println!("Nobody found.");
    }
    for user in users {
        println!(
            "{:<20} {}",
            show.strong(&user.username),
            plain(&user.nickname)
        );
    }
    Ok(())
}

async fn requests(api: &Api, show: &Show) -> Result<(), Error> {
    let (received, sent) = tokio::try_join!(
        api.friend_requests(Direction::Received),
        api.friend_requests(Direction::Sent)
    )?;
    let pending = |request: &FriendRequest| request.status == "pending";
    if !received.iter().chain(&sent).any(pending) {
        println!("No open requests.");
    }
    for request in received.into_iter().filter(pending) {
        let at = show.dim(&show.time(request.created_at));
        println!(
            "{at} {} asks: {}",
            show.strong(&request.user.username),
            plain(&request.message)
        );
    }
    for request in sent.into_iter().filter(pending) {
        let at = show.dim(&show.time(request.created_at));
        println!(
            "{at} you asked {}: {}",
            show.strong(&request.user.username),
            plain(&request.message)
        );
    }
    Ok(())
}

/// Blocks somebody.
pub(crate) async fn block(context: &Context, username: &str) -> Result<(), Error> {
    let me = context.me().await?;
    let user = names::find(&me.api, username).await?;
    me.api.block(user.user_id).await?;
    println!(
        "{} reaches you no more, nor you them. Take it back with: im unblock {}",
        user.username, user.username
    );
    Ok(())
}

/// Unblocks somebody, who need not be found otherwise.
pub(crate) async fn unblock(context: &Context, username: &str) -> Result<(), Error> {
    let me = context.me().await?;
    let wanted = username.strip_prefix('@').unwrap_or(username);
    let wanted = wanted.to_lowercase();
    let mut blocked = me.api.blocks().await?.into_iter();
    let found = blocked.find(|blocked| blocked.profile.username == wanted);
    let found = found.ok_or_else(|| Error::Failed(format!("{username} is not blocked")))?;
    me.api.unblock(found.user_id).await?;
    println!("{} is not blocked any more.", found.profile.username);
    Ok(())
}

/// Whom one has blocked.
pub(crate) async fn blocks(context: &Context) -> Result<(), Error> {
    let me = context.me().await?;
    let blocked = me.api.blocks().await?;
    if blocked.is_empty() {
        println!("Nobody is blocked.");
    }
    for blocked in blocked {
        println!(
            "{:<20} {:<24} {}",
            context.show.strong(&blocked.profile.username),
            plain(&blocked.profile.nickname),
            context.show.dim(&context.show.time(blocked.created_at))
        );
    }
    Ok(())
}

/// The open request of somebody, or to somebody.
async fn request_of(
    api: &Api,
    direction: Direction,
    username: &str,
) -> Result<FriendRequest, Error> {
    let wanted = username.to_lowercase();
    let found = api.friend_requests(direction).await?;
    let mut found = found
        .into_iter()
        .filter(|request| request.status == "pending");
    found
        .find(|request| request.user.username == wanted)
        .ok_or_else(|| {
            Error::Failed(match direction {
                Direction::Received => format!("{username} has not asked you"),
                Direction::Sent => format!("no request to {username} is open"),
            })
        })
}
