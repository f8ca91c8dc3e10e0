import { useFeedback } from './useFeedback';
import { useCallback } from 'react';
import { t } from '@/utils/t';

/** Puts a text on the clipboard and says so with `done`; or that the browser refuses. */
export function useCopy(): (text: string, done: string) => Promise<void> {
  const { message } = useFeedback();
  return useCallback(
    async (text, done) => {
      try {
        await navigator.clipboard.writeText(text);
        void message.success(done);
      } catch {
        void message.error(t('copyRefused'));
      }
    },
    [message],
  );
}
