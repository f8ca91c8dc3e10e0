import { EntryType, Role } from '@/protocol/codes';
import type { Conversation } from '@/types/conversation';
import type { Entry } from '@/types/entry';
import type { UserId } from '@/types/ids';
import { groupChange, memberChange, type MemberChange } from '@/utils/content';

/** A conversation after an entry that its state does not know yet: what the entry did to members, face and rules ([E9]). Pure. */
export function afterEntry(conversation: Conversation, entry: Entry, self: UserId): Conversation {
  switch (entry.type) {
    case EntryType.Member: {
      const change = memberChange(entry);
      return change ? afterMembers(conversation, entry, change, self) : conversation;
    }
    case EntryType.Group: {
      const change = groupChange(entry);
      if (!change) return conversation;
      const {
        name = conversation.name,
        avatar = conversation.avatar,
        silenced = conversation.silenced,
      } = change;
      return { ...conversation, name, avatar, silenced };
    }
    default:
      return conversation;
  }
}

function afterMembers(before: Conversation, entry: Entry, change: MemberChange, self: UserId): Conversation {
  const left = { role: Role.None, untilSeq: entry.seq };
  const members = (by: number) => ({ memberCount: Math.max(0, before.memberCount + by) });
  switch (change.change) {
    case 'joined':
    case 'admitted':
      return { ...before, ...members(1) };
    case 'invited':
      return { ...before, ...members(change.users.length) };
    case 'removed':
      return { ...before, ...members(-1), ...(change.user === self ? left : {}) };
    case 'left': {
      const ownerId = change.owner ?? before.ownerId;
      const role = change.owner === self ? { role: Role.Owner } : {};
      return { ...before, ...members(-1), ownerId, ...role, ...(entry.senderId === self ? left : {}) };
    }
    case 'transferred': {
      const role = change.user === self ? Role.Owner : before.role === Role.Owner ? Role.Admin : before.role;
      return { ...before, ownerId: change.user, role };
    }
    case 'role':
      if (change.user !== self) return before;
      return { ...before, role: change.role === 'admin' ? Role.Admin : Role.Member };
    case 'silenced':
      return change.user === self ? { ...before, silencedUntil: change.until } : before;
    case 'dissolved':
      return { ...before, ...left, ownerId: null, memberCount: 0 };
  }
}
