import { useEffect } from 'react';
import { useNavigate } from 'react-router';
import { usePageStore } from '@/stores/pageStore';

/** Shows what a notification that was clicked is about. */
export function useWanted(): void {
  const wanted = usePageStore((state) => state.wanted);
  const navigate = useNavigate();
  useEffect(() => {
    if (!wanted) return;
    usePageStore.setState({ wanted: null });
    void navigate(`/chats/${wanted.conversationId}/${wanted.seq}`);
  }, [wanted, navigate]);
}
