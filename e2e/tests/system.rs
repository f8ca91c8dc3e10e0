//! The tests that cross programs, on clusters of real processes.
//!
//! | file | what it shows |
//! |---|---|
//! | `conversation` | people chat: through nodes, offline, on several devices, over both transports |
//! | `delivery` | what is acknowledged is never lost, whatever is killed |
//! | `graceful` | a node that is asked to end is not noticed |
//! | `bus` | who speaks on which subject |
//! | `datagrams` | typing in datagrams, and hints |
//! | `requests` | every bad request gets its own code |
//! | `hostile` | hostile clients harm nobody but themselves |
//! | `world` | guests and users in the world chat |
//! | `programs` | configuration, health, ports of each program |
//! | `terminal` | the terminal client |
//! | `browser` | real browsers |
//! | `structure` | rules of the house that no compiler knows |
//! | `status` | the promises and the documents |
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod browser;
mod bus;
mod conversation;
mod datagrams;
mod delivery;
mod graceful;
mod hostile;
mod programs;
mod requests;
mod status;
mod structure;
mod terminal;
mod world;
