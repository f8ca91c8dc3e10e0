//! Seqs that conversations are known to hold.
//!
//! Only a hint for the look-up of the tip: entries are never deleted, so what was seen once is a lower bound for ever. A hint that is
//! too low costs microseconds, none at all a few more.

use im_shared::ids::{ConversationId, Seq};

use crate::generations::Generations;

/// About 10 MB.
const MAX_TIPS: usize = 200_000;

/// The hints of one lane.
#[derive(Debug)]
pub struct Tips(Generations<ConversationId, Seq>);

impl Default for Tips {
    fn default() -> Self {
        Self(Generations::new(MAX_TIPS))
    }
}

impl Tips {
    /// The highest seq known, or 0.
    pub fn of(&mut self, conversation: ConversationId) -> Seq {
        self.0.get(&conversation).unwrap_or_default()
    }

    /// The conversation holds `seq`.
    pub fn learn(&mut self, conversation: ConversationId, seq: Seq) {
        let known = self.of(conversation);
        self.0.insert(conversation, seq.max(known));
    }

    /// Nothing is known.
    pub fn forget(&mut self) {
        self.0.clear();
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_never_falls_and_is_0_where_nothing_is_known() {
        let mut tips = Tips::default();
        assert_eq!(tips.of(ConversationId(1)), Seq(0));
        tips.learn(ConversationId(1), Seq(5));
        tips.learn(ConversationId(1), Seq(3));
        assert_eq!(tips.of(ConversationId(1)), Seq(5));
        tips.forget();
        assert!(tips.is_empty());
    }
}
