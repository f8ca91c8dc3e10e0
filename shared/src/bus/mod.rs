//! NATS between the programs: one home for every subject, the carriers that travel there, and the connection.
//!
//! | file | what it holds |
//! |---|---|
//! | `subjects` | every subject and queue group |
//! | `carrier` | one payload with many frames or deliveries (`schema/bus.fbs`) |
//! | `batches` | cuts what is to be sent into carriers of a bounded size |
//! | `config` | the `[nats]` section |
//! | `connect` | [`Bus`]: publish, subscribe, request, each within a deadline |
//! | `events` | what happened to the connection |
//! | `subscription` | [`Subscription`]: what arrives, and how a group is left |

mod batches;
mod carrier;
mod config;
mod connect;
mod events;
mod subjects;
mod subscription;

// Made by schema/generate.sh.
#[allow(
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    unsafe_code,
    unused
)]
#[rustfmt::skip]
mod bus_generated;

pub use async_nats::{Message, Subject};
pub use batches::{Batches, MAX_BATCH_BYTES, Weigh, batches};
pub use carrier::{
    Carrier, CarrierError, Delivery, GroupFrame, GroupPush, MAX_CARRIER, Origin, Target, decode,
    encode_downstream, encode_friends_event, encode_group_push, encode_upstream, encode_user_event,
    encode_user_kick,
};
pub use config::NatsConfig;
pub use connect::{Asked, Bus, BusError, connect, traceparent};
pub use events::Event;
pub use subjects::{InvalidPrefix, LOGIC_GROUP, Subjects, TASK_GROUP};
pub use subscription::Subscription;
