//! A word of the operator: a request to logic over the bus, which whoever reaches the bus may make (D12). It is kept for those who are away.

use std::time::Duration;

use im_shared::bus::{self, NatsConfig, Origin};
use im_shared::ids::{Incarnation, SessionId, UserId};
use im_shared::wire::{self, Body, Frame, Platform, RequestId, SystemNotify};
use uuid::Uuid;

use crate::cli::Notify;
use crate::error::Error;

/// A thousand users take about a second.
const DEADLINE: Duration = Duration::from_secs(60);

pub(crate) async fn run(command: Notify) -> Result<(), Error> {
    let config = NatsConfig {
        url: command.nats.as_str().into(),
        prefix: command.prefix,
        ..NatsConfig::default()
    };
    let bus = bus::connect(&config, "im-notify").await?;
    let request = SystemNotify {
        client_message_id: command.id.unwrap_or_else(Uuid::now_v7),
        everybody: command.all,
        user_ids: command.user_ids,
        title: command.title,
        content: command.text,
    };
    let id = request.client_message_id;
    let origin = Origin {
        session: SessionId(0),
        user: UserId(0),
        platform: Platform::Unknown,
        guest: false,
    };
    let frame = wire::encode(&Frame::request(RequestId(1), request));
    let carrier = bus::encode_upstream("", Incarnation(0), &[(origin, frame)]);
    let reply = bus
        .request(bus.subjects().upstream(), carrier, DEADLINE)
        .await;
    let reply = match reply {
        Ok(reply) => reply,
        Err(error) => {
            eprintln!("It may have been sent in part. Again, without doubling anything: --id {id}");
            return Err(error.into());
        }
    };
    match wire::decode(&reply.payload).map(|frame| frame.body) {
        Ok(Body::Done(_)) => {
            println!("Stored and sent.");
            Ok(())
        }
        Ok(Body::ErrorResponse(error)) => Err(Error::Failed(error.message)),
        _ => Err(Error::Failed("logic gave no answer that fits".to_owned())),
    }
}
