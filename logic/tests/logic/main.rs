//! Logic against real servers, seen from the bus.
//!
//! | file | what it shows |
//! |---|---|
//! | `world` | servers, users and workers |
//! | `access` | a stand-in for an access node, and its sessions |
//! | `sending` | one request: stored, refused, repeated |
//! | `delivering` | who gets what, in which order |
//! | `concurrency` | several workers and many requests at once |
//! | `positions` | read, delivered, unread |
//! | `reading` | sync and history |
//! | `list` | the list of conversations: order, pages, what changed since |
//! | `receipts` | who has received and read in a group |
//! | `settings` | what users set for themselves |
//! | `presence` | who is there, who is typing |
//! | `notices` | words of the operator |
//! | `search` | words in one's own conversations |
//! | `world_chat` | the conversation of everybody |
//! | `blocks` | those who have blocked each other |
//! | `changes` | edits, recalls, reactions |
//! | `changes_refused`, `changes_at_once` | those that are not allowed; those that meet |
//! | `convergence` | devices that miss and catch up at random |
//! | `groups` | groups: made, led, joined, left, ended |
//! | `large_groups` | groups whose pushes are tasks |
//! | `group_sending` | messages in groups: who may write, who gets what |
//! | `push_subscriptions` | who may take pushes, and where |
//! | `push`, `outside` | who is away is told; push services and a webhook, and a browser |
//! | `files` | messages about uploaded files |
//! | `faults` | servers that stop, workers that are full |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_wrap
)]

mod access;
mod blocks;
mod changes;
mod changes_at_once;
mod changes_refused;
mod concurrency;
mod convergence;
mod delivering;
mod faults;
mod files;
mod group_sending;
mod groups;
mod large_groups;
mod list;
mod notices;
mod outside;
mod positions;
mod presence;
mod push;
mod push_subscriptions;
mod reading;
mod receipts;
mod search;
mod sending;
mod settings;
mod world;
mod world_chat;
