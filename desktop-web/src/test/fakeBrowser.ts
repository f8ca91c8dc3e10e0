import { createUuid } from '@/protocol/uuid';
import { createClient, type Client } from '@/services/client/client';
import type { Surroundings, PageListener } from '@/services/client/surroundings';
import { Workspace, type Keeper } from '@/services/client/workspace';
import type { KeeperListener } from '@/services/session/keeper';
import type { Session } from '@/services/session/session';
import { MemoryStorage } from '@/services/storage/memoryStorage';
import { openStorage } from '@/services/storage/openStorage';
import type { Storage } from '@/services/storage/storage';
import { reduceAccount, useAccountStore } from '@/stores/accountStore';
import { reduceChats, useChatStore } from '@/stores/chatStore';
import { reduceConnection, useConnectionStore } from '@/stores/connectionStore';
import { reduceContacts, useContactStore } from '@/stores/contactStore';
import type { ClientEvent } from '@/types/event';
import type { Entry } from '@/types/entry';
import type { ConversationId } from '@/types/ids';
import type { Account } from '@/types/person';
import { FakeLocks } from './fakeLocks';
import type { FakeServer } from './fakeServer';
import { FakeSession } from './fakeSession';

/** What the pages of a tab would show: the stores that follow from events alone. */
function initialState() {
  return {
    account: useAccountStore.getInitialState(),
    chats: useChatStore.getInitialState(),
    connection: useConnectionStore.getInitialState(),
    contacts: useContactStore.getInitialState(),
  };
}

type Moment = 'before' | 'after';

/** Pages of one origin in one browser: they share localStorage, IndexedDB, locks and channels. */
export class FakeBrowser {
  readonly locks = new FakeLocks();
  readonly tabs: FakeTab[] = [];
  /** The session of the tab that has one. */
  live: { readonly tab: FakeTab; readonly listener: KeeperListener } | null = null;
  /** Whether there is a way to the server. */
  online = true;
  /** Whether it has IndexedDB. */
  hasDatabase = true;

  /** `server`: what sessions find that are opened from now on. */
  constructor(public server: FakeServer) {}

  /** An earlier page of this browser signed in. */
  signIn(account: Account): void {
    const tokens = {
      userId: account.userId,
      accessToken: 'a',
      refreshToken: 'r',
      expiresAt: Date.now() + 1e9,
    };
    localStorage.setItem('im-rs.account', JSON.stringify(account));
    localStorage.setItem('im-rs.tokens', JSON.stringify(tokens));
  }

  open(changes: Partial<Surroundings> = {}): FakeTab {
    const tab = new FakeTab(this, changes);
    this.tabs.push(tab);
    tab.client.start();
    return tab;
  }

  /** Another user writes, or something happens: the session hears of it. */
  push(entry: Entry): void {
    const stored = this.server.store({ ...entry, clientMessageId: createUuid(Date.now()) });
    const { live } = this;
    live?.tab.whenAwake(() => live.listener.onPush({ kind: 'pushMessage', entries: [stored] }));
  }

  /** Seconds go by. */
  pass(seconds: number): void {
    for (let second = 0; second < seconds; second += 1) for (const tab of this.alive) tab.tick();
  }

  get alive(): readonly FakeTab[] {
    return this.tabs.filter(({ dead }) => !dead);
  }

  close(): void {
    for (const tab of this.alive) tab.close();
  }
}

/**
 * One page. It can be closed, or die in the middle of something: then nothing of it reaches anything any more. Frozen it keeps its locks,
 * and what it hears and does waits until it wakes.
 */
export class FakeTab {
  readonly events: ClientEvent[] = [];
  readonly client: Client;
  state = initialState();
  dead = false;
  frozen = false;
  /** How often it was to begin anew by itself. */
  reloads = 0;
  private readonly page: ReturnType<FakeLocks['page']>;
  private readonly channels: BroadcastChannel[] = [];
  private readonly sessions: FakeSession[] = [];
  private readonly ticks = new Set<() => void>();
  private held: (() => void)[] = [];
  private listener: PageListener | null = null;
  /** Messages that stood in the log and waited at the same time: what an eye would see twice. */
  readonly doubled = new Set<string>();
  private death: { readonly at: string; readonly moment: Moment } | null = null;

  constructor(
    private readonly browser: FakeBrowser,
    changes: Partial<Surroundings>,
  ) {
    this.page = browser.locks.page();
    this.client = createClient((event) => this.apply(event), {
      locks: this.freezable(this.page.locks),
      local: localStorage,
      openChannel: () => this.openChannel(),
      openWorkspace: (parts) =>
        Workspace.open({
          ...parts,
          makeKeeper: ({ listener }) => this.makeKeeper(listener),
          openStorage: async (userId, onDegraded) => {
            if (browser.hasDatabase) return this.mortal(await openStorage(userId, onDegraded));
            onDegraded?.('unavailable');
            return this.mortal(new MemoryStorage());
          },
        }),
      listen: (listener) => {
        this.listener = listener;
        listener.onVisibility(false);
      },
      everySecond: (tick) => {
        this.ticks.add(tick);
        return () => this.ticks.delete(tick);
      },
      build: { entry: '/assets/index-1.js', loadedAt: 0 },
      reload: () => {
        this.reloads += 1;
      },
      ...changes,
    });
  }

  get leads(): boolean {
    return !this.dead && this.client.leads();
  }

  /** What the log of a conversation shows, without what waits. */
  log(id: ConversationId): readonly string[] {
    return (this.state.chats.logs[id]?.entries ?? []).map(({ text }) => text);
  }

  waiting(id: ConversationId): readonly string[] {
    return (this.state.chats.pending[id] ?? []).map(({ text }) => text);
  }

  show(visible: boolean): void {
    this.listener?.onVisibility(visible);
  }

  /** The user closes it, or goes elsewhere. */
  close(): void {
    this.leave();
    this.die();
  }

  leave(): void {
    this.listener?.onHidden();
  }

  freeze(): void {
    this.frozen = true;
  }

  wake(): void {
    this.frozen = false;
    const { held } = this;
    this.held = [];
    for (const run of held) this.whenAwake(run);
  }

  tick(): void {
    if (!this.frozen) for (const tick of [...this.ticks]) tick();
  }

  whenAwake(run: () => void): void {
    if (this.dead) return;
    if (this.frozen) this.held.push(run);
    else run();
  }

  /** Dies when it is about to do this, or has done it: a method of the storage, or a request to the server. */
  dieAt(at: string, moment: Moment): void {
    this.death = { at, moment };
  }

  /** A crash: the browser frees the locks, all else just ends. */
  die(): void {
    if (this.dead) return;
    this.dead = true;
    for (const channel of this.channels) channel.close();
    for (const session of this.sessions) session.vanish();
    if (this.browser.live?.tab === this) this.browser.live = null;
    this.page.end();
  }

  private apply(event: ClientEvent): void {
    if (this.dead) return;
    this.events.push(event);
    this.state = {
      account: reduceAccount(this.state.account, event),
      chats: reduceChats(this.state.chats, event),
      connection: reduceConnection(this.state.connection, event),
      contacts: reduceContacts(this.state.contacts, event),
    };
    this.look();
  }

  private look(): void {
    const { logs, pending } = this.state.chats;
    for (const [id, log] of Object.entries(logs)) {
      const waiting = pending[id as ConversationId] ?? [];
      const ids = [...log.entries, ...waiting].map(({ clientMessageId }) => clientMessageId);
      const seen = new Set<string>();
      for (const one of ids) {
        if (seen.has(one)) this.doubled.add(one);
        seen.add(one);
      }
    }
  }

  private openChannel(): BroadcastChannel {
    const channel = new BroadcastChannel('im-rs.tabs');
    this.channels.push(channel);
    const own: Pick<BroadcastChannel, 'onmessage' | 'postMessage' | 'close'> = {
      onmessage: null,
      postMessage: (message) => this.whenAwake(() => channel.postMessage(message)),
      close: () => channel.close(),
    };
    channel.onmessage = (event) =>
      this.whenAwake(() => {
        own.onmessage?.call(own as BroadcastChannel, event);
      });
    return own as BroadcastChannel;
  }

  /** A frozen page gets a lock like any other, and hears of it, or that it lost one, when it wakes. */
  private freezable(locks: LockManager): LockManager {
    const later = (run: () => unknown) =>
      new Promise<unknown>((resolve) => {
        this.whenAwake(() => resolve(run()));
      });
    const request = (
      name: string,
      ...rest: [LockOptions, LockGrantedCallback<unknown>] | [LockGrantedCallback<unknown>]
    ) => {
      const [options, work] = rest.length === 2 ? rest : [{}, rest[0]];
      return locks
        .request(name, options, (lock) => later(() => work(lock)))
        .finally(() => later(() => undefined));
    };
    return { request } as unknown as LockManager;
  }

  private makeKeeper(listener: KeeperListener): Keeper {
    let session: FakeSession | null = null;
    return {
      start: () => {
        listener.onState({ phase: 'connecting' });
        if (!this.browser.online || this.dead) return;
        session = new FakeSession(this.browser.server);
        session.hold = (run) => this.whenAwake(run);
        session.fault = ({ kind }) => {
          if (this.isDue(kind, 'before')) return 'lose';
          if (this.death?.at !== kind) return 'answer';
          queueMicrotask(() => this.isDue(kind, 'after'));
          return 'loseReply';
        };
        this.sessions.push(session);
        this.browser.live = { tab: this, listener };
        listener.onState({ phase: 'connected' });
        listener.onSession(session as unknown as Session);
      },
      stop: () => {
        session?.end();
        session = null;
        if (this.browser.live?.tab === this) this.browser.live = null;
      },
      retryNow: () => undefined,
      measure: () => undefined,
    };
  }

  /** What a dead page begins never ends. */
  private mortal(storage: Storage): Storage {
    return new Proxy(storage, {
      get: (target, name: keyof Storage) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) => {
          if (this.frozen)
            return new Promise((resolve) => {
              this.whenAwake(() => resolve(Reflect.apply(method, target, args)));
            });
          if (this.dead || this.isDue(name, 'before')) return new Promise(() => undefined);
          const result: unknown = Reflect.apply(method, target, args);
          if (!(result instanceof Promise)) return result;
          return result.then((value: unknown) =>
            this.isDue(name, 'after') || this.dead ? new Promise(() => undefined) : value,
          );
        };
      },
    });
  }

  private isDue(at: string, moment: Moment): boolean {
    if (this.death?.at !== at || this.death.moment !== moment) return false;
    this.die();
    return true;
  }
}
