//! Somebody who does all that can be done with messages: says, answers, calls by name, edits, takes back, reacts. Several at once meet in
//! what the others have said.

use std::sync::Arc;

use anyhow::{Result, bail};
use im_client::{ClientError, Message, Reaction};
use im_shared::ids::{Seq, UserId};
use im_shared::wire::Code;
use parking_lot::Mutex;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::device::Device;
use crate::group::Group;

/// What the devices have said so far, for others to answer and to change.
pub type Said = Arc<Mutex<Vec<(Seq, UserId)>>>;

/// One device of somebody who does all that can be done with messages.
pub struct Talker {
    /// Where it talks.
    pub group: Group,
    /// As whom.
    pub device: Device,
    /// Whom it calls by name.
    pub friends: Vec<UserId>,
    /// Shared by all of them.
    pub said: Said,
    /// What every choice follows from.
    pub rng: StdRng,
}

impl Talker {
    /// Does so many things, each durable before the next begins, and gives its device back.
    ///
    /// # Errors
    /// When something is refused that nobody else stood in the way of.
    pub async fn talk(mut self, steps: usize) -> Result<Device> {
        for step in 0..steps {
            let chosen = self.rng.random_range(0..8);
            let target = self.target(matches!(chosen, 4 | 5));
            let text = format!("{} {step}", self.device.name());
            let message = match (chosen, target) {
                (0 | 1, _) | (_, None) => Message::text(text),
                (2, Some(seq)) => Message::text(text).reply_to(seq),
                (3, _) => Message::text(text).mention(self.friends.clone()),
                (4, Some(seq)) => Message::edit(seq, format!("{text}, better")),
                (5, Some(seq)) if self.rng.random_bool(0.4) => Message::recall(seq),
                (6, Some(seq)) => Message::reaction(seq, "👍", Reaction::Remove),
                (_, Some(seq)) => Message::reaction(seq, "👍", Reaction::Add),
            };
            let is_new = matches!((chosen, target), (0..=3, _) | (_, None));
            let client = self.device.client();
            match client.post_and_wait(self.group.id, message).await {
                Ok(stored) if is_new => {
                    self.said.lock().push((stored.seq, self.device.user()));
                }
                // Somebody took it back a moment ago.
                Ok(_)
                | Err(ClientError::Refused {
                    code: Code::TargetRecalled,
                    ..
                }) => {}
                Err(error) => bail!("{}: {error:?}", self.device.name()),
            }
        }
        Ok(self.device)
    }

    /// One of the messages so far, if need be one's own.
    fn target(&mut self, own: bool) -> Option<Seq> {
        let said = self.said.lock();
        let of: Vec<Seq> = said
            .iter()
            .filter(|(_, sender)| !own || *sender == self.device.user())
            .map(|(seq, _)| *seq)
            .collect();
        (!of.is_empty()).then(|| of[self.rng.random_range(0..of.len())])
    }
}
