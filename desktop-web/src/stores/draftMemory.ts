import type { ConversationId, UserId } from '@/types/ids';
import { asConversationId } from '@/types/ids';
import { report } from '@/utils/report';
import type { Draft } from './draftStore';

/** One key per conversation, so that two tabs that write in two chats do not undo each other. */
const keyOf = (owner: UserId, conversationId: string) => `im-rs.draft.${owner}.${conversationId}`;

/** Keeps a draft on this device; an empty one too, because it says that the one before was sent. */
export function keepDraft(owner: UserId, conversationId: ConversationId, draft: Draft): void {
  try {
    localStorage.setItem(keyOf(owner, conversationId), JSON.stringify(draft));
  } catch (error) {
    // No room, or a private window: the draft lives as long as the page.
    report('a draft could not be kept', error);
  }
}

export function keptDrafts(owner: UserId): Record<ConversationId, Draft> {
  const drafts: Record<ConversationId, Draft> = {};
  const prefix = keyOf(owner, '');
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(prefix)) continue;
    const draft = parseDraft(localStorage.getItem(key));
    if (draft) drafts[asConversationId(key.slice(prefix.length))] = draft;
  }
  return drafts;
}

export function forgetDrafts(owner: UserId): void {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(keyOf(owner, ''))) localStorage.removeItem(key);
  }
}

/** Tells of drafts that another tab of the same user keeps. Gives the end of it. */
export function watchDrafts(
  owner: () => UserId | null,
  onDraft: (conversationId: ConversationId, draft: Draft) => void,
): () => void {
  const listen = ({ key, newValue }: StorageEvent) => {
    const user = owner();
    const prefix = user && keyOf(user, '');
    if (!prefix || !key?.startsWith(prefix)) return;
    const draft = parseDraft(newValue);
    if (draft) onDraft(asConversationId(key.slice(prefix.length)), draft);
  };
  addEventListener('storage', listen);
  return () => removeEventListener('storage', listen);
}

function parseDraft(kept: string | null): Draft | null {
  try {
    const value = JSON.parse(kept ?? 'null') as Partial<Draft> | null;
    if (typeof value?.text !== 'string' || typeof value.at !== 'number') return null;
    return { text: value.text, at: value.at, mentions: Array.isArray(value.mentions) ? value.mentions : [] };
  } catch {
    return null;
  }
}
