//! Access node: ends client sessions and carries their frames over the bus. It answers a session's own frames and never
//! opens the body of another (architecture, sentence 1).
//!
//! | module | what it holds |
//! |---|---|
//! | `app` | the order of start and stop |
//! | [`config`] | everything that can be set |
//! | [`certificate`] | the endpoint's certificate, renewed while running |
//! | `listener` | QUIC and TCP connections; WebTransport and WebSocket |
//! | `admission` | caps of unauthenticated connections |
//! | `transport` | what a session needs of a connection |
//! | `handshake` | from a connection to an identity |
//! | `session` | one connection, one task |
//! | `outbox` | what waits for one client |
//! | `rate` | how fast a client may send |
//! | `sessions`, `session_ids` | who is here |
//! | `uplink` | frames to logic |
//! | `downlink`, `links` | deliveries from logic, and whether some were lost |
//! | `revocation` | sessions whose sign-in was revoked |
//! | `hints` | telling everybody to sync |
//! | `news` | telling those who do not follow a conversation that there is news in it |
//! | `presence`, `announce` | sessions and the node itself in Redis |
//! | `drain` | how sessions are asked to leave |
//! | `node` | what all of these share |
//! | `health` | the state of each dependency |
//! | `metrics` | every metric |

mod admission;
mod announce;
mod app;
pub mod certificate;
pub mod config;
mod downlink;
mod drain;
mod error;
mod handshake;
mod health;
mod hints;
mod links;
mod listener;
mod metrics;
mod news;
mod node;
mod outbox;
mod presence;
mod rate;
mod revocation;
mod session;
mod session_ids;
mod sessions;
mod transport;
mod uplink;

pub use app::{Access, Addresses};
pub use config::Config;
pub use error::StartError;
