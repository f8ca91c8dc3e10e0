//! The names of platforms in JSON.

use crate::wire::Platform;

const NAMES: [(Platform, &str); 5] = [
    (Platform::Web, "web"),
    (Platform::Desktop, "desktop"),
    (Platform::Ios, "ios"),
    (Platform::Android, "android"),
    (Platform::Terminal, "terminal"),
];

/// `web`, `desktop`, `ios`, `android` or `terminal`; None for a value that this release does not know.
#[must_use]
pub fn platform_name(platform: Platform) -> Option<&'static str> {
    let entry = NAMES.iter().find(|(known, _)| *known == platform);
    entry.map(|(_, name)| *name)
}

/// The platform of that name.
#[must_use]
pub fn platform_from_name(name: &str) -> Option<Platform> {
    let entry = NAMES.iter().find(|(_, known)| *known == name);
    entry.map(|(platform, _)| *platform)
}
