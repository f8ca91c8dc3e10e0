import { isChange } from '@/protocol/codes';
import type { Conversation } from '@/types/conversation';
import type { Entry } from '@/types/entry';
import type { LogPage } from '@/types/event';
import type { ConversationId, Seq } from '@/types/ids';
import type { Quotes } from '@/types/quote';

/** Entries of one window at most, and what is kept of one that would grow beyond: one cut makes room for many entries. */
export const MAX_WINDOW = 800;
const CUT_WINDOW = 600;

/** Logs that are kept; the least recently opened makes room. With MAX_WINDOW they bound what the screens hold of logs. */
export const MAX_LOGS = 4;

/** The part of a log that is on the screen: a window of consecutive entries, and the later changes of its messages. */
export interface LogView {
  readonly entries: readonly Entry[];
  /** Edits, recalls and reactions about these that lie after them, ascending. */
  readonly about: readonly Entry[];
  /** Begins at the first entry that the user may see. */
  readonly first: boolean;
  /** Reaches the newest entry: what comes is shown at once. */
  readonly last: boolean;
}

export interface LogViews {
  readonly logs: Readonly<Record<ConversationId, LogView>>;
  /** Whose logs are kept, the last opened at the end. */
  readonly opened: readonly ConversationId[];
  /** Of the kept logs: messages that are answered in them, wherever these lie. */
  readonly quotes: Readonly<Record<ConversationId, Quotes>>;
  /** The newest entry of each log that was applied here: a page that was read before it is not the end of the log. */
  readonly applied: Readonly<Record<ConversationId, Seq>>;
  /** The last changes of all logs: a page that is on its way does not know them. */
  readonly recent: readonly Entry[];
}

/** Far more than come while a page is on its way from the next layer. */
const MAX_RECENT = 200;

export const NO_LOGS: LogViews = { logs: {}, opened: [], quotes: {}, applied: {}, recent: [] };

/** A log is opened, or opened elsewhere in it. */
export function openLog(views: LogViews, page: LogPage): LogViews {
  const { conversationId } = page;
  const opened = [...views.opened.filter((id) => id !== conversationId), conversationId].slice(-MAX_LOGS);
  const logs = only(opened, views.logs);
  const quotes = only(opened, views.quotes);
  return { ...views, opened, quotes, logs: { ...logs, [conversationId]: toView(views, page) } };
}

/** A page joins the window at its start; beyond MAX_WINDOW its newest end is let go. */
export function prependPage(views: LogViews, page: LogPage): LogViews {
  const log = views.logs[page.conversationId];
  // The log was closed, or opened elsewhere, while the page was on its way.
  if (!log) return views;
  const begin = log.entries[0];
  if (!begin) return set(views, page.conversationId, toView(views, page));
  const entries = page.entries.filter((entry) => entry.seq < begin.seq);
  if (entries.length > 0 && entries.at(-1)?.seq !== begin.seq - 1) return views;
  const all = [...entries, ...log.entries];
  const changes = [...all, ...log.about, ...page.about, ...views.recent];
  const first = page.first || log.first;
  if (all.length <= MAX_WINDOW)
    return set(views, page.conversationId, {
      ...window(all, changes, page.conversationId),
      first,
      last: log.last,
    });
  return set(views, page.conversationId, {
    ...window(all.slice(0, CUT_WINDOW), changes, page.conversationId),
    first,
    last: false,
  });
}

/** A page joins the window at its end; beyond MAX_WINDOW its oldest end is let go. */
export function appendPage(views: LogViews, page: LogPage): LogViews {
  const log = views.logs[page.conversationId];
  if (!log) return views;
  const end = log.entries.at(-1);
  if (!end) return set(views, page.conversationId, toView(views, page));
  const entries = page.entries.filter((entry) => entry.seq > end.seq);
  if (entries.length > 0 && entries[0]?.seq !== end.seq + 1) return views;
  const all = [...log.entries, ...entries];
  const changes = [...log.about, ...page.about, ...views.recent];
  const last = page.last && isNewest(views, page.conversationId, all);
  if (all.length <= MAX_WINDOW)
    return set(views, page.conversationId, {
      ...window(all, changes, page.conversationId),
      first: log.first,
      last,
    });
  return set(views, page.conversationId, {
    ...window(all.slice(-CUT_WINDOW), changes, page.conversationId),
    first: false,
    last,
  });
}

/** Entries entered a log. A window at the newest end takes them as far as there is room; any window takes what is about it. */
export function enterEntries(views: LogViews, id: ConversationId, entries: readonly Entry[]): LogViews {
  const newest = entries.at(-1);
  if (!newest) return views;
  const changes = entries.filter(({ type }) => isChange(type));
  const recent = changes.length > 0 ? [...views.recent, ...changes].slice(-MAX_RECENT) : views.recent;
  const moved = { ...views, recent, applied: { ...views.applied, [id]: newest.seq } };
  const log = views.logs[id];
  if (!log) return moved;
  const end = log.entries.at(-1)?.seq ?? newest.seq - entries.length;
  // A log that was opened before these came holds some of them already.
  const later = entries.filter((entry) => entry.seq > end);
  if (later.length === 0) return moved;
  const fits =
    log.last && later[0]?.seq === end + 1 ? later.slice(0, Math.max(0, MAX_WINDOW - log.entries.length)) : [];
  const all = fits.length > 0 ? [...log.entries, ...fits] : log.entries;
  const last = fits.length === later.length;
  const { about } = window(all, [...log.about, ...later], id);
  return set(moved, id, { entries: all, about, first: log.first, last });
}

/**
 * What this device holds was told anew, by the tab that took over from another one: what that one did not tell any more is missing at
 * the end of the windows. A window whose end is not the tip asks for what is newer; one that was empty, and is not any more, is opened anew.
 */
export function reviewEnds(views: LogViews, conversations: readonly Conversation[]): LogViews {
  const behind = conversations.flatMap(({ id, tipSeq }) => {
    const log = views.logs[id];
    const end = log?.entries.at(-1);
    return log?.last && end && end.seq < tipSeq ? [[id, { ...log, last: false }]] : [];
  });
  const begun = conversations.filter(
    ({ id, tipSeq, fromSeq }) => views.logs[id]?.entries.length === 0 && tipSeq > fromSeq,
  );
  const reviewed = begun.reduce((kept, { id }) => closeLog(kept, id), views);
  if (behind.length === 0) return reviewed;
  return { ...reviewed, logs: { ...reviewed.logs, ...(Object.fromEntries(behind) as LogViews['logs']) } };
}

/** The log starts anew elsewhere: what is on the screen is not adjacent any more. */
export function closeLog(views: LogViews, id: ConversationId): LogViews {
  const { [id]: _given, ...logs } = views.logs;
  const { [id]: _outdated, ...quotes } = views.quotes;
  return { ...views, logs, quotes, opened: views.opened.filter((one) => one !== id) };
}

function only<Of>(
  ids: readonly ConversationId[],
  all: Readonly<Record<ConversationId, Of>>,
): Readonly<Record<ConversationId, Of>> {
  const kept = new Set<string>(ids);
  return Object.fromEntries(Object.entries(all).filter(([id]) => kept.has(id)));
}

function toView(views: LogViews, { conversationId, entries, about, first, last }: LogPage): LogView {
  return {
    ...window(entries, [...about, ...views.recent], conversationId),
    first,
    last: last && isNewest(views, conversationId, entries),
  };
}

function isNewest(views: LogViews, id: ConversationId, entries: readonly Entry[]): boolean {
  const newest = entries.at(-1);
  return newest === undefined || newest.seq >= (views.applied[id] ?? 0);
}

/** These entries with what of the changes is about them and lies after them. */
function window(
  entries: readonly Entry[],
  changes: readonly Entry[],
  id: ConversationId,
): Pick<LogView, 'entries' | 'about'> {
  const from = entries[0]?.seq ?? 0;
  const to = entries.at(-1)?.seq ?? 0;
  const about = new Map<Seq, Entry>();
  for (const change of changes) {
    const { conversationId, seq, targetSeq } = change;
    if (conversationId === id && seq > to && isChange(change.type) && targetSeq >= from && targetSeq <= to)
      about.set(seq, change);
  }
  return { entries, about: [...about.values()].sort((a, b) => a.seq - b.seq) };
}

function set(views: LogViews, id: ConversationId, log: LogView): LogViews {
  return { ...views, logs: { ...views.logs, [id]: log } };
}
