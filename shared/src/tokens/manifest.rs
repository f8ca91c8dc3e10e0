//! Which key signs when, and until when each one counts: `keys.json` beside the public keys. Pure but for reading and writing it.

use std::path::Path;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::verify::CLOCK_SKEW_SECONDS;
use super::{ACCESS_TOKEN_LIFE, KeyError, files};

/// The file's name.
pub(super) const FILE: &str = "keys.json";

/// A key counts for so long after its successor signs: the life of its last token, with room for two clocks that differ.
pub const KEY_OVERLAP: Duration =
    Duration::from_secs(ACCESS_TOKEN_LIFE.as_secs() + 2 * CLOCK_SKEW_SECONDS);

/// One key of the ring. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyRecord {
    /// `kid` in the header of its tokens.
    pub id: String,
    /// When it was made; 0 where that is not known.
    pub created_at: u64,
    /// From when on it signs, unless a younger one does.
    pub active_from: u64,
    /// Its tokens are refused from this time on; none before it has a successor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retires_at: Option<u64>,
}

/// What a key is good for at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Published, so that everybody knows it before it signs.
    Announced,
    /// New tokens are signed with it.
    Signing,
    /// Its tokens are good.
    Verifying,
    /// Its tokens are refused; `prune` takes it away.
    Retired,
}

impl KeyState {
    /// For people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Signing => "signing",
            Self::Verifying => "verifying",
            Self::Retired => "retired",
        }
    }
}

impl KeyRecord {
    /// Whether its tokens are refused.
    pub(super) fn is_retired(&self, now: u64) -> bool {
        self.retires_at.is_some_and(|end| end <= now)
    }
}

/// All keys of the ring, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) keys: Vec<KeyRecord>,
}

impl Manifest {
    /// `None` where the folder has no manifest.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, KeyError> {
        let file = folder.join(FILE);
        let Some(text) = files::read_if_there(&file)? else {
            return Ok(None);
        };
        let manifest: Self =
            serde_json::from_str(&text).map_err(|_| KeyError::Unusable(file.clone()))?;
        if manifest.keys.iter().all(|key| files::is_key_id(&key.id)) {
            Ok(Some(manifest))
        } else {
            Err(KeyError::Unusable(file))
        }
    }

    /// In one step: a reader sees the old one or the new one.
    pub(super) fn write(&self, folder: &Path) -> Result<(), KeyError> {
        let file = folder.join(FILE);
        let text = serde_json::to_string_pretty(self);
        let text = text.map_err(|_| KeyError::Unusable(file.clone()))?;
        files::replace(&file, &(text + "\n"))
    }

    /// Announces a key, and lets those before it retire an overlap after it signs.
    pub(super) fn rotate(&mut self, id: &str, announce: Duration, now: u64) -> &KeyRecord {
        let active_from = now.saturating_add(in_millis(announce));
        let end = active_from.saturating_add(in_millis(KEY_OVERLAP));
        for key in &mut self.keys {
            key.retires_at.get_or_insert(end);
        }
        let at = self.keys.len();
        self.keys.push(KeyRecord {
            id: id.to_owned(),
            created_at: now,
            active_from,
            retires_at: None,
        });
        &self.keys[at]
    }

    /// Retires a key now. False when there is none of that name, or when no other one could sign, now and later: one that is about to retire
    /// would leave nothing to sign with.
    pub(super) fn withdraw(&mut self, id: &str, now: u64) -> bool {
        let others = self.keys.iter().filter(|key| key.id != id);
        if !others
            .into_iter()
            .any(|key| key.active_from <= now && key.retires_at.is_none())
        {
            return false;
        }
        let Some(key) = self.keys.iter_mut().find(|key| key.id == id) else {
            return false;
        };
        key.retires_at = Some(key.retires_at.map_or(now, |end| end.min(now)));
        true
    }

    /// Takes the retired ones out and gives them.
    pub(super) fn prune(&mut self, now: u64) -> Vec<KeyRecord> {
        let (retired, kept) = std::mem::take(&mut self.keys)
            .into_iter()
            .partition(|key| key.is_retired(now));
        self.keys = kept;
        retired
    }

    pub(super) fn state(&self, key: &KeyRecord, now: u64) -> KeyState {
        if key.is_retired(now) {
            return KeyState::Retired;
        }
        if key.active_from > now {
            return KeyState::Announced;
        }
        let signs = signing(
            self.keys
                .iter()
                .map(|key| (key.active_from, key.retires_at)),
            now,
        );
        if signs.is_some_and(|at| self.keys[at].id == key.id) {
            KeyState::Signing
        } else {
            KeyState::Verifying
        }
    }
}

/// The place of the key that signs at `now`, of keys that are told as (active from, retires at): the youngest that is active, and while none
/// is, the first that will be.
pub(super) fn signing(keys: impl Iterator<Item = (u64, Option<u64>)>, now: u64) -> Option<usize> {
    let live = keys
        .enumerate()
        .filter(|(_, (_, end))| end.is_none_or(|end| end > now));
    live.map(|(at, (from, _))| {
        let active = from <= now;
        (active, if active { from } else { u64::MAX - from }, at)
    })
    .max()
    .map(|(_, _, at)| at)
}

/// Milliseconds since 1970; 0 for earlier times.
pub(super) fn millis(time: SystemTime) -> u64 {
    in_millis(
        time.duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default(),
    )
}

fn in_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OVERLAP: u64 = KEY_OVERLAP.as_millis() as u64;

    fn states(manifest: &Manifest, now: u64) -> Vec<&'static str> {
        let state = |key| manifest.state(key, now).name();
        manifest.keys.iter().map(state).collect()
    }

    /// B14: announced, signing, verifying, retired, in this order and without a gap.
    #[test]
    fn a_key_goes_through_its_states() {
        let mut manifest = Manifest::default();
        manifest.rotate("a", Duration::ZERO, 1_000);
        assert_eq!(states(&manifest, 1_000), ["signing"]);
        manifest.rotate("b", Duration::from_secs(60), 5_000);
        assert_eq!(states(&manifest, 64_999), ["signing", "announced"]);
        assert_eq!(states(&manifest, 65_000), ["verifying", "signing"]);
        assert_eq!(
            states(&manifest, 64_999 + OVERLAP),
            ["verifying", "signing"]
        );
        assert_eq!(states(&manifest, 65_000 + OVERLAP), ["retired", "signing"]);
        assert!(manifest.prune(64_999 + OVERLAP).is_empty());
        assert_eq!(manifest.prune(65_000 + OVERLAP).len(), 1);
        assert_eq!(states(&manifest, 65_000 + OVERLAP), ["signing"]);
    }

    /// B14: a second rotation does not lengthen the life of a key that is retiring.
    #[test]
    fn two_rotations_in_a_row_retire_each_key_after_its_own_successor() {
        let mut manifest = Manifest::default();
        for (id, now) in [("a", 0), ("b", 1_000), ("c", 2_000)] {
            manifest.rotate(id, Duration::from_secs(10), now);
        }
        let ends: Vec<_> = manifest.keys.iter().map(|key| key.retires_at).collect();
        assert_eq!(ends, [Some(11_000 + OVERLAP), Some(12_000 + OVERLAP), None]);
    }

    /// B14: a stolen key counts no more at once, and the last key that signs cannot be taken away.
    #[test]
    fn a_key_is_withdrawn_only_when_another_one_signs() {
        let mut manifest = Manifest::default();
        manifest.rotate("a", Duration::ZERO, 0);
        assert!(!manifest.withdraw("a", 0));
        manifest.rotate("b", Duration::from_secs(60), 0);
        assert!(!manifest.withdraw("a", 59_999), "b does not sign yet");
        assert!(!manifest.withdraw("c", 60_000));
        assert!(manifest.withdraw("a", 60_000));
        assert_eq!(states(&manifest, 60_000), ["retired", "signing"]);
    }

    /// B14: one that is about to retire would sign for its last days, and then nobody could sign in.
    #[test]
    fn a_key_is_not_withdrawn_for_one_that_is_about_to_retire() {
        let mut manifest = Manifest::default();
        manifest.rotate("a", Duration::ZERO, 0);
        manifest.rotate("b", Duration::ZERO, 1_000);
        assert!(!manifest.withdraw("b", 2_000));
        manifest.rotate("c", Duration::ZERO, 2_000);
        assert!(manifest.withdraw("b", 2_000));
        assert_eq!(
            states(&manifest, 2_000),
            ["verifying", "retired", "signing"]
        );
    }
}
