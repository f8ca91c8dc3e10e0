//! What a request may use.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use im_shared::nodes::LiveNodes;
use im_shared::tokens::{Signer, Verifier};
use tokio::sync::Semaphore;

use crate::cached::Cached;
use crate::client_address::Network;
use crate::commands::Commands;
use crate::events::Events;
use crate::failures::Failures;
use crate::files::Files;
use crate::headers::Protection;
use crate::limits::Limits;
use crate::mailing::Mailing;
use crate::password::Passwords;
use crate::presence::Presence;
use crate::revocation::Revocations;
use crate::sightings::Sightings;
use crate::store::Store;
use crate::writes::Writes;

/// What a request may use. A cheap clone.
#[derive(Clone)]
pub struct Services(Arc<Parts>);

/// The parts of [`Services`].
pub struct Parts {
    /// The tables.
    pub store: Store,
    /// What Redis remembers of them.
    pub cached: Cached,
    /// bcrypt.
    pub passwords: Passwords,
    /// What wrong passwords cost.
    pub failures: Failures,
    /// What is mailed.
    pub mailing: Mailing,
    /// Makes access tokens.
    pub signer: Signer,
    /// Checks access tokens.
    pub verifier: Verifier,
    /// Tells users' sessions.
    pub events: Events,
    /// Who was signed out.
    pub revocations: Revocations,
    /// When sign-ins were last seen.
    pub sightings: Sightings,
    /// Uploaded files.
    pub files: Files,
    /// Asks logic.
    pub commands: Commands,
    /// Who is online.
    pub presence: Presence,
    /// Which access nodes there are.
    pub nodes: LiveNodes,
    /// How often may be asked.
    pub limits: Limits,
    /// How answers are protected.
    pub protection: Protection,
    /// How long the body of a request may take.
    pub body_timeout: Duration,
    /// Proxies whose word about the client's address counts.
    pub trusted_proxies: Vec<Network>,
    /// Members of a group at most, as logic has it.
    pub member_limit: u32,
    /// The public key of pushes to browsers; none where there are none.
    pub push_key: Option<String>,
    /// Writes that run to their end.
    pub writes: Writes,
    /// A permit for each API request that runs.
    pub admission: Arc<Semaphore>,
    /// Where the web client lies; none serves the API alone.
    pub static_dir: Option<PathBuf>,
}

impl Services {
    /// Shares the parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Services {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
