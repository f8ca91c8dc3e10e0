//! Configuration: defaults, then a TOML file, then the environment; validated as a whole.
//!
//! `IM_ACCESS_NATS__URL=nats://...` sets `nats.url` of the program `access`. An unknown key is an error, and everything that is wrong
//! is reported together, so that one start shows all of it.
//!
//! | file | what it holds |
//! |---|---|
//! | `sections` | the sections that several programs have |
//! | `secret` | addresses that may hold a password |
//! | `problems` | what validation collects |
//! | `production` | what is refused in production |

mod problems;
mod production;
mod secret;
mod sections;

use std::path::Path;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use figment::value::{Dict, Value};
use serde::de::DeserializeOwned;

pub use crate::bus::NatsConfig;
pub use problems::{Problem, Problems};
pub use production::Production;
pub use secret::SecretUrl;
pub(crate) use sections::ca_file;
pub use sections::{
    LogConfig, OpsConfig, PostgresConfig, RedisConfig, TokenSignConfig, TokenVerifyConfig,
};

/// So many wrong keys are reported at most.
const MAX_PROBLEMS: usize = 64;

/// Checks what the types cannot: ranges, and settings that must fit each other.
pub trait Validate {
    /// Adds a problem for everything that is wrong.
    fn validate(&self, problems: &mut Problems);
}

/// Everything that is wrong with the configuration of a program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration of im-{program} has {count} problem(s):{list}", count = problems.len(), list = list(problems))]
pub struct ConfigError {
    /// Without the prefix: `access`, `logic`, `web`.
    pub program: String,
    /// At least one.
    pub problems: Vec<Problem>,
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(|p| format!("\n  {p}")).collect()
}

/// Reads the configuration of `program` (`access`, `logic`, `web`) from `file`, where one is given, and the environment.
///
/// Give your structs `#[serde(default, deny_unknown_fields)]`. `IM_{PROGRAM}_CONFIG` is left to the command line.
///
/// # Errors
///
/// All problems at once: a file that cannot be read, unknown keys, values of a wrong type, and what [`Validate`] finds.
pub fn load<T: DeserializeOwned + Validate>(
    program: &str,
    file: Option<&Path>,
) -> Result<T, ConfigError> {
    let error = |problems| ConfigError {
        program: program.to_owned(),
        problems,
    };
    let mut figment = Figment::new();
    if let Some(file) = file {
        if !file.is_file() {
            let problem = Problem::new(file.display().to_string(), "there is no such file");
            return Err(error(vec![problem]));
        }
        figment = figment.merge(Toml::file_exact(file));
    }
    let prefix = format!("IM_{}_", program.to_uppercase());
    figment = figment.merge(Env::prefixed(&prefix).ignore(&["config"]).split("__"));

    let (value, mut problems) = extract::<T>(&figment);
    if let Some(value) = value {
        let mut found = Problems::default();
        value.validate(&mut found);
        // A key that was already refused holds its default here; its further problems say nothing.
        let refused: Vec<String> = problems.iter().map(|p| p.key.clone()).collect();
        problems.extend(
            found
                .into_vec()
                .into_iter()
                .filter(|p| !refused.contains(&p.key)),
        );
        if problems.is_empty() {
            return Ok(value);
        }
    }
    Err(error(problems))
}

/// Serde stops at the first wrong key; so each wrong key is noted and taken out, until the rest fits.
fn extract<T: DeserializeOwned>(figment: &Figment) -> (Option<T>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut values: Dict = match figment.extract() {
        Ok(values) => values,
        Err(errors) => {
            problems.extend(errors.into_iter().map(|e| Problem::new("", e.to_string())));
            return (None, problems);
        }
    };
    while problems.len() < MAX_PROBLEMS {
        let error = match Figment::from(Serialized::defaults(&values)).extract::<T>() {
            Ok(value) => return (Some(value), problems),
            Err(error) => error,
        };
        let mut path = error.path.clone();
        if let figment::error::Kind::UnknownField(field, _) = &error.kind
            && path.last() != Some(field)
        {
            path.push(field.clone());
        }
        let source = figment.find_metadata(&path.join("."));
        let source = source.map(|m| format!(" ({})", m.name)).unwrap_or_default();
        problems.push(Problem::new(
            path.join("."),
            format!("{}{source}", error.kind),
        ));
        if !remove(&mut values, &path) {
            break;
        }
    }
    (None, problems)
}

/// Takes the value at `path` out; false when there is none.
fn remove(values: &mut Dict, path: &[String]) -> bool {
    match path {
        [] => false,
        [last] => values.remove(last).is_some(),
        [first, rest @ ..] => match values.get_mut(first) {
            Some(Value::Dict(_, inner)) => remove(inner, rest),
            // An element of a list: the whole list goes.
            Some(_) => values.remove(first).is_some(),
            None => false,
        },
    }
}

#[cfg(test)]
mod tests;
