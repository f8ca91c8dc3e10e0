import { Code, EntryType } from '@/protocol/codes';
import { RequestError, SessionEnded } from '@/services/session/errors';
import type { Entry } from '@/types/entry';
import type { LogPage } from '@/types/event';
import type { ConversationId, Seq } from '@/types/ids';
import type { QuotePage } from '@/types/quote';
import type { Book } from './book';
import type { CatchUp } from './catchUp';
import type { ConversationLog } from './conversationLog';
import { Islands, type Stretch } from './islands';
import type { ReadReactions } from './reactionsAsOf';

/** Entries of a page. */
const PAGE = 50;

/** Entries before and after one that is looked at. */
const AROUND = 40;

/** What is shown above the first unread message, and the most that is opened at once. */
const CONTEXT = 20;
const MAX_OPENED = 400;

/** Answered messages that are less apart come together: a request costs more than the entries between them. */
const NEAR = 100;

/**
 * Parts of a log as the screen asks for them: what this device holds at once, what is adjacent to it from the server and kept, and
 * everything else (an island) from the server and not kept. Everything rejects with RequestError or ApiError when the server refuses,
 * and with SessionEnded when it is needed and there is no session.
 */
export class History {
  private readonly islands: Islands;

  constructor(
    private readonly book: Book,
    private readonly catchUp: () => CatchUp | null,
    /** Begins to fetch what a log misses. */
    private readonly fillLater: (log: ConversationLog) => void,
    readReactions: ReadReactions,
  ) {
    this.islands = new Islands(book, readReactions);
  }

  /**
   * The end of a log with everything unread and some context, or the part around `at`. What is missing at the end comes later as
   * events. Without a session and with nothing held the end is an empty page that is not the first.
   */
  async open(conversationId: ConversationId, at?: Seq): Promise<LogPage> {
    const log = this.known(conversationId);
    if (at !== undefined) return this.around(log, at);
    const catchUp = this.catchUp();
    if (!log.holdsNothing || !catchUp) this.fillLater(log);
    else if (log.missing > 0) await catchUp.fill(log);
    else if (log.tip > log.conversation.fromSeq) await catchUp.refresh(log);
    const wanted = Math.min(MAX_OPENED, Math.max(PAGE, log.conversation.unread + CONTEXT));
    const page = await this.held(log, () => [log.tip - wanted + 1, log.tip]);
    return page ?? this.island(log, { before: log.tip + 1, older: PAGE, newer: 0 });
  }

  /** The page before `before`. */
  async older(conversationId: ConversationId, before: Seq): Promise<LogPage> {
    const log = this.known(conversationId);
    // The user's time starts here ([R10]).
    if (before <= log.conversation.fromSeq + 1) return toPage(log, [], []);
    const held = before > log.heldFrom && (await this.held(log, () => [before - PAGE, before - 1]));
    return held || this.island(log, { before, older: PAGE, newer: 0 });
  }

  /** The page after `after`. */
  async newer(conversationId: ConversationId, after: Seq): Promise<LogPage> {
    const log = this.known(conversationId);
    const held = after + 1 >= log.heldFrom && (await this.held(log, () => [after + 1, after + PAGE]));
    return held || this.island(log, { before: after + 1, older: 0, newer: PAGE });
  }

  /**
   * Messages that others answer: those near each other are read together, here or from the server. Without a session what is held and
   * what cannot be had at all; the rest is in no part of the answer.
   */
  async quotes(conversationId: ConversationId, seqs: readonly Seq[]): Promise<QuotePage> {
    const log = this.known(conversationId);
    const { fromSeq } = log.conversation;
    const wanted = [...new Set(seqs)].sort((a, b) => a - b);
    const parts = await Promise.all(
      stretches(
        wanted.filter((seq) => seq > fromSeq),
        log.heldFrom,
      ).map((part) => this.quoted(log, part)),
    );
    const absent = [...wanted.filter((seq) => seq <= fromSeq), ...parts.flatMap((part) => part.absent)];
    return {
      conversationId,
      entries: parts.flatMap((part) => part.entries),
      about: parts.flatMap((part) => part.about),
      absent,
    };
  }

  private async around(log: ConversationLog, at: Seq): Promise<LogPage> {
    const catchUp = this.catchUp();
    if (at > log.tip && log.missing > 0 && catchUp) await catchUp.fill(log);
    const { fromSeq, untilSeq } = log.conversation;
    if (at <= fromSeq || (untilSeq > 0 && at > untilSeq)) throw notThere();
    if (at > log.tip) throw catchUp ? notThere() : new SessionEnded('offline');
    const held = at >= log.heldFrom && (await this.held(log, () => [at - AROUND, at + AROUND]));
    return held || this.island(log, { before: at + 1, older: AROUND + 1, newer: AROUND }, at);
  }

  /** `seqs`: ascending, all of them held or none. */
  private async quoted(
    log: ConversationLog,
    seqs: readonly Seq[],
  ): Promise<Omit<QuotePage, 'conversationId'>> {
    const from = seqs[0] ?? 0;
    const to = seqs.at(-1) ?? 0;
    const wanted = new Set(seqs);
    const held = from >= log.heldFrom && to <= log.tip && (await this.held(log, () => [from, to]));
    if (held) {
      const isAbout = ({ type, targetSeq }: Entry) =>
        (type === EntryType.Edit || type === EntryType.Recall) && wanted.has(targetSeq);
      const entries = held.entries.filter(({ seq }) => wanted.has(seq));
      return { entries, about: [...held.entries, ...held.about].filter(isAbout), absent: [] };
    }
    const catchUp = this.catchUp();
    if (!catchUp) return { entries: [], about: [], absent: [] };
    // The server gives messages as they are now ([E5]).
    const entries = (await this.islands.between(catchUp, log, from, to)).filter(({ seq }) => wanted.has(seq));
    const found = new Set(entries.map(({ seq }) => seq));
    return { entries, about: [], absent: seqs.filter((seq) => !found.has(seq)) };
  }

  /** A part of what is held; null when this device does not have all of it any more. */
  private async held(log: ConversationLog, range: () => readonly [Seq, Seq]): Promise<LogPage | null> {
    for (;;) {
      const { tip, heldFrom } = log;
      const [from, to] = range();
      const begin = Math.max(from, heldFrom);
      const end = Math.min(to, tip);
      const entries = await this.book.storage.entries(log.id, begin, end);
      const about = await this.book.storage.changesAbout(log.id, begin, end);
      // What entered or left the log meanwhile must not leave a hole on the screen, nor a change untold.
      if (tip !== log.tip || heldFrom !== log.heldFrom) continue;
      return entries.length === Math.max(0, end - begin + 1) ? toPage(log, entries, about) : null;
    }
  }

  private async island(log: ConversationLog, want: Stretch, at?: Seq): Promise<LogPage> {
    const catchUp = this.catchUp();
    if (!catchUp) throw new SessionEnded('offline');
    const { entries, about } = await this.islands.fetch(catchUp, log, want);
    if (at !== undefined && !entries.some(({ seq }) => seq === at)) throw notThere();
    return toPage(log, entries, about);
  }

  private known(id: ConversationId): ConversationLog {
    const log = this.book.get(id);
    if (!log) throw new RequestError(Code.ConversationNotFound, 'not a conversation of this user', 0);
    return log;
  }
}

/** Ascending seqs in parts that one request brings, and that do not reach over the start of what is held. */
function stretches(seqs: readonly Seq[], heldFrom: Seq): readonly (readonly Seq[])[] {
  const parts: Seq[][] = [];
  for (const seq of seqs) {
    const part = parts.at(-1);
    const from = part?.[0];
    if (part && from !== undefined && seq - from < NEAR && (seq < heldFrom || from >= heldFrom))
      part.push(seq);
    else parts.push([seq]);
  }
  return parts;
}

function toPage(log: ConversationLog, entries: readonly Entry[], about: readonly Entry[]): LogPage {
  const { fromSeq, tipSeq } = log.conversation;
  const first = entries[0];
  return {
    conversationId: log.id,
    entries,
    about,
    first: first ? first.seq <= fromSeq + 1 : tipSeq <= fromSeq,
    last: (entries.at(-1)?.seq ?? log.tip) >= log.tip,
  };
}

function notThere(): RequestError {
  return new RequestError(Code.TargetNotFound, 'the message cannot be seen', 0);
}
