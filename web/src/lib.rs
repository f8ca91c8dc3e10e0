//! Web node: accounts, friends and the REST API. It owns the tables of accounts and friends, signs tokens, reads what logic
//! writes, and asks logic for what logic owns.
//!
//! A request comes by `serve` (TLS, HTTP; `listener` and `connection` bound it), gets the headers of `headers` on its way out, and
//! goes `observe` (id, admission, deadline, metrics) → `auth` (who calls) → a handler in `routes` → `store` (SQL),
//! `commands` (logic) and `events` (the peers' sessions, after the commit) → `reply` or `error` (the envelope).
//!
//! | module | what it holds |
//! |---|---|
//! | [`app`] | order of start and stop |
//! | [`config`] | the configuration file |
//! | [`services`] | what a request may use |
//! | [`routes`] | one file per resource, and the list of all routes |
//! | [`openapi`] | the document and Swagger UI |
//! | `serve`, `listener`, `connection` | the server: TLS, places, patience |
//! | [`headers`], `etag` | what browsers are told; answers that are known already |
//! | [`extract`], [`validate`] | input as types |
//! | [`auth`], [`sign_in`], [`refresh_token`], [`password`] | who calls; tokens; bcrypt |
//! | [`failures`] | what wrong passwords cost |
//! | [`mailing`], [`letters`], [`mail`] | forgotten passwords, and what an owner is told: when, what, and by which way |
//! | [`operator`] | makes operators |
//! | [`client_address`], [`limits`] | from where; how often |
//! | [`idempotency`] | creations that may be repeated |
//! | [`files`] | uploaded files: type, pictures, object store, signed URLs |
//! | [`guests`], [`sweep`] | end the accounts of guests who never came back; remove tokens that have expired |
//! | [`reply`], [`error`] | the envelope of success and of failure |
//! | [`store`] | all SQL |
//! | [`cached`] | what Redis remembers of it |
//! | [`commands`], [`events`], [`presence`] | logic, users' sessions, who is online |

pub mod app;
pub mod auth;
pub mod cached;
pub mod client_address;
pub mod commands;
pub mod config;
mod connection;
pub mod error;
mod etag;
pub mod events;
pub mod extract;
pub mod failures;
pub mod files;
pub mod guests;
pub mod headers;
pub mod idempotency;
pub mod letters;
pub mod limits;
mod listener;
pub mod mail;
pub mod mailing;
mod observe;
pub mod openapi;
pub mod operator;
mod own_writes;
pub mod password;
pub mod presence;
pub mod refresh_token;
pub mod reply;
pub mod revocation;
pub mod routes;
mod serve;
pub mod services;
pub mod sightings;
pub mod sign_in;
mod static_files;
pub mod store;
pub mod sweep;
pub mod validate;
pub mod visit;
mod writes;
