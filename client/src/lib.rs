//! Rust client library of im-rs, the terminal client im and the load generator im-bench
