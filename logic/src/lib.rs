//! Logic worker: owns conversations and messages.
//!
//! ```text
//! intake -> command -> lane (batcher, writer) -> fanout -> publisher
//! ```
//!
//! Work flows forward through bounded channels; no stage waits for a later one's result or calls an earlier one.
//!
//! | file | what it holds |
//! |---|---|
//! | [`intake`] | carriers from the bus, in the queue group |
//! | [`command`] | one request, one file, one `apply` |
//! | [`content`], [`pending`], [`caller`] | a checked message, a request before and after its commit, who asked |
//! | [`batcher`] | which requests share a transaction: pure |
//! | [`lane`] | the tasks that collect and commit |
//! | [`writer`], [`tips`] | one call, one transaction; what to do when PostgreSQL refuses |
//! | [`finder`] | where users' sessions are |
//! | [`fanout`], [`parcel`], [`reach`], [`routing`] | pushes and answers: what, to whom, one carrier per node |
//! | [`tasks`], [`roster`] | pushes to large groups, in the background; who of them is online |
//! | [`publisher`], [`links`] | numbers of carriers, beacons |
//! | [`change`] | who may edit, recall and react, how long and how often: pure |
//! | [`positions`], [`presence`] | read and delivered positions; who came and went |
//! | [`directory`], [`members`], [`bond`] | what a conversation is; who is in a group; what two users are to each other |
//! | [`world`] | the world chat, and how fast it is written |
//! | [`group`] | who may do what in a group, names, succession: pure |
//! | [`turns`] | who waits to change the same conversation: pure |
//! | [`generations`] | a bounded map: pure |
//! | [`search`] | full text, behind the commits |
//! | [`page`] | what fits into a page of a sync: pure |
//! | [`push`] | who is away is told: Web Push, webhook |
//! | [`side`] | bounded work off the message path |
//! | [`store`] | all SQL |
//! | [`app`], [`config`], [`error`], [`metrics`] | start and stop, settings, how errors are told, measurements |

pub mod app;
pub mod batcher;
pub mod bond;
pub mod caller;
pub mod change;
pub mod command;
pub mod config;
pub mod content;
pub mod directory;
pub mod error;
pub mod fanout;
pub mod finder;
pub mod generations;
pub mod group;
pub mod intake;
pub mod lane;
pub mod links;
mod load;
pub mod members;
pub mod metrics;
pub mod page;
mod parcel;
pub mod pending;
pub mod positions;
pub mod presence;
pub mod publisher;
pub mod push;
pub mod reach;
pub mod roster;
pub mod routing;
pub mod search;
pub mod side;
pub mod store;
pub mod tasks;
pub mod tips;
pub mod turns;
pub mod world;
pub mod writer;
