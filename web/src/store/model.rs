//! A struct per table that web writes, with one field per column. The list of columns comes from the struct, and a test
//! compares it with the catalogue, so a migration that a struct does not follow is noticed (mission I2).

use std::time::SystemTime;

use im_shared::ids::{FriendRequestId, SignInId, UserId};
use tokio_postgres::{Error, Row};

/// A type that a column is read into.
pub trait Column: Sized {
    /// The column's type, as `format_type` prints it.
    const TYPE: &'static str;

    /// The value of the column called `name`.
    ///
    /// # Errors
    /// When there is no such column or it has another type.
    fn read(row: &Row, name: &str) -> Result<Self, Error>;
}

macro_rules! column {
    ($($type:ty = $sql:literal, $raw:ty, $from:expr;)*) => {$(
        impl Column for $type {
            const TYPE: &'static str = $sql;
            fn read(row: &Row, name: &str) -> Result<Self, Error> {
                row.try_get::<_, $raw>(name).map($from)
            }
        }
    )*};
}

column! {
    i64 = "bigint", i64, |value| value;
    i16 = "smallint", i16, |value| value;
    i32 = "integer", i32, |value| value;
    String = "text", String, |value| value;
    Vec<u8> = "bytea", Vec<u8>, |value| value;
    SystemTime = "timestamp with time zone", SystemTime, |value| value;
    UserId = "bigint", i64, UserId::from_sql;
    SignInId = "bigint", i64, SignInId::from_sql;
    FriendRequestId = "bigint", i64, FriendRequestId::from_sql;
}

/// A struct with exactly the columns of one table.
pub trait Model: Sized {
    /// The table.
    const TABLE: &'static str;
    /// Each column with its type.
    const COLUMNS: &'static [(&'static str, &'static str)];
    /// The columns for a select list.
    const LIST: &'static str;

    /// The struct from a row that was selected with [`Self::LIST`].
    ///
    /// # Errors
    /// When the row has other columns.
    fn read(row: &Row) -> Result<Self, Error>;
}

/// The column of a field: its own name, or the given one where that is a word of Rust.
macro_rules! column_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $column:literal) => {
        $column
    };
}
pub(crate) use column_name;

/// Defines a struct and its [`Model`].
macro_rules! model {
    ($(#[$doc:meta])* $name:ident in $table:literal { $(#[$first_doc:meta])* $first:ident: $first_type:ty, $($(#[$field_doc:meta])* $field:ident $(as $column:literal)?: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            $(#[$first_doc])* pub $first: $first_type,
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $crate::store::model::Model for $name {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [(&'static str, &'static str)] = &[
                (stringify!($first), <$first_type as $crate::store::model::Column>::TYPE),
                $(($crate::store::model::column_name!($field $($column)?), <$type as $crate::store::model::Column>::TYPE)),*
            ];
            const LIST: &'static str = concat!(stringify!($first) $(, ", ", $crate::store::model::column_name!($field $($column)?))*);

            fn read(row: &tokio_postgres::Row) -> std::result::Result<Self, tokio_postgres::Error> {
                use $crate::store::model::Column;
                Ok(Self {
                    $first: <$first_type>::read(row, stringify!($first))?,
                    $($field: <$type as Column>::read(row, $crate::store::model::column_name!($field $($column)?))?,)*
                })
            }
        }
    };
}
pub(crate) use model;
