//! The whole system under test: real programs, real servers, the real client.
//!
//! | module | what it holds |
//! |---|---|
//! | [`cluster`] | a cluster as processes, for one test |
//! | [`programs`] | one process: found, started, killed, asked to end |
//! | [`backend`] | the servers below: shared with other tests, or private for tests that break them |
//! | [`ports`] | ports that stay free |
//! | [`user`] | a user as tests speak of one |
//! | [`device`] | one device: the client and everything that it told |
//! | [`group`] | a group as tests speak of one |
//! | [`talker`] | somebody who does all that can be done with messages |
//! | [`view`] | what people see of a conversation, whoever looks |
//! | [`webhook`] | a program of the operator that is told who is away |
//! | [`terminal`] | somebody at a terminal |
//! | [`raw`] | a connection without a client behind it |
//! | [`load`] | users who write all the time, and the record of it |
//! | [`history`] | the check that what was sent, acknowledged, stored and shown fits together |

pub mod backend;
pub mod cluster;
pub mod device;
pub mod group;
pub mod history;
pub mod load;
pub mod ports;
pub mod programs;
pub mod raw;
pub mod talker;
pub mod terminal;
pub mod user;
pub mod view;
pub mod webhook;

pub use cluster::{Cluster, repository};
pub use device::{Device, PATIENCE};
pub use group::{Group, circle};
pub use load::{Load, Plan};
pub use raw::Raw;
pub use terminal::Terminal;
pub use user::{Account, Connect, Guest, TestUser};
pub use webhook::Webhook;
