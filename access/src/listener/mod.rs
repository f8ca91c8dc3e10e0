//! Where connections come in.
//!
//! | file | what it holds |
//! |---|---|
//! | `socket` | sockets for IPv4 and IPv6 at once |
//! | `quic` | the QUIC endpoint and its limits |
//! | `web_transport` | sessions over QUIC |
//! | `tcp` | TCP connections with a deadline until they are authenticated |
//! | `web_socket` | sessions over TCP |

pub(crate) mod quic;
pub(crate) mod socket;
pub(crate) mod tcp;
pub(crate) mod web_socket;
pub(crate) mod web_transport;
