//! Shows everything that arrives until it is interrupted.

use im_client::{Backlog, Event};
use im_shared::wire::FriendChange;

use crate::context::Context;
use crate::error::Error;
use crate::names::Names;
use crate::show::plain;

pub(crate) async fn run(context: &Context) -> Result<(), Error> {
    let me = context.me().await?;
    let mut names = Names::load(me.api.clone(), me.login.user_id).await?;
    let (client, mut events) = context.connect(&me, Backlog::Last(0));
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            interrupted = tokio::signal::ctrl_c() => {
                interrupted?;
                client.close().await;
                return Ok(());
            }
        };
        let Some(event) = event else { return Ok(()) };
        if let Some(event) = context.common(&me, event)? {
            show(context, &mut names, event).await;
        }
    }
}

/// Messages go to standard output, everything about the connection to standard error.
async fn show(context: &Context, names: &mut Names, event: Event) {
    let show = &context.show;
    match event {
        Event::EntryStored(entry) => {
            let name = names.of(entry.sender_id).await;
            let text = String::from_utf8_lossy(&entry.content);
            println!(
                "{}",
                show.message(entry.created_at, &name, &text, name == "me")
            );
        }
        Event::Presence(event) => {
            let state = if event.online {
                "is online"
            } else {
                "is offline"
            };
            println!(
                "{}",
                show.dim(&format!(
                    "· {} {state}",
                    plain(&names.of(event.user_id).await)
                ))
            );
        }
        Event::Friend(event) => {
            let name = plain(&names.of(event.user_id).await);
            let what = match event.change {
                FriendChange::Requested => {
                    format!("{name} asks to become friends: {}", plain(&event.message))
                }
                FriendChange::Accepted => format!("{name} and you are friends now"),
                FriendChange::Rejected => format!("{name} declined"),
                _ => format!("{name} is no friend any more"),
            };
            println!("{}", show.warn(&format!("· {what}")));
        }
        Event::Notification(word) => {
            println!(
                "{}",
                show.warn(&format!(
                    "! {}: {}",
                    plain(&word.title),
                    plain(&word.content)
                ))
            );
        }
        Event::Connected { node_id, transport } => eprintln!(
            "{}",
            show.dim(&format!("connected to {node_id} over {transport}"))
        ),
        Event::Disconnected { reason, retry_in } => {
            eprintln!(
                "{}",
                show.dim(&format!(
                    "disconnected ({reason}); again in {:.1} s",
                    retry_in.as_secs_f32()
                ))
            );
        }
        Event::Missed(count) => {
            eprintln!("{}", show.warn(&format!("{count} events were not shown")))
        }
        _ => {}
    }
}
