//! The kinds of accounts, and their names in the claim `typ`.

/// What an account may do. A guest who registers becomes a user; a token keeps the kind that it was signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// Has registered: may do everything.
    User,
    /// Came without registering: reads and writes the world chat, and nothing else.
    Guest,
}

impl AccountKind {
    /// The claim `typ`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Guest => "guest",
        }
    }

    /// `None` for every other use of a token.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::User, Self::Guest]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}
