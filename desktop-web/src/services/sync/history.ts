import type { Entry } from '@/types/entry';
import type { Emit } from '@/types/event';
import type { ConversationId, Seq } from '@/types/ids';
import type { Book } from './book';
import type { CatchUp } from './catchUp';
import type { ConversationLog } from './conversationLog';

/** Entries of a page. */
const PAGE = 50;

/** What is shown above the first unread message, and the most that is opened at once. */
const CONTEXT = 20;
const MAX_OPENED = 400;

/** Shows parts of a log: what this device holds at once, older parts from the server when somebody scrolls there. */
export class History {
  constructor(
    private readonly book: Book,
    private readonly emit: Emit,
    private readonly catchUp: () => CatchUp | null,
  ) {}

  /** Opens a log at its end, with everything unread and some context. Shows the held part, then what is missing. */
  async open(conversationId: ConversationId): Promise<void> {
    const log = this.book.get(conversationId);
    if (!log) return;
    await this.show(log);
    const catchUp = this.catchUp();
    if (log.missing === 0 || !catchUp) return;
    await catchUp.fill(log);
  }

  /** Loads the page before `before`. Without a session it gives what is held, which may be nothing. */
  async loadOlder(conversationId: ConversationId, before: Seq): Promise<void> {
    const log = this.book.get(conversationId);
    if (!log) return;
    const entries = before > log.heldFrom ? await this.held(log, before) : await this.fetch(log, before);
    this.emit({ type: 'olderLoaded', page: { conversationId, entries, complete: isComplete(log, entries) } });
  }

  private async show(log: ConversationLog): Promise<void> {
    const wanted = Math.min(MAX_OPENED, Math.max(PAGE, log.conversation.unread + CONTEXT));
    let entries: Entry[];
    let tip: Seq;
    do {
      tip = log.tip;
      entries = await this.book.storage.entries(log.id, Math.max(log.heldFrom, tip - wanted + 1), tip);
      // What entered the log meanwhile must not leave a hole on the screen.
    } while (tip !== log.tip);
    this.emit({
      type: 'logOpened',
      page: { conversationId: log.id, entries, complete: isComplete(log, entries) },
    });
  }

  private held(log: ConversationLog, before: Seq): Promise<Entry[]> {
    return this.book.storage.entries(log.id, Math.max(log.heldFrom, before - PAGE), before - 1);
  }

  private async fetch(log: ConversationLog, before: Seq): Promise<readonly Entry[]> {
    const catchUp = this.catchUp();
    if (!catchUp || before <= log.conversation.fromSeq + 1) return [];
    const { entries } = await catchUp.older(log, before, PAGE);
    await this.book.prepend(log, entries);
    return entries;
  }
}

/** The first entry that the user may see is there, or there is none at all ([R10]). */
function isComplete(log: ConversationLog, entries: readonly Entry[]): boolean {
  const first = entries[0];
  const { fromSeq, tipSeq } = log.conversation;
  return first ? first.seq <= fromSeq + 1 : tipSeq <= fromSeq;
}
