#![allow(clippy::unwrap_used, clippy::expect_used, clippy::result_large_err)]

use super::*;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    log: LogConfig,
    redis: RedisConfig,
    postgres: PostgresConfig,
}

impl Validate for Config {
    fn validate(&self, problems: &mut Problems) {
        problems.section("log", &self.log);
        problems.section("redis", &self.redis);
        problems.section("postgres", &self.postgres);
    }
}

fn keys(error: &ConfigError) -> Vec<&str> {
    error.problems.iter().map(|p| p.key.as_str()).collect()
}

/// K6: defaults, then the file, then the environment.
#[test]
fn the_environment_wins_over_the_file() {
    figment::Jail::expect_with(|jail| {
        jail.create_file("t.toml", "[redis]\nprefix = \"file\"\npool_size = 5\n")?;
        jail.set_env("IM_SAMPLE_REDIS__PREFIX", "env");
        jail.set_env("IM_SAMPLE_POSTGRES__POOL_SIZE", "9");
        jail.set_env("IM_SAMPLE_CONFIG", "t.toml");
        let config: Config = load("sample", Some(Path::new("t.toml"))).unwrap();
        assert_eq!(config.redis.prefix, "env");
        assert_eq!(config.redis.pool_size, 5);
        assert_eq!(config.postgres.pool_size, 9);
        assert_eq!(config.redis.command_timeout_ms, 1_000);
        Ok(())
    });
}

/// K6: one start shows everything that is wrong, and where.
#[test]
fn all_problems_are_reported_together() {
    figment::Jail::expect_with(|jail| {
        jail.create_file(
            "t.toml",
            "colour = 1\n[redis]\nurll = \"x\"\npool_size = \"many\"\n[postgres]\npool_size = 0\n",
        )?;
        jail.set_env("IM_SAMPLE_NATS__URL", "nats://x");
        jail.set_env("IM_SAMPLE_POSTGRES__URL", "mysql://u:secret@x");
        let error = load::<Config>("sample", Some(Path::new("t.toml"))).unwrap_err();
        let mut found = keys(&error);
        found.sort_unstable();
        let expected = [
            "colour",
            "nats",
            "postgres.pool_size",
            "postgres.url",
            "redis.pool_size",
            "redis.urll",
        ];
        assert_eq!(found, expected, "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
        assert!(error.to_string().contains("6 problem(s)"), "{error}");
        Ok(())
    });
}

/// K6.
#[test]
fn a_missing_file_is_an_error() {
    let error = load::<Config>("sample", Some(Path::new("/nowhere/t.toml"))).unwrap_err();
    assert_eq!(keys(&error), ["/nowhere/t.toml"]);
}

/// K6.
#[test]
fn a_file_that_is_no_toml_is_an_error() {
    figment::Jail::expect_with(|jail| {
        jail.create_file("t.toml", "[redis\n")?;
        assert!(load::<Config>("sample", Some(Path::new("t.toml"))).is_err());
        Ok(())
    });
}
