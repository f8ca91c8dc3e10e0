//! The commands of docs/http-api.md do what it says: they run as they stand there, one block after the other, against a cluster.

use std::process::Stdio;

use anyhow::{Result, ensure};
use im_e2e::{Cluster, repository};
use tokio::process::Command;

/// The blocks of shell commands.
fn blocks(document: &str) -> Vec<&str> {
    let fences = document.split("```sh\n").skip(1);
    fences.filter_map(|rest| rest.split("```").next()).collect()
}

/// The programs that were built come first.
fn path() -> Result<std::ffi::OsString> {
    let programs = im_e2e::programs::program("im-web")?;
    let programs = programs.parent().unwrap().to_owned();
    let usual = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(programs).chain(std::env::split_paths(&usual));
    Ok(std::env::join_paths(folders)?)
}

/// M7: what a reader copies works. `curl -f` makes every refusal a failure.
#[tokio::test]
async fn every_command_of_the_document_works() -> Result<()> {
    let document = std::fs::read_to_string(repository().join("docs/http-api.md"))?;
    let blocks = blocks(&document);
    ensure!(blocks.len() >= 5, "the document shows its flows");
    let cluster = Cluster::builder().start().await?;
    let script = blocks
        .concat()
        .replace("http://127.0.0.1:8080", cluster.api().server());
    ensure!(
        script.matches("curl ").count() == script.matches("curl -fsS").count(),
        "a curl without -fsS would not fail"
    );
    let output = Command::new("bash")
        .args(["-euxo", "pipefail", "-c", &script])
        .env("PATH", path()?)
        .env("IM_WEB_POSTGRES__URL", cluster.backend().postgres())
        .current_dir(cluster.folder())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await?;
    let (said, traced) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    ensure!(output.status.success(), "{said}\n{traced}");
    Ok(())
}
