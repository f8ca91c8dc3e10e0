//! A node that is asked to end is not noticed: nothing is lost, and nobody sees an error.

use anyhow::Result;
use im_e2e::{Cluster, Load, Plan};

const SOME: usize = 150;

/// Ends and restarts the nodes one after the other under load, then wants a sound history and no visible error.
async fn without_a_trace(names: &[&str]) -> Result<()> {
    let mut cluster = Cluster::builder()
        .access(2)
        .logic(2)
        // On a slow machine a client may take its time to move; and a heartbeat that comes late is not what this is about.
        .setting("IM_ACCESS_DRAIN__WINDOW_MS", 20_000)
        .unhurried()
        .start()
        .await?;
    let load = Load::start(&cluster, Plan::small()).await?;
    for name in names {
        load.progress(SOME).await?;
        cluster.terminate_and_restart(name).await?;
    }
    load.progress(SOME).await?;
    let errors = load.visible_errors();
    let history = load.finish(&cluster).await?;
    assert_eq!(history.violations(), Vec::<String>::new());
    assert_eq!(errors, Vec::<String>::new(), "what users saw");
    assert_eq!(
        cluster.errors(),
        Vec::<String>::new(),
        "what the nodes logged"
    );
    Ok(())
}

/// D11: clients move to another node before they leave the old one.
#[tokio::test]
async fn sigterm_of_access_nodes_is_not_noticed() -> Result<()> {
    without_a_trace(&["access-1", "access-2"]).await
}

/// D11: a worker finishes what it has taken, the other one takes the rest.
#[tokio::test]
async fn sigterm_of_logic_workers_is_not_noticed() -> Result<()> {
    without_a_trace(&["logic-1", "logic-2"]).await
}

/// D11: sessions do not depend on web.
#[tokio::test]
async fn sigterm_of_the_web_node_is_not_noticed_by_sessions() -> Result<()> {
    without_a_trace(&["web-1"]).await
}
