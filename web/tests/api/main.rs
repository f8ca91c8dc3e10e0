//! The REST API over real PostgreSQL, Redis and NATS, one file per resource.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod actors;
mod app;
mod auth;
mod changes;
mod contract;
mod conversations;
mod faults;
mod friends;
mod group_commands;
mod groups;
mod guest;
mod guest_limits;
mod http;
mod logic;
mod messages;
mod presence;
mod requests;
mod schema;
mod settings;
mod stale_guests;
mod static_files;
mod stop;
mod tokens;
mod upgrade;
mod user;
mod user_events;
