//! Web node: accounts, friends and the REST API
