import { ConversationType } from '@/protocol/codes';
import { MAX_CURSORS, MAX_HISTORY } from '@/protocol/limits';
import type { Continuation, Cursor, Incoming, Outgoing, SyncResponse } from '@/protocol/frames';
import type { ConversationId, Seq } from '@/types/ids';
import { RequestError, SessionEnded } from '@/services/session/errors';
import type { Session } from '@/services/session/session';
import type { Book } from './book';
import { byConversation } from './book';
import type { ConversationLog } from './conversationLog';
import { mayRepeat, requestPatiently } from './patience';
import { reportUnlessEnded } from './reportUnlessEnded';

/** With more missing than this the newest page is taken instead, and the rest when somebody scrolls there. */
const MAX_PULL = 1_000;

/** Entries of the newest page. */
const NEWEST_PAGE = 50;

/** Entries that are fetched without their log being opened, of the most recent conversations first. */
const MAX_BACKGROUND = 20_000;

/** Logs that miss more than `MAX_PULL` and start anew without being opened. */
const MAX_RESTARTS = 20;

export type SyncSession = Pick<Session, 'request'>;

/** Entries fetched and entries to fetch in this sync. */
export type Progress = (done: number, total: number) => void;

/** Brings the book up to the server's state on one session: pages of states, then what is still missing ([R4]). */
export class CatchUp {
  private readonly filling = new Map<ConversationId, Promise<void>>();

  constructor(
    private readonly book: Book,
    private readonly session: SyncSession,
  ) {}

  /** One complete sync. Rejects with SessionEnded when the session is over, with other errors when something is still missing. */
  async run(progress: Progress): Promise<void> {
    await this.states();
    const behind = this.book.byActivity().filter((log) => log.missing > 0 && !isBroadcast(log));
    await this.entries(nearest(behind), progress);
    await this.fillEach(behind.filter(({ missing }) => missing > MAX_PULL).slice(0, MAX_RESTARTS));
  }

  /** Fetches what one log misses. Calls at the same time share the work. */
  fill(log: ConversationLog): Promise<void> {
    return this.shared(log, () => this.pull(log));
  }

  /** Fetches what came after the tip of a log whose end is not known, such as one that was not followed ([S13]). */
  refresh(log: ConversationLog): Promise<void> {
    return this.shared(log, async () => {
      const { entries } = await this.history(log.id, 0, 'backward', NEWEST_PAGE);
      const first = entries[0];
      const newest = entries.at(-1);
      if (!first || !newest) return;
      if (log.holdsNothing || newest.seq - log.tip > MAX_PULL) return this.book.restart(log, entries);
      log.learn(newest.seq);
      this.book.apply(log, entries);
      await this.pull(log);
    });
  }

  /** The newest entries with seq < `seq`, or the oldest after it, ascending; fewer where they are large. */
  page(
    log: ConversationLog,
    seq: Seq,
    direction: 'forward' | 'backward',
    limit: number,
  ): Promise<SyncResponse> {
    return this.history(log.id, seq, direction, limit);
  }

  /** One that is refused keeps none of the others back. Rejects at the end with the first that may go better another time. */
  private async fillEach(logs: readonly ConversationLog[]): Promise<void> {
    let failed: Error | null = null;
    for (const log of logs) {
      try {
        await this.fill(log);
      } catch (error) {
        if (error instanceof SessionEnded) throw error;
        // Who may not see a log any more learns it by its state, and no further try would help.
        if (error instanceof RequestError && !mayRepeat(error.code))
          reportUnlessEnded('a log was refused', error);
        else failed ??= error as Error;
      }
    }
    if (failed) throw failed;
  }

  private shared(log: ConversationLog, work: () => Promise<void>): Promise<void> {
    const underWay = this.filling.get(log.id);
    if (underWay) return underWay;
    const begun = work().finally(() => this.filling.delete(log.id));
    this.filling.set(log.id, begun);
    return begun;
  }

  /** All states that changed since the last sync, page by page. */
  private async states(): Promise<void> {
    const since = this.book.syncedAt;
    const cursors = toCursors(this.book.byActivity().filter((log) => !log.holdsNothing && !isBroadcast(log)));
    let after: Continuation | null = null;
    let syncedAt = 0;
    do {
      this.book.pageAsked();
      const page: SyncResponse = await this.sync({ after, cursors, since, entriesOnly: false });
      if (after === null) syncedAt = page.syncedAt;
      this.book.adopt(page.conversations);
      this.take(page);
      after = page.next;
    } while (after !== null);
    await this.book.syncedUpTo(syncedAt);
  }

  /** What these logs miss: many conversations in each request. */
  private async entries(logs: readonly ConversationLog[], progress: Progress): Promise<void> {
    const missing = () => logs.reduce((sum, log) => sum + log.missing, 0);
    const total = missing();
    for (let left = total; left > 0;) {
      progress(total - left, total);
      const cursors = toCursors(logs.filter((log) => log.missing > 0));
      const page = await this.sync({ after: null, cursors, since: 0, entriesOnly: true });
      this.take(page);
      const now = missing();
      // The server has no more than this: what was announced will come by a push.
      if (!page.more || now === left) return;
      left = now;
    }
  }

  private take(page: SyncResponse): void {
    for (const [id, entries] of byConversation(page.entries)) {
      const log = this.book.get(id);
      if (log) this.book.apply(log, entries);
    }
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

  private async sync(
    request: Omit<Extract<Outgoing, { kind: 'syncRequest' }>, 'kind'>,
  ): Promise<SyncResponse> {
    return expectSync(await requestPatiently(this.session, { kind: 'syncRequest', ...request }));
  }
}

/** Those that are near enough to be filled up, as many as may come unasked. */
function nearest(behind: readonly ConversationLog[]): ConversationLog[] {
  let room = MAX_BACKGROUND;
  return behind.filter(({ missing }) => {
    const fits = missing <= MAX_PULL && missing <= room;
    if (fits) room -= missing;
    return fits;
  });
}

/** Everybody talks there: only who looks at it fetches it. */
function isBroadcast(log: ConversationLog): boolean {
  return log.conversation.type === ConversationType.World;
}

function toCursors(logs: readonly ConversationLog[]): Cursor[] {
  return logs.slice(0, MAX_CURSORS).map((log) => ({ conversationId: log.id, seq: log.tip }));
}

function expectSync(reply: Incoming): SyncResponse {
  if (reply.kind !== 'syncResponse') throw new TypeError(`answered by ${reply.kind}`);
  return reply;
}
