//! Logs, metrics and the ops port (missions J1, K1, K4).
//!
//! | file | what it holds |
//! |---|---|
//! | `json` | one JSON object per log line, on standard error |
//! | `health` | the state of each dependency, and whether the program is ready |
//! | `ops` | `/live`, `/ready`, `/metrics` |

mod health;
mod json;
mod ops;

use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogConfig;
pub use health::{Dependency, DependencyState, Health};
pub use json::JsonLayer;
pub use ops::{Ops, OpsError};

/// Bounds of the histograms of durations, in seconds: 0.5 ms to 10 s.
const SECONDS: [f64; 14] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// Bounds of the histograms of numbers of things (batches, carriers).
const COUNTS: [f64; 12] = [
    1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 2_000.0, 5_000.0,
];

/// The recorder of a process can be set once; programs that share a process (tests) share it.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Why telemetry cannot start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `log.level` cannot be read.
    #[error("log.level is no level")]
    Level(#[from] tracing_subscriber::filter::ParseError),
    /// Another recorder was set before.
    #[error("metrics have another recorder")]
    Recorder,
}

/// The telemetry of this process. A cheap clone.
#[derive(Clone)]
pub struct Telemetry {
    metrics: PrometheusHandle,
}

impl Telemetry {
    /// All metrics in the text format of Prometheus.
    #[must_use]
    pub fn render(&self) -> String {
        self.metrics.render()
    }

    /// Drains what histograms hold back; without it they grow while nobody scrapes.
    pub(crate) fn upkeep(&self) {
        self.metrics.run_upkeep();
    }
}

impl std::fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Telemetry")
    }
}

/// Starts logs and metrics for `program` (`access`, `logic`, `web`), whose process is called `node`. In a process that logs already
/// (tests), the logs stay as they are.
///
/// # Errors
///
/// `log.level` cannot be read, or the process has a recorder of another kind.
pub fn init(program: &str, node: &str, config: &LogConfig) -> Result<Telemetry, TelemetryError> {
    let filter = EnvFilter::try_new(&config.level)?;
    let json = JsonLayer::new(program, node, std::io::stderr);
    let registry = tracing_subscriber::registry().with(filter).with(json);
    if registry.try_init().is_err() {
        tracing::debug!("logs were started before");
    }
    let metrics = RECORDER.get_or_init(|| recorder().ok());
    let metrics = metrics.clone().ok_or(TelemetryError::Recorder)?;
    Ok(Telemetry { metrics })
}

fn recorder() -> Result<PrometheusHandle, metrics_exporter_prometheus::BuildError> {
    let seconds = Matcher::Suffix("_seconds".to_owned());
    PrometheusBuilder::new()
        .set_buckets(&COUNTS)?
        .set_buckets_for_metric(seconds, &SECONDS)?
        .install_recorder()
}
