//! Waiting for conditions.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

/// Asks every 10 ms until `condition` holds.
///
/// # Panics
///
/// When it does not hold within `deadline`.
pub async fn wait_until(mut condition: impl AsyncFnMut() -> bool, deadline: Duration) {
    let end = Instant::now() + deadline;
    while !condition().await {
        assert!(Instant::now() < end, "not within {deadline:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A port of the loopback address that was free a moment ago. Prefer port 0 where the program can tell what it got.
///
/// # Panics
///
/// When there is none.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("a bound address").port()
}
