//! Rust client library of im-rs. Imports flow one way: `transport <- session <- sync -> storage`, and `api` beside them; the
//! web client has the same parts under the same names.
//!
//! | module | what it holds |
//! |---|---|
//! | [`api`] | REST: accounts, friends, conversations, access endpoints |
//! | [`transport`] | WebTransport and WebSocket, and which of them to try |
//! | [`session`] | one authenticated connection: requests, heartbeats, kick, drain |
//! | [`connector`] | finds a node and opens a session on it |
//! | [`tracker`] | keeps one conversation's log gap-free; pure |
//! | [`sync`] | all conversations, and what must be asked for; pure |
//! | [`fold`] | messages with edits, recalls and reactions folded in; pure |
//! | [`outbox`] | what waits to be sent; pure |
//! | [`positions`] | read and delivered positions that are to be told; pure |
//! | [`storage`] | what a client keeps |
//! | [`client`] | the handle that applications use |
//! | [`message`] | what is sent: messages of every type |
//! | [`conversation`] | changes of messages, settings, receipts, search |
//! | [`options`] | how it behaves |
//! | [`event`] | what it tells them |

pub mod api;
pub mod client;
pub mod connector;
pub mod conversation;
mod engine;
pub mod event;
pub mod fold;
pub mod message;
pub mod options;
pub mod outbox;
pub mod positions;
pub mod session;
pub mod storage;
pub mod sync;
pub mod tracker;
pub mod transport;

pub use api::{Api, ApiError, Login};
pub use client::{Client, ClientError, History};
pub use connector::Endpoints;
pub use conversation::Wish;
pub use event::{Event, Events, Stored};
pub use fold::{Fold, Shown};
pub use message::{Message, Reaction};
pub use options::Options;
pub use outbox::{ClientMessageId, Target};
pub use storage::{MemoryStorage, Storage};
pub use sync::Backlog;
pub use transport::{Kind, Preference};
