//! A word from the administrators, straight onto the bus (mission D12).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use im_shared::bus::{self, Delivery, NatsConfig, Target};
use im_shared::ids::{SessionId, UserId};
use im_shared::wire::{self, Frame, SystemNotification};

use crate::cli::Notify;
use crate::error::Error;

const FLUSH: Duration = Duration::from_secs(5);

pub(crate) async fn run(command: Notify) -> Result<(), Error> {
    let config = NatsConfig {
        url: command.nats.as_str().into(),
        prefix: command.prefix,
        ..NatsConfig::default()
    };
    let bus = bus::connect(&config, "im-notify").await?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let frame = wire::encode(&Frame::push(SystemNotification {
        notification_id: u64::try_from(now.as_micros()).unwrap_or_default(),
        title: command.title,
        content: command.text,
        created_at: i64::try_from(now.as_millis()).unwrap_or_default(),
        ..SystemNotification::default()
    }));
    let (subject, payload) = match command.user_id {
        Some(user) => (
            bus.subjects().user_event(user),
            bus::encode_user_event(user, &frame),
        ),
        None => {
            // Number 0: a broadcast belongs to no link.
            let everybody = Target {
                session: SessionId(0),
                user: UserId(0),
            };
            (
                bus.subjects().broadcast(),
                bus::encode_downstream(0, 0, &[Delivery::live(frame, vec![everybody])]),
            )
        }
    };
    bus.publish(subject, payload).await?;
    bus.flush(FLUSH).await?;
    println!("Published.");
    Ok(())
}
