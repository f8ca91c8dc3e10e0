//! One access node with real NATS and Redis, spoken to by a client over both transports and by a fake logic on the bus.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod certificate;
mod delivery;
mod devices;
mod drain;
mod ephemeral;
mod follow;
mod forged;
mod handshake;
mod hostile;
mod limits;
mod links;
mod outages;
mod presence;
mod program;
mod revocation;
mod slow;
mod support;
