//! `im-web`: serves the REST API; also migrates, makes keys and operators, and prints the OpenAPI document.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand, ValueEnum};
use im_shared::config;
use im_shared::tokens::generate_key;
use im_web::app::{self, Web};
use im_web::store::OperatorRole;
use im_web::{openapi, operator};

/// Read where no other file is named, if it is there.
const DEFAULT_CONFIG: &str = "env/web.toml";

#[derive(Parser)]
#[command(
    name = "im-web",
    version,
    about = "Web node of im-rs: accounts, friends and the REST API"
)]
struct Cli {
    /// Configuration file; `IM_WEB_*` variables override it [default: env/web.toml if it is there]
    #[arg(long, global = true, env = "IM_WEB_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Brings the database up to date and exits
    Migrate,
    /// Makes the pair of keys that tokens are signed with, unless it is there
    GenerateKey {
        /// Folder for `private/ID.pem` and `public/ID.pem`
        #[arg(long)]
        dir: PathBuf,
        /// Key id: 1 to 64 of `[A-Za-z0-9_-]`
        #[arg(long)]
        id: String,
    },
    /// Prints the OpenAPI document
    Openapi,
    /// Makes users operators
    #[command(subcommand)]
    Operator(OperatorCommand),
}

#[derive(Subcommand)]
enum OperatorCommand {
    /// Makes a user an operator, or changes the role
    Grant {
        /// The login name
        #[arg(long)]
        username: String,
        /// What the operator may do
        #[arg(long, value_enum)]
        role: Role,
    },
    /// Takes the role away
    Revoke {
        /// The login name
        #[arg(long)]
        username: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Role {
    /// Reads
    Support,
    /// Changes, too
    Admin,
}

impl From<Role> for OperatorRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Support => Self::Support,
            Role::Admin => Self::Admin,
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let file = cli.config.or_else(|| {
        Path::new(DEFAULT_CONFIG)
            .is_file()
            .then(|| DEFAULT_CONFIG.into())
    });
    let file = file.as_deref();
    match cli.command {
        None => Web::load(config::load("web", file)?).await?.run().await,
        Some(Command::Migrate) => app::migrate(config::load("web", file)?).await,
        Some(Command::Operator(OperatorCommand::Grant { username, role })) => {
            operator::set(config::load("web", file)?, &username, Some(role.into())).await
        }
        Some(Command::Operator(OperatorCommand::Revoke { username })) => {
            operator::set(config::load("web", file)?, &username, None).await
        }
        Some(Command::GenerateKey { dir, id }) => make_key(&dir, &id),
        Some(Command::Openapi) => Ok(std::io::stdout().write_all(openapi::text()?.as_bytes())?),
    }
}

/// Writes a new pair; keeps one that is there, so that a second start does not sign everybody out.
fn make_key(dir: &Path, id: &str) -> anyhow::Result<()> {
    let (private, public) = (
        dir.join("private").join(format!("{id}.pem")),
        dir.join("public").join(format!("{id}.pem")),
    );
    if private.is_file() && public.is_file() {
        println!("{} is there already", private.display());
        return Ok(());
    }
    let (private, public) = generate_key()?.write(dir, id)?;
    println!("{}\n{}", private.display(), public.display());
    Ok(())
}
