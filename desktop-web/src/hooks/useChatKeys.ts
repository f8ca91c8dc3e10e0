import { useEffect } from 'react';
import { useNavigate } from 'react-router';
import type { Conversation } from '@/types/conversation';

/**
 * From anywhere in the chats: Alt and an arrow open the conversation above or below the chosen one, Alt, Shift and the arrow down the
 * next one with something unread. What holds a menu or a dialog open keeps its keys.
 */
export function useChatKeys(rows: readonly Conversation[], selectedId: string | undefined): void {
  const navigate = useNavigate();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
      if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
      if (document.querySelector('[role="dialog"][aria-modal="true"], dialog[open]')) return;
      const at = rows.findIndex(({ id }) => id === selectedId);
      const next = event.shiftKey
        ? event.key === 'ArrowDown' && nextUnread(rows, at)
        : rows[at < 0 ? 0 : at + (event.key === 'ArrowDown' ? 1 : -1)];
      event.preventDefault();
      if (next) void navigate(`/chats/${next.id}`);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [rows, selectedId, navigate]);
}

/** The first one below that has something unread, else from the top again. */
function nextUnread(rows: readonly Conversation[], at: number): Conversation | undefined {
  return [...rows.slice(at + 1), ...rows.slice(0, Math.max(0, at))].find(({ unread }) => unread > 0);
}
