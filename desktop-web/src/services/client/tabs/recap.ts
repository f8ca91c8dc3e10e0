import type { Connection } from '@/types/connection';
import type { Conversation } from '@/types/conversation';
import type { ClientEvent } from '@/types/event';
import type { ClientMessageId, ConversationId, UserId } from '@/types/ids';
import type { Pending, PendingMessage } from '@/types/pending';
import type { Friend, Profile } from '@/types/person';

type Kind = ClientEvent['type'];
type Event<Type extends Kind> = Extract<ClientEvent, { type: Type }>;

/** Events of which the last one says everything. */
const LATEST = [
  'requestsLoaded',
  'synced',
  'storageDegraded',
  'attentionChanged',
  'pathsTried',
  'sessionOpened',
] as const;

/**
 * What the events of one sign-in came to, as events again: a tab that opens later applies these and shows the same. Not in it: logs, which
 * each tab opens for itself, and what is of the moment (typing, refusals). Pure.
 */
export class Recap {
  private readonly conversations = new Map<ConversationId, Conversation>();
  private readonly pending = new Map<ClientMessageId, Pending>();
  private readonly profiles = new Map<UserId, Profile>();
  private readonly latest = new Map<Kind, ClientEvent>();
  private loaded = false;
  private friends: readonly Friend[] | null = null;
  private connection: Connection | null = null;

  take(event: ClientEvent): void {
    switch (event.type) {
      case 'localDataLoaded':
        this.loaded = true;
        this.merge(event.conversations);
        this.pending.clear();
        for (const item of event.pending) this.pending.set(item.clientMessageId, item);
        return;
      case 'conversationsChanged':
        return this.merge(event.conversations);
      case 'logRestarted':
        return this.merge([event.conversation]);
      case 'entriesApplied':
        this.merge([event.conversation]);
        for (const { clientMessageId } of event.entries) this.pending.delete(clientMessageId);
        return;
      case 'messageQueued':
        this.pending.set(event.message.clientMessageId, event.message);
        return;
      case 'messageAcknowledged':
        return this.change(event.clientMessageId, { state: 'sent' });
      case 'messageFailed':
        return this.change(event.clientMessageId, { state: 'failed', failure: event.code });
      case 'messageDiscarded':
      case 'pendingSettled':
        this.pending.delete(event.clientMessageId);
        return;
      case 'changeQueued':
        this.pending.set(event.change.clientMessageId, event.change);
        return;
      case 'changeRefused':
        this.pending.delete(event.change.clientMessageId);
        return;
      case 'friendsLoaded':
        this.friends = event.friends;
        for (const { friendId, profile } of event.friends) this.profiles.set(friendId, profile);
        return;
      case 'profilesLoaded':
        for (const profile of event.profiles) this.profiles.set(profile.userId, profile);
        return;
      case 'presenceChanged':
        return this.seen((friend) => (friend.friendId === event.userId ? event.online : friend.online));
      case 'connectionChanged':
        this.connection = event.connection;
        // Who is online is not known without a connection.
        if (event.connection.phase === 'offline') this.seen(() => false);
        return;
      default:
        if (isLatest(event)) this.latest.set(event.type, event);
    }
  }

  events(): readonly ClientEvent[] {
    const events: ClientEvent[] = [];
    if (this.friends) events.push({ type: 'friendsLoaded', friends: this.friends });
    events.push({ type: 'profilesLoaded', profiles: [...this.profiles.values()] });
    if (this.loaded)
      events.push({
        type: 'localDataLoaded',
        conversations: [...this.conversations.values()],
        pending: [...this.pending.values()],
      });
    events.push(...this.latest.values());
    if (this.connection) events.push({ type: 'connectionChanged', connection: this.connection });
    return events;
  }

  private merge(conversations: readonly Conversation[]): void {
    for (const conversation of conversations) this.conversations.set(conversation.id, conversation);
  }

  private change(id: ClientMessageId, change: Partial<PendingMessage>): void {
    const item = this.pending.get(id);
    if (item?.kind === 'message') this.pending.set(id, { ...item, ...change });
  }

  private seen(isOnline: (friend: Friend) => boolean): void {
    this.friends = this.friends?.map((friend) => ({ ...friend, online: isOnline(friend) })) ?? null;
  }
}

function isLatest(event: ClientEvent): event is Event<(typeof LATEST)[number]> {
  return (LATEST as readonly Kind[]).includes(event.type);
}
