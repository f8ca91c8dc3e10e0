//! Keys rotate while programs run. The programs' clocks are the tests' own; their looks at the folder are asked for.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::time::{Duration, SystemTime};

use im_shared::ids::{SignInId, UserId};
use im_shared::tokens::{
    AccountKind, KEY_OVERLAP, KeyError, KeyFolder, KeyState, KeyWatch, Signer, Subject, TokenError,
    Verifier, generate_key,
};
use im_shared::wire::Platform;
use tempfile::TempDir;

const ANNOUNCE: Duration = Duration::from_secs(60);

/// A folder of keys, the program that signs, and one that only checks.
struct Ring {
    folder: TempDir,
    keys: KeyFolder,
    web: (KeyWatch, Signer, Verifier),
    access: (KeyWatch, Verifier),
}

impl Ring {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyFolder::new(folder.path());
        keys.rotate("k1", ANNOUNCE, SystemTime::now()).unwrap();
        Self::open(folder, keys)
    }

    fn open(folder: TempDir, keys: KeyFolder) -> Self {
        let (private, public) = (folder.path().join("private"), folder.path().join("public"));
        Self {
            web: KeyWatch::signing(&private, &public).unwrap(),
            access: KeyWatch::verifying(&public).unwrap(),
            folder,
            keys,
        }
    }

    /// Both programs look; how many of them have read something new.
    fn look(&mut self) -> usize {
        let looks = [self.web.0.look().unwrap(), self.access.0.look().unwrap()];
        looks.into_iter().filter(|changed| *changed).count()
    }

    fn sign(&self, now: SystemTime) -> String {
        self.web.1.sign(&subject(), now).unwrap().token
    }

    fn accepted(&self, token: &str, now: SystemTime) -> bool {
        let at = |verifier: &Verifier| verifier.verify_at(token, now).is_ok();
        let both = [at(&self.web.2), at(&self.access.1)];
        assert_eq!(both[0], both[1], "the programs agree");
        both[0]
    }

    fn ids(&self, now: SystemTime) -> Vec<String> {
        let keys = self.access.1.public_keys(now);
        keys.into_iter().map(|key| key.id).collect()
    }

    fn public(&self, file: &str) -> std::path::PathBuf {
        self.folder.path().join("public").join(file)
    }
}

fn subject() -> Subject<'static> {
    Subject {
        user: UserId(7),
        kind: AccountKind::User,
        sign_in: SignInId(8),
        device: "d",
        platform: Platform::Web,
    }
}

/// Whether the token was signed with the private key of this file.
fn is_of(token: &str, key: &Path, now: SystemTime) -> bool {
    let (header, _) = token.split_once('.').unwrap();
    let own = Signer::load(key).unwrap().sign(&subject(), now).unwrap();
    own.token.starts_with(&format!("{header}."))
}

/// B14: the new key is known everywhere before it signs, without a restart.
#[test]
fn a_rotation_is_followed_by_running_verifiers() {
    let (mut ring, now) = (Ring::new(), SystemTime::now());
    assert_eq!(ring.look(), 0, "nothing has changed");
    ring.keys.rotate("k2", ANNOUNCE, now).unwrap();
    assert_eq!(ring.ids(now), ["k1"]);
    assert_eq!(ring.look(), 2);
    assert_eq!(ring.look(), 0);
    assert_eq!(ring.ids(now), ["k1", "k2"]);

    let (one, two) = ("private/k1.pem", "private/k2.pem");
    let file = |name| ring.folder.path().join(name);
    let later = now + ANNOUNCE;
    assert!(is_of(&ring.sign(now), &file(one), now), "announced only");
    assert!(is_of(&ring.sign(later), &file(two), later));
    let states: Vec<_> = ring
        .keys
        .list(later)
        .unwrap()
        .into_iter()
        .map(|key| key.state)
        .collect();
    assert_eq!(states, [KeyState::Verifying, KeyState::Signing]);
}

/// B14: whatever the moment at which each program looks, a token is good until it expires.
#[test]
fn no_token_is_refused_during_a_rotation() {
    let (mut ring, start) = (Ring::new(), SystemTime::now());
    let second = Duration::from_secs(1);
    let mut tokens = vec![(ring.sign(start), start)];
    ring.keys.rotate("k2", ANNOUNCE, start).unwrap();
    // Web has looked and access has not yet: an announced key does not sign.
    assert!(ring.web.0.look().unwrap());
    for after in [Duration::ZERO, ANNOUNCE - second] {
        let now = start + after;
        tokens.push((ring.sign(now), now));
        assert!(
            tokens.iter().all(|(token, _)| ring.accepted(token, now)),
            "{after:?}"
        );
    }
    assert!(ring.access.0.look().unwrap());
    for after in [ANNOUNCE, ANNOUNCE + second, ANNOUNCE * 60] {
        let now = start + after;
        tokens.push((ring.sign(now), now));
        assert!(
            tokens.iter().all(|(token, _)| ring.accepted(token, now)),
            "{after:?}"
        );
    }
    for (token, issued) in &tokens {
        let end = *issued + im_shared::tokens::ACCESS_TOKEN_LIFE;
        assert!(ring.accepted(token, end - second), "to its last second");
    }
}

/// B14: a retired key counts no more, pruned or not, and only a retired one is pruned.
#[test]
fn a_key_retires_when_its_last_token_has_expired() {
    let (mut ring, now) = (Ring::new(), SystemTime::now());
    let old = Signer::load(&ring.folder.path().join("private/k1.pem")).unwrap();
    ring.keys.rotate("k2", ANNOUNCE, now).unwrap();
    ring.look();
    let end = now + ANNOUNCE + KEY_OVERLAP;
    let before = end - Duration::from_secs(1);
    let token = |now| old.sign(&subject(), now).unwrap().token;
    assert!(ring.accepted(&token(before), before));
    assert!(!ring.accepted(&token(end), end));
    assert!(ring.keys.prune(before).unwrap().is_empty());
    assert_eq!(ring.keys.prune(end).unwrap(), ["k1"]);
    assert!(!ring.public("k1.pem").exists());
    assert!(!ring.folder.path().join("private/k1.pem").exists());
    assert_eq!(ring.look(), 2);
    assert_eq!(ring.ids(end), ["k2"]);
    assert!(ring.accepted(&ring.sign(end), end));
}

/// B14: a stolen key counts no more as soon as the programs have looked.
#[test]
fn a_withdrawn_key_is_refused_at_once() {
    let (mut ring, now) = (Ring::new(), SystemTime::now());
    let token = ring.sign(now);
    assert!(matches!(
        ring.keys.withdraw("k1", now),
        Err(KeyError::Needed(_))
    ));
    ring.keys.rotate("k2", Duration::ZERO, now).unwrap();
    ring.keys.withdraw("k1", now).unwrap();
    assert!(ring.accepted(&token, now));
    ring.look();
    assert!(!ring.accepted(&token, now));
    assert_eq!(ring.web.2.verify_at(&token, now), Err(TokenError::Invalid));
    assert!(ring.accepted(&ring.sign(now), now));
}

/// B14: half a copy of the folder, or a broken file in it, changes nothing until it is whole.
#[test]
fn an_unreadable_key_leaves_the_old_ones() {
    let (mut ring, now) = (Ring::new(), SystemTime::now());
    let token = ring.sign(now);
    ring.keys.rotate("k2", Duration::ZERO, now).unwrap();
    let whole = std::fs::read(ring.public("k2.pem")).unwrap();
    for broken in [&whole[..20], b"", b"\xff\xfe"] {
        std::fs::write(ring.public("k2.pem"), broken).unwrap();
        assert!(ring.web.0.look().is_err() && ring.access.0.look().is_err());
        assert!(ring.accepted(&token, now) && ring.accepted(&ring.sign(now), now));
        assert_eq!(ring.ids(now), ["k1"]);
    }
    std::fs::remove_file(ring.public("k2.pem")).unwrap();
    assert!(ring.access.0.look().is_err(), "the manifest came first");
    std::fs::write(ring.public("k2.pem"), whole).unwrap();
    let manifest = std::fs::read(ring.public("keys.json")).unwrap();
    std::fs::write(ring.public("keys.json"), "{").unwrap();
    assert!(ring.access.0.look().is_err());
    std::fs::write(ring.public("keys.json"), manifest).unwrap();
    assert_eq!(ring.look(), 2);
    assert_eq!(ring.ids(now), ["k1", "k2"]);
}

/// B14: a folder that was made without a manifest gets one, and its key signs on until the new one does.
#[test]
fn a_folder_without_a_manifest_is_adopted() {
    let folder = tempfile::tempdir().unwrap();
    generate_key().unwrap().write(folder.path(), "old").unwrap();
    let keys = KeyFolder::new(folder.path());
    let now = SystemTime::now();
    let mut ring = Ring::open(folder, keys);
    let token = ring.sign(now);
    ring.keys.rotate("new", ANNOUNCE, now).unwrap();
    assert!(matches!(
        ring.keys.rotate("new", ANNOUNCE, now),
        Err(KeyError::Exists(_))
    ));
    ring.look();
    let old = ring.folder.path().join("private/old.pem");
    assert!(is_of(&ring.sign(now), &old, now));
    assert!(!is_of(&ring.sign(now + ANNOUNCE), &old, now + ANNOUNCE));
    assert!(ring.accepted(&token, now + ANNOUNCE));
}

/// B14: which one signs is never guessed.
#[test]
fn several_private_keys_without_a_manifest_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for id in ["k1", "k2"] {
        generate_key().unwrap().write(folder.path(), id).unwrap();
    }
    let (private, public) = (folder.path().join("private"), folder.path().join("public"));
    let refused = KeyWatch::signing(&private, &public);
    assert!(matches!(refused, Err(KeyError::Ambiguous(_))));
    let hostile = r#"{"keys":[{"id":"../private/k1","createdAt":0,"activeFrom":0}]}"#;
    std::fs::write(public.join("keys.json"), hostile).unwrap();
    assert!(matches!(
        KeyWatch::verifying(&public),
        Err(KeyError::Unusable(_))
    ));
}

/// B14: the task looks by itself.
#[tokio::test]
async fn the_watching_task_follows_the_folder() {
    let ring = Ring::new();
    let (watch, verifier) = ring.access;
    // Ends with the test's runtime.
    tokio::spawn(watch.run());
    let now = SystemTime::now();
    ring.keys.rotate("k2", Duration::ZERO, now).unwrap();
    let known = async || verifier.public_keys(now).len() == 2;
    im_shared::testing::wait_until(known, Duration::from_secs(20)).await;
}
