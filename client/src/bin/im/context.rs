//! Which server, which account, and how to come to its tokens.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use im_client::{Api, Backlog, Client, Event, Events, Login, Options};
use im_shared::wire::Platform;

use crate::cli::Transport;
use crate::error::Error;
use crate::show::Show;
use crate::vault::{self, Account, Vault};

/// The server when none was named yet: `scripts/up.sh` starts one there.
const DEFAULT_SERVER: &str = "http://127.0.0.1:8080";
/// Tokens that expire within this are renewed first.
const RENEW_BEFORE: Duration = Duration::from_secs(24 * 3600);

pub(crate) struct Context {
    pub(crate) api: Api,
    pub(crate) show: Show,
    pub(crate) vault: Vault,
    user: Option<String>,
    password: Option<String>,
    transport: Transport,
}

/// An account with good tokens, and the API on its behalf.
pub(crate) struct Me {
    pub(crate) account: Account,
    pub(crate) login: Login,
    pub(crate) api: Api,
}

impl Context {
    pub(crate) fn new(
        server: Option<String>,
        user: Option<String>,
        password: Option<String>,
        transport: Transport,
        show: Show,
    ) -> Result<Self, Error> {
        let server = match server {
            Some(server) => server,
            None => vault::last_server()?.unwrap_or_else(|| DEFAULT_SERVER.to_owned()),
        };
        let server = if server.contains("://") {
            server
        } else {
            format!("http://{server}")
        };
        if server.starts_with("https://") {
            let reason =
                "im speaks HTTP only: reach the web node itself, or a proxy on this machine";
            return Err(Error::Usage(reason.to_owned()));
        }
        Ok(Self {
            api: Api::new(&server)?,
            show,
            vault: Vault::of_server(&server)?,
            user,
            password,
            transport,
        })
    }

    /// The account that `--user` names, or that logged in last; with `--password` it logs in first.
    pub(crate) async fn me(&self) -> Result<Me, Error> {
        let last = || self.vault.last();
        let username = match &self.user {
            Some(user) => user.clone(),
            None => last()?.ok_or_else(|| Error::NotLoggedIn(self.api.server().to_owned()))?,
        };
        let account = self.vault.account(&username)?;
        if let (Some(_), Some(password)) = (&self.user, &self.password) {
            return self.log_in(account, password).await;
        }
        let Some(login) = account.login.clone() else {
            return match self.user {
                Some(_) if std::io::stdin().is_terminal() => {
                    self.log_in(account, &self.ask_password(&username, false)?)
                        .await
                }
                _ => Err(Error::NotLoggedIn(self.api.server().to_owned())),
            };
        };
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let expires_at = Duration::from_millis(u64::try_from(login.expires_at).unwrap_or_default());
        if expires_at > now + RENEW_BEFORE || login.refresh_token.is_empty() {
            return Ok(self.logged_in(account, login));
        }
        let login = self.api.refresh(&login.refresh_token).await?;
        self.keep(account, login)
    }

    /// Logs in and keeps the tokens.
    pub(crate) async fn log_in(&self, account: Account, password: &str) -> Result<Me, Error> {
        let login = self
            .api
            .login(
                &account.username,
                password,
                &account.device_id,
                Platform::Terminal,
            )
            .await?;
        self.keep(account, login)
    }

    /// Keeps new tokens of an account.
    pub(crate) fn keep(&self, mut account: Account, login: Login) -> Result<Me, Error> {
        account.login = Some(login.clone());
        self.vault.keep(&account)?;
        Ok(self.logged_in(account, login))
    }

    fn logged_in(&self, account: Account, login: Login) -> Me {
        Me {
            api: self.api.with_token(&login.access_token),
            account,
            login,
        }
    }

    /// The username that was given to the command or by `--user`.
    pub(crate) fn username(&self, given: Option<String>) -> Result<String, Error> {
        let given = given.or_else(|| self.user.clone());
        given
            .map(|name| name.to_lowercase())
            .ok_or_else(|| Error::Usage("which username?".to_owned()))
    }

    /// The password that was given, or asked for without showing it; twice for a new one.
    pub(crate) fn password(&self, username: &str, new: bool) -> Result<String, Error> {
        match &self.password {
            Some(password) => Ok(password.clone()),
            None => self.ask_password(username, new),
        }
    }

    /// The new password that was given, or asked for twice.
    pub(crate) fn new_password(
        &self,
        username: &str,
        given: Option<String>,
    ) -> Result<String, Error> {
        given.map_or_else(
            || self.ask_password(&format!("{username}, the new one"), true),
            Ok,
        )
    }

    fn ask_password(&self, username: &str, new: bool) -> Result<String, Error> {
        if !std::io::stdin().is_terminal() {
            return Err(Error::Usage(
                "no terminal to ask for the password: give --password or IM_PASSWORD".to_owned(),
            ));
        }
        std::io::stdout().flush()?;
        let password = rpassword::prompt_password(format!("Password of {username}: "))?;
        if new && rpassword::prompt_password("Once more: ")? != password {
            return Err(Error::Failed("the passwords differ".to_owned()));
        }
        Ok(password)
    }

    /// Starts a client on behalf of an account.
    pub(crate) fn connect(&self, me: &Me, backlog: Backlog) -> (Client, Events) {
        let mut options = Options::new(
            self.api.clone(),
            me.login.clone(),
            &me.account.device_id,
            Platform::Terminal,
        );
        options.transport = self.transport.into();
        options.backlog = backlog;
        Client::start(options)
    }

    /// Takes an event that every command treats alike. Gives back what it did not take.
    pub(crate) fn common(&self, me: &Me, event: Event) -> Result<Option<Event>, Error> {
        match event {
            Event::LoginRenewed(login) => {
                self.keep(me.account.clone(), login)?;
                Ok(None)
            }
            Event::Kicked { message, .. } => Err(Error::Failed(format!(
                "the server ended the session: {message}"
            ))),
            event => Ok(Some(event)),
        }
    }
}
