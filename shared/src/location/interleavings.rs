//! Placeholder until the servers for tests are there.
