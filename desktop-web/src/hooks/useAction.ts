import { useFeedback } from './useFeedback';
import { useCallback, useState } from 'react';
import { errorCode } from '@/utils/failure';
import { errorText } from '@/utils/t';

/** Runs one action at a time; a refusal is said in a toast. `run` gives whether it worked. */
export function useAction(): {
  readonly pending: boolean;
  readonly run: (action: () => Promise<void>) => Promise<boolean>;
} {
  const { message } = useFeedback();
  const [pending, setPending] = useState(false);
  const run = useCallback(
    async (action: () => Promise<void>) => {
      setPending(true);
      try {
        await action();
        return true;
      } catch (error) {
        void message.error(errorText(errorCode(error)));
        return false;
      } finally {
        setPending(false);
      }
    },
    [message],
  );
  return { pending, run };
}
