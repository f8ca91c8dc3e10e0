// Made from schema/openapi.json by `npm run generate`. Never edited.

import type { ClientMessageId, ConversationId, FriendRequestId, MessageId, UserId } from '@/types/ids';

/** The routes below /api/v1. */
export interface Routes {
  readonly '/access/endpoints': {
    /** The access nodes that take new sessions, as of a second ago. Needs no token. */
    readonly GET: {
      readonly answer: Endpoints;
    };
  };
  readonly '/admin/audit': {
    /** Lists what operators did and looked at. */
    readonly GET: {
      readonly query?: {
        /** `nextAfter` of the page before. */
        readonly after?: string;
        /** Only what this operator did. */
        readonly operator?: string;
        /** Only what is about this account. */
        readonly target?: string;
        /** 1 to 200; 50 if missing. */
        readonly limit?: number;
      };
      readonly answer: AuditRecords;
    };
  };
  readonly '/admin/limits': {
    /** The rules as they are now. */
    readonly GET: {
      readonly answer: LimitRules;
    };
    /** Changes how fast rules are, while everything runs. Replaces all earlier changes: who sends none goes back to the configuration. */
    readonly PUT: {
      readonly body: LimitChanges;
      readonly answer: LimitRules;
    };
  };
  readonly '/admin/users': {
    /** Lists accounts, guests and disabled ones too. */
    readonly GET: {
      readonly query?: {
        /** How the username begins, or a whole id or mail address; at most 254 characters. */
        readonly q?: string;
        /** Whether an account may log in. */
        readonly status?: 'active' | 'disabled';
        /** `nextAfter` of the page before. */
        readonly after?: string;
        /** 1 to 200; 50 if missing. */
        readonly limit?: number;
      };
      readonly answer: Accounts;
    };
  };
  readonly '/admin/users/{id}': {
    /** Shows an account with its contact data. */
    readonly GET: {
      readonly path: {
        /** The account */
        readonly id: UserId;
      };
      readonly answer: AccountDetails;
    };
  };
  readonly '/admin/users/{id}/devices': {
    /** Lists where an account is signed in. */
    readonly GET: {
      readonly path: {
        /** The account */
        readonly id: UserId;
      };
      readonly query?: {
        /** `nextAfter` of the page before. */
        readonly after?: string;
        /** 1 to 200; 50 if missing. */
        readonly limit?: number;
      };
      readonly answer: AccountDevices;
    };
    /** Signs an account out on every device; live sessions end with `RemovedByAdministrator`. It may log in again. */
    readonly DELETE: {
      readonly path: {
        /** The account */
        readonly id: UserId;
      };
      readonly answer: AccountSignedOut;
    };
  };
  readonly '/admin/users/{id}/devices/{signInId}': {
    /** Signs an account out on one device. */
    readonly DELETE: {
      readonly path: {
        /** The account */
        readonly id: UserId;
        /** The sign-in, as the list has it */
        readonly signInId: string;
      };
      readonly answer: AccountSignedOut;
    };
  };
  readonly '/admin/users/{id}/disable': {
    /** Disables an account: it cannot log in, its tokens are refused everywhere, and its live sessions end with `RemovedByAdministrator`. */
    readonly POST: {
      readonly path: {
        /** The account */
        readonly id: UserId;
      };
      readonly body: Because;
      readonly answer: Done;
    };
  };
  readonly '/admin/users/{id}/enable': {
    /** Lets an account log in again. */
    readonly POST: {
      readonly path: {
        /** The account */
        readonly id: UserId;
      };
      readonly body: Because;
      readonly answer: Done;
    };
  };
  readonly '/auth/guest': {
    /** Makes an account without a password and signs it in. It is a new one each time; the refresh token is the only way back to it. */
    readonly POST: {
      readonly body: Arrival;
      readonly answer: TokenPair;
    };
  };
  readonly '/auth/login': {
    /** Signs a device in. Replaces an earlier login of the same device. */
    readonly POST: {
      readonly body: Login;
      readonly answer: TokenPair;
    };
  };
  readonly '/auth/logout': {
    /** Ends a login: its access tokens and refresh tokens are refused from now on, and its live session ends. */
    readonly POST: {
      readonly body?: Logout | null;
      readonly answer: Done;
    };
  };
  readonly '/auth/logout-all': {
    /** Ends all logins of the caller, on every device; with `keepCurrent` all but the one that asks. */
    readonly POST: {
      readonly body?: LogoutAll | null;
      readonly answer: SignedOut;
    };
  };
  readonly '/auth/password/forgot': {
    /**
     * Mails a token that sets a new password once within 30 minutes, to the address of the profile. The answer is the same, and as fast, whether there
     *     is such an account or not.
     */
    readonly POST: {
      readonly body: ForgottenPassword;
      readonly answer: Done;
    };
  };
  readonly '/auth/password/reset': {
    /** Sets a new password by a mailed token, which is used up. Every device is signed out, and the mail address is told. */
    readonly POST: {
      readonly body: PasswordReset;
      readonly answer: Done;
    };
  };
  readonly '/auth/refresh': {
    /**
     * Gives the next pair; the used refresh token is dead. Using it again within 30 seconds, for a reply that was lost, gives the same pair, as
     *     long as that was not used. Later it revokes all that came from the same login.
     */
    readonly POST: {
      readonly body: RefreshTokenBody;
      readonly answer: TokenPair;
    };
  };
  readonly '/auth/register': {
    /** Makes an account. */
    readonly POST: {
      readonly body: Registration;
      readonly answer: Registered;
    };
  };
  readonly '/auth/upgrade': {
    /**
     * Makes the guest who calls a registered user with the same id, and signs the same device in as that user. All tokens of the guest are
     *     revoked.
     */
    readonly POST: {
      readonly body: Registration;
      readonly answer: TokenPair;
    };
  };
  readonly '/blocks': {
    /** Whom the caller has blocked. */
    readonly GET: {
      readonly query?: {
        /** `nextAfter` of the page before. */
        readonly after?: string;
        /** 1 to 200; 100 if missing. */
        readonly limit?: number;
      };
      readonly answer: Blocks;
    };
  };
  readonly '/blocks/{userId}': {
    /** Blocks somebody, friend or stranger; again has no effect. A friendship stays, and rests. They are not told. */
    readonly PUT: {
      readonly path: {
        /** Whom to block */
        readonly userId: UserId;
      };
      readonly answer: Done;
    };
    /** Unblocks somebody; who is not blocked stays so. A friendship is as it was, unless they have blocked the caller. */
    readonly DELETE: {
      readonly path: {
        /** Whom to unblock */
        readonly userId: UserId;
      };
      readonly answer: Done;
    };
  };
  readonly '/conversations': {
    /** The caller's conversations, without those that are hidden and those of everybody (ids 1 and 2). The counts are exact: they are derived from the log, in one snapshot. */
    readonly GET: {
      readonly query?: {
        /** Only those that are put away, or only the others; both if missing. */
        readonly archived?: boolean;
        /** `nextCursor` of the page before. */
        readonly cursor?: string;
        /** 1 to 500; 200 if missing. */
        readonly limit?: number;
      };
      readonly answer: Conversations;
    };
    /** The private conversation with somebody, made if need be. Doing it again gives the same one. */
    readonly POST: {
      readonly body: OpenConversation;
      readonly answer: Conversation;
    };
  };
  readonly '/conversations/{id}': {
    /** One conversation of the caller, also one that was left; the world chat (id 1) and the announcements (id 2) are everybody's. */
    readonly GET: {
      readonly path: {
        /** The conversation */
        readonly id: ConversationId;
      };
      readonly answer: Conversation;
    };
  };
  readonly '/conversations/{id}/messages': {
    /**
     * Messages of one of the caller's conversations, as they are now; only those of the caller's time in it. The world chat (id 1) and the
     *     announcements (id 2) are everybody's.
     */
    readonly GET: {
      readonly path: {
        /** The conversation */
        readonly id: ConversationId;
      };
      readonly query?: {
        /** The newest with a smaller seq. */
        readonly beforeSeq?: number;
        /** The oldest with a larger seq; not together with `beforeSeq`. */
        readonly afterSeq?: number;
        /** 1 to 200; 50 if missing. */
        readonly limit?: number;
      };
      readonly answer: Messages;
    };
  };
  readonly '/conversations/{id}/messages/{seq}': {
    /** Gives an own message a new text. */
    readonly PUT: {
      readonly path: {
        /** The conversation */
        readonly id: ConversationId;
        /** The message */
        readonly seq: number;
      };
      readonly body: NewContent;
      readonly answer: Change;
    };
    /** Takes a message back: one's own, or, for admins and the owner of a group, somebody else's. */
    readonly DELETE: {
      readonly path: {
        /** The conversation */
        readonly id: ConversationId;
        /** The message */
        readonly seq: number;
      };
      readonly answer: Change;
    };
  };
  readonly '/conversations/{id}/messages/{seq}/reactions/{reaction}': {
    /** Adds a reaction of the caller to a message. Doing it again changes nothing. */
    readonly PUT: {
      readonly path: {
        /** The conversation */
        readonly id: ConversationId;
        /** The message */
        readonly seq: number;
        /** 1 to 32 bytes without spaces: an emoji */
        readonly reaction: string;
      };
      readonly answer: Change;
    };
    /** Takes a reaction of the caller away. Doing it again changes nothing. */
    readonly DELETE: {
      readonly path: {
        /** The conversation */
        readonly id: ConversationId;
        /** The message */
        readonly seq: number;
        /** As it was given */
        readonly reaction: string;
      };
      readonly answer: Change;
    };
  };
  readonly '/conversations/{id}/messages/{seq}/receipts': {
    /** Who has received and read a message of the caller. In conversations of everybody nobody is told. */
    readonly GET: {
      readonly path: {
        /** The conversation */
        readonly id: ConversationId;
        /** The message */
        readonly seq: number;
      };
      readonly query?: {
        /** `nextAfter` of the page before. */
        readonly after?: string;
        /** 1 to 200; 100 if missing. */
        readonly limit?: number;
      };
      readonly answer: Receipts;
    };
  };
  readonly '/conversations/{id}/read': {
    /** Everything up to a position was read. It only moves forward. Guests read the world chat. */
    readonly POST: {
      readonly path: {
        /** The conversation */
        readonly id: ConversationId;
      };
      readonly body: ReadUpTo;
      readonly answer: ReadPosition;
    };
  };
  readonly '/conversations/{id}/settings': {
    /** Sets one or more things, one after the other in the order of the fields; what was set before a failure stays set. */
    readonly PATCH: {
      readonly path: {
        /** The conversation */
        readonly id: ConversationId;
      };
      readonly body: SettingsChange;
      readonly answer: Conversation;
    };
  };
  readonly '/devices': {
    /** Where the caller is signed in. Without Redis no device is shown as online. */
    readonly GET: {
      readonly query?: {
        /** `nextAfter` of the page before. */
        readonly after?: string;
        /** 1 to 100; 50 if missing. */
        readonly limit?: number;
      };
      readonly answer: Devices;
    };
    /** Signs all devices out but the one that asks. */
    readonly DELETE: {
      readonly answer: SignedOut;
    };
  };
  readonly '/devices/{id}': {
    /** Signs one device out: its tokens are refused from now on, and its live session ends. */
    readonly DELETE: {
      readonly path: {
        /** As in the list of devices */
        readonly id: string;
      };
      readonly answer: Done;
    };
  };
  readonly '/files': {
    /**
     * Uploads a file: the body is its content. Of a JPEG, PNG or WebP is kept what it is shown with (pixels, colours, frames, how it is turned), and
     *     nothing of where, when and by whom it was made: `size` and `sha256` are those of what is kept. All else stays as it is. The type is seen in the
     *     content; a `Content-Type` of `image/*`, `audio/*` or `video/*` is a promise that is checked, and says of a container that may hold either whether
     *     it is sound. A file that is not sent in a message within 24 hours is removed.
     */
    readonly POST: {
      readonly query?: {
        /** At most 255 bytes without folders; `file` if missing. */
        readonly name?: string;
        /** What an upload is for. */
        readonly purpose?: 'message' | 'avatar';
      };
      readonly answer: FileInfo;
    };
  };
  readonly '/files/{fileId}': {
    /** What a file is, and where it is for some minutes. Its owner may see it, and whoever may read a message that it was sent in. */
    readonly GET: {
      readonly path: {
        /** The file */
        readonly fileId: string;
      };
      readonly answer: FileInfo;
    };
    /** Removes a file of the caller, also from the messages that it was sent in. */
    readonly DELETE: {
      readonly path: {
        /** The file */
        readonly fileId: string;
      };
      readonly answer: Done;
    };
  };
  readonly '/files/{fileId}/copy': {
    /** Makes a file of the caller's own from one that they may see, to send it on: only the owner of a file can send it. Nothing is uploaded. */
    readonly POST: {
      readonly path: {
        /** The file */
        readonly fileId: string;
      };
      readonly answer: FileInfo;
    };
  };
  readonly '/files/{fileId}/{variant}': {
    /**
     * The content of a file, by an address that `GET /files/{fileId}` gave; an avatar needs no signature. One range of bytes may be asked for.
     *     Pictures, sound and video are shown in their place, everything else is saved under its name.
     */
    readonly GET: {
      readonly path: {
        /** The file */
        readonly fileId: string;
        /** `original` or `thumbnail` */
        readonly variant: string;
      };
      readonly query?: {
        /** When the address ends, in seconds since 1970. */
        readonly e?: number;
        /** The signature. */
        readonly s?: string;
      };
    };
  };
  readonly '/friends': {
    /** The caller's friends. Without Redis nobody is shown as online. */
    readonly GET: {
      readonly query?: {
        /** `nextCursor` of the page before. */
        readonly cursor?: string;
        /** 1 to 500; 200 if missing. */
        readonly limit?: number;
      };
      readonly answer: Friends;
    };
  };
  readonly '/friends/request': {
    /** Asks somebody to be friends. */
    readonly POST: {
      readonly body: NewRequest;
      readonly answer: Requested;
    };
  };
  readonly '/friends/requests': {
    /** The caller's requests in one direction, answered ones too. */
    readonly GET: {
      readonly query?: {
        /** Who asks. */
        readonly direction?: 'received' | 'sent';
        /** `nextAfter` of the page before. */
        readonly after?: string;
        /** 1 to 200; 100 if missing. */
        readonly limit?: number;
      };
      readonly answer: FriendRequests;
    };
  };
  readonly '/friends/requests/{id}': {
    /** Takes an own request back, as long as it is not answered. */
    readonly DELETE: {
      readonly path: {
        /** The request */
        readonly id: FriendRequestId;
      };
      readonly answer: Done;
    };
  };
  readonly '/friends/requests/{id}/accept': {
    /** Says yes to a request. Both directions of the friendship come into being at once. */
    readonly POST: {
      readonly path: {
        /** The request */
        readonly id: FriendRequestId;
      };
      readonly answer: Accepted;
    };
  };
  readonly '/friends/requests/{id}/reject': {
    /** Says no to a request. */
    readonly POST: {
      readonly path: {
        /** The request */
        readonly id: FriendRequestId;
      };
      readonly answer: Done;
    };
  };
  readonly '/friends/{friendId}': {
    /** Ends a friendship, in both directions. They may become friends again. */
    readonly DELETE: {
      readonly path: {
        /** The friend */
        readonly friendId: UserId;
      };
      readonly answer: Done;
    };
  };
  readonly '/friends/{friendId}/remark': {
    /** Sets what the caller calls a friend. Nobody else sees it. */
    readonly PUT: {
      readonly path: {
        /** The friend */
        readonly friendId: UserId;
      };
      readonly body: Remark;
      readonly answer: Done;
    };
  };
  readonly '/groups': {
    /** The groups of which the caller is a member. */
    readonly GET: {
      readonly query?: {
        /** `nextAfter` of the page before. */
        readonly after?: string;
        /** 1 to 200; 100 if missing. */
        readonly limit?: number;
      };
      readonly answer: Groups;
    };
    /** Makes a group; the caller owns it. */
    readonly POST: {
      readonly body: NewGroup;
      readonly answer: Group;
    };
  };
  readonly '/groups/{id}': {
    /** A group, for anybody who knows its id. */
    readonly GET: {
      readonly path: {
        /** The group */
        readonly id: ConversationId;
      };
      readonly answer: Group;
    };
    /** Changes the face or the rules of a group. For admins and the owner. */
    readonly PATCH: {
      readonly path: {
        /** The group */
        readonly id: ConversationId;
      };
      readonly body: GroupChange;
      readonly answer: Group;
    };
    /** Ends a group: nobody is a member any more, and everybody keeps what they could read. For the owner. */
    readonly DELETE: {
      readonly path: {
        /** The group */
        readonly id: ConversationId;
      };
      readonly answer: Done;
    };
  };
  readonly '/groups/{id}/join': {
    /** Makes the caller a member, or asks the admins to. */
    readonly POST: {
      readonly path: {
        /** The group */
        readonly id: ConversationId;
      };
      readonly body: Joining;
      readonly answer: Group;
    };
  };
  readonly '/groups/{id}/members': {
    /** The members of one of the caller's groups. */
    readonly GET: {
      readonly path: {
        /** The group */
        readonly id: ConversationId;
      };
      readonly query?: {
        /** `nextAfter` of the page before. */
        readonly after?: string;
        /** 1 to 500; 200 if missing. */
        readonly limit?: number;
      };
      readonly answer: Members;
    };
    /** Makes friends of the caller members, or, where admins have to agree and the caller is none, asks for it. */
    readonly POST: {
      readonly path: {
        /** The group */
        readonly id: ConversationId;
      };
      readonly body: Invitation;
      readonly answer: Group;
    };
  };
  readonly '/groups/{id}/members/{userId}': {
    /** Changes the role of a member, or takes the member's voice for a time. */
    readonly PATCH: {
      readonly path: {
        /** The group */
        readonly id: ConversationId;
        /** The member */
        readonly userId: UserId;
      };
      readonly body: MemberChange;
      readonly answer: Member;
    };
    /**
     * Ends a membership: one's own, or, for admins and the owner, somebody else's. An owner who leaves gives the group to the
     *     longest-standing admin, else member; the last one who leaves dissolves it.
     */
    readonly DELETE: {
      readonly path: {
        /** The group */
        readonly id: ConversationId;
        /** The member; oneself to leave */
        readonly userId: UserId;
      };
      readonly answer: Done;
    };
  };
  readonly '/groups/{id}/owner': {
    /** Gives the group to a member; the caller becomes an admin. For the owner. */
    readonly PUT: {
      readonly path: {
        /** The group */
        readonly id: ConversationId;
      };
      readonly body: NextOwner;
      readonly answer: Group;
    };
  };
  readonly '/groups/{id}/requests': {
    /** Those who want to join and have no answer yet. For admins and the owner. */
    readonly GET: {
      readonly path: {
        /** The group */
        readonly id: ConversationId;
      };
      readonly query?: {
        /** `nextAfter` of the page before. */
        readonly after?: number;
        /** 1 to 200; 100 if missing. */
        readonly limit?: number;
      };
      readonly answer: JoinRequests;
    };
  };
  readonly '/groups/{id}/requests/{userId}': {
    /** Answers a request to join. For admins and the owner. */
    readonly PUT: {
      readonly path: {
        /** The group */
        readonly id: ConversationId;
        /** Who asks */
        readonly userId: UserId;
      };
      readonly body: JoinAnswer;
      readonly answer: Done;
    };
  };
  readonly '/push/key': {
    /** The key that a browser subscribes with. */
    readonly GET: {
      readonly answer: PushKey;
    };
  };
  readonly '/push/subscription': {
    /** Lets the device of the token take pushes there; an earlier subscription of the device ends. */
    readonly PUT: {
      readonly body: Subscription;
      readonly answer: Done;
    };
    /** No more pushes to the device of the token. Doing it again changes nothing. */
    readonly DELETE: {
      readonly answer: Done;
    };
  };
  readonly '/search/messages': {
    /** Finds messages of the caller's conversations by their words, as they are now: by the text of the last edit, and none that was taken back. */
    readonly GET: {
      readonly query: {
        /** Words, all of which a message has; at most 256 bytes. */
        readonly q: string;
        /** In this conversation only. */
        readonly conversationId?: ConversationId;
        /** `nextBefore` of the page before. */
        readonly before?: string;
        /** 1 to 100; 50 if missing. */
        readonly limit?: number;
      };
      readonly answer: FoundMessages;
    };
  };
  readonly '/user/password': {
    /**
     * Changes the caller's password. Every device is signed out, live sessions end with `PasswordChanged`, and the caller's device gets the new pair
     *     that is answered. Wrong old passwords make the device wait as failed logins do. The mail address of the profile is told.
     */
    readonly PUT: {
      readonly body: PasswordChange;
      readonly answer: TokenPair;
    };
  };
  readonly '/user/presence': {
    /** Whether others see the caller. */
    readonly GET: {
      readonly answer: Visibility;
    };
    /** Hides the caller from everybody, or shows the caller again. Friends who are online are told. */
    readonly PUT: {
      readonly body: Visibility;
      readonly answer: Visibility;
    };
  };
  readonly '/user/privacy': {
    /** The caller's settings. Who has set nothing is findable, takes requests, and shows friends when they were here, but no contact data. */
    readonly GET: {
      readonly answer: Privacy;
    };
    /** Changes the caller's settings. */
    readonly PUT: {
      readonly body: PrivacyUpdate;
      readonly answer: Privacy;
    };
  };
  readonly '/user/profile': {
    /** The caller's own profile. */
    readonly GET: {
      readonly answer: OwnProfile;
    };
    /** Changes the caller's own profile. Another mail address takes the password as well, and ends what was mailed to the one before, which is told. */
    readonly PUT: {
      readonly body: ProfileUpdate;
      readonly answer: OwnProfile;
    };
  };
  readonly '/user/search': {
    /**
     * Finds anybody by the exact username, and friends and members of small groups of the caller by the beginning of username or nickname. There is
     *     no next page: who is not found with a longer text is not to be found.
     */
    readonly GET: {
      readonly query: {
        /** A username; or how the username or nickname of somebody begins whom the caller knows. 1 to 64 characters, in any case. */
        readonly q: string;
        /** 1 to 50; 20 if missing. */
        readonly limit?: number;
      };
      readonly answer: Found;
    };
  };
  readonly '/user/{id}': {
    /** The profile of any account; with telephone number and mail address where it is a friend's who shows them. */
    readonly GET: {
      readonly path: {
        /** The account */
        readonly id: UserId;
      };
      readonly answer: SeenProfile;
    };
  };
}

/** The new friend. */
export interface Accepted {
  /** As the caller sees it. */
  readonly friend: Friend;
}

/** An account in a list. */
export interface Account {
  /** When it was made, milliseconds since 1970. */
  readonly createdAt: number;
  /** Whether it is a guest. */
  readonly guest: boolean;
  /** Its shown name. */
  readonly nickname: string;
  /** Whether it may log in. */
  readonly status: AccountStatus;
  /** Its id. */
  readonly userId: UserId;
  /** Its login name. */
  readonly username: string;
}

/** All that is known of an account. */
export interface AccountDetails {
  /** When it was made, milliseconds since 1970. */
  readonly createdAt: number;
  /** As given, or empty. */
  readonly email: string;
  /** Whether it is a guest. */
  readonly guest: boolean;
  /** Its shown name. */
  readonly nickname: string;
  /** When the password was last changed, milliseconds since 1970; null when never. */
  readonly passwordChangedAt?: number | null;
  /** As given, or empty. */
  readonly phone: string;
  /** `support` or `admin`; null for who is no operator. */
  readonly role?: string | null;
  /** Whether it may log in. */
  readonly status: AccountStatus;
  /** When the profile or the status was last changed, milliseconds since 1970. */
  readonly updatedAt: number;
  /** Its id. */
  readonly userId: UserId;
  /** Its login name. */
  readonly username: string;
}

/** A sign-in of an account. */
export interface AccountDevice {
  /** The address that was last seen, or empty. */
  readonly address: string;
  /** When it signed in, milliseconds since 1970. */
  readonly createdAt: number;
  /** The client's id of the device. */
  readonly deviceId: string;
  /** When it was last seen, to some minutes, milliseconds since 1970. */
  readonly lastSeenAt: number;
  /** What it calls itself, or empty. */
  readonly name: string;
  /** Its platform, as at the login. */
  readonly platform: string;
  /** The sign-in: `sid` in its tokens. */
  readonly signInId: string;
  /** The program, or empty. */
  readonly userAgent: string;
}

/** Where an account is signed in. */
export interface AccountDevices {
  /** The latest logins first. */
  readonly devices: readonly AccountDevice[];
  /** `after` for the next page; null on the last one. */
  readonly nextAfter?: string | null;
}

/** How many sign-ins ended. */
export interface AccountSignedOut {
  /** Those that were good until now. */
  readonly signedOut: number;
}

/** Whether an account may log in. */
export type AccountStatus = 'active' | 'disabled';

/** Some accounts. */
export interface Accounts {
  /** `after` for the next page; null on the last one. */
  readonly nextAfter?: string | null;
  /** By id. */
  readonly users: readonly Account[];
}

/** A guest's arrival. */
export interface Arrival {
  /** 1 to 64 of `[A-Za-z0-9_-]`, made by the client once and kept. */
  readonly deviceId: string;
  /** What the device is called in the list of devices: at most 64 characters. */
  readonly deviceName?: string | null;
  /** 1 to 64 characters; `Guest` and a number if missing or empty. */
  readonly nickname?: string | null;
  /** The platform of the client. */
  readonly platform: PlatformName;
}

/** Who may ask to be friends. */
export type Askers = 'everybody' | 'nobody';

/** What an operator did. */
export interface AuditRecord {
  /** What. */
  readonly action: string;
  /** From which address, or empty. */
  readonly address: string;
  /** When, milliseconds since 1970. */
  readonly createdAt: number;
  /** Its parameters. */
  readonly detail: Record<string, never>;
  /** Its id. */
  readonly id: string;
  /** Who; null for who has the database itself. */
  readonly operatorId?: string | null;
  /** `X-Request-Id`, or empty. No id of ours: it may be the caller's own. */
  readonly requestId: string;
  /** The account that it is about; null for none. */
  readonly targetId?: string | null;
}

/** Some of what operators did. */
export interface AuditRecords {
  /** The latest first. */
  readonly entries: readonly AuditRecord[];
  /** `after` for the next page; null on the last one. */
  readonly nextAfter?: string | null;
}

/** Why something is done, for the audit. */
export interface Because {
  /** 1 to 500 characters. */
  readonly reason: string;
}

/** Somebody whom the caller has blocked. */
export interface Blocked {
  /** Since when, milliseconds since 1970. */
  readonly createdAt: number;
  /** Who that is. */
  readonly profile: Profile;
  /** Who. */
  readonly userId: UserId;
}

/** Some of those whom the caller has blocked. */
export interface Blocks {
  /** `after` for the next page; null on the last one. */
  readonly nextAfter?: string | null;
  /** By user id. */
  readonly users: readonly Blocked[];
}

/** The entry by which a message was changed, now or before. Empty where there was nothing to change. */
export interface Change {
  /** When it was stored, milliseconds since 1970. */
  readonly createdAt?: number | null;
  /** Its id. */
  readonly messageId?: MessageId | null;
  /** Its position. */
  readonly seq?: number | null;
}

/** A conversation as the caller sees it. */
export interface Conversation {
  /** Put away by the caller. */
  readonly archived: boolean;
  /** Group: address of its picture, or empty. */
  readonly avatar: string;
  /** When it was made, milliseconds since 1970. */
  readonly createdAt: number;
  /** What the caller is writing, or empty. */
  readonly draft: string;
  /** When that was last changed, milliseconds since 1970; null: there is none. */
  readonly draftAt?: number | null;
  /** Messages up to here were before the caller's time, and are not given. */
  readonly fromSeq: number;
  /** Not shown until the next message. */
  readonly hidden: boolean;
  /** Its id. */
  readonly id: ConversationId;
  readonly lastMessage?: Message | null;
  /** Group: members now. */
  readonly memberCount: number;
  /** Those of them that call the caller, or everybody, by name. */
  readonly mentionCount: number;
  /** Nothing notifies until then, milliseconds since 1970; null: not muted. */
  readonly mutedUntil?: number | null;
  /** Group: its shown name; else empty. */
  readonly name: string;
  /** Group: the owner. */
  readonly ownerId?: UserId | null;
  readonly peer?: Profile | null;
  /** Private: up to where a device of the other one has received. */
  readonly peerDeliveredSeq: number;
  /** Private: up to where the other one has read. */
  readonly peerReadSeq: number;
  /** Since when the caller keeps it at the top, milliseconds since 1970; null: not. */
  readonly pinnedAt?: number | null;
  /** Up to where the caller has read. */
  readonly readSeq: number;
  /** What the caller may do; `none` for who has left, and reads what was said until then. */
  readonly role: RoleName;
  /** Group: only admins and the owner write. */
  readonly silenced: boolean;
  /** The caller may not write until then, milliseconds since 1970; null: may. */
  readonly silencedUntil?: number | null;
  /** The highest seq that the caller is given; 0 when there is no message yet. */
  readonly tipSeq: number;
  /** What it is. */
  readonly type: TypeName;
  /** Messages of others that the caller has not read. */
  readonly unreadCount: number;
  /** By this one the caller left, and later ones are not given; null for a member. */
  readonly untilSeq?: number | null;
  /** When its last message was stored, milliseconds since 1970. */
  readonly updatedAt: number;
}

/** Some conversations. */
export interface Conversations {
  /** Newest first, by their last message. */
  readonly conversations: readonly Conversation[];
  /** For the next page; null on the last one. */
  readonly nextCursor?: string | null;
  /** Unread messages in all conversations of the caller that are not hidden, not only in these. */
  readonly totalUnread: number;
}

/** A login on a device. */
export interface Device {
  /** Where it signed in or got its last tokens: an IPv4 address, or the /64 of an IPv6 address. */
  readonly address: string;
  /** When it signed in, milliseconds since 1970. */
  readonly createdAt: number;
  /** Whether it is the one that asks. */
  readonly current: boolean;
  /** The id that the client gave itself. */
  readonly deviceId: string;
  /** The login, to sign it out. */
  readonly id: string;
  /** When it was last seen, milliseconds since 1970, to five minutes. */
  readonly lastSeenAt: number;
  /** What the device calls itself, or empty. */
  readonly name: string;
  /** Whether it has a session now. */
  readonly online: boolean;
  /** `web`, `desktop`, `ios`, `android`, `terminal`, or `unknown`. */
  readonly platform: string;
  /** The program that signed in, in its own words, or empty. */
  readonly userAgent: string;
}

/** Some of the devices. */
export interface Devices {
  /** The latest logins first. */
  readonly devices: readonly Device[];
  /** `after` for the next page; null on the last one. */
  readonly nextAfter?: string | null;
}

/** Success without a result: `{}`. */
export type Done = Record<string, never>;

/** The access nodes. */
export interface Endpoints {
  /** Alive and not draining, least loaded first. */
  readonly nodes: readonly Node[];
}

/** The envelope of a failure. */
export interface Failure {
  /** Why, as `im.message.Code`; never 0. */
  readonly code: number;
  readonly data: Fault | null;
  /** The same for people, in English. */
  readonly message: string;
}

/** The field that a request is refused for. */
export interface Fault {
  /** Its name in the body (`keys.auth`, `mentions[2]`), the query or the path, or the header's name; `body` or `query` for the whole. */
  readonly field: string;
  /** What it must be, in English. */
  readonly rule: string;
}

/** A file, and where it is for some minutes. */
export interface FileInfo {
  /** When it was uploaded. */
  readonly createdAt: number;
  /** What messages call it. */
  readonly fileId: string;
  /** Of a picture, in pixels; a message says the same. */
  readonly height?: number | null;
  /** Its type by its content; a message says the same. */
  readonly mime: string;
  /** What its owner calls it. */
  readonly name: string;
  /** Of its content, in hexadecimal. */
  readonly sha256: string;
  /** Bytes that are kept; a message says the same. */
  readonly size: number;
  /** Where a small picture of it is, at most 320 pixels wide and high; null where the file itself is small or is no picture. */
  readonly thumbnailUrl?: string | null;
  /** Where it is: a path of this server that needs no token until `urlExpiresAt`. */
  readonly url: string;
  /** When these addresses end; of an avatar they never do, and this is null. */
  readonly urlExpiresAt?: number | null;
  /** Of a picture, in pixels; a message says the same. */
  readonly width?: number | null;
}

/** Whose password is forgotten: one of both. */
export interface ForgottenPassword {
  /** The mail address of the profile. */
  readonly email?: string | null;
  /** The login name, in any case. */
  readonly username?: string | null;
}

/** The people found. */
export interface Found {
  /** The one with exactly this username first, then by username. */
  readonly users: readonly Profile[];
}

/** The messages found. */
export interface FoundMessages {
  /** The newest first. */
  readonly messages: readonly Message[];
  /** `before` for the next page; null on the last one. */
  readonly nextBefore?: string | null;
}

/** A friendship as the caller sees it. */
export interface Friend {
  /** Whether the caller has blocked the friend. */
  readonly blocked: boolean;
  /** When they became friends, milliseconds since 1970. */
  readonly createdAt: number;
  /** The friend. */
  readonly friendId: UserId;
  /** Its id. */
  readonly id: string;
  /** When the friend's last session ended, milliseconds since 1970; null: not known, or not to be seen, or online. */
  readonly lastSeen?: number | null;
  /** Whether the friend has a session now, and wants to be seen. */
  readonly online: boolean;
  /** The friend. */
  readonly profile: Profile;
  /** What the caller calls the friend, or empty. */
  readonly remark: string;
  /** The caller. */
  readonly userId: UserId;
}

/** One request. */
export interface FriendRequest {
  /** When it was asked, milliseconds since 1970. */
  readonly createdAt: number;
  /** Who asks. */
  readonly fromUserId: UserId;
  /** Its id. */
  readonly id: FriendRequestId;
  /** What the asker says. */
  readonly message: string;
  /** Where it stands. */
  readonly status: StatusName;
  /** Who is asked. */
  readonly toUserId: UserId;
  /** The other one of the two. */
  readonly user: Profile;
}

/** Some requests. */
export interface FriendRequests {
  /** `after` for the next page; null on the last one. */
  readonly nextAfter?: string | null;
  /** Newest first. */
  readonly requests: readonly FriendRequest[];
}

/** Some friends. */
export interface Friends {
  /** By remark, else by nickname. */
  readonly friends: readonly Friend[];
  /** For the next page; null on the last one. */
  readonly nextCursor?: string | null;
}

/** The roles that one is given; the owner gives the group away by `PUT /groups/{id}/owner`. */
export type GivenRole = 'member' | 'admin';

/** A group. Who is no member is told its face and how to join only. */
export interface Group {
  /** Address of its picture, or empty. */
  readonly avatar: string;
  /** Members only: when it was made, milliseconds since 1970. */
  readonly createdAt?: number | null;
  /** Members only: what it is about, or empty. */
  readonly description?: string | null;
  /** Members only: whether new members read what was before them. */
  readonly historyOpen?: boolean | null;
  /** Its id, which is that of its conversation. */
  readonly id: ConversationId;
  /** How one becomes a member. */
  readonly joinPolicy: JoinPolicyName;
  /** Members now. */
  readonly memberCount: number;
  /** Members only: members at most. */
  readonly memberLimit?: number | null;
  /** Its shown name. */
  readonly name: string;
  /** Members only: the owner. */
  readonly ownerId?: UserId | null;
  /** What the caller may do; `none` for who is no member. */
  readonly role: RoleName;
  /** Members only: whether only admins and the owner write. */
  readonly silenced?: boolean | null;
  /** Members only: when it was last changed, milliseconds since 1970. */
  readonly updatedAt?: number | null;
}

/** A change of a group; what is missing stays as it is. */
export interface GroupChange {
  /** An https address or a path of this server, or empty. */
  readonly avatar?: string | null;
  /** At most 1,024 bytes. */
  readonly description?: string | null;
  /** Whether new members read what was before them. */
  readonly historyOpen?: boolean | null;
  readonly joinPolicy?: JoinPolicyName | null;
  /** 1 to 64 characters. */
  readonly name?: string | null;
  /** Whether only admins and the owner write. */
  readonly silenced?: boolean | null;
}

/** Some groups. */
export interface Groups {
  /** By id. */
  readonly groups: readonly Group[];
  /** `after` for the next page; null on the last one. */
  readonly nextAfter?: string | null;
}

/** Whom to invite. */
export interface Invitation {
  /** Friends of the caller, 1 to 500. */
  readonly userIds: readonly UserId[];
}

/** The answer to somebody who wants to join. */
export interface JoinAnswer {
  /** Becomes a member, or not. */
  readonly accept: boolean;
}

/** How one becomes a member. */
export type JoinPolicyName = 'free' | 'approval' | 'invite';

/** Somebody who wants to join. */
export interface JoinRequest {
  /** Who asked: the same, or a member who invited them. */
  readonly askedBy: UserId;
  /** When it was asked, milliseconds since 1970. */
  readonly createdAt: number;
  /** For the admins, or empty. */
  readonly message: string;
  /** Who. */
  readonly profile: Profile;
  /** Who. */
  readonly userId: UserId;
}

/** Some of those who want to join. */
export interface JoinRequests {
  /** `after` for the next page; null on the last one. */
  readonly nextAfter?: string | null;
  /** The oldest first. */
  readonly requests: readonly JoinRequest[];
}

/** A word to the admins. */
export interface Joining {
  /** At most 256 characters, or nothing. */
  readonly message?: string;
}

/** One public key (RFC 8037). */
export interface Key {
  /** `EdDSA` */
  readonly alg: string;
  /** `Ed25519` */
  readonly crv: string;
  /** The id that stands in the header of its tokens. */
  readonly kid: string;
  /** `OKP` */
  readonly kty: string;
  /** `sig` */
  readonly use: string;
  /** The point, in base64url. */
  readonly x: string;
}

/** The public keys. */
export interface KeySet {
  /** Those whose tokens count, also one that does not sign yet. */
  readonly keys: readonly Key[];
}

/** How fast a rule is to be. */
export interface LimitChange {
  /** Requests at once, 1 to 10,000. */
  readonly burst: number;
  /** Which rule. */
  readonly name: string;
  /** So many come again in each period of so many seconds, evenly; 1 to 86,400. */
  readonly periodSecs: number;
}

/** All changes; a rule that is not named is as the configuration has it. */
export interface LimitChanges {
  /** Which rules, and how fast. */
  readonly rules: readonly LimitChange[];
}

/** One rule. */
export interface LimitRule {
  /** Requests at once. */
  readonly burst: number;
  /** Whether an operator changed it while running. */
  readonly changed: boolean;
  /** Its name. */
  readonly name: string;
  /** Who has a bucket each. */
  readonly per: Per;
  /** So many come again in each period of so many seconds, evenly. */
  readonly periodSecs: number;
  /** Where it holds; `*` is every route. */
  readonly routes: readonly string[];
}

/** All rules. */
export interface LimitRules {
  /** By name. */
  readonly rules: readonly LimitRule[];
}

/** A login. */
export interface Login {
  /** 1 to 64 of `[A-Za-z0-9_-]`, made by the client once and kept. */
  readonly deviceId: string;
  /** What the device is called in the list of devices: at most 64 characters. */
  readonly deviceName?: string | null;
  /** As registered. */
  readonly password: string;
  /** The platform of the client. */
  readonly platform: PlatformName;
  /** In any case. */
  readonly username: string;
}

/** Which login ends. */
export interface Logout {
  /** A refresh token of the login; that of the access token if missing. */
  readonly refreshToken?: string | null;
}

/** Which logins end. */
export interface LogoutAll {
  /** Whether the caller's own stays; it does not if missing. */
  readonly keepCurrent?: boolean;
}

/** A member of a group. */
export interface Member {
  /** Who invited or admitted the member; null for who came alone. */
  readonly invitedBy?: UserId | null;
  /** When the member joined, milliseconds since 1970. */
  readonly joinedAt: number;
  /** The account. */
  readonly profile: Profile;
  /** What the member may do. */
  readonly role: RoleName;
  /** The member may not write until then, milliseconds since 1970; null: may. */
  readonly silencedUntil?: number | null;
  /** The account. */
  readonly userId: UserId;
}

/** Exactly one change of a member. */
export interface MemberChange {
  readonly role?: GivenRole | null;
  /** May not write until then, milliseconds since 1970; 0: may again. */
  readonly silencedUntil?: number | null;
}

/** Some members. */
export interface Members {
  /** By user id. */
  readonly members: readonly Member[];
  /** `after` for the next page; null on the last one. */
  readonly nextAfter?: string | null;
}

/** One entry of a conversation. */
export interface Message {
  /** The sender's id for it, a UUID. */
  readonly clientMessageId: ClientMessageId;
  /** The text, or the typed content of another type; of an edited message that of the last edit, empty when it was taken back. */
  readonly content: string;
  /** The conversation. */
  readonly conversationId: ConversationId;
  /** When it was stored, milliseconds since 1970. */
  readonly createdAt: number;
  /** Its last edit. */
  readonly editedSeq?: number | null;
  /** Its id. */
  readonly id: MessageId;
  /** Who is called by name; `0` stands for everybody. */
  readonly mentions: readonly UserId[];
  /** In the order in which each was given first. */
  readonly reactions: readonly Reactions[];
  /** The entry by which it was taken back. */
  readonly recalledSeq?: number | null;
  /** The message that this one answers. */
  readonly replyToSeq?: number | null;
  /** Who made it. */
  readonly senderId: UserId;
  /** Its position: 1, 2, 3, no hole. */
  readonly seq: number;
  /** The message that this edit, recall or reaction is about. */
  readonly targetSeq?: number | null;
  /** `text`, `image`, `file`, `voice`, `video`, `system`, `custom`, `edit`, `recall`, `reaction`, `member`, `group`. */
  readonly type: string;
}

/** Some messages. */
export interface Messages {
  /** In ascending order of seq. */
  readonly messages: readonly Message[];
  /** Whether more follow in the direction that was asked for. */
  readonly more: boolean;
}

/** What a message says from now on. */
export interface NewContent {
  /** 1 to 8,192 bytes. */
  readonly content: string;
  /** Who is called by name, 32 at most; `0` stands for everybody. */
  readonly mentions?: readonly UserId[];
}

/** A group to make. */
export interface NewGroup {
  /** An https address or a path of this server, or empty. */
  readonly avatar?: string;
  /** At most 1,024 bytes. */
  readonly description?: string;
  /** Whether new members read what was before them; no if missing. */
  readonly historyOpen?: boolean;
  readonly joinPolicy?: JoinPolicyName | null;
  /** Friends of the caller, who become members at once. */
  readonly memberIds?: readonly UserId[];
  /** 1 to 64 characters. */
  readonly name: string;
}

/** Whom to ask. */
export interface NewRequest {
  /** The account to ask. */
  readonly friendId: UserId;
  /** What to say; at most 256 characters. */
  readonly message?: string | null;
}

/** Who. */
export interface NextOwner {
  /** A member. */
  readonly userId: UserId;
}

/** One access node. */
export interface Node {
  /** Its name. */
  readonly nodeId: string;
  readonly webSocket?: WebSocket | null;
  readonly webTransport?: WebTransport | null;
}

/** With whom. */
export interface OpenConversation {
  /** The other one. */
  readonly userId: UserId;
}

/** What an account sees of itself. */
export interface OwnProfile {
  /** Address of its picture, or empty. */
  readonly avatar: string;
  /** When it was made, milliseconds since 1970. */
  readonly createdAt: number;
  /** As given, or empty. */
  readonly email: string;
  /** Its shown name. */
  readonly nickname: string;
  /** As given, or empty. */
  readonly phone: string;
  /** 1 active, 2 disabled. */
  readonly status: number;
  /** When it was last changed, milliseconds since 1970. */
  readonly updatedAt: number;
  /** The account. */
  readonly userId: UserId;
  /** Its login name. */
  readonly username: string;
}

/** Another password. */
export interface PasswordChange {
  /** 8 to 71 bytes, and not easy to guess. */
  readonly newPassword: string;
  /** As it is now. */
  readonly oldPassword: string;
}

/** A new password for a forgotten one. */
export interface PasswordReset {
  /** 8 to 71 bytes, and not easy to guess. */
  readonly newPassword: string;
  /** As mailed. */
  readonly token: string;
}

/** Who has a bucket each. */
export type Per = 'address' | 'user' | 'sign_in' | 'device';

/** What a device signs in as; one session per platform. */
export type PlatformName = 'web' | 'desktop' | 'ios' | 'android' | 'terminal';

/** What the caller lets others see and do. */
export interface Privacy {
  /** Who sees telephone number and mail address. */
  readonly contact: Viewers;
  /** Whether strangers find the caller by the exact username. Friends and members of the same groups do in any case. */
  readonly findable: boolean;
  /** Who may ask to be friends. */
  readonly friendRequests: Askers;
  /** Who sees when the caller was last here. */
  readonly lastSeen: Viewers;
}

/** A change of the settings; what is missing stays as it is. */
export interface PrivacyUpdate {
  readonly contact?: Viewers | null;
  /** Whether strangers find the caller by the exact username. */
  readonly findable?: boolean | null;
  readonly friendRequests?: Askers | null;
  readonly lastSeen?: Viewers | null;
}

/** What everybody sees of an account. */
export interface Profile {
  /** Address of its picture, or empty. */
  readonly avatar: string;
  /** Its shown name. */
  readonly nickname: string;
  /** The account. */
  readonly userId: UserId;
  /** Its login name. */
  readonly username: string;
}

/** A change of the own profile; what is missing stays as it is. */
export interface ProfileUpdate {
  /** An http(s) address or a path of this server, at most 512 characters; empty for none. */
  readonly avatar?: string | null;
  /** At most 254 characters; empty for none. */
  readonly email?: string | null;
  /** 1 to 64 characters. */
  readonly nickname?: string | null;
  /** The caller's password, where `email` is another one than it was: who has the mailbox can set a new password. */
  readonly password?: string | null;
  /** At most 32 characters; empty for none. */
  readonly phone?: string | null;
}

/** The key that pushes are signed with. */
export interface PushKey {
  /** A point of P-256 in base64url: `applicationServerKey` of `PushManager.subscribe`. */
  readonly publicKey: string;
}

/** One reaction, by all who gave it. */
export interface Reactions {
  /** How many gave it. */
  readonly count: number;
  /** Whether the caller is one of them. */
  readonly mine: boolean;
  /** What it is. */
  readonly reaction: string;
}

/** The read position. */
export interface ReadPosition {
  /** Up to where the caller has read now. */
  readonly readSeq: number;
}

/** Up to where. */
export interface ReadUpTo {
  /** The highest seq that was read; beyond the tip it counts as the tip. */
  readonly seq: number;
}

/** How far one member is. */
export interface Receipt {
  /** Whether a device of the member has received it. */
  readonly delivered: boolean;
  /** Whether the member has read the message. */
  readonly read: boolean;
  /** Who. */
  readonly userId: UserId;
}

/** Who has received and read a message. */
export interface Receipts {
  /** How many of them have it. */
  readonly delivered: number;
  /** Members who can have got it, its sender apart. */
  readonly members: number;
  /** `after` for the next page; null on the last one. */
  readonly nextAfter?: string | null;
  /** How many of them have read it. */
  readonly read: number;
  /** One page of them, by user id. */
  readonly receipts: readonly Receipt[];
}

/** A refresh token. */
export interface RefreshTokenBody {
  /** As login or the last refresh gave it. */
  readonly refreshToken: string;
}

/** The account that was made. */
export interface Registered {
  /** Its id. */
  readonly userId: UserId;
}

/** A new account. */
export interface Registration {
  /** A mail address, or nothing. */
  readonly email?: string | null;
  /** 1 to 64 characters. If missing or empty: the username, or what a guest is called already. */
  readonly nickname?: string | null;
  /** 8 to 71 bytes, and not easy to guess. */
  readonly password: string;
  /** A telephone number, or nothing. */
  readonly phone?: string | null;
  /** 3 to 32 of `[a-z0-9_.-]`, not beginning with `guest-`; upper case is lowered. */
  readonly username: string;
}

/** What to call a friend. */
export interface Remark {
  /** At most 64 characters; empty for none. */
  readonly remark: string;
}

/** The request that was made. */
export interface Requested {
  /** Its id. */
  readonly requestId: FriendRequestId;
}

/** What a member may do. */
export type RoleName = 'none' | 'member' | 'admin' | 'owner';

/** What the caller sees of an account. */
export interface SeenProfile {
  /** Address of its picture, or empty. */
  readonly avatar: string;
  /** As given, or empty; missing unless the account shows it to the caller. */
  readonly email?: string | null;
  /** Its shown name. */
  readonly nickname: string;
  /** As given, or empty; missing unless the account shows it to the caller. */
  readonly phone?: string | null;
  /** The account. */
  readonly userId: UserId;
  /** Its login name. */
  readonly username: string;
}

/** Some settings; what is missing stays as it is. */
export interface SettingsChange {
  /** Put away, or not. */
  readonly archived?: boolean | null;
  /** What is being written, at most 8,192 bytes; empty for nothing. */
  readonly draft?: string | null;
  /** Not shown until the next message, or shown. */
  readonly hidden?: boolean | null;
  /** Nothing notifies until then, milliseconds since 1970; 0: not muted. */
  readonly mutedUntil?: number | null;
  /** Kept at the top, from now on, or not. */
  readonly pinned?: boolean | null;
}

/** How many logins have ended. */
export interface SignedOut {
  /** Logins that were good until now. */
  readonly signedOut: number;
}

/** Where a request stands. */
export type StatusName = 'pending' | 'accepted' | 'rejected' | 'cancelled';

/** A subscription, as `PushSubscription.toJSON` gives it. */
export interface Subscription {
  /** An https address of a push service that the operator allows. */
  readonly endpoint: string;
  /** When the push service ends it, in milliseconds since 1970. Browsers say so; it ends by itself. */
  readonly expirationTime?: number | null;
  /** Pushes say that there is something, and not what. */
  readonly hideContent?: boolean;
  /** The browser's keys. */
  readonly keys: SubscriptionKeys;
}

/** The browser's keys, in base64url. */
export interface SubscriptionKeys {
  /** The secret. */
  readonly auth: string;
  /** The public key. */
  readonly p256dh: string;
}

/** A pair of tokens. */
export interface TokenPair {
  /** For `Authorization: Bearer` and for access; good for 7 days. */
  readonly accessToken: string;
  /** When the access token expires, milliseconds since 1970. */
  readonly expiresAt: number;
  /** Good for one refresh within 30 days. */
  readonly refreshToken: string;
  /** Whose they are. */
  readonly userId: UserId;
}

/** What a conversation is. */
export type TypeName = 'private' | 'group' | 'world' | 'system' | 'unknown';

/** Who sees something. */
export type Viewers = 'friends' | 'nobody';

/** Whether others see the caller. */
export interface Visibility {
  /** Offline to everybody, whatever is true. */
  readonly invisible: boolean;
}

/** An address for WebSocket. */
export interface WebSocket {
  /** `ws://host:port/im/v1` or `wss://`. */
  readonly url: string;
}

/** An address for WebTransport. */
export interface WebTransport {
  /** SHA-256 of the certificates in hex, for `serverCertificateHashes`; empty when a public authority signed it. */
  readonly certificateHashes: readonly string[];
  /** `https://host:port/im/v1` */
  readonly url: string;
}
