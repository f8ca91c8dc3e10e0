import type { Entry } from '@/types/entry';
import type { Seq } from '@/types/ids';
import type { Book } from './book';
import type { CatchUp } from './catchUp';
import type { ConversationLog } from './conversationLog';
import { withReactions, type ReadReactions } from './reactionsAsOf';

/** A part of a log: so many entries before a seq, and so many from it on. */
export interface Stretch {
  readonly before: Seq;
  readonly older: number;
  readonly newer: number;
}

export interface Fetched {
  readonly entries: readonly Entry[];
  /** Changes of these that lie after them, as far as they are not in the entries as they are now ([E5]). */
  readonly about: readonly Entry[];
}

/** Parts of logs from the server. What is adjacent to the held part joins it; anything else is given and forgotten. */
export class Islands {
  constructor(
    private readonly book: Book,
    private readonly readReactions: ReadReactions,
  ) {}

  async fetch(catchUp: CatchUp, log: ConversationLog, want: Stretch): Promise<Fetched> {
    const entries = await this.read(catchUp, log, want);
    const last = entries.at(-1);
    if (!last) return { entries, about: [] };
    if (last.seq === log.heldFrom - 1) {
      await this.book.prepend(log, entries);
      const about = await this.heldAbout(log, entries);
      // Unless room was made meanwhile, everything from there to the tip is here.
      if (log.heldFrom <= last.seq + 1) return { entries, about };
    }
    const counted = await withReactions(catchUp, log, entries, this.book.self, this.readReactions);
    return { entries: counted, about: await this.heldAbout(log, entries) };
  }

  /** The entries from `from` to `to`, as far as they exist, without the reactions to them. Large ones come in parts. */
  async between(catchUp: CatchUp, log: ConversationLog, from: Seq, to: Seq): Promise<readonly Entry[]> {
    const parts: (readonly Entry[])[] = [];
    for (let end = to; end >= from;) {
      const { entries } = await catchUp.page(log, end + 1, 'backward', end - from + 1);
      parts.unshift(entries);
      const begin = entries[0]?.seq ?? from;
      end = Math.min(begin, end) - 1;
    }
    return parts.flat();
  }

  /** Both directions at once. Not beyond the start of the held part, of which this device knows more. */
  private async read(
    catchUp: CatchUp,
    log: ConversationLog,
    { before, older, newer }: Stretch,
  ): Promise<readonly Entry[]> {
    const room = before <= log.heldFrom ? log.heldFrom - before : newer;
    const limit = Math.min(newer, room);
    const [back, on] = await Promise.all([
      older > 0 ? catchUp.page(log, before, 'backward', older) : null,
      limit > 0 ? catchUp.page(log, before - 1, 'forward', limit) : null,
    ]);
    return [...(back?.entries ?? []), ...(on?.entries ?? [])];
  }

  /** Changes that this device holds; those that enter the log while it is read too. */
  private async heldAbout(log: ConversationLog, entries: readonly Entry[]): Promise<readonly Entry[]> {
    const from = entries[0]?.seq ?? 0;
    const to = entries.at(-1)?.seq ?? 0;
    for (;;) {
      const { tip, heldFrom } = log;
      const about = await this.book.storage.changesAbout(log.id, from, to);
      if (tip === log.tip && heldFrom === log.heldFrom) return about;
    }
  }
}
