//! Mails in a folder: each is a file of its own, `NAME.eml` (RFC 5322), under a name that sorts by time. A file that has this name is whole.

use std::io;
use std::path::PathBuf;

use tokio::fs;
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use super::{Mail, Mailer, Sending, message};
use crate::config::MailConfig;

pub(super) struct FileMailer {
    folder: PathBuf,
    from: String,
}

impl FileMailer {
    pub(super) fn new(config: &MailConfig) -> Self {
        Self {
            folder: config.folder.clone(),
            from: config.from.clone(),
        }
    }

    async fn write(&self, mail: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.folder).await?;
        let name = Uuid::now_v7();
        let (unfinished, whole) = (
            self.folder.join(format!(".{name}.tmp")),
            self.folder.join(format!("{name}.eml")),
        );
        // Whoever reads it can change a password.
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unfinished)
            .await?;
        file.write_all(mail).await?;
        file.sync_all().await?;
        fs::rename(unfinished, whole).await
    }
}

impl Mailer for FileMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(async move {
            let message = message(&self.from, mail)?;
            Ok(self.write(&message.formatted()).await?)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::super::tests::mail;
    use super::*;

    fn mailer(folder: &Path) -> FileMailer {
        FileMailer::new(&MailConfig {
            folder: folder.to_owned(),
            ..MailConfig::default()
        })
    }

    #[tokio::test]
    async fn a_file_is_a_whole_mail_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("new");
        mailer(&folder).send(&mail()).await.unwrap();
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
        assert_eq!(files.len(), 1);
        let file = files[0].as_ref().unwrap();
        assert!(file.file_name().to_str().unwrap().ends_with(".eml"));
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(file.path()).unwrap();
        assert!(text.contains("\r\nTo: ada@example.org\r\n"), "{text}");
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_is_told() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = mailer(file.path()).send(&mail()).await.unwrap_err();
        assert!(!error.is_of_the_mail());
    }
}
