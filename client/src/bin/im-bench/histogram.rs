//! Latencies of many tasks in one histogram.

use std::time::Duration;

use hdrhistogram::Histogram;
use parking_lot::Mutex;

use crate::process::round;

/// Microseconds from 1 to two minutes, three digits.
pub(crate) struct Latencies(Mutex<Histogram<u64>>);

impl Latencies {
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self(Mutex::new(Histogram::new_with_bounds(
            1,
            120_000_000,
            3,
        )?)))
    }

    pub(crate) fn record(&self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.0.lock().saturating_record(micros.max(1));
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.lock().len()
    }

    /// Milliseconds at a quantile such as 0.99.
    pub(crate) fn millis(&self, quantile: f64) -> f64 {
        #[allow(clippy::cast_precision_loss)]
        let micros = self.0.lock().value_at_quantile(quantile) as f64;
        round(micros / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn quantiles_come_in_milliseconds() {
        let latencies = Latencies::new().unwrap();
        for millis in 1..=100 {
            latencies.record(Duration::from_millis(millis));
        }
        latencies.record(Duration::from_secs(3_600)); // Beyond the range: counted at its end.
        assert_eq!(latencies.count(), 101);
        assert!((latencies.millis(0.5) - 51.0).abs() < 0.1);
        assert!(latencies.millis(1.0) > 100_000.0);
    }
}
