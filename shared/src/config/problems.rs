//! What validation collects.

use std::fmt;

use super::{Production, Validate};

/// One thing that is wrong: `postgres.pool_size: must be 1 to 1000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Dotted path of the key; empty when it is about the whole.
    pub key: String,
    /// What is wrong, without the value: it may be a secret.
    pub text: String,
}

impl Problem {
    pub(super) fn new(key: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            text: text.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            f.write_str(&self.text)
        } else {
            write!(f, "{}: {}", self.key, self.text)
        }
    }
}

/// Collects problems; keys are put under the section that is being validated.
#[derive(Debug, Default)]
pub struct Problems {
    found: Vec<Problem>,
    section: Vec<String>,
}

impl Problems {
    /// Adds a problem of `key` unless `holds`. `text` reads "must be ...".
    pub fn check(&mut self, holds: bool, key: &str, text: &str) {
        if holds {
            return;
        }
        let mut path = self.section.clone();
        path.push(key.to_owned());
        self.found.push(Problem::new(path.join("."), text));
    }

    /// Validates the section `name`.
    pub fn section(&mut self, name: &str, section: &impl Validate) {
        self.section.push(name.to_owned());
        section.validate(self);
        self.section.pop();
    }

    /// Checks what the section `name` must be in production.
    pub fn production(&mut self, name: &str, section: &impl Production) {
        self.section.push(name.to_owned());
        section.production(self);
        self.section.pop();
    }

    /// What was found, in the order of the checks.
    #[must_use]
    pub fn into_vec(self) -> Vec<Problem> {
        self.found
    }
}
