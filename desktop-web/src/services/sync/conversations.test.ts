import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConversationType, EntryType, Role, Setting } from '@/protocol/codes';
import type { Outgoing } from '@/protocol/frames';
import { applyEvent } from '@/stores/applyEvent';
import { orderedConversations, totalUnread, useChatStore } from '@/stores/chatStore';
import { typists, useTypingStore } from '@/stores/typingStore';
import { closeDevices, openDevice, showLog, showOlder, SELF } from '@/test/device';
import { eventually } from '@/test/eventually';
import { FakeServer } from '@/test/fakeServer';
import { FakeSession } from '@/test/fakeSession';
import { makeEntry, makeState } from '@/test/serverFrames';
import { asConversationId, asUserId, EVERYBODY, WORLD_CONVERSATION, type ConversationId } from '@/types/ids';

const PEER = asUserId('2');
const GROUP = asConversationId('80');
const synced = () => eventually(() => expect(chat().synced).toBe(true));
const chat = () => useChatStore.getState();
const group = () => chat().conversations[GROUP];
const shown = (id: ConversationId) => chat().logs[id]?.entries.map(({ seq }) => seq) ?? [];
const asked = <Kind extends Outgoing['kind']>(server: FakeServer, kind: Kind) =>
  server.received.filter((body): body is Extract<Outgoing, { kind: Kind }> => body.kind === kind);
const member = (seq: number, content: object, senderId = PEER) =>
  makeEntry(GROUP, seq, { type: EntryType.Member, text: JSON.stringify(content), senderId });

/** A group with `tip` messages that the user is in. */
function makeGroup(tip: number, changes: Parameters<typeof makeState>[2] = {}): FakeServer {
  const server = new FakeServer(SELF);
  for (let seq = 1; seq <= tip; seq += 1) server.store(makeEntry(GROUP, seq));
  server.setState(
    makeState(GROUP, tip, {
      type: ConversationType.Group,
      peerId: null,
      name: 'Tea',
      memberCount: 3,
      ownerId: PEER,
      ...changes,
    }),
  );
  return server;
}

afterEach(closeDevices);

/** [R4] */
describe('a sync', () => {
  /** D6: what a device shows after a long time away. */
  it('shows the list after one round trip, and needs few requests for 10,000 missed messages', async () => {
    const server = new FakeServer(SELF);
    const ids = Array.from({ length: 200 }, (_, index) => asConversationId(String(1_000 + index)));
    for (const id of ids) server.setState(makeState(id, 0, { peerId: PEER }));
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await synced();
    engine.detach();
    ids.forEach((id, index) => {
      for (let seq = 1; seq <= 50; seq += 1)
        server.store(makeEntry(id, seq, { createdAt: 1_767_400_000_000 + index * 100 + seq }));
    });
    server.received.length = 0;

    applyEvent({ type: 'signedIn', account: { userId: SELF, profile: PROFILE, isGuest: false } });
    const session = new FakeSession(server);
    let pages = 0;
    session.fault = (body) => {
      // What is on the screen when the second page is asked for is what the first one brought.
      if (body.kind === 'syncRequest' && (pages += 1) === 2) {
        const list = orderedConversations(chat());
        expect(list).toHaveLength(100);
        expect(list[0]).toMatchObject({ id: ids.at(-1), unread: 50, tipSeq: 50 });
        expect(list[0]?.last?.text).toBe('message 50');
      }
      return 'answer';
    };
    engine.attach(session);
    await eventually(() => expect(chat().synced).toBe(true));
    expect(totalUnread(chat())).toBe(10_000);
    expect(asked(server, 'historyRequest')).toEqual([]);
    expect(asked(server, 'syncRequest').length).toBeLessThanOrEqual(25);
    await showLog(engine, ids[0] ?? GROUP);
    expect(shown(ids[0] ?? GROUP)).toHaveLength(50);
  });

  it('asks for what changed since the last one, also after a reload', async () => {
    const server = makeGroup(3);
    const first = await openDevice();
    first.engine.attach(new FakeSession(server));
    await synced();
    expect(asked(server, 'syncRequest')[0]).toMatchObject({ since: 0, cursors: [] });
    first.engine.detach();
    applyEvent({ type: 'signedOut' });
    server.received.length = 0;

    const second = await openDevice(first.database);
    const entry = server.store(makeEntry(GROUP, 0));
    second.engine.attach(new FakeSession(server));
    await synced();
    const [request] = asked(server, 'syncRequest');
    expect(request?.since).toBeGreaterThan(0);
    expect(request?.cursors).toEqual([{ conversationId: GROUP, seq: 3 }]);
    expect(group()?.last?.messageId).toBe(entry.messageId);
  });

  it('keeps the earlier time when it broke off between two pages', async () => {
    const server = makeGroup(1);
    server.setState(makeState('81', 1));
    server.pageStates = 1;
    const { engine, storage } = await openDevice();
    const session = new FakeSession(server);
    session.fault = (body) => (body.kind === 'syncRequest' && body.after ? 'lose' : 'answer');
    engine.attach(session);
    await eventually(() => expect(Object.keys(chat().conversations)).toHaveLength(1));
    session.end();
    engine.detach();
    expect(await storage.syncedAt()).toBe(0);
    engine.attach(new FakeSession(server));
    await synced();
    expect(Object.keys(chat().conversations)).toHaveLength(2);
    expect(await storage.syncedAt()).toBeGreaterThan(0);
  });

  it('takes the entries that a page brings with its states', async () => {
    const server = makeGroup(2);
    server.bringsEntries = true;
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await synced();
    engine.detach();
    server.store(makeEntry(GROUP, 3));
    server.received.length = 0;
    applyEvent({ type: 'connectionChanged', connection: { phase: 'connecting' } });
    engine.attach(new FakeSession(server));
    await eventually(() => expect(group()?.tipSeq).toBe(3));
    expect(server.received.map(({ kind }) => kind)).not.toContain('historyRequest');
  });

  /** [R9] */
  it('does not undo a setting that was told while its page was under way', async () => {
    const server = makeGroup(1);
    const { engine } = await openDevice();
    const session = new FakeSession(server);
    session.fault = (body) => {
      const before = server.states.get(GROUP);
      if (body.kind === 'syncRequest' && before) {
        engine.onPush({ kind: 'conversationEvent', state: { ...before, pinnedAt: 77 } });
      }
      return 'answer';
    };
    engine.attach(session);
    await synced();
    expect(group()?.pinnedAt).toBe(77);
  });
});

/** [E9], [R10] to [R14] */
describe('a group', () => {
  it('follows its members, its face and the own role by entries', async () => {
    const server = makeGroup(1);
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await synced();
    const push = (content: object, type: EntryType = EntryType.Member, senderId = PEER) => {
      const entry = server.store(makeEntry(GROUP, 0, { type, text: JSON.stringify(content), senderId }));
      engine.onPush({ kind: 'pushMessage', entries: [entry] });
    };
    push({ change: 'invited', users: ['5', '6'] });
    expect(group()).toMatchObject({ memberCount: 5, unread: 1 });
    push({ name: 'Coffee', silenced: true }, EntryType.Group);
    expect(group()).toMatchObject({ name: 'Coffee', silenced: true, avatar: '' });
    push({ change: 'role', user: SELF, role: 'admin' });
    expect(group()?.role).toBe(Role.Admin);
    push({ change: 'left', owner: SELF });
    expect(group()).toMatchObject({ role: Role.Owner, ownerId: SELF, memberCount: 4 });
    push({ change: 'transferred', user: '5' }, EntryType.Member, SELF);
    expect(group()).toMatchObject({ role: Role.Admin, ownerId: '5' });
    push({ change: 'silenced', user: SELF, until: 99 });
    expect(group()?.silencedUntil).toBe(99);
    push({ change: 'removed', user: SELF });
    expect(group()).toMatchObject({ role: Role.None, untilSeq: 8, tipSeq: 8, memberCount: 3 });
  });

  it('does not count an entry twice that its state knows', async () => {
    const server = makeGroup(1);
    const entry = server.store(member(2, { change: 'joined' }));
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await synced();
    const { memberCount, unread } = group() ?? {};
    engine.onPush({ kind: 'pushMessage', entries: [entry] });
    await showLog(engine, GROUP);
    expect(group()).toMatchObject({ memberCount, unread });
  });

  /** [R11] */
  it('begins where the membership does, without a gap to pull', async () => {
    const server = makeGroup(40, { fromSeq: 30 });
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await synced();
    await showLog(engine, GROUP);
    expect(shown(GROUP)).toEqual(Array.from({ length: 10 }, (_, index) => 31 + index));
    expect(chat().logs[GROUP]?.first).toBe(true);
    await showOlder(engine, GROUP, 31);
    expect(shown(GROUP)[0]).toBe(31);
  });

  /** [R12] */
  it('lets go of the earlier time when the user joins again', async () => {
    const server = makeGroup(3);
    const { engine, storage } = await openDevice();
    engine.attach(new FakeSession(server));
    await synced();
    const left = server.store(member(4, { change: 'left' }, SELF));
    engine.onPush({ kind: 'pushMessage', entries: [left] });
    expect(group()?.role).toBe(Role.None);
    for (let seq = 5; seq <= 9; seq += 1) server.store(makeEntry(GROUP, seq));
    const joined = server.store(member(10, { change: 'invited', users: [SELF] }));
    // The entry overtakes the state that says where the new time begins.
    engine.onPush({ kind: 'pushMessage', entries: [joined] });
    const state = server.states.get(GROUP);
    if (!state) throw new Error('no state');
    server.setState({ ...state, fromSeq: 9, role: Role.Member, untilSeq: 0 });
    engine.onPush({
      kind: 'conversationEvent',
      state: { ...state, fromSeq: 9, role: Role.Member, untilSeq: 0 },
    });
    await showLog(engine, GROUP);
    expect(shown(GROUP)).toEqual([10]);
    expect(group()).toMatchObject({ role: Role.Member, untilSeq: 0 });
    await eventually(async () => expect(await storage.entries(GROUP, 1, 20)).toHaveLength(1));
  });

  /** [R14] */
  it('counts messages that call the user, or everybody', async () => {
    const server = makeGroup(0);
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await synced();
    for (const mentions of [[SELF], [EVERYBODY], [PEER], []]) {
      const entry = server.store(makeEntry(GROUP, 0, { mentions }));
      engine.onPush({ kind: 'pushMessage', entries: [entry] });
    }
    expect(group()).toMatchObject({ unread: 4, mentions: 2 });
    engine.markRead(GROUP);
    expect(group()).toMatchObject({ unread: 0, mentions: 0 });
  });

  it('comes back into the list with the next entry when it was hidden', async () => {
    const server = makeGroup(2, { hidden: true });
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await synced();
    expect(orderedConversations(chat())).toEqual([]);
    engine.onPush({ kind: 'pushMessage', entries: [server.store(makeEntry(GROUP, 3))] });
    expect(orderedConversations(chat()).map(({ id }) => id)).toEqual([GROUP]);
  });

  /** G5 */
  it('takes a setting from the answer', async () => {
    const server = makeGroup(2);
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await synced();
    const state = server.states.get(GROUP);
    if (state) server.setState({ ...state, pinnedAt: 5 });
    await engine.set(GROUP, Setting.Pin, 5);
    expect(asked(server, 'conversationSet')).toMatchObject([{ setting: Setting.Pin, value: 5 }]);
    expect(group()?.pinnedAt).toBe(5);
  });
});

/** [R16] */
describe('a draft', () => {
  /** What the server was told, in order. */
  const told = (server: FakeServer) =>
    asked(server, 'conversationSet').map(({ setting, text }) => [setting, text] as const);
  /** The server keeps a draft, whoever wrote it. */
  const keep = (server: FakeServer, draft: string, draftAt: number) => {
    const state = server.states.get(GROUP);
    if (state) server.setState({ ...state, draft, draftAt });
  };
  /** A device that has synced once. `connect` resolves when the sync of the new session has ended. */
  async function open(server: FakeServer) {
    let syncs = 0;
    const { engine } = await openDevice(undefined, undefined, (event) => {
      applyEvent(event);
      if (event.type === 'synced') syncs += 1;
    });
    const connect = async () => {
      const [session, before] = [new FakeSession(server), syncs];
      engine.attach(session);
      await eventually(() => expect(syncs).toBeGreaterThan(before));
      return session;
    };
    return { engine, connect, session: await connect() };
  }

  it('of which no session could tell is told once after the next sync, the last text only', async () => {
    const server = makeGroup(1, { draft: 'as it was', draftAt: 5 });
    const { engine, connect } = await open(server);
    engine.detach();
    engine.saveDraft(GROUP, 'and then');
    engine.saveDraft(GROUP, '');
    await connect();
    expect(told(server)).toEqual([[Setting.Draft, '']]);
    engine.detach();
    await connect();
    expect(told(server)).toHaveLength(1);
  });

  it('whose session ended before the answer is told by the next one', async () => {
    const server = makeGroup(1);
    const { engine, connect, session } = await open(server);
    session.fault = (body) => (body.kind === 'conversationSet' ? 'lose' : 'answer');
    engine.saveDraft(GROUP, 'unfinished');
    session.end();
    engine.detach();
    expect(told(server)).toEqual([]);
    await connect();
    expect(told(server)).toEqual([[Setting.Draft, 'unfinished']]);
  });

  it('does not take the place of what another device wrote later', async () => {
    const server = makeGroup(1);
    const { engine, connect } = await open(server);
    engine.detach();
    engine.saveDraft(GROUP, 'mine');
    keep(server, 'theirs', Date.now() + 60_000);
    await connect();
    expect(group()?.draft).toBe('theirs');
    expect(told(server)).toEqual([]);
  });

  it('takes the place of what another device wrote before', async () => {
    const server = makeGroup(1);
    const { engine, connect } = await open(server);
    engine.detach();
    engine.saveDraft(GROUP, 'mine');
    keep(server, 'theirs', Date.now() - 60_000);
    await connect();
    expect(told(server)).toEqual([[Setting.Draft, 'mine']]);
  });
});

/** [R15] */
describe('typing', () => {
  // The clock stands: what is 3 s or 6 s apart is so by what is asked here, and not by what the machine does meanwhile.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is told once in 3 s, and again after the message', async () => {
    const server = makeGroup(1);
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await synced();
    engine.typed(GROUP);
    engine.typed(GROUP);
    expect(asked(server, 'typing')).toHaveLength(1);
    await engine.outgoing.send(GROUP, 'done');
    engine.typed(GROUP);
    expect(asked(server, 'typing')).toHaveLength(2);
  });

  it('of others shows for 6 s, or until their message', async () => {
    const server = makeGroup(1);
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await synced();
    const now = Date.now();
    const shows = (at: number) => typists(useTypingStore.getState(), GROUP, at);
    engine.onPush({ kind: 'typingEvent', conversationId: GROUP, userId: PEER });
    expect(shows(now)).toEqual([PEER]);
    expect(shows(now + 6_500)).toEqual([]);
    engine.onPush({ kind: 'pushMessage', entries: [server.store(makeEntry(GROUP, 2))] });
    expect(shows(now)).toEqual([]);
  });
});

/** E3, [S12], [S13] */
describe('the world chat', () => {
  function makeWorldServer(tip: number): FakeServer {
    const server = new FakeServer(SELF);
    for (let seq = 1; seq <= tip; seq += 1) server.store(makeEntry(WORLD_CONVERSATION, seq));
    server.setState(makeState(WORLD_CONVERSATION, tip, { type: ConversationType.World, peerId: null }));
    return server;
  }

  it('is fetched when it is followed, and not before, whatever hints come', async () => {
    const server = makeWorldServer(2_000);
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await synced();
    engine.onPush({ kind: 'syncHint', conversationId: WORLD_CONVERSATION });
    expect(server.received.map(({ kind }) => kind)).toEqual(['syncRequest']);
    expect(chat().conversations[WORLD_CONVERSATION]?.unread).toBe(0);

    engine.follow(WORLD_CONVERSATION);
    await eventually(() => expect(asked(server, 'follow')).toMatchObject([{ ended: false }]));
    await eventually(() => expect(asked(server, 'historyRequest').length).toBeGreaterThan(0));
    await showLog(engine, WORLD_CONVERSATION);
    await eventually(() => expect(shown(WORLD_CONVERSATION).at(-1)).toBe(2_000));
    expect(shown(WORLD_CONVERSATION)).toHaveLength(50);
  });

  it('is followed again by the next session while it is on the screen, and what was missed comes', async () => {
    const server = makeWorldServer(3);
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await synced();
    engine.follow(WORLD_CONVERSATION);
    await showLog(engine, WORLD_CONVERSATION);
    engine.detach();
    server.store(makeEntry(WORLD_CONVERSATION, 4));
    engine.attach(new FakeSession(server));
    await eventually(() => expect(shown(WORLD_CONVERSATION)).toEqual([1, 2, 3, 4]));
    expect(asked(server, 'follow')).toHaveLength(2);
    engine.unfollow(WORLD_CONVERSATION);
    await eventually(() => expect(asked(server, 'follow').at(-1)).toMatchObject({ ended: true }));
    await eventually(() =>
      expect(asked(server, 'conversationRead')).toMatchObject([
        { conversationId: WORLD_CONVERSATION, seq: 4 },
      ]),
    );
  });
});

/** F8 */
describe('a notification', () => {
  it('is an entry of its conversation', async () => {
    const server = new FakeServer(SELF);
    const id = asConversationId('2');
    server.setState(makeState(id, 0, { type: ConversationType.System, peerId: null }));
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await synced();
    const text = JSON.stringify({ title: 'Maintenance', content: 'Tonight' });
    const entry = server.store(makeEntry(id, 1, { type: EntryType.System, senderId: EVERYBODY, text }));
    const { messageId: notificationId, createdAt } = entry;
    const push = {
      kind: 'systemNotification',
      notificationId,
      title: '',
      content: '',
      createdAt,
      entry,
    } as const;
    engine.onPush(push);
    engine.onPush(push);
    expect(chat().conversations[id]).toMatchObject({ unread: 1, tipSeq: 1 });
    engine.markRead(id);
    await eventually(() => expect(asked(server, 'conversationRead')).toHaveLength(1));
    expect(asked(server, 'messageDelivered')).toEqual([]);
  });
});

const PROFILE = { userId: SELF, username: 'alice', nickname: 'Alice', avatar: '' };
