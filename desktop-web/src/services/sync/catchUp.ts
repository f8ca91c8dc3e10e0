import { MAX_CURSORS, MAX_HISTORY } from '@/protocol/limits';
import type { Continuation, Cursor, Incoming, SyncResponse } from '@/protocol/frames';
import type { ConversationId } from '@/types/ids';
import type { Session } from '@/services/session/session';
import type { Book } from './book';
import { byConversation } from './book';
import type { ConversationLog } from './conversationLog';
import { requestPatiently } from './patience';

/** With more missing than this the newest page is taken instead, and the rest when somebody scrolls there. */
const MAX_PULL = 1_000;

/** Entries of the newest page. */
const NEWEST_PAGE = 50;

/** Logs that are filled without being opened, most recent first. */
const MAX_BACKGROUND_FILLS = 100;

export type SyncSession = Pick<Session, 'request'>;

/** Entries fetched and entries to fetch in this sync. */
export type Progress = (done: number, total: number) => void;

/** Brings the book up to the server's state on one session: pages of states and entries, then what is still missing ([R4]). */
export class CatchUp {
  private readonly filling = new Map<ConversationId, Promise<void>>();

  constructor(
    private readonly book: Book,
    private readonly session: SyncSession,
  ) {}

  /** One complete sync. Rejects with SessionEnded when the session is over. */
  async run(progress: Progress): Promise<void> {
    let after: Continuation | null = null;
    do {
      const page: SyncResponse = await this.page(after);
      this.book.adopt(page.conversations);
      for (const [id, entries] of byConversation(page.entries)) {
        const log = this.book.get(id);
        if (log) this.book.apply(log, entries);
      }
      after = page.next;
    } while (after !== null);
    await this.fillAll(progress);
  }

  /** Fetches what one log misses. Calls at the same time share the work. */
  fill(log: ConversationLog): Promise<void> {
    const underWay = this.filling.get(log.id);
    if (underWay) return underWay;
    const work = this.pull(log).finally(() => this.filling.delete(log.id));
    this.filling.set(log.id, work);
    return work;
  }

  private async fillAll(progress: Progress): Promise<void> {
    const behind = this.book
      .all()
      .filter((log) => log.missing > 0)
      .sort((a, b) => (b.conversation.last?.createdAt ?? 0) - (a.conversation.last?.createdAt ?? 0))
      .slice(0, MAX_BACKGROUND_FILLS);
    const cost = (log: ConversationLog) => (log.missing > MAX_PULL ? NEWEST_PAGE : log.missing);
    const total = behind.reduce((sum, log) => sum + cost(log), 0);
    let done = 0;
    for (const log of behind) {
      progress(done, total);
      done += cost(log);
      await this.fill(log);
    }
  }

  private async page(after: Continuation | null): Promise<SyncResponse> {
    const cursors: Cursor[] = this.book
      .all()
      .sort((a, b) => b.conversation.activity - a.conversation.activity)
      .slice(0, MAX_CURSORS)
      .map((log) => ({ conversationId: log.id, seq: log.tip }));
    return expectSync(
      await requestPatiently(this.session, {
        kind: 'syncRequest',
        after,
        cursors,
        since: 0,
        entriesOnly: false,
      }),
    );
  }

  private async pull(log: ConversationLog): Promise<void> {
    if (log.missing > MAX_PULL) return this.restart(log);
    while (log.missing > 0) {
      const before = log.tip;
      const { entries } = await this.history(log.id, before, 'forward', MAX_HISTORY);
      this.book.apply(log, entries);
      // The server has no more than this: what was announced will come by a push.
      if (log.tip === before) return;
    }
  }

  private async restart(log: ConversationLog): Promise<void> {
    const { entries } = await this.history(log.id, 0, 'backward', NEWEST_PAGE);
    await this.book.restart(log, entries);
  }

  /** The newest entries with seq < `before`, ascending. */
  async older(log: ConversationLog, before: number, limit: number): Promise<SyncResponse> {
    return this.history(log.id, before, 'backward', limit);
  }

  private async history(
    conversationId: ConversationId,
    seq: number,
    direction: 'forward' | 'backward',
    limit: number,
  ): Promise<SyncResponse> {
    return expectSync(
      await requestPatiently(this.session, { kind: 'historyRequest', conversationId, seq, direction, limit }),
    );
  }
}

function expectSync(reply: Incoming): SyncResponse {
  if (reply.kind !== 'syncResponse') throw new TypeError(`answered by ${reply.kind}`);
  return reply;
}
