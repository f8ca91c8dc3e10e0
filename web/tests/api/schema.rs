//! The structs of the store and the tables.

use im_web::store::{
    AuditEntry, BlobRow, Block, FileRow, Friend, FriendRequest, IdempotencyKey, Model, Operator,
    PasswordReset, RefreshToken, RuntimeSetting, SignIn, User, UserSettings,
};

use crate::app::TestApp;

/// I2: each struct has exactly the columns of its table, with their types.
#[tokio::test]
async fn models_agree_with_the_catalogue() {
    let app = TestApp::start().await;
    for (table, columns) in [
        (User::TABLE, User::COLUMNS),
        (PasswordReset::TABLE, PasswordReset::COLUMNS),
        (Operator::TABLE, Operator::COLUMNS),
        (AuditEntry::TABLE, AuditEntry::COLUMNS),
        (FileRow::TABLE, FileRow::COLUMNS),
        (BlobRow::TABLE, BlobRow::COLUMNS),
        (RefreshToken::TABLE, RefreshToken::COLUMNS),
        (SignIn::TABLE, SignIn::COLUMNS),
        (FriendRequest::TABLE, FriendRequest::COLUMNS),
        (Friend::TABLE, Friend::COLUMNS),
        (IdempotencyKey::TABLE, IdempotencyKey::COLUMNS),
        (RuntimeSetting::TABLE, RuntimeSetting::COLUMNS),
        (Block::TABLE, Block::COLUMNS),
        (UserSettings::TABLE, UserSettings::COLUMNS),
    ] {
        let sql = "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute \
                   WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum";
        let found = app.rows(sql, &[&table]).await;
        let found: Vec<(String, String)> =
            found.iter().map(|row| (row.get(0), row.get(1))).collect();
        let modelled: Vec<(String, String)> = columns
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned()))
            .collect();
        assert_eq!(modelled, found, "{table}");
    }
}
