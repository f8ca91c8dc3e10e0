//! Which of a user's sessions may stand next to each other: the policy of the deployment.

use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;

use super::Location;

/// What a user may have at once. The same device never has two sessions: a reconnect replaces what it left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DevicePolicy {
    /// A newer session replaces the older one of its platform.
    #[default]
    OnePerPlatform,
    /// A newer session replaces the oldest ones beyond so many.
    AtMost(NonZeroU16),
    /// As many devices as the user has.
    Unlimited,
}

/// With so many sessions, those of dead nodes are forgotten although the policy would have room: devices that never came back would
/// make the list grow for ever.
const CROWD: usize = 32;

impl DevicePolicy {
    /// Whether only one of the two sessions may be there.
    pub(super) fn clash(self, one: &Arrival, other: &Arrival) -> bool {
        if one.location.platform != other.location.platform {
            return false;
        }
        self == Self::OnePerPlatform || (one.device.is_some() && one.device == other.device)
    }

    /// With more sessions than this, those of dead nodes are forgotten.
    pub(super) fn crowd(self) -> usize {
        self.limit().unwrap_or(CROWD)
    }

    /// With more sessions than this, the oldest are replaced.
    pub(super) fn limit(self) -> Option<usize> {
        match self {
            Self::AtMost(limit) => Some(limit.get().into()),
            Self::OnePerPlatform | Self::Unlimited => None,
        }
    }
}

/// A device, told apart from the other devices of its user only: a hash of its id, which is the same in every program and release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device(u64);

impl Device {
    /// The device with this id.
    #[must_use]
    pub fn of(id: &str) -> Self {
        // FNV-1a with 64 bits. Whoever makes two of their own devices collide signs themselves out, and nobody else.
        let fold =
            |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Self(id.bytes().fold(0xcbf2_9ce4_8422_2325, fold))
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

impl FromStr for Device {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

/// A session that is to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Where it is.
    pub location: Location,
    /// What it was opened from; `None` when that is not known, and then it clashes with no other session of its platform unless there
    /// may be only one.
    pub device: Option<Device>,
}

impl Arrival {
    /// A session that was opened from the device with this id.
    #[must_use]
    pub fn of(location: Location, device_id: &str) -> Self {
        Self {
            location,
            device: Some(Device::of(device_id)),
        }
    }
}

impl From<Location> for Arrival {
    fn from(location: Location) -> Self {
        Self {
            location,
            device: None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// The hash stands in Redis and is compared by nodes of different releases.
    #[test]
    fn the_hash_of_a_device_is_pinned() {
        // From the reference vectors of FNV-1a.
        assert_eq!(Device::of("").to_string(), "cbf29ce484222325");
        assert_eq!(Device::of("foobar").to_string(), "85944171f73967e8");
        let device = Device::of("a browser");
        assert_eq!(device.to_string().parse::<Device>().unwrap(), device);
    }
}
