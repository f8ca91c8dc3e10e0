import { describe, expect, it } from 'vitest';
import { Code, EntryType } from '@/protocol/codes';
import { createUuid } from '@/protocol/uuid';
import { reduceChats, useChatStore } from '@/stores/chatStore';
import { reduceConnection, useConnectionStore } from '@/stores/connectionStore';
import { reduceContacts, useContactStore } from '@/stores/contactStore';
import { reduceLatency, useLatencyStore } from '@/stores/latencyStore';
import { BOB, CAROL, makeConversation, makeFriend, makeProfile, makeRequest } from '@/test/people';
import { seededRandom, SEEDS } from '@/test/random';
import { makeEntry } from '@/test/serverFrames';
import type { ClientEvent } from '@/types/event';
import { asConversationId, asUserId } from '@/types/ids';
import type { PendingMessage } from '@/types/pending';
import { Recap } from './recap';

const CHATS = ['70', '71', '72'].map(asConversationId);
const PEOPLE = [BOB, CAROL, makeProfile('4', 'dan'), makeProfile('5', 'eve')];

/** What the stores show after these events; logs are for each tab to open. */
function shown(events: readonly ClientEvent[]) {
  const {
    logs: _logs,
    opened: _opened,
    applied: _applied,
    ...chats
  } = events.reduce(reduceChats, useChatStore.getInitialState());
  const { friends, online, ...contacts } = events.reduce(reduceContacts, useContactStore.getInitialState());
  const { samples, ...latency } = events.reduce(reduceLatency, useLatencyStore.getInitialState());
  return {
    chats: { ...chats, pending: filled(chats.pending), changes: filled(chats.changes) },
    // Not known is as good as not online.
    online: Object.keys(online).filter((userId) => online[asUserId(userId)]),
    contacts: { ...contacts, friends: friends.map(({ online: _online, ...friend }) => friend) },
    connection: events.reduce(reduceConnection, useConnectionStore.getInitialState()),
    latency: { ...latency, samples },
  };
}

/** A list that is empty is as good as none. */
function filled<Item>(lists: Readonly<Record<string, readonly Item[]>>) {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}

function makeRandomEvent(random: () => number, waiting: PendingMessage[]): ClientEvent {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  const id = pick(CHATS);
  const person = pick(PEOPLE);
  const one = waiting.length > 0 ? pick(waiting) : undefined;
  const about = one && { conversationId: one.conversationId, clientMessageId: one.clientMessageId };
  const makers: (() => ClientEvent)[] = [
    () => ({ type: 'conversationsChanged', conversations: [makeConversation(id, Math.floor(random() * 9))] }),
    () => ({ type: 'friendsLoaded', friends: [makeFriend(person, { online: random() < 0.5 })] }),
    () => ({ type: 'profilesLoaded', profiles: [{ ...person, nickname: `${random()}` }] }),
    () => ({ type: 'requestsLoaded', received: [makeRequest(person)], sent: [] }),
    () => ({
      type: 'presenceChanged',
      userId: person.userId,
      online: random() < 0.5,
      lastSeen: Math.floor(random() * 9),
    }),
    () => ({ type: 'connectionChanged', connection: { phase: 'online', transport: 'webTransport' } }),
    () => ({
      type: 'connectionChanged',
      connection: { phase: 'offline', reason: 'unreachable', attempt: 1, retryAt: 0 },
    }),
    () => ({ type: 'latencyMeasured', kind: pick(['roundTrip', 'ack'] as const), ms: random(), at: 1 }),
    () => ({ type: 'synced' }),
    () => {
      const message: PendingMessage = {
        kind: 'message',
        type: EntryType.Text,
        clientMessageId: createUuid(Math.floor(random() * 1e9)),
        conversationId: id,
        createdAt: 1,
        attempted: false,
        text: `${random()}`,
        replyToSeq: 0,
        mentions: [],
        state: 'sending',
        failure: null,
      };
      waiting.push(message);
      return { type: 'messageQueued', message };
    },
  ];
  const settled = (event: ClientEvent) => {
    if (one) waiting.splice(waiting.indexOf(one), 1);
    return event;
  };
  const later: (() => ClientEvent)[] = about
    ? [
        () => ({ type: 'messageAcknowledged', ...about }),
        () => ({ type: 'messageFailed', ...about, code: Code.Forbidden }),
        () => settled({ type: 'messageDiscarded', ...about }),
        () => settled({ type: 'pendingSettled', ...about }),
        () => ({ type: 'uploadProgressed', ...about, sent: 1, total: 2 }),
        () =>
          settled({
            type: 'entriesApplied',
            conversation: makeConversation(about.conversationId, 9),
            entries: [makeEntry(about.conversationId, 9, { clientMessageId: about.clientMessageId })],
          }),
      ]
    : [];
  return pick([...makers, ...later])();
}

describe('what a tab is told that opens later', () => {
  it.each(SEEDS)('shows what those show that were there all the time (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const recap = new Recap();
    const waiting: PendingMessage[] = [];
    const events: ClientEvent[] = [{ type: 'localDataLoaded', conversations: [], pending: [] }];
    for (let count = 0; count < 120; count += 1) events.push(makeRandomEvent(random, waiting));
    for (const event of events) recap.take(event);
    expect(shown(recap.events())).toEqual(shown(events));
  });

  it('is bounded, however long the tab is open', () => {
    const recap = new Recap();
    for (let at = 0; at < 10_000; at += 1) recap.take({ type: 'latencyMeasured', kind: 'ack', ms: 1, at });
    expect(recap.events().length).toBeLessThan(2_100);
    expect(recap.events()).toContainEqual({ type: 'latencyMeasured', kind: 'ack', ms: 1, at: 9_999 });
  });
});
