//! Ends the sessions of a user, over the bus, which whoever reaches the bus may do (A12). It revokes nothing: the user may sign in again.

use std::time::Duration;

use im_shared::bus::{self, NatsConfig};
use im_shared::ids::SignInId;
use im_shared::wire::{self, CloseCode, Frame};

use crate::cli::Kick;
use crate::error::Error;

const FLUSH: Duration = Duration::from_secs(5);

pub(crate) async fn run(command: Kick) -> Result<(), Error> {
    let config = NatsConfig {
        url: command.nats.as_str().into(),
        prefix: command.prefix,
        ..NatsConfig::default()
    };
    let bus = bus::connect(&config, "im-kick").await?;
    let kick = wire::encode(&Frame::push(wire::Kick {
        code: CloseCode::RemovedByAdministrator,
        message: command.message,
    }));
    let payload = bus::encode_user_kick(command.user_id, &kick, &command.device, SignInId(0));
    let subject = bus.subjects().user_event(command.user_id);
    bus.publish(subject, payload).await?;
    bus.flush(FLUSH).await?;
    println!("Published.");
    Ok(())
}
