import { Platform } from '@/protocol/codes';
import type { Incoming } from '@/protocol/frames';
import type { ClientEvent, Emit, LogPage } from '@/types/event';
import type { ClientMessageId, ConversationId, UserId } from '@/types/ids';
import type { NewGroup } from '@/types/group';
import type { QuotePage } from '@/types/quote';
import { pictureSize } from '@/utils/pictureSize';
import { report } from '@/utils/report';
import type { Api } from '@/services/api/api';
import type { Files } from '@/services/api/files';
import { ConnectionMeter } from '@/services/latency/connectionMeter';
import { LatencyMeter } from '@/services/latency/latencyMeter';
import { SessionEnded } from '@/services/session/errors';
import { SessionKeeper, type Credentials, type KeeperParts } from '@/services/session/keeper';
import { watchNetwork } from '@/services/session/networkHints';
import type { Session } from '@/services/session/session';
import { openStorage } from '@/services/storage/openStorage';
import type { Storage } from '@/services/storage/storage';
import type { FileOptions, TextOptions } from '@/services/sync/outgoingMessages';
import { SendOrder } from '@/services/sync/sendOrder';
import { SyncEngine } from '@/services/sync/syncEngine';
import { TransportMemory } from '@/services/transport/transportMemory';
import { ConnectionState } from './connectionState';
import { Groups } from './groups';
import { Names } from './names';
import { MessageSearch } from './messageSearch';
import { People } from './people';
import { Pictures } from './pictures';

/** The tab that asked for a pause may be gone before it says how to go on. Longer than a request of REST takes, milliseconds. */
const PAUSE_MS = 60_000;

/** Keeps the session. */
export type Keeper = Pick<SessionKeeper, 'start' | 'stop' | 'retryNow' | 'measure'>;

export interface WorkspaceParts {
  readonly userId: UserId;
  readonly isGuest: boolean;
  readonly deviceId: string;
  readonly api: Api;
  readonly credentials: Credentials;
  readonly files: Files;
  readonly emit: Emit;
  readonly makeKeeper?: (parts: KeeperParts) => Keeper;
  readonly openStorage?: typeof openStorage;
}

/** Everything that belongs to one signed-in user in the tab that leads: storage, sync, session and people. `close` ends it all. */
export class Workspace {
  readonly engine: SyncEngine;
  readonly people: People;
  readonly pictures: Pictures;
  readonly messageSearch: MessageSearch;
  readonly groups: Groups;
  private readonly keeper: Keeper;
  private readonly latency: LatencyMeter;
  private readonly connections: ConnectionMeter;
  private readonly connection: ConnectionState;
  private readonly memory = new TransportMemory();
  private unwatch: () => void = () => undefined;
  private readonly names = new Names();
  private readonly order = new SendOrder();
  private session: Session | null = null;
  private resuming: ReturnType<typeof setTimeout> | undefined;

  private constructor(
    private readonly parts: WorkspaceParts,
    private readonly storage: Storage,
  ) {
    const emit: Emit = (event) => this.emit(event);
    this.latency = new LatencyMeter(parts.userId, parts.emit);
    this.connections = new ConnectionMeter(this.memory, parts.emit);
    this.connection = new ConnectionState(emit);
    this.people = new People(parts.api, storage, emit, parts.isGuest);
    this.pictures = new Pictures(storage);
    this.messageSearch = new MessageSearch(parts.api, storage);
    this.groups = new Groups(parts.api, parts.files, emit);
    this.engine = new SyncEngine(
      parts.userId,
      storage,
      { emit, onProgress: (progress) => this.connection.synced(progress) },
      {
        reactions: (id, from, to) => parts.api.reactions(id, from, to),
        upload: (content, upload) => parts.files.upload(content, upload),
      },
    );
    const makeKeeper = parts.makeKeeper ?? ((keeperParts) => new SessionKeeper(keeperParts));
    this.keeper = makeKeeper({
      identity: {
        deviceId: parts.deviceId,
        platform: Platform.Web,
        clientVersion: `im-web/${__APP_VERSION__}`,
      },
      credentials: parts.credentials,
      endpoints: () => parts.api.endpoints(),
      connect: (endpoint, listener) => this.connections.dial(endpoint, listener),
      listener: {
        onState: (state) => this.connection.keeps(state),
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
    const open = parts.openStorage ?? openStorage;
    const storage = await open(parts.userId, (reason) => parts.emit({ type: 'storageDegraded', reason }));
    return new Workspace(parts, storage);
  }

  /** Shows what this device holds; goes online by `connect`. */
  async load(): Promise<void> {
    await this.people.load();
    await this.engine.load();
  }

  connect(): void {
    clearTimeout(this.resuming);
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

  /** Ends the session until `connect`, which comes by itself in the end; what is written waits. */
  pause(): void {
    this.disconnect();
    this.connection.keeps({ phase: 'connecting' });
    this.resuming = setTimeout(() => this.connect(), PAUSE_MS);
  }

  /** Forgets what is kept of conversations. Nothing may be written after that, so it ends with it. */
  async clearHistory(): Promise<void> {
    this.disconnect();
    await this.storage.clearHistory();
    this.close();
  }

  close(): void {
    this.disconnect();
    this.engine.close();
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
  async createGroup(group: NewGroup, picture?: Blob): Promise<ConversationId> {
    const id = await this.groups.create(group, picture);
    this.expect(id);
    return id;
  }

  /** True: a member now, and the group is in the list soon. False: the admins are asked. Rejects with ApiError. */
  async joinGroup(id: ConversationId, message: string): Promise<boolean> {
    const joined = await this.groups.join(id, message);
    if (joined) this.expect(id);
    return joined;
  }

  /** The event with the state of a new conversation may be lost; a sync brings it then. */
  private expect(id: ConversationId): void {
    if (!this.engine.knows(id)) this.engine.sync();
  }

  /** Sends a text. It is there at once, or after files that were sent before it and are being measured. */
  async sendText(conversationId: ConversationId, text: string, options?: TextOptions): Promise<void> {
    await this.order.send(conversationId, () => this.engine.outgoing.send(conversationId, text, options));
  }

  /** Sends a file: a picture as one, everything else as a file. Its message is there once it and those before it are measured. */
  async sendFile(conversationId: ConversationId, file: File, options?: FileOptions): Promise<void> {
    await this.order.sendPrepared(conversationId, pictureSize(file), (size) =>
      this.engine.outgoing.sendFile(conversationId, file, size, options),
    );
  }

  /** The file of a message that waits. */
  async uploadBlob(id: ClientMessageId): Promise<Blob | null> {
    return (await this.engine.outgoing.file(id)) ?? null;
  }

  /** A part of a log goes to the tab that asked for it; the names in it are for all. */
  async page<Page extends LogPage | QuotePage>(read: Promise<Page>): Promise<Page> {
    const page = await read;
    this.learn(this.names.ofEntries(page.conversationId, page.entries));
    return page;
  }

  private emit(event: ClientEvent): void {
    this.latency.observe(event);
    this.parts.emit(event);
    this.learn(this.names.of(event));
  }

  private learn(people: readonly UserId[]): void {
    const strangers = people.filter((person) => person !== this.parts.userId);
    if (strangers.length === 0) return;
    this.people.learn(strangers).catch((error: unknown) => report('profiles could not be loaded', error));
  }

  private disconnect(): void {
    clearTimeout(this.resuming);
    this.unwatch();
    this.keeper.stop();
    this.detach();
  }

  private attach(session: Session): void {
    this.session = session;
    this.connection.opened(session.transportKind);
    this.connections.opened(session);
    this.latency.sessionOpened(session.info.serverTime);
    session.measure();
    this.engine.attach(session);
    this.refreshPeople();
  }

  private detach(): void {
    this.session = null;
    this.connection.lost();
    this.engine.detach();
  }

  private onPush(push: Incoming): void {
    switch (push.kind) {
      case 'presenceEvent':
        return this.parts.emit({
          type: 'presenceChanged',
          userId: push.userId,
          online: push.online,
          lastSeen: push.lastSeen,
        });
      case 'profileEvent':
        if (push.userId === this.userId)
          this.parts.emit({ type: 'ownProfileChanged', nickname: push.nickname, avatar: push.avatar });
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
}
