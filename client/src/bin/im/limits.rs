//! How often may be asked, for operators.

use im_client::api::LimitRule;

use crate::cli::LimitsCommand;
use crate::context::Context;
use crate::error::Error;
use crate::show::{column, plain};

pub(crate) async fn run(context: &Context, command: LimitsCommand) -> Result<(), Error> {
    let api = context.me().await?.api;
    let rules = match command {
        LimitsCommand::Show => api.limits().await?,
        LimitsCommand::Set {
            name,
            burst,
            period,
        } => api.set_limit(&name, Some((burst, period))).await?,
        LimitsCommand::Reset { name } => api.set_limit(&name, None).await?,
    };
    for rule in &rules {
        println!("{}", line(rule));
    }
    Ok(())
}

fn line(rule: &LimitRule) -> String {
    let pace = format!("{} per {} s", rule.burst, rule.period_secs);
    let changed = if rule.changed { "  (changed)" } else { "" };
    format!(
        "{}  {}  per {}  {}{changed}",
        column(&plain(&rule.name), 20),
        column(&pace, 16),
        column(&plain(&rule.per), 8),
        plain(&rule.routes.join(", "))
    )
}
