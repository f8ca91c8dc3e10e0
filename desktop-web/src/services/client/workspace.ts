import { ConversationType, Platform } from '@/protocol/codes';
import type { Incoming } from '@/protocol/frames';
import type { Connection, TransportKind } from '@/types/connection';
import type { Conversation } from '@/types/conversation';
import type { Entry } from '@/types/entry';
import type { ClientEvent, Emit } from '@/types/event';
import type { ConversationId, Seq, UserId } from '@/types/ids';
import type { NewGroup } from '@/types/group';
import { memberChange } from '@/utils/content';
import { report } from '@/utils/report';
import type { Api } from '@/services/api/api';
import { ConnectionMeter } from '@/services/latency/connectionMeter';
import { LatencyMeter } from '@/services/latency/latencyMeter';
import { SessionEnded } from '@/services/session/errors';
import { SessionKeeper, type Credentials, type KeeperState } from '@/services/session/keeper';
import { watchNetwork } from '@/services/session/networkHints';
import type { Session } from '@/services/session/session';
import { openStorage } from '@/services/storage/openStorage';
import type { Storage } from '@/services/storage/storage';
import { SyncEngine, type EngineListener } from '@/services/sync/syncEngine';
import { TransportMemory } from '@/services/transport/transportMemory';
import { Groups } from './groups';
import { People } from './people';

export interface WorkspaceParts {
  readonly userId: UserId;
  readonly isGuest: boolean;
  readonly deviceId: string;
  readonly api: Api;
  readonly credentials: Credentials;
  readonly emit: Emit;
}

/** Everything that belongs to one signed-in user in this tab: storage, sync, session and people. `close` ends it all. */
export class Workspace {
  readonly engine: SyncEngine;
  readonly people: People;
  readonly groups: Groups;
  private readonly keeper: SessionKeeper;
  private readonly latency: LatencyMeter;
  private readonly connections: ConnectionMeter;
  private readonly memory = new TransportMemory();
  private unwatch: () => void = () => undefined;
  private readonly pairs = new Set<ConversationId>();
  private session: Session | null = null;
  private progress: { done: number; total: number } | null = null;

  private constructor(
    private readonly parts: WorkspaceParts,
    private readonly storage: Storage,
  ) {
    const emit: Emit = (event) => this.emit(event);
    this.latency = new LatencyMeter(parts.userId, parts.emit);
    this.connections = new ConnectionMeter(this.memory, parts.emit);
    this.people = new People(parts.api, storage, emit, parts.isGuest);
    this.groups = new Groups(parts.api, emit);
    const onProgress: EngineListener['onProgress'] = (progress) => {
      this.progress = progress;
      this.showConnected();
    };
    this.engine = new SyncEngine(
      parts.userId,
      storage,
      { emit, onProgress },
      { reactions: (id, from, to) => parts.api.reactions(id, from, to) },
    );
    this.keeper = new SessionKeeper({
      identity: {
        deviceId: parts.deviceId,
        platform: Platform.Web,
        clientVersion: `im-web/${__APP_VERSION__}`,
      },
      credentials: parts.credentials,
      endpoints: () => parts.api.endpoints(),
      connect: (endpoint, listener) => this.connections.dial(endpoint, listener),
      listener: {
        onState: (state) => this.keeperChanged(state),
        onSession: (session) => this.attach(session),
        onSessionLost: () => this.detach(),
        onPush: (push) => this.onPush(push),
        onMissed: () => this.engine.sync(),
        onRoundTrip: (roundTrip) => this.latency.roundTrip(roundTrip),
      },
    });
  }

  get userId(): UserId {
    return this.parts.userId;
  }

  static async open(parts: WorkspaceParts): Promise<Workspace> {
    return new Workspace(parts, await openStorage(parts.userId));
  }

  /** Shows what this device holds; goes online by `connect`. */
  async load(): Promise<void> {
    await this.people.load();
    await this.engine.load();
  }

  connect(): void {
    this.unwatch();
    this.unwatch = watchNetwork({
      onDoubt: () => this.keeper.retryNow(),
      onNetworkChanged: () => this.memory.forget(),
    });
    this.keeper.start();
  }

  /** Tries at once, or tests the path that is there. */
  retryNow(): void {
    this.keeper.retryNow();
  }

  /** Measures the round trip now. */
  measure(): void {
    this.keeper.measure();
  }

  close(): void {
    this.unwatch();
    this.keeper.stop();
    this.detach();
    this.storage.close();
  }

  /** The private conversation with a user, made if need be. Needs a session; rejects with RequestError or SessionEnded. */
  async openConversation(peerId: UserId): Promise<ConversationId> {
    if (!this.session) throw new SessionEnded('offline');
    const reply = await this.session.request({ kind: 'conversationOpen', peerId });
    if (reply.kind !== 'conversationEvent') throw new TypeError(`answered by ${reply.kind}`);
    this.engine.adopt(reply.state);
    return reply.state.conversationId;
  }

  /** Makes a group; it is in the list when this resolves or soon after. Rejects with ApiError. */
  async createGroup(group: NewGroup): Promise<ConversationId> {
    const id = await this.groups.create(group);
    // The event with its state may be lost; a sync brings it then.
    if (!this.engine.knows(id)) this.engine.sync();
    return id;
  }

  async openLog(id: ConversationId, at?: Seq): Promise<void> {
    this.emit({ type: 'logOpened', page: await this.engine.history.open(id, at) });
  }

  async loadOlder(id: ConversationId, before: Seq): Promise<void> {
    this.emit({ type: 'olderLoaded', page: await this.engine.history.older(id, before) });
  }

  async loadNewer(id: ConversationId, after: Seq): Promise<void> {
    this.emit({ type: 'newerLoaded', page: await this.engine.history.newer(id, after) });
  }

  private emit(event: ClientEvent): void {
    this.latency.observe(event);
    this.parts.emit(event);
    this.remember(event);
    const strangers = this.peopleOf(event).filter((person) => person !== this.parts.userId);
    if (strangers.length === 0) return;
    this.people.learn(strangers).catch((error: unknown) => report('profiles could not be loaded', error));
  }

  /** Which conversations are private: their two people are known. */
  private remember(event: ClientEvent): void {
    if (event.type !== 'localDataLoaded' && event.type !== 'conversationsChanged') return;
    for (const { id, peerId } of event.conversations) if (peerId) this.pairs.add(id);
  }

  /** Whose names are needed to show what an event tells. */
  private peopleOf(event: ClientEvent): readonly UserId[] {
    switch (event.type) {
      case 'localDataLoaded':
      case 'conversationsChanged':
        return event.conversations.flatMap(listedPeople);
      case 'logOpened':
      case 'olderLoaded':
      case 'newerLoaded':
        return this.pairs.has(event.page.conversationId) ? [] : peopleIn(event.page.entries);
      case 'entriesApplied':
        return this.pairs.has(event.conversation.id) ? [] : peopleIn(event.entries);
      case 'typingStarted':
        return [event.userId];
      default:
        return [];
    }
  }

  private attach(session: Session): void {
    this.session = session;
    this.connections.opened(session);
    this.latency.sessionOpened(session.info.serverTime);
    session.measure();
    this.engine.attach(session);
    this.refreshPeople();
  }

  private detach(): void {
    this.session = null;
    this.progress = null;
    this.engine.detach();
  }

  private onPush(push: Incoming): void {
    switch (push.kind) {
      case 'presenceEvent':
        return this.parts.emit({ type: 'presenceChanged', userId: push.userId, online: push.online });
      case 'profileEvent':
        this.people
          .changed(push.userId, push.nickname, push.avatar)
          .catch((error: unknown) => report('a profile could not be kept', error));
        return;
      case 'friendEvent':
        this.parts.emit({ type: 'friendshipChanged', change: push.change, userId: push.userId });
        return this.refreshPeople();
      default:
        return this.engine.onPush(push);
    }
  }

  private refreshPeople(): void {
    this.people.refresh().catch((error: unknown) => report('friends could not be loaded', error));
  }

  private keeperChanged(state: KeeperState): void {
    switch (state.phase) {
      case 'connected':
        return;
      case 'waiting':
        return this.show({ ...state, phase: 'offline' });
      default:
        return this.show(state);
    }
  }

  private showConnected(): void {
    if (!this.session) return;
    const transport: TransportKind = this.session.transportKind;
    this.show(
      this.progress ? { phase: 'catchingUp', transport, ...this.progress } : { phase: 'online', transport },
    );
  }

  private show(connection: Connection): void {
    this.emit({ type: 'connectionChanged', connection });
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
