//! Numbers that are on the wire are never used for anything else ([F5]). When one is added, add it here.

use im_shared::wire::{
    BodyKind, CloseCode, Code, ConversationType, Direction, EntryType, FriendChange, JoinChange,
    JoinPolicy, Platform, RequestId, Role, Setting, decode, error,
};
use std::time::Duration;

macro_rules! pinned {
    ($(#[$rule:meta])* $test:ident, $type:ident, $($name:ident = $number:literal),+ $(,)?) => {
        $(#[$rule])*
        #[test]
        fn $test() {
            let pinned = vec![$((stringify!($name), $number)),+];
            let values = $type::ENUM_VALUES.iter();
            let actual: Vec<_> = values.map(|value| (value.variant_name().unwrap(), value.0)).collect();
            assert_eq!(actual, pinned);
        }
    };
}

pinned!(
    codes_keep_their_numbers,
    Code,
    Ok = 0,
    Internal = 1000,
    Unavailable = 1001,
    RetryLater = 1002,
    InvalidArgument = 1003,
    MalformedFrame = 1004,
    FrameTooLarge = 1005,
    Unsupported = 1006,
    NotFound = 1007,
    Forbidden = 1008,
    RateLimited = 1009,
    DeadlineExceeded = 1010,
    IdempotencyConflict = 1011,
    Unauthenticated = 1100,
    TokenInvalid = 1101,
    TokenExpired = 1102,
    TokenRevoked = 1103,
    WrongCredentials = 1104,
    UsernameTaken = 1105,
    UsernameInvalid = 1106,
    PasswordInvalid = 1107,
    UserDisabled = 1108,
    UserNotFound = 1109,
    PasswordCommon = 1110,
    ResetTokenInvalid = 1111,
    DeviceNotFound = 1112,
    FriendSelf = 1200,
    FriendAlready = 1201,
    FriendRequestPending = 1202,
    FriendRequestNotFound = 1203,
    FriendRequestAnswered = 1204,
    NotFriends = 1205,
    Blocked = 1206,
    RequestsClosed = 1207,
    ConversationNotFound = 1300,
    NotMember = 1301,
    MessageConflict = 1302,
    TextTooLong = 1303,
    TextInvalid = 1304,
    MessageTypeInvalid = 1305,
    TooManyMessages = 1306,
    MessageIdInvalid = 1307,
    MessageEmpty = 1308,
    ContentInvalid = 1309,
    MentionInvalid = 1310,
    ReadOnly = 1311,
    TargetNotFound = 1312,
    TargetRecalled = 1313,
    NotSender = 1314,
    EditTooLate = 1315,
    EditTooOften = 1316,
    RecallTooLate = 1317,
    ReactionInvalid = 1318,
    TooManyReactions = 1319,
    SearchInvalid = 1320,
    PushSubscriptionInvalid = 1321,
    NotPermitted = 1400,
    NotAGroup = 1401,
    GroupFull = 1402,
    GroupDissolved = 1403,
    GroupNameInvalid = 1404,
    AlreadyMember = 1405,
    InviteOnly = 1406,
    JoinRequestPending = 1407,
    JoinRequestNotFound = 1408,
    Silenced = 1409,
    FileNotFound = 1500,
    FileTooLarge = 1501,
    FileTypeRefused = 1502,
    FileMismatch = 1503,
    ImageInvalid = 1504,
);

pinned!(
    close_codes_keep_their_numbers,
    CloseCode,
    None = 0,
    GoingAway = 4000,
    HeartbeatTimeout = 4001,
    SlowConsumer = 4002,
    Overloaded = 4003,
    InternalError = 4004,
    HandshakeTimeout = 4005,
    ProtocolError = 4500,
    AuthenticationFailed = 4501,
    TokenExpired = 4502,
    SignedInElsewhere = 4503,
    SignedOut = 4504,
    RemovedByAdministrator = 4505,
    PasswordChanged = 4506,
);

pinned!(
    bodies_keep_their_numbers,
    BodyKind,
    NONE = 0,
    AuthRequest = 1,
    AuthResponse = 2,
    Heartbeat = 3,
    HeartbeatAck = 4,
    Drain = 5,
    Kick = 6,
    TokenExpiring = 7,
    Reauth = 8,
    Follow = 9,
    UserMessage = 16,
    MessageEdit = 17,
    MessageRecall = 18,
    MessageReaction = 19,
    ConversationRead = 20,
    MessageDelivered = 21,
    SyncRequest = 22,
    HistoryRequest = 23,
    Typing = 24,
    ConversationOpen = 25,
    ConversationSet = 26,
    ReceiptRequest = 27,
    SearchRequest = 28,
    PushSubscribe = 29,
    PushUnsubscribe = 30,
    PresenceSet = 31,
    UserOnline = 48,
    UserOffline = 49,
    GroupCreate = 50,
    GroupUpdate = 51,
    GroupInvite = 52,
    GroupJoin = 53,
    GroupAnswer = 54,
    GroupRemove = 55,
    GroupLeave = 56,
    GroupTransfer = 57,
    GroupDissolve = 58,
    GroupRole = 59,
    GroupSilence = 60,
    SystemNotify = 61,
    MessageAck = 64,
    PushMessage = 65,
    ReadReceipt = 66,
    DeliveryReceipt = 67,
    SyncResponse = 68,
    SyncHint = 69,
    SystemNotification = 70,
    TypingEvent = 71,
    PresenceEvent = 72,
    FriendEvent = 73,
    ConversationEvent = 74,
    ErrorResponse = 75,
    JoinEvent = 76,
    ReceiptResponse = 77,
    SearchResponse = 78,
    Done = 79,
    ProfileEvent = 80,
);

pinned!(
    platforms_keep_their_numbers,
    Platform,
    Unknown = 0,
    Web = 1,
    Desktop = 2,
    Ios = 3,
    Android = 4,
    Terminal = 5,
);

pinned!(
    conversation_types_keep_their_numbers,
    ConversationType,
    Unknown = 0,
    Private = 1,
    Group = 2,
    World = 3,
    System = 4,
);

pinned!(
    roles_keep_their_numbers,
    Role,
    None = 0,
    Member = 1,
    Admin = 2,
    Owner = 3,
);

pinned!(
    join_policies_keep_their_numbers,
    JoinPolicy,
    Unknown = 0,
    Free = 1,
    Approval = 2,
    Invite = 3,
);

pinned!(
    settings_keep_their_numbers,
    Setting,
    Unknown = 0,
    Pin = 1,
    Mute = 2,
    Archive = 3,
    Hide = 4,
    Draft = 5,
);

pinned!(
    join_changes_keep_their_numbers,
    JoinChange,
    Unknown = 0,
    Requested = 1,
    Accepted = 2,
    Rejected = 3,
);

pinned!(
    entry_types_keep_their_numbers,
    EntryType,
    Unknown = 0,
    Text = 1,
    Image = 2,
    File = 3,
    Voice = 4,
    Video = 5,
    System = 6,
    Custom = 7,
    Edit = 32,
    Recall = 33,
    Reaction = 34,
    Member = 35,
    Group = 36,
);

pinned!(
    friend_changes_keep_their_numbers,
    FriendChange,
    Unknown = 0,
    Requested = 1,
    Accepted = 2,
    Rejected = 3,
    Deleted = 4,
    Cancelled = 5,
);

pinned!(
    directions_keep_their_numbers,
    Direction,
    Forward = 0,
    Backward = 1,
);

/// [S6]
#[test]
fn the_range_of_a_close_code_says_whether_to_connect_again() {
    for code in CloseCode::ENUM_VALUES {
        assert_eq!(code.may_reconnect(), code.0 < 4500, "{}", code.name());
    }
    assert!(CloseCode(4499).may_reconnect());
    assert!(!CloseCode(4500).may_reconnect());
    assert!(!CloseCode(4999).may_reconnect());
    assert!(CloseCode(1006).may_reconnect(), "a transport that broke");
}

/// Only what a client may ask reaches logic.
#[test]
fn access_forwards_16_to_47_and_nothing_else() {
    let forwarded: Vec<u8> = (0..=u8::MAX)
        .filter(|kind| BodyKind(*kind).is_upstream())
        .collect();
    assert_eq!(forwarded, (16..=47).collect::<Vec<u8>>());
}

#[test]
fn an_error_carries_its_code_the_text_of_the_code_and_the_time_to_wait() {
    let bytes = error(
        RequestId(9),
        Code::RetryLater,
        Some(Duration::from_millis(1_500)),
    );
    let frame = decode(&bytes).unwrap();
    assert_eq!(frame.request_id, RequestId(9));
    let im_shared::wire::Body::ErrorResponse(error) = frame.body else {
        panic!("{frame:?}")
    };
    assert_eq!(
        (error.code, error.retry_after_ms),
        (Code::RetryLater, 1_500)
    );
    assert_eq!(error.message, Code::RetryLater.text());
}

#[test]
fn every_code_has_its_own_text_and_an_honest_status() {
    let mut texts: Vec<&str> = Code::ENUM_VALUES.iter().map(|code| code.text()).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), Code::ENUM_VALUES.len());
    for code in Code::ENUM_VALUES {
        let status = code.http_status();
        assert_eq!(status == 200, *code == Code::Ok, "{}", code.name());
        assert!(
            status == 200 || (400..=599).contains(&status),
            "{}",
            code.name()
        );
        assert_ne!(code.text(), Code(9_999).text(), "{}", code.name());
    }
    assert_eq!(
        (Code(9_999).http_status(), Code(9_999).name()),
        (500, "Unknown")
    );
}
