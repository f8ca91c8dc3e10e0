//! The REST API over real PostgreSQL, Redis and NATS, one file per resource.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod actors;
mod app;
mod auth;
mod contract;
mod conversations;
mod faults;
mod friends;
mod guest;
mod guest_limits;
mod http;
mod logic;
mod messages;
mod requests;
mod schema;
mod stale_guests;
mod static_files;
mod stop;
mod tokens;
mod upgrade;
mod user;
