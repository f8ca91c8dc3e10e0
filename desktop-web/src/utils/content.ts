// What stands in the text of an entry that is no text: docs/protocol.md, "What an entry holds". What does not read as its type gives null,
// so that a placeholder shows.

import { EntryType } from '@/protocol/codes';
import type { Entry } from '@/types/entry';
import { asUserId, type UserId } from '@/types/ids';

/** What the sender of a Member entry did. */
export type MemberChange =
  | { readonly change: 'joined' | 'dissolved' }
  | { readonly change: 'invited'; readonly users: readonly UserId[] }
  | { readonly change: 'admitted' | 'removed' | 'transferred'; readonly user: UserId }
  | { readonly change: 'left'; readonly owner: UserId | null }
  | { readonly change: 'role'; readonly user: UserId; readonly role: 'member' | 'admin' }
  | { readonly change: 'silenced'; readonly user: UserId; readonly until: number };

/** What the sender of a Group entry changed; undefined: not. */
export interface GroupChange {
  readonly created: boolean;
  readonly name: string | undefined;
  readonly avatar: string | undefined;
  readonly silenced: boolean | undefined;
}

export interface Notice {
  readonly title: string;
  readonly content: string;
}

/** A message about a file. */
export interface Media {
  readonly fileId: string;
  readonly name: string;
  readonly caption: string;
  readonly mime: string;
  /** Bytes. */
  readonly size: number;
  /** Pixels; 0: it has none. */
  readonly width: number;
  readonly height: number;
  /** Of sound and pictures that move; 0: not known. */
  readonly durationMs: number;
}

export interface ReactionChange {
  readonly reaction: string;
  readonly on: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

export function memberChange(entry: Entry): MemberChange | null {
  const fields = parse(entry, EntryType.Member);
  if (!fields) return null;
  const { change } = fields;
  const user = userOf(fields.user);
  switch (change) {
    case 'joined':
    case 'dissolved':
      return { change };
    case 'invited':
      return {
        change,
        users: Array.isArray(fields.users) ? fields.users.flatMap((id) => userOf(id) ?? []) : [],
      };
    case 'left':
      return { change, owner: userOf(fields.owner) };
    case 'admitted':
    case 'removed':
    case 'transferred':
      return user && { change, user };
    case 'role':
      return user && { change, user, role: fields.role === 'admin' ? 'admin' : 'member' };
    case 'silenced':
      return user && { change, user, until: typeof fields.until === 'number' ? fields.until : 0 };
    default:
      return null;
  }
}

export function groupChange(entry: Entry): GroupChange | null {
  const fields = parse(entry, EntryType.Group);
  if (!fields) return null;
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    created: fields.created === true,
    name: text(fields.name),
    avatar: text(fields.avatar),
    silenced: typeof fields.silenced === 'boolean' ? fields.silenced : undefined,
  };
}

export function notice(entry: Entry): Notice | null {
  const fields = parse(entry, EntryType.System);
  if (!fields || typeof fields.title !== 'string') return null;
  return { title: fields.title, content: typeof fields.content === 'string' ? fields.content : '' };
}

const MEDIA: ReadonlySet<EntryType> = new Set([
  EntryType.Image,
  EntryType.File,
  EntryType.Voice,
  EntryType.Video,
]);

export function isMedia(type: EntryType): boolean {
  return MEDIA.has(type);
}

export function media(entry: Pick<Entry, 'type' | 'text'>): Media | null {
  const fields = isMedia(entry.type) ? parse(entry, entry.type) : null;
  if (!fields) return null;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const amount = (value: unknown) =>
    typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
  return {
    fileId: text(fields.fileId),
    name: text(fields.name),
    caption: text(fields.caption),
    mime: text(fields.mime),
    size: amount(fields.size),
    width: amount(fields.width),
    height: amount(fields.height),
    durationMs: amount(fields.durationMs),
  };
}

export function reactionChange(entry: Entry): ReactionChange | null {
  const sign = entry.text[0];
  if (entry.type !== EntryType.Reaction || (sign !== '+' && sign !== '-')) return null;
  return { reaction: entry.text.slice(1), on: sign === '+' };
}

export function reactionText({ reaction, on }: ReactionChange): string {
  return (on ? '+' : '-') + reaction;
}

function parse(entry: Pick<Entry, 'type' | 'text'>, type: EntryType): Fields | null {
  if (entry.type !== type) return null;
  try {
    const value: unknown = JSON.parse(entry.text);
    return typeof value === 'object' && value !== null ? (value as Fields) : null;
  } catch {
    return null;
  }
}

function userOf(id: unknown): UserId | null {
  return typeof id === 'string' ? asUserId(id) : null;
}
