import { createdAtOf, createUuid } from '@/protocol/uuid';
import type { Storage } from '@/services/storage/storage';
import type { ClientMessageId, ConversationId, Seq } from '@/types/ids';

/** Among so many of the newest entries an own message is looked for that may be stored; of an older one the server knows. */
const LOOKED_BACK = 200;

/** So many of the last ids that were begun here are remembered. */
const REMEMBERED = 1_000;

/** What every own message and change has from the start. */
export interface Begun {
  readonly clientMessageId: ClientMessageId;
  readonly conversationId: ConversationId;
  readonly createdAt: number;
  readonly attempted: boolean;
}

/**
 * Ids and times of what is written here. A tab may tell the same twice, because it does not know what became of the first time: its id
 * says so.
 */
export class OwnIds {
  private lastCreatedAt = 0;
  /** What was written until then may be here without being asked for here. Milliseconds since 1970. */
  private loadedAt = 0;
  /** Begun here, whatever became of them. */
  private readonly begun = new Set<ClientMessageId>();
  private looking: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly storage: Pick<Storage, 'entries'>,
    private readonly isPending: (id: ClientMessageId) => boolean,
    private readonly tip: (conversationId: ConversationId) => Seq,
  ) {}

  /** Everything that an earlier page left is known. */
  loaded(times: readonly number[]): void {
    this.loadedAt = Date.now();
    this.lastCreatedAt = Math.max(this.lastCreatedAt, ...times);
  }

  /** Null: it waits here, was begun here before or is stored already. What is written later does not overtake what is looked for. */
  begin(conversationId: ConversationId, id?: ClientMessageId): Promise<Begun | null> {
    const begun = this.looking.then(async () =>
      id && (await this.isKnown(conversationId, id)) ? null : this.make(conversationId, id),
    );
    this.looking = begun.catch(() => null);
    return begun;
  }

  private make(conversationId: ConversationId, id?: ClientMessageId): Begun {
    // Rising times keep the order of the outbox over a reload.
    this.lastCreatedAt = Math.max(Date.now(), this.lastCreatedAt + 1);
    const clientMessageId = id ?? createUuid(this.lastCreatedAt);
    this.remember(clientMessageId);
    return { clientMessageId, conversationId, createdAt: this.lastCreatedAt, attempted: false };
  }

  private remember(id: ClientMessageId): void {
    this.begun.add(id);
    if (this.begun.size <= REMEMBERED) return;
    const [oldest] = this.begun;
    if (oldest) this.begun.delete(oldest);
  }

  private async isKnown(conversationId: ConversationId, id: ClientMessageId): Promise<boolean> {
    if (this.isPending(id) || this.begun.has(id)) return true;
    if (createdAtOf(id) > this.loadedAt) return false;
    const tip = this.tip(conversationId);
    const newest = await this.storage.entries(conversationId, tip - LOOKED_BACK + 1, tip);
    return newest.some(({ clientMessageId }) => clientMessageId === id);
  }
}
