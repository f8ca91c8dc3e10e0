//! The tests that cross programs, on clusters of real processes.
//!
//! | file | what it shows |
//! |---|---|
//! | `conversation` | people chat: through nodes, offline, on several devices, over both transports |
//! | `delivery` | what is acknowledged is never lost, whatever is killed |
//! | `graceful` | a node that is asked to end is not noticed |
//! | `blocks` | who is blocked reaches nobody |
//! | `bus` | who speaks on which subject |
//! | `datagrams` | typing in datagrams, and hints |
//! | `requests` | every bad request gets its own code |
//! | `hostile` | hostile clients harm nobody but themselves |
//! | `files` | files: up, sent, down, and what the worst of them cost
//! | `groups` | groups: who is in, who may speak, and the same log for everybody, whatever is killed |
//! | `large_group` | ten thousand members while a node dies |
//! | `keys` | the keys of tokens change under running programs |
//! | `world` | guests and users in the world chat |
//! | `notices` | the operator speaks |
//! | `devices` | how many devices of a user are online at once |
//! | `revocation` | who was signed out is out, on every node |
//! | `settings` | settings, search, and the list of conversations |
//! | `http_api_document` | the commands of the document work |
//! | `matrix` | who may do what over REST |
//! | `api_fuzz` | REST answers as its document says, whatever is asked |
//! | `away` | presence, typing, and who is told of messages while away |
//! | `programs` | configuration, health, ports of each program |
//! | `terminal` | the terminal client |
//! | `terminal_rest` | the terminal client: passwords, operators, limits, files |
//! | `browser` | real browsers |
//! | `structure` | rules of the house that no compiler knows |
//! | `status` | the promises and the documents |
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod api_fuzz;
mod away;
mod blocks;
mod browser;
mod bus;
mod conversation;
mod datagrams;
mod delivery;
mod devices;
mod files;
mod graceful;
mod groups;
mod hostile;
mod http_api_document;
mod keys;
mod large_group;
mod matrix;
mod notices;
mod programs;
mod requests;
mod revocation;
mod settings;
mod status;
mod structure;
mod terminal;
mod terminal_rest;
mod world;
