//! What `/ready` says of each dependency (K1).

use std::time::Duration;

use im_shared::bus::Bus;
use im_shared::cache::{self, Redis};
use im_shared::telemetry::Health;
use tokio_util::task::AbortOnDropHandle;

/// How long NATS may take to answer. Redis has its own limit.
const DEADLINE: Duration = Duration::from_secs(1);

/// Asks every dependency again and again, until the handles are dropped.
pub(crate) fn probes(
    health: &Health,
    bus: &Bus,
    redis: &Redis,
    endpoint: &quinn::Endpoint,
) -> Vec<AbortOnDropHandle<()>> {
    let (bus, redis, endpoint) = (bus.clone(), redis.clone(), endpoint.clone());
    vec![
        health.dependency("nats").probe(move || {
            let bus = bus.clone();
            async move { bus.flush(DEADLINE).await }
        }),
        health.dependency("redis").probe(move || {
            let redis = redis.clone();
            async move { cache::ping(&redis).await }
        }),
        health.dependency("quic").probe(move || {
            let address = endpoint.local_addr();
            async move { address.map(|_| ()) }
        }),
    ]
}
