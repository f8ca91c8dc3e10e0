import { vi } from 'vitest';
import { ConversationType, EntryType } from '@/protocol/codes';
import type { ConversationState } from '@/protocol/frames';
import { RequestError, SessionEnded } from '@/services/session/errors';
import type { Storage } from '@/services/storage/storage';
import { reduceChats, useChatStore, type ChatState } from '@/stores/chatStore';
import type { Entry } from '@/types/entry';
import type { ClientEvent } from '@/types/event';
import {
  asClientMessageId,
  asConversationId,
  asUserId,
  type ConversationId,
  type Seq,
  type UserId,
} from '@/types/ids';
import { newDatabase, openDevice, restOf, SELF, type Device } from './device';
import { FakeServer } from './fakeServer';
import { FakeSession } from './fakeSession';
import { makeEntry, makeState } from './serverFrames';

/** A group with a long history, of which a new device takes the newest page only, and one without any. */
export const LONG = asConversationId('70');
export const SHORT = asConversationId('71');
export const CHATS: readonly ConversationId[] = [LONG, SHORT];

const PEER = asUserId('2');
const OTHER = asUserId('3');
const HISTORY = 1_200;

/** What the long history is, made once: every run has its own copy of the list. */
const history: readonly Entry[] = Array.from({ length: HISTORY }, (_, index) => {
  const seq = index + 1;
  const base = { senderId: seq % 3 === 0 ? SELF : PEER, clientMessageId: idOf(seq), createdAt: seq };
  if (seq % 10 === 0)
    return makeEntry(LONG, seq, { ...base, type: EntryType.Reaction, targetSeq: seq - 4, text: '+👍' });
  if (seq % 25 === 0)
    return makeEntry(LONG, seq, { ...base, type: EntryType.Edit, targetSeq: seq - 4, text: `edit ${seq}` });
  return makeEntry(LONG, seq, base);
});

function idOf(number: number): Entry['clientMessageId'] {
  return asClientMessageId(`00000000-0000-7000-9000-${String(number).padStart(12, '0')}`);
}

/** One server and one device of one user with what lies between them, all of it decided by a seed. Times are faked by the test. */
export class FuzzWorld {
  readonly server = new FakeServer(SELF);
  /** What the device shows, by the reducers of the real store. */
  screen: ChatState = useChatStore.getInitialState();
  /** What was wrong on the screen at any time. */
  readonly faults: string[] = [];
  /** Own texts in the order in which they were written. */
  readonly written: Record<ConversationId, string[]> = { [LONG]: [], [SHORT]: [] };
  private readonly database = newDatabase();
  private readonly rest = restOf(this.server);
  private device: Device | null = null;
  private session: FakeSession | null = null;
  private late: Entry[] = [];
  private made = HISTORY;

  constructor(
    readonly random: () => number,
    private readonly capacity: number,
  ) {
    for (const id of CHATS)
      this.server.setState(makeState(id, 0, { type: ConversationType.Group, peerId: null }));
    this.server.logs.set(LONG, [...history]);
    const last = history.at(-1) ?? null;
    const state = this.server.states.get(LONG);
    if (state) this.server.setState({ ...state, tipSeq: HISTORY, last, activity: HISTORY });
    this.server.readUpTo(LONG, 0);
    this.server.pageEntries = 20 + Math.floor(random() * 200);
    this.server.overlap = 20;
    this.server.bringsEntries = random() < 0.5;
  }

  get engine(): Device['engine'] {
    if (!this.device) throw new Error('no page is open');
    return this.device.engine;
  }

  get storage(): Storage {
    if (!this.device) throw new Error('no page is open');
    return this.device.storage;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.random() * items.length)] as Item;
  }

  /** The page is opened, or loaded anew: what the screen had is gone. */
  async load(): Promise<void> {
    this.goOffline();
    this.device?.engine.close();
    this.screen = useChatStore.getInitialState();
    const limit = (storage: Storage): Storage => {
      vi.spyOn(storage, 'capacity', 'get').mockReturnValue(this.capacity);
      return storage;
    };
    this.device?.storage.close();
    this.device = await openDevice(this.database, this.rest, (event) => this.show(event), limit);
  }

  /** A second device of the user, which fetches everything. */
  async fresh(): Promise<ChatState> {
    let screen = useChatStore.getInitialState();
    const { engine, storage } = await openDevice(newDatabase(), this.rest, (event) => {
      screen = reduceChats(screen, event);
    });
    engine.attach(new FakeSession(this.server));
    await this.until(() => screen.synced);
    engine.close();
    storage.close();
    return screen;
  }

  goOnline(faulty: boolean): void {
    this.goOffline();
    this.session = new FakeSession(this.server);
    this.session.fault = (body) => {
      const isWrite = body.kind === 'userMessage' || body.kind.startsWith('message');
      if (!faulty || !isWrite || this.random() < 0.7) return 'answer';
      return this.random() < 0.5 ? 'lose' : 'loseReply';
    };
    this.engine.attach(this.session);
  }

  goOffline(): void {
    if (!this.session) return;
    this.session.end();
    this.session = null;
    this.late = [];
    this.engine.detach();
  }

  /** Something happens on the server, by whomever; the device may hear of it now, later, twice or never. */
  happen(id: ConversationId, what: Partial<Entry>, change: Partial<ConversationState> = {}): Entry {
    this.made += 1;
    const entry = this.server.store(
      makeEntry(id, 0, { clientMessageId: idOf(this.made), createdAt: this.made, ...what }),
    );
    const state = this.server.states.get(id);
    if (state) this.server.setState({ ...state, ...change });
    const chance = this.random();
    if (chance < 0.6) this.push(entry);
    if (chance > 0.5 && chance < 0.8) this.late.push(entry);
    return entry;
  }

  /** Pushes that were late come, in any order. */
  deliverLate(): void {
    const late = this.late.splice(0);
    while (late.length > 0) this.push(...late.splice(Math.floor(this.random() * late.length), 1));
  }

  /** A message that somebody may change: not taken back. */
  target(id: ConversationId): Entry | undefined {
    const log = this.server.read(id);
    const near = this.random() < 0.5 ? log.slice(-40) : log;
    const open = near.filter(({ type, recalledSeq }) => type === EntryType.Text && recalledSeq === 0);
    return open.length > 0 ? this.pick(open) : undefined;
  }

  /** Somebody joins the group, or it gets another name. */
  changeGroup(id: ConversationId): void {
    const name = `group ${this.made}`;
    const { memberCount = 0 } = this.server.states.get(id) ?? {};
    if (this.random() < 0.5)
      this.happen(id, { type: EntryType.Group, text: JSON.stringify({ name }) }, { name });
    else
      this.happen(
        id,
        { type: EntryType.Member, senderId: OTHER, text: JSON.stringify({ change: 'joined' }) },
        { memberCount: memberCount + 1 },
      );
  }

  changeByOthers(id: ConversationId): void {
    const message = this.target(id);
    if (!message) return;
    const targetSeq = message.seq;
    const senderId = this.pick([PEER, OTHER, SELF]);
    const chance = this.random();
    if (chance < 0.3)
      this.happen(id, {
        type: EntryType.Edit,
        targetSeq,
        senderId: message.senderId,
        text: `edit ${this.made}`,
      });
    else if (chance < 0.4) this.happen(id, { type: EntryType.Recall, targetSeq, senderId, text: '' });
    else this.reactByOthers(id, targetSeq, senderId);
  }

  async changeHere(id: ConversationId): Promise<void> {
    const message = this.target(id);
    const tip = this.screen.conversations[id]?.tipSeq ?? 0;
    if (!message || message.seq > tip) return;
    const { outgoing } = this.engine;
    const chance = this.random();
    if (chance < 0.6) await outgoing.react(id, message.seq, this.pick(['👍', '🎉']), this.random() < 0.4);
    else if (message.senderId === SELF && chance < 0.9)
      await outgoing.edit(id, message.seq, `own edit ${(this.made += 1)}`);
    else if (message.senderId === SELF) await outgoing.recall(id, message.seq);
  }

  async write(id: ConversationId): Promise<void> {
    const text = `own ${(this.made += 1)}`;
    this.written[id]?.push(text);
    await this.engine.outgoing.send(id, text);
  }

  async openLog(id: ConversationId, at?: Seq): Promise<void> {
    await this.page('logOpened', () => this.engine.history.open(id, at));
  }

  async scroll(id: ConversationId, direction: 'older' | 'newer'): Promise<void> {
    const entries = this.screen.logs[id]?.entries ?? [];
    const edge = direction === 'older' ? entries[0] : entries.at(-1);
    if (!edge) return;
    const { history: parts } = this.engine;
    if (direction === 'older') await this.page('olderLoaded', () => parts.older(id, edge.seq));
    else await this.page('newerLoaded', () => parts.newer(id, edge.seq));
  }

  /** The user reads on another device. */
  readElsewhere(id: ConversationId): void {
    const tip = this.server.states.get(id)?.tipSeq ?? 0;
    const seq = this.server.readUpTo(id, Math.floor(this.random() * (tip + 1)));
    if (this.random() < 0.7 && this.session)
      this.engine.onPush({ kind: 'readReceipt', conversationId: id, userId: SELF, seq });
  }

  /** Time passes, and what waits for IndexedDB is done. */
  async pass(milliseconds: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(milliseconds);
    await macrotask();
  }

  async until(done: () => boolean): Promise<void> {
    for (let turns = 0; turns < 3_000; turns += 1) {
      if (done()) return;
      await this.pass(turns % 4 === 0 ? 100 : 0);
    }
    const { synced, pending, changes, conversations } = this.screen;
    const tips = Object.values(conversations).map(({ id, tipSeq }) => [
      id,
      tipSeq,
      this.server.states.get(id)?.tipSeq,
    ]);
    throw new Error(`it does not come to rest: ${JSON.stringify({ synced, pending, changes, tips })}`);
  }

  private reactByOthers(id: ConversationId, targetSeq: Seq, user: UserId): void {
    const reaction = this.pick(['👍', '🎉']);
    const said = (this.server.logs.get(id) ?? []).filter(
      (entry) =>
        entry.type === EntryType.Reaction &&
        entry.targetSeq === targetSeq &&
        entry.senderId === user &&
        entry.text.slice(1) === reaction,
    );
    // What would change nothing makes no entry ([C1]).
    const on = !(said.at(-1)?.text.startsWith('+') ?? false);
    this.happen(id, {
      type: EntryType.Reaction,
      targetSeq,
      senderId: user,
      text: `${on ? '+' : '-'}${reaction}`,
    });
  }

  private push(...entries: Entry[]): void {
    if (this.session) this.engine.onPush({ kind: 'pushMessage', entries });
  }

  private async page(
    type: 'logOpened' | 'olderLoaded' | 'newerLoaded',
    read: () => ReturnType<Device['engine']['history']['open']>,
  ): Promise<void> {
    const { engine } = this;
    try {
      const page = await read();
      // The answer of a page that was left is for nobody.
      if (engine === this.engine) this.show({ type, page });
    } catch (error) {
      // What cannot be had: offline, or a message that is not there (yet).
      if (!(error instanceof SessionEnded) && !(error instanceof RequestError)) throw error;
    }
  }

  private show(event: ClientEvent): void {
    this.screen = reduceChats(this.screen, event);
    for (const [id, { entries, about }] of Object.entries(this.screen.logs)) {
      const hole = entries.find(
        (entry, index) => index > 0 && entry.seq !== (entries[index - 1]?.seq ?? 0) + 1,
      );
      if (hole) this.faults.push(`${event.type}: a hole before ${id}/${hole.seq}`);
      const end = entries.at(-1)?.seq ?? 0;
      const inside = about.find(({ seq }) => seq <= end);
      if (inside) this.faults.push(`${event.type}: ${id}/${inside.seq} twice`);
    }
  }
}

/** IndexedDB of the tests answers in these. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

declare function setImmediate(callback: () => void): void;
