import { useEffect } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { useAccountStore } from '@/stores/accountStore';
import { useSearchStore } from '@/stores/searchStore';

/** Ctrl and K, or ⌘ and K, open the search from every page. A guest has nothing to search. */
export function useSearchKey(): void {
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const isMember = useAccountStore((state) => state.account?.isGuest === false);
  useEffect(() => {
    if (!isMember) return;
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      if (event.altKey || event.shiftKey) return;
      event.preventDefault();
      useSearchStore.getState().open(null);
      // A small screen shows a chat in place of the list.
      const hidesList = matchMedia('(max-width: 639px)').matches;
      if (!pathname.startsWith('/chats') || hidesList) void navigate('/chats');
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [navigate, pathname, isMember]);
}
