//! Cuts what is to be sent into carriers of a bounded size.

use bytes::Bytes;

use super::{Delivery, Origin};

/// What one carrier is filled with at most, in bytes; one larger item goes alone. Half of what a NATS server takes by
/// default.
pub const MAX_BATCH_BYTES: usize = 512 * 1024;

/// What an item adds to its carrier.
pub trait Weigh {
    /// Bytes, rounded up.
    fn weight(&self) -> usize;
}

/// Offsets, lengths, padding and a table of its own, rounded up.
const ITEM_OVERHEAD: usize = 64;
const TARGET_BYTES: usize = 16;

impl Weigh for (Origin, Bytes) {
    fn weight(&self) -> usize {
        ITEM_OVERHEAD + self.1.len()
    }
}

impl Weigh for Delivery {
    fn weight(&self) -> usize {
        ITEM_OVERHEAD + self.frame.len() + TARGET_BYTES * self.targets.len()
    }
}

/// The items of `items` in order, in runs that each fit a carrier.
#[must_use]
pub fn batches<T: Weigh>(items: &[T]) -> Batches<'_, T> {
    Batches { rest: items }
}

/// See [`batches`].
#[derive(Debug)]
pub struct Batches<'a, T> {
    rest: &'a [T],
}

impl<'a, T: Weigh> Iterator for Batches<'a, T> {
    type Item = &'a [T];

    fn next(&mut self) -> Option<&'a [T]> {
        let mut bytes = 0;
        let fitting = self.rest.iter().take_while(|item| {
            bytes += item.weight();
            bytes <= MAX_BATCH_BYTES
        });
        let count = fitting.count().max(1).min(self.rest.len());
        let (batch, rest) = self.rest.split_at(count);
        self.rest = rest;
        (!batch.is_empty()).then_some(batch)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    struct Item(usize);

    impl Weigh for Item {
        fn weight(&self) -> usize {
            self.0
        }
    }

    proptest! {
        #[test]
        fn batches_keep_every_item_in_order_and_only_a_lone_item_is_over_the_limit(
            weights in proptest::collection::vec(0_usize..700_000, 0..40),
        ) {
            let items: Vec<Item> = weights.into_iter().map(Item).collect();
            let cut: Vec<&[Item]> = batches(&items).collect();
            prop_assert_eq!(cut.iter().copied().flatten().collect::<Vec<_>>(), items.iter().collect::<Vec<_>>());
            for batch in cut {
                let bytes: usize = batch.iter().map(Weigh::weight).sum();
                prop_assert!(!batch.is_empty());
                prop_assert!(bytes <= MAX_BATCH_BYTES || batch.len() == 1);
            }
        }
    }
}
