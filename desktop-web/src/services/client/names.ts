import { ConversationType } from '@/protocol/codes';
import type { Conversation } from '@/types/conversation';
import type { Entry } from '@/types/entry';
import type { ClientEvent } from '@/types/event';
import type { ConversationId, UserId } from '@/types/ids';
import { memberChange } from '@/utils/content';

/** Whose names are needed to show what is told. Pure. */
export class Names {
  /** Private conversations: their two people are known. */
  private readonly pairs = new Set<ConversationId>();

  of(event: ClientEvent): readonly UserId[] {
    switch (event.type) {
      case 'localDataLoaded':
      case 'conversationsChanged':
        for (const { id, peerId } of event.conversations) if (peerId) this.pairs.add(id);
        return event.conversations.flatMap(listedPeople);
      case 'entriesApplied':
        return this.ofEntries(event.conversation.id, event.entries);
      case 'typingStarted':
        return [event.userId];
      default:
        return [];
    }
  }

  ofEntries(id: ConversationId, entries: readonly Entry[]): readonly UserId[] {
    return this.pairs.has(id) ? [] : peopleIn(entries);
  }
}

/** Whose names a conversation needs in the list. */
function listedPeople({ type, peerId, last }: Conversation): readonly UserId[] {
  if (peerId) return [peerId];
  return type === ConversationType.Group && last ? peopleIn([last]) : [];
}

/** Whom these entries are from and about. The operator is nobody. */
function peopleIn(entries: readonly Entry[]): readonly UserId[] {
  return entries.flatMap((entry) => {
    const change = memberChange(entry);
    const named =
      change && 'users' in change ? change.users : change && 'user' in change ? [change.user] : [];
    return [entry.senderId, ...entry.mentions, ...named].filter((id) => id !== '0');
  });
}
