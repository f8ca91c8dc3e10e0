//! What travels between the programs: carriers, and the connection against real NATS servers.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod carriers;
mod connection;
mod leaving;
