//! The REST API against requests that are made from its own document: no answer is a fault of the server, and each has a status, headers and
//! a body that the document promises. The tool is schemathesis (`e2e/fuzz/requirements.txt`); its seed is printed, and given by `IM_E2E_SEED`.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use im_client::api::NewGroup;
use im_e2e::{Cluster, repository};
use im_shared::wire::Platform;
use tokio::process::Command;

/// A run takes less, on a machine with much else to do too.
const LIMIT: Duration = Duration::from_secs(1_200);

/// Requests of each route that are made up, beside examples and bounds.
const EXAMPLES: &str = "12";

/// What ends the sign-in of who asks: these are asked by somebody of their own, since nothing but refusals comes afterwards.
const LAST_WORDS: &str =
    "(?i)^(post /api/v1/auth/logout.*|(put|post) /api/v1/user/password|delete /api/v1/devices.*)$";

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,ignored_auth,unsupported_method";

/// Where the tool is: what `IM_FUZZER` names, or what scripts/test.sh installed in an earlier run.
fn tool() -> Result<PathBuf> {
    if let Some(home) = std::env::var_os("IM_FUZZER") {
        return Ok(home.into());
    }
    let cache = std::fs::read_dir(repository().join(".cache"))?.flatten();
    let mut homes =
        cache.filter(|entry| entry.file_name().to_string_lossy().starts_with("fuzzer-"));
    let home = homes
        .next()
        .context("there is no .cache/fuzzer-…: ./scripts/test.sh installs it")?;
    Ok(home.path())
}

/// Runs the tool as somebody with `token` over what the two arguments choose.
async fn fuzz(cluster: &Cluster, token: &str, choice: [&str; 2]) -> Result<()> {
    let seed = im_e2e::load::seed().to_string();
    let output = Command::new("python3")
        .args(["-m", "schemathesis.cli", "run"])
        .arg(repository().join("schema/openapi.json"))
        .args(["--url", cluster.api().server()])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--checks", CHECKS])
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", EXAMPLES, "--seed", &seed])
        // One: before 3.11.8, two threads of Python that parse Python at once may fail (python/cpython, issue 106905).
        .args(["--workers", "1", "--request-timeout", "60"])
        .args(["--suppress-health-check", "all", "--no-color"])
        .args(choice)
        .env("PYTHONPATH", tool()?)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(cluster.folder())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(LIMIT, output)
        .await
        .context("the requests take too long")??;
    let said = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{said}\n{complaints}");
    Ok(())
}

/// M7, A8: whatever is asked within the document, and on its bounds, is answered as the document says.
#[tokio::test]
async fn every_answer_is_as_the_document_says() -> Result<()> {
    // Limits would leave the routes behind them untested.
    let cluster = Cluster::builder()
        .setting("IM_WEB_LIMITS__ENABLED", false)
        .start()
        .await?;
    let (ann, ben) = (cluster.account("ann").await?, cluster.account("ben").await?);
    ann.befriend(&ben).await?;
    ann.api
        .create_group(&NewGroup {
            name: "Fuzz".to_owned(),
            member_ids: vec![ben.id],
            ..NewGroup::default()
        })
        .await?;
    let (all, last) = (
        ann.login(Platform::Desktop).await?,
        ben.login(Platform::Desktop).await?,
    );
    let choice = ["--exclude-name-regex", LAST_WORDS];
    fuzz(&cluster, &all.access_token, choice).await?;
    let choice = ["--include-name-regex", LAST_WORDS];
    fuzz(&cluster, &last.access_token, choice).await?;

    let operator = cluster.account("operator").await?;
    let login = operator.login(Platform::Desktop).await?;
    let database = cluster.backend().database().await?;
    let sql = "INSERT INTO operators (id, role) VALUES ($1, 2)";
    database.execute(sql, &[&operator.id.to_sql()]).await?;
    let choice = ["--include-path-regex", "/admin/"];
    fuzz(&cluster, &login.access_token, choice).await
}
