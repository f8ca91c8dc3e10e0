//! The rules: which request takes a token of whose bucket, and how fast buckets fill. Pure.
//!
//! They come from three places, each on top of the one before: what is built in, the configuration, and what operators changed while
//! running, which is the pace of a rule and nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::Method;
use im_shared::cache::Rate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::config::{LimitConfig, RuleConfig};
use crate::routes;

/// Who has a bucket each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// An address: IPv4, or an IPv6 /64.
    Address,
    /// A user. Holds on routes that ask for a token.
    User,
    /// A sign-in. Holds on routes that ask for a token.
    SignIn,
    /// A device of a user. Holds on routes that ask for a token.
    Device,
}

/// When a token is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// With each request.
    Requests,
    /// Just before something is made: a request that is refused for what it says costs nothing.
    Creations,
}

/// How fast: so many at once, and as many again in each period, evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pace {
    /// 1 to 10,000.
    pub burst: u32,
    /// Seconds, 1 to 86,400.
    pub period_secs: u32,
}

impl Pace {
    const MAX_BURST: u32 = 10_000;
    const MAX_PERIOD: u32 = 86_400;

    const fn new(burst: u32, period_secs: u32) -> Self {
        Self { burst, period_secs }
    }

    /// The same for a bucket.
    #[must_use]
    pub fn rate(self) -> Rate {
        Rate::of(self.burst, Duration::from_secs(self.period_secs.into()))
    }

    fn is_legal(self) -> bool {
        (1..=Self::MAX_BURST).contains(&self.burst)
            && (1..=Self::MAX_PERIOD).contains(&self.period_secs)
    }
}

/// What operators changed while running: the pace of rules by their names.
pub type Changes = BTreeMap<String, Pace>;

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Of `[a-z0-9_]`; in keys and metrics.
    pub name: String,
    /// Method and template; none for every route.
    pub routes: Option<Vec<(Method, String)>>,
    /// Who has a bucket each.
    pub per: Per,
    /// When a token is taken.
    pub counted: Counted,
    /// How fast.
    pub pace: Pace,
    /// How fast it is without what operators changed.
    pub configured: Pace,
}

impl Rule {
    fn holds_on(&self, method: &Method, path: &str) -> bool {
        self.routes.as_ref().is_none_or(|routes| {
            routes
                .iter()
                .any(|(verb, template)| verb == method && template == path)
        })
    }
}

/// A rule that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the rule {rule:?} {must}")]
pub struct RuleError {
    /// Its name.
    pub rule: String,
    /// What it must be or have.
    pub must: &'static str,
}

/// All rules, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

/// What is built in: name, routes, whose, when, and how fast.
#[rustfmt::skip]
const BUILT_IN: [(&str, &[&str], Per, Counted, Pace); 10] = [
    ("everything_address", &["*"], Per::Address, Counted::Requests, Pace::new(6_000, 60)),
    ("everything_user", &["*"], Per::User, Counted::Requests, Pace::new(1_200, 60)),
    ("friend_request", &["POST /api/v1/friends/request"], Per::User, Counted::Requests, Pace::new(30, 3_600)),
    ("guest", &["POST /api/v1/auth/guest"], Per::Address, Counted::Creations, Pace::new(20, 3_600)),
    ("login", &["POST /api/v1/auth/login"], Per::Address, Counted::Requests, Pace::new(30, 60)),
    ("password_mail", &["POST /api/v1/auth/password/forgot"], Per::Address, Counted::Requests, Pace::new(20, 3_600)),
    ("refresh", &["POST /api/v1/auth/refresh"], Per::Address, Counted::Requests, Pace::new(120, 60)),
    ("register", &["POST /api/v1/auth/register"], Per::Address, Counted::Creations, Pace::new(20, 3_600)),
    ("user_profile", &["GET /api/v1/user/{id}"], Per::User, Counted::Requests, Pace::new(300, 60)),
    ("user_search", &["GET /api/v1/user/search"], Per::User, Counted::Requests, Pace::new(60, 60)),
];

impl Rules {
    /// What is built in, with the configuration on top.
    ///
    /// # Errors
    ///
    /// The first rule that cannot be.
    pub fn configured(config: &LimitConfig) -> Result<Self, RuleError> {
        let known: Vec<(Method, &str)> = routes::all()
            .into_iter()
            .map(|route| (route.method, route.path))
            .collect();
        let mut rules = Vec::new();
        for (name, routes, per, counted, pace) in BUILT_IN {
            let routes: Vec<String> = routes.iter().map(|&route| route.to_owned()).collect();
            let built_in = RuleConfig {
                routes: Some(routes),
                per: Some(per),
                burst: Some(pace.burst),
                period_secs: Some(pace.period_secs),
            };
            let wanted = config.rules.get(name).cloned().unwrap_or_default();
            let whole = RuleConfig {
                routes: wanted.routes.or(built_in.routes),
                per: wanted.per.or(built_in.per),
                burst: wanted.burst.or(built_in.burst),
                period_secs: wanted.period_secs.or(built_in.period_secs),
            };
            rules.push(rule(name, whole, counted, &known)?);
        }
        for (name, wanted) in &config.rules {
            if !BUILT_IN.iter().any(|(built_in, ..)| built_in == name) {
                rules.push(rule(name, wanted.clone(), Counted::Requests, &known)?);
            }
        }
        rules.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self(rules))
    }

    /// The same with what operators changed; a change of a rule that is not there is passed over.
    #[must_use]
    pub fn changed(&self, changes: &Changes) -> Self {
        let mut rules = self.0.clone();
        for rule in &mut rules {
            rule.pace = *changes.get(&rule.name).unwrap_or(&rule.configured);
        }
        Self(rules)
    }

    /// Whether operators may make these changes.
    ///
    /// # Errors
    ///
    /// The first change of a rule that is not there, or to a pace that cannot be.
    pub fn check(&self, changes: &Changes) -> Result<(), RuleError> {
        for (name, pace) in changes {
            let error = |must| RuleError {
                rule: name.clone(),
                must,
            };
            if !self.0.iter().any(|rule| rule.name == *name) {
                return Err(error("is not known"));
            }
            if !pace.is_legal() {
                return Err(error(PACE));
            }
        }
        Ok(())
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter()
    }

    /// Those that hold on a route, the ones for single routes first: what they refuse, the others do not count.
    pub(super) fn of<'a>(
        &'a self,
        method: &'a Method,
        path: &'a str,
        counted: Counted,
    ) -> impl Iterator<Item = &'a Rule> {
        let holds = move |rule: &&Rule| rule.counted == counted && rule.holds_on(method, path);
        let single = self.0.iter().filter(|rule| rule.routes.is_some());
        let every = self.0.iter().filter(|rule| rule.routes.is_none());
        single.chain(every).filter(holds)
    }
}

const PACE: &str = "must have a burst of 1 to 10000 and a period of 1 to 86400 seconds";

fn rule(
    name: &str,
    config: RuleConfig,
    counted: Counted,
    known: &[(Method, &str)],
) -> Result<Rule, RuleError> {
    let error = |must| RuleError {
        rule: name.to_owned(),
        must,
    };
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !(1..=32).contains(&name.len()) || !name.bytes().all(legal) {
        return Err(error("must have a name of 1 to 32 of [a-z0-9_]"));
    }
    let routes = config.routes.ok_or(error("must have routes"))?;
    let routes = match &*routes {
        [every] if every == "*" => None,
        [] => return Err(error("must have routes")),
        some => {
            let find = |text: &String| {
                let (method, path) = text.split_once(' ')?;
                let is = |(verb, template): &&(Method, &str)| verb == method && *template == path;
                let (method, path) = known.iter().find(is)?;
                Some((method.clone(), (*path).to_owned()))
            };
            let found: Option<Vec<_>> = some.iter().map(find).collect();
            Some(found.ok_or(error(
                "must have routes that are there, such as \"POST /api/v1/auth/login\", or \"*\"",
            ))?)
        }
    };
    let (Some(burst), Some(period_secs)) = (config.burst, config.period_secs) else {
        return Err(error(PACE));
    };
    let pace = Pace { burst, period_secs };
    if !pace.is_legal() {
        return Err(error(PACE));
    }
    let per = config.per.ok_or(error("must say per what"))?;
    Ok(Rule {
        name: name.to_owned(),
        routes,
        per,
        counted,
        pace,
        configured: pace,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn with(name: &str, rule: RuleConfig) -> Result<Rules, RuleError> {
        let rules = [(name.to_owned(), rule)].into();
        Rules::configured(&LimitConfig {
            rules,
            ..LimitConfig::default()
        })
    }

    fn pace_of(rules: &Rules, name: &str) -> Pace {
        rules.iter().find(|rule| rule.name == name).unwrap().pace
    }

    /// B8: what is built in names routes that are there.
    #[test]
    fn every_route_has_a_rule_for_its_address_and_its_user() {
        let rules = Rules::configured(&LimitConfig::default()).unwrap();
        for route in routes::all() {
            let found: Vec<Per> = rules
                .of(&route.method, route.path, Counted::Requests)
                .map(|rule| rule.per)
                .collect();
            assert!(found.contains(&Per::Address) && found.contains(&Per::User));
        }
    }

    /// B8: the configuration changes one number and leaves the rest, or adds a rule of its own.
    #[test]
    fn the_configuration_stands_above_what_is_built_in() {
        let faster = RuleConfig {
            burst: Some(500),
            ..RuleConfig::default()
        };
        let rules = with("login", faster).unwrap();
        assert_eq!(pace_of(&rules, "login"), Pace::new(500, 60));
        let own = RuleConfig {
            routes: Some(vec!["GET /api/v1/friends".to_owned()]),
            per: Some(Per::Device),
            burst: Some(2),
            period_secs: Some(1),
        };
        let rules = with("lists", own).unwrap();
        let names: Vec<&str> = rules
            .of(&Method::GET, "/api/v1/friends", Counted::Requests)
            .map(|rule| &*rule.name)
            .collect();
        assert_eq!(names, ["lists", "everything_address", "everything_user"]);
    }

    /// K6
    #[test]
    fn a_rule_that_cannot_be_is_refused() {
        let whole = RuleConfig {
            routes: Some(vec!["*".to_owned()]),
            per: Some(Per::User),
            burst: Some(1),
            period_secs: Some(1),
        };
        assert!(with("own", whole.clone()).is_ok());
        assert!(with("Own", whole.clone()).is_err());
        let no_such_route = RuleConfig {
            routes: Some(vec!["GET /api/v1/nothing".to_owned()]),
            ..whole.clone()
        };
        assert!(with("own", no_such_route).is_err());
        for (burst, period_secs) in [(0, 1), (10_001, 1), (1, 0), (1, 86_401)] {
            let (burst, period_secs) = (Some(burst), Some(period_secs));
            let rule = RuleConfig {
                burst,
                period_secs,
                ..whole.clone()
            };
            assert!(with("own", rule).is_err(), "{burst:?} {period_secs:?}");
        }
        assert!(with("own", RuleConfig::default()).is_err());
    }

    /// B8, J8: what an operator changed holds until it is taken back; nonsense is refused.
    #[test]
    fn a_change_stands_above_the_configuration() {
        let rules = Rules::configured(&LimitConfig::default()).unwrap();
        let slow = Pace::new(1, 3_600);
        let changes = Changes::from([("login".to_owned(), slow)]);
        assert_eq!(rules.check(&changes), Ok(()));
        let changed = rules.changed(&changes);
        assert_eq!(pace_of(&changed, "login"), slow);
        assert_eq!(changed.changed(&Changes::new()), rules);
        for (name, pace) in [("nothing", slow), ("login", Pace::new(0, 1))] {
            assert!(rules.check(&[(name.to_owned(), pace)].into()).is_err());
        }
    }
}
