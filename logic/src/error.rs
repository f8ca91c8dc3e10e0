//! How errors are told.

use tokio_postgres::error::DbError;

/// An error with its sources on one line: the driver's own text is only "db error". What PostgreSQL gives as detail is left out, for it
/// quotes the row, and what people write to each other has no place in a log.
pub(crate) struct Chain<'a>(pub(crate) &'a (dyn std::error::Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            match error.downcast_ref::<DbError>() {
                Some(refusal) => write!(f, ": {} ({})", refusal.message(), refusal.code().code())?,
                None => write!(f, ": {error}")?,
            }
            source = error.source();
        }
        Ok(())
    }
}
