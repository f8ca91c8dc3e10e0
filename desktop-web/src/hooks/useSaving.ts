import { useCallback, useEffect, useRef, useState } from 'react';
import type { Code } from '@/protocol/codes';
import { errorCode } from '@/utils/failure';

export type SavingState = 'idle' | 'saving' | 'saved';

/** Runs a change; gives why it was refused, or null when it is saved. */
export type Save = (change: () => Promise<unknown>) => Promise<Code | null>;

/** How long a word about it stays, milliseconds. */
const SAID_MS = 3_000;

/** Changes that are saved as they are made, with one quiet word for all of them. */
export function useSaving(): { readonly state: SavingState; readonly save: Save } {
  const [state, setState] = useState<SavingState>('idle');
  const running = useRef(0);
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const save = useCallback<Save>(async (change) => {
    running.current += 1;
    window.clearTimeout(timer.current);
    setState('saving');
    let failure: Code | null = null;
    try {
      await change();
    } catch (error) {
      failure = errorCode(error);
    }
    running.current -= 1;
    if (running.current > 0) return failure;
    setState(failure === null ? 'saved' : 'idle');
    timer.current = window.setTimeout(() => setState('idle'), SAID_MS);
    return failure;
  }, []);
  return { state, save };
}
