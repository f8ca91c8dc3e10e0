//! How a field of an owned struct is read from and written to its table.
//!
//! A default value is not written, and an absent field is read as the default, so both directions agree and an empty
//! list costs no bytes.

use bytes::Bytes;
use flatbuffers::{Follow, ForwardsUOffset, Vector, WIPOffset};

use super::{
    CloseCode, Code, ConversationType, Direction, EntryType, FriendChange, JoinChange, JoinPolicy,
    Platform, Role, Secret, Setting, message,
};
use crate::ids::{ConversationId, FriendRequestId, Incarnation, MessageId, Seq, SessionId, UserId};

/// Writes a buffer from its end to its beginning: what a table refers to is written before the table.
pub(super) type Builder = flatbuffers::FlatBufferBuilder<'static>;

/// A struct that is a table of the schema.
pub(super) trait Table: Sized {
    /// The generated view of the table.
    type View<'a>: Follow<'a, Inner = Self::View<'a>> + 'a;

    /// `source` is the buffer that `view` looks into; content becomes a slice of it.
    fn read(view: Self::View<'_>, source: &Bytes) -> Self;

    fn write(&self, builder: &mut Builder) -> WIPOffset<Self::View<'static>>;
}

/// A value that a table holds.
pub(super) trait Field: Sized {
    /// What the generated accessor gives.
    type Stored<'a>;
    /// What must exist before the table is begun: the value, or the place where it was written.
    type Ready;
    /// What the generated arguments of the table take.
    type Argument<'a>;

    fn read(stored: Self::Stored<'_>, source: &Bytes) -> Self;

    fn prepare(&self, builder: &mut Builder) -> Self::Ready;

    fn argument(ready: &Self::Ready) -> Self::Argument<'_>;
}

macro_rules! stored_as_itself {
    ($($type:ty),+ $(,)?) => {$(
        impl Field for $type {
            type Stored<'a> = Self;
            type Ready = Self;
            type Argument<'a> = Self;

            fn read(stored: Self, _: &Bytes) -> Self {
                stored
            }

            fn prepare(&self, _: &mut Builder) -> Self {
                *self
            }

            fn argument(ready: &Self) -> Self {
                *ready
            }
        }
    )+};
}

stored_as_itself!(bool, u16, u32, u64, i64);
stored_as_itself!(
    CloseCode,
    Code,
    ConversationType,
    Direction,
    EntryType,
    FriendChange,
    JoinChange,
    JoinPolicy,
    Platform,
    Role,
    Setting
);

/// What is not given stays as it is: absent and the default are two things here.
macro_rules! optional_as_itself {
    ($($type:ty),+ $(,)?) => {$(
        impl Field for Option<$type> {
            type Stored<'a> = Self;
            type Ready = Self;
            type Argument<'a> = Self;

            fn read(stored: Self, _: &Bytes) -> Self {
                stored
            }

            fn prepare(&self, _: &mut Builder) -> Self {
                *self
            }

            fn argument(ready: &Self) -> Self {
                *ready
            }
        }
    )+};
}

optional_as_itself!(bool, JoinPolicy);

macro_rules! stored_as_u64 {
    ($($id:ident),+ $(,)?) => {$(
        impl Field for $id {
            type Stored<'a> = u64;
            type Ready = u64;
            type Argument<'a> = u64;

            fn read(stored: u64, _: &Bytes) -> Self {
                Self(stored)
            }

            fn prepare(&self, _: &mut Builder) -> u64 {
                self.0
            }

            fn argument(ready: &u64) -> u64 {
                *ready
            }
        }
    )+};
}

stored_as_u64!(
    ConversationId,
    FriendRequestId,
    Incarnation,
    MessageId,
    Seq,
    SessionId,
    UserId
);

impl Field for String {
    type Stored<'a> = Option<&'a str>;
    type Ready = Option<WIPOffset<&'static str>>;
    type Argument<'a> = Self::Ready;

    fn read(stored: Option<&str>, _: &Bytes) -> Self {
        stored.unwrap_or_default().to_owned()
    }

    fn prepare(&self, builder: &mut Builder) -> Self::Ready {
        (!self.is_empty()).then(|| builder.create_string(self))
    }

    fn argument(ready: &Self::Ready) -> Self::Ready {
        *ready
    }
}

impl Field for Option<String> {
    type Stored<'a> = Option<&'a str>;
    type Ready = Option<WIPOffset<&'static str>>;
    type Argument<'a> = Self::Ready;

    fn read(stored: Option<&str>, _: &Bytes) -> Self {
        stored.map(str::to_owned)
    }

    fn prepare(&self, builder: &mut Builder) -> Self::Ready {
        self.as_ref().map(|text| builder.create_string(text))
    }

    fn argument(ready: &Self::Ready) -> Self::Ready {
        *ready
    }
}

/// Ids lie in their vector as plain numbers.
impl Field for Vec<UserId> {
    type Stored<'a> = Option<Vector<'a, u64>>;
    type Ready = Option<WIPOffset<Vector<'static, u64>>>;
    type Argument<'a> = Self::Ready;

    fn read(stored: Option<Vector<'_, u64>>, _: &Bytes) -> Self {
        stored.map_or_else(Self::new, |vector| vector.iter().map(UserId).collect())
    }

    fn prepare(&self, builder: &mut Builder) -> Self::Ready {
        (!self.is_empty()).then(|| builder.create_vector_from_iter(self.iter().map(|user| user.0)))
    }

    fn argument(ready: &Self::Ready) -> Self::Ready {
        *ready
    }
}

impl Field for Secret {
    type Stored<'a> = Option<&'a str>;
    type Ready = <String as Field>::Ready;
    type Argument<'a> = Self::Ready;

    fn read(stored: Option<&str>, source: &Bytes) -> Self {
        Self(String::read(stored, source))
    }

    fn prepare(&self, builder: &mut Builder) -> Self::Ready {
        self.0.prepare(builder)
    }

    fn argument(ready: &Self::Ready) -> Self::Ready {
        *ready
    }
}

impl Field for Bytes {
    type Stored<'a> = Option<Vector<'a, u8>>;
    type Ready = Option<WIPOffset<Vector<'static, u8>>>;
    type Argument<'a> = Self::Ready;

    fn read(stored: Option<Vector<'_, u8>>, source: &Bytes) -> Self {
        stored.map_or_else(Self::new, |vector| source.slice_ref(vector.bytes()))
    }

    fn prepare(&self, builder: &mut Builder) -> Self::Ready {
        (!self.is_empty()).then(|| builder.create_vector(self))
    }

    fn argument(ready: &Self::Ready) -> Self::Ready {
        *ready
    }
}

/// The nil UUID stands for "none".
impl Field for uuid::Uuid {
    type Stored<'a> = Option<&'a message::Uuid>;
    type Ready = Option<message::Uuid>;
    type Argument<'a> = Option<&'a message::Uuid>;

    fn read(stored: Option<&message::Uuid>, _: &Bytes) -> Self {
        stored.map_or_else(Self::nil, |uuid| {
            Self::from_u64_pair(uuid.high(), uuid.low())
        })
    }

    fn prepare(&self, _: &mut Builder) -> Self::Ready {
        let (high, low) = self.as_u64_pair();
        (!self.is_nil()).then(|| message::Uuid::new(high, low))
    }

    fn argument(ready: &Self::Ready) -> Option<&message::Uuid> {
        ready.as_ref()
    }
}

/// A table that is always there; absent, it is read as its default.
impl<T: Table + Default> Field for T {
    type Stored<'a> = Option<T::View<'a>>;
    type Ready = WIPOffset<T::View<'static>>;
    type Argument<'a> = Option<WIPOffset<T::View<'static>>>;

    fn read(stored: Option<T::View<'_>>, source: &Bytes) -> Self {
        stored.map_or_else(T::default, |view| Table::read(view, source))
    }

    fn prepare(&self, builder: &mut Builder) -> Self::Ready {
        self.write(builder)
    }

    fn argument(ready: &Self::Ready) -> Self::Argument<'_> {
        Some(*ready)
    }
}

impl<T: Table> Field for Option<T> {
    type Stored<'a> = Option<T::View<'a>>;
    type Ready = Option<WIPOffset<T::View<'static>>>;
    type Argument<'a> = Self::Ready;

    fn read(stored: Option<T::View<'_>>, source: &Bytes) -> Self {
        stored.map(|view| Table::read(view, source))
    }

    fn prepare(&self, builder: &mut Builder) -> Self::Ready {
        self.as_ref().map(|table| table.write(builder))
    }

    fn argument(ready: &Self::Ready) -> Self::Ready {
        *ready
    }
}

impl<T: Table> Field for Vec<T> {
    type Stored<'a> = Option<Vector<'a, ForwardsUOffset<T::View<'a>>>>;
    type Ready = Option<WIPOffset<Vector<'static, ForwardsUOffset<T::View<'static>>>>>;
    type Argument<'a> = Self::Ready;

    fn read(stored: Self::Stored<'_>, source: &Bytes) -> Self {
        stored.map_or_else(Self::new, |vector| {
            vector
                .iter()
                .map(|view| Table::read(view, source))
                .collect()
        })
    }

    fn prepare(&self, builder: &mut Builder) -> Self::Ready {
        if self.is_empty() {
            return None;
        }
        let offsets: Vec<_> = self.iter().map(|table| table.write(builder)).collect();
        Some(builder.create_vector(&offsets))
    }

    fn argument(ready: &Self::Ready) -> Self::Ready {
        *ready
    }
}
