import { EntryType } from '@/protocol/codes';
import type { Entry } from '@/types/entry';
import type { ConversationId, Seq } from '@/types/ids';
import type { QuotePage, Quotes } from '@/types/quote';
import type { LogViews } from './logViews';

/** Answered messages that are kept per log, far more than a screen shows; the first asked for makes room and is asked for again. */
export const MAX_QUOTES = 400;

const NO_QUOTES: Quotes = { sources: new Map(), changes: [] };

/** Answered messages of a log that is open. Changes that came while they were on their way are among the recent ones. */
export function takeQuotes(views: LogViews, { conversationId, entries, about, absent }: QuotePage): LogViews {
  if (!views.logs[conversationId]) return views;
  const known = views.quotes[conversationId] ?? NO_QUOTES;
  const sources = new Map<Seq, Entry | null>(known.sources);
  for (const seq of absent) sources.set(seq, null);
  for (const entry of entries) sources.set(entry.seq, entry);
  const kept = new Map([...sources].slice(-MAX_QUOTES));
  const recent = views.recent.filter((change) => change.conversationId === conversationId);
  const changes = changesOf(kept, [...known.changes, ...about, ...recent]);
  return set(views, conversationId, { sources: kept, changes });
}

/** Entries of a log became known: a window that moves on takes none of them along that are about messages elsewhere. */
export function keepChanges(views: LogViews, id: ConversationId, entries: readonly Entry[]): LogViews {
  const known = views.quotes[id];
  if (!known) return views;
  const news = entries.filter((entry) => isAbout(known.sources, entry));
  if (news.length === 0) return views;
  return set(views, id, { ...known, changes: changesOf(known.sources, [...known.changes, ...news]) });
}

function changesOf(sources: Quotes['sources'], changes: readonly Entry[]): readonly Entry[] {
  const bySeq = new Map(
    changes.filter((change) => isAbout(sources, change)).map((change) => [change.seq, change]),
  );
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

function isAbout(sources: Quotes['sources'], { type, targetSeq }: Entry): boolean {
  return (type === EntryType.Edit || type === EntryType.Recall) && sources.has(targetSeq);
}

function set(views: LogViews, id: ConversationId, quotes: Quotes): LogViews {
  return { ...views, quotes: { ...views.quotes, [id]: quotes } };
}
