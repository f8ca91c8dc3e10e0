//! Seqs that conversations are known to hold.
//!
//! Only a hint for the look-up of the tip: entries are never deleted, so what was seen once is a lower bound for ever. A hint that is
//! too low costs microseconds, none at all a few more.

use std::collections::HashMap;

use im_shared::ids::{ConversationId, Seq};

/// About 6 MB.
const MAX_TIPS: usize = 200_000;

/// The hints of one lane.
#[derive(Debug, Default)]
pub struct Tips(HashMap<ConversationId, Seq>);

impl Tips {
    /// The highest seq known, or 0.
    #[must_use]
    pub fn of(&self, conversation: ConversationId) -> Seq {
        self.0.get(&conversation).copied().unwrap_or_default()
    }

    /// The conversation holds `seq`. When there are too many, all are forgotten: simpler than choosing, and as good over a day.
    pub fn learn(&mut self, conversation: ConversationId, seq: Seq) {
        if self.0.len() >= MAX_TIPS && !self.0.contains_key(&conversation) {
            self.forget();
        }
        let known = self.0.entry(conversation).or_default();
        *known = seq.max(*known);
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
