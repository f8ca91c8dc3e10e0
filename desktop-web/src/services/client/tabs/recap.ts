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
  'blockedLoaded',
  'synced',
  'storageDegraded',
  'attentionChanged',
  'sessionOpened',
  'stagesMeasured',
] as const;

/** So many of the last measurements and attempts to connect are told again. */
const MEASURED = 1_000;

/**
 * What the events of one sign-in came to, as events again: a tab that opens later applies these and shows the same. Not in it: logs, which
 * each tab opens for itself, and what is of the moment (typing, refusals). Pure.
 */
export class Recap {
  private readonly conversations = new Map<ConversationId, Conversation>();
  private readonly pending = new Map<ClientMessageId, Pending>();
  private readonly profiles = new Map<UserId, Profile>();
  private readonly uploads = new Map<ClientMessageId, Event<'uploadProgressed'>>();
  /** Of people who are no friends. */
  private readonly presences = new Map<UserId, Event<'presenceChanged'>>();
  private readonly latest = new Map<Kind, ClientEvent>();
  private readonly measured: ClientEvent[] = [];
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
        for (const { clientMessageId } of event.entries) this.settle(clientMessageId);
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
        return this.settle(event.clientMessageId);
      case 'uploadProgressed':
        this.uploads.set(event.clientMessageId, event);
        return;
      case 'changeQueued':
        this.pending.set(event.change.clientMessageId, event.change);
        return;
      case 'changeRefused':
        return this.settle(event.change.clientMessageId);
      case 'friendsLoaded':
        this.friends = event.friends;
        this.presences.clear();
        for (const { friendId, profile } of event.friends) this.profiles.set(friendId, profile);
        return;
      case 'requestsLoaded':
        this.latest.set(event.type, event);
        for (const { user } of [...event.received, ...event.sent])
          if (!this.profiles.has(user.userId)) this.profiles.set(user.userId, user);
        return;
      case 'profilesLoaded':
        for (const profile of event.profiles) this.profiles.set(profile.userId, profile);
        return;
      case 'presenceChanged':
        return this.seen(event);
      case 'connectionChanged':
        this.connection = event.connection;
        // Who is online is not known without a connection.
        if (event.connection.phase !== 'offline') return;
        this.presences.clear();
        this.friends = this.friends?.map((friend) => ({ ...friend, online: false })) ?? null;
        return;
      case 'latencyMeasured':
      case 'pathsTried':
        this.measured.push(event);
        if (this.measured.length > 2 * MEASURED) this.measured.splice(0, MEASURED);
        return;
      default:
        if (isLatest(event)) this.latest.set(event.type, event);
    }
  }

  events(): readonly ClientEvent[] {
    const events: ClientEvent[] = [];
    // First, because who is online is forgotten with a connection.
    if (this.connection) events.push({ type: 'connectionChanged', connection: this.connection });
    if (this.friends) events.push({ type: 'friendsLoaded', friends: this.friends });
    events.push({ type: 'profilesLoaded', profiles: [...this.profiles.values()] });
    if (this.loaded)
      events.push({
        type: 'localDataLoaded',
        conversations: [...this.conversations.values()],
        pending: [...this.pending.values()],
      });
    events.push(
      ...this.presences.values(),
      ...this.uploads.values(),
      ...this.measured,
      ...this.latest.values(),
    );
    return events;
  }

  private merge(conversations: readonly Conversation[]): void {
    for (const conversation of conversations) this.conversations.set(conversation.id, conversation);
  }

  private change(id: ClientMessageId, change: Partial<PendingMessage>): void {
    const item = this.pending.get(id);
    if (item?.kind === 'message') this.pending.set(id, { ...item, ...change });
  }

  private settle(id: ClientMessageId): void {
    this.pending.delete(id);
    this.uploads.delete(id);
  }

  private seen(event: Event<'presenceChanged'>): void {
    const { userId, online, lastSeen } = event;
    const isFriend = this.friends?.some(({ friendId }) => friendId === userId);
    if (!isFriend) this.presences.set(userId, event);
    this.friends =
      this.friends?.map((friend) =>
        friend.friendId === userId ? { ...friend, online, lastSeen: lastSeen || null } : friend,
      ) ?? null;
  }
}

function isLatest(event: ClientEvent): event is Event<(typeof LATEST)[number]> {
  return (LATEST as readonly Kind[]).includes(event.type);
}
