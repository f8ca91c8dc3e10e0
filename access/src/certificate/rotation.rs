//! When the next certificate is made, announced and used. Pure: it is told the time.

use std::sync::Arc;

use rustls::sign::CertifiedKey;
use time::{Duration, OffsetDateTime};

use super::CertificateError;
use super::made::{Made, VALIDITY};

/// The next certificate is announced so long before it is used. A client needs its hash only from fetching the endpoints
/// to connecting: seconds.
const ANNOUNCED_FOR: Duration = Duration::hours(24);
/// At the very least so long, when the process slept past the time.
const ANNOUNCED_AT_LEAST: Duration = Duration::minutes(5);

/// The certificate in use, and the next one once it is announced.
#[derive(Debug)]
pub struct Rotation {
    names: Vec<String>,
    current: Made,
    next: Option<Made>,
}

impl Rotation {
    /// Begins with a fresh certificate for `names`.
    ///
    /// # Errors
    ///
    /// A name is none.
    pub fn new(names: Vec<String>, now: OffsetDateTime) -> Result<Self, CertificateError> {
        let current = Made::new(&names, now)?;
        Ok(Self {
            names,
            current,
            next: None,
        })
    }

    /// Does what is due; whether something changed.
    ///
    /// # Errors
    ///
    /// The next certificate could not be made; ask again later.
    pub fn step(&mut self, now: OffsetDateTime) -> Result<bool, CertificateError> {
        let half_life = self.current.made_at() + VALIDITY / 2;
        match self.next.take() {
            None if now >= half_life - ANNOUNCED_FOR => {
                self.next = Some(Made::new(&self.names, now)?);
                Ok(true)
            }
            Some(next) if now >= half_life && now >= next.made_at() + ANNOUNCED_AT_LEAST => {
                self.current = next;
                Ok(true)
            }
            unchanged => {
                self.next = unchanged;
                Ok(false)
            }
        }
    }

    /// The hash in use first, then the announced one.
    #[must_use]
    pub fn hashes(&self) -> Vec<String> {
        let both = std::iter::once(&self.current).chain(&self.next);
        both.map(|made| made.hash().to_owned()).collect()
    }

    /// What the endpoint shows now.
    pub(crate) fn current(&self) -> Arc<CertifiedKey> {
        self.current.key()
    }

    /// The certificate that the endpoint shows now, in DER.
    #[must_use]
    pub fn current_der(&self) -> &[u8] {
        self.current.der()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn start() -> (Rotation, OffsetDateTime) {
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        (
            Rotation::new(vec!["localhost".to_owned()], now).unwrap(),
            now,
        )
    }

    #[test]
    fn both_hashes_are_announced_for_a_day_before_the_switch() {
        let (mut rotation, start) = start();
        let first = rotation.hashes();
        assert_eq!(first.len(), 1);
        assert!(!rotation.step(start + Duration::days(5)).unwrap());
        assert!(rotation.step(start + Duration::hours(5 * 24 + 12)).unwrap());
        let both = rotation.hashes();
        assert_eq!((both.len(), &both[0]), (2, &first[0]));
        assert!(!rotation.step(start + Duration::hours(6 * 24 + 11)).unwrap());
        assert!(rotation.step(start + Duration::hours(6 * 24 + 12)).unwrap());
        assert_eq!(rotation.hashes(), [both[1].clone()]);
    }

    #[test]
    fn a_process_that_slept_announces_first_and_switches_minutes_later() {
        let (mut rotation, start) = start();
        let late = start + Duration::days(12);
        assert!(rotation.step(late).unwrap());
        assert_eq!(rotation.hashes().len(), 2);
        assert!(!rotation.step(late + Duration::minutes(4)).unwrap());
        assert!(rotation.step(late + Duration::minutes(5)).unwrap());
        assert_eq!(rotation.hashes().len(), 1);
    }

    #[test]
    fn at_every_moment_of_a_year_the_certificate_is_valid_and_was_announced() {
        let (mut rotation, start) = start();
        let mut announced = rotation.hashes();
        for hour in 0..24 * 365 {
            let now = start + Duration::hours(hour);
            rotation.step(now).unwrap();
            let hashes = rotation.hashes();
            assert!(
                announced.contains(&hashes[0]),
                "used before it was announced"
            );
            assert!(now < rotation.current.made_at() + VALIDITY - Duration::days(1));
            announced = hashes;
        }
    }
}
