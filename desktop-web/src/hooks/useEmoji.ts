import { useCallback, useEffect, useState } from 'react';
import type { EmojiGroup } from '@/utils/emojiSet';
import { loadEmoji } from '@/utils/loadEmoji';
import { report } from '@/utils/report';
import { language, type Language } from '@/utils/t';

const loaded = new Map<Language, readonly EmojiGroup[]>();

export interface AllEmoji {
  /** Named in the page's language; null until they are there. */
  readonly groups: readonly EmojiGroup[] | null;
  /** They could not be loaded. */
  readonly failed: boolean;
  readonly retry: () => void;
}

/** All emoji, loaded with the first picker. */
export function useEmoji(): AllEmoji {
  const spoken = language();
  const [groups, setGroups] = useState(() => loaded.get(spoken) ?? null);
  const [failed, setFailed] = useState(false);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (loaded.has(spoken)) return;
    let gone = false;
    loadEmoji(spoken)
      .then((all) => {
        loaded.set(spoken, all);
        if (!gone) setGroups(all);
      })
      .catch((error: unknown) => {
        report('the emoji could not be loaded', error);
        if (!gone) setFailed(true);
      });
    return () => {
      gone = true;
    };
  }, [spoken, attempt]);
  const retry = useCallback(() => {
    setFailed(false);
    setAttempt((before) => before + 1);
  }, []);
  return { groups, failed, retry };
}
