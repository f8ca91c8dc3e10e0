import { useCallback, useEffect, useState } from 'react';
import { client } from '@/services/client';
import type { Code } from '@/protocol/codes';
import type { Entry } from '@/types/entry';
import type { ConversationId } from '@/types/ids';
import type { SearchPage } from '@/types/search';
import { errorCode } from '@/utils/failure';
import { searchWords } from '@/utils/searchWords';

/** The server is asked when nothing was typed for so long, milliseconds. */
export const SETTLE_MS = 250;

interface Found extends SearchPage {
  /** What was searched for. */
  readonly key: string;
  readonly failure: Code | null;
}

const NOTHING: Found = { key: '', messages: [], next: null, source: 'server', failure: null };

export interface MessageSearch {
  readonly messages: readonly Entry[];
  readonly source: SearchPage['source'];
  readonly failure: Code | null;
  /** What is shown is not the answer to this query yet. */
  readonly isLoading: boolean;
  /** Null: there is nothing more. */
  readonly loadMore: (() => void) | null;
}

/** Messages by words, in one conversation or all. Answers to what was typed before are dropped. */
export function useMessageSearch(query: string, scope: ConversationId | null): MessageSearch {
  const wanted = query.trim();
  const isAsked = searchWords(wanted).length > 0;
  const key = isAsked ? `${scope ?? ''}/${wanted}` : '';
  const [found, setFound] = useState<Found>(NOTHING);
  const [loadingMore, setLoadingMore] = useState('');

  useEffect(() => {
    if (key === '') return;
    let stale = false;
    const timer = window.setTimeout(() => {
      client.searchMessages(wanted, scope ? { conversationId: scope } : {}).then(
        (page) => {
          if (!stale) setFound({ ...page, key, failure: null });
        },
        (error: unknown) => {
          if (!stale) setFound({ ...NOTHING, key, failure: errorCode(error) });
        },
      );
    }, SETTLE_MS);
    return () => {
      stale = true;
      window.clearTimeout(timer);
    };
  }, [key, wanted, scope]);

  const { next } = found;
  const loadMore = useCallback(async () => {
    if (next === null) return;
    setLoadingMore(next);
    try {
      const page = await client.searchMessages(wanted, {
        before: next,
        ...(scope && { conversationId: scope }),
      });
      setFound((now) =>
        now.key === key && now.next === next
          ? { ...now, ...page, messages: [...now.messages, ...page.messages] }
          : now,
      );
    } catch {
      // The button stays and can be pressed again.
    } finally {
      setLoadingMore('');
    }
  }, [key, wanted, scope, next]);

  if (!isAsked) return { ...NOTHING, isLoading: false, loadMore: null };
  const isLoading = found.key !== key;
  const isLoadingMore = next !== null && loadingMore === next;
  return {
    ...found,
    isLoading,
    loadMore: isLoading || isLoadingMore || next === null ? null : () => void loadMore(),
  };
}
