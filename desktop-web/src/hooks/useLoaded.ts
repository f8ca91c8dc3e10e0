import { useCallback, useEffect, useState, type Dispatch, type SetStateAction } from 'react';
import type { Code } from '@/protocol/codes';
import { useConnectionStore } from '@/stores/connectionStore';
import { errorCode } from '@/utils/failure';

export interface Loaded<Value> {
  /** Undefined until it is there. */
  readonly value: Value | undefined;
  /** Why it could not be had; null when it could, or while it is asked for. */
  readonly failure: Code | null;
  readonly reload: () => void;
  /** Takes over what is known to be so now. A function gets what is there: what was changed meanwhile stays. */
  readonly set: Dispatch<SetStateAction<Value | undefined>>;
}

/** Something that the server knows, for as long as the component shows it. What failed is asked for again when the connection is back. */
export function useLoaded<Value>(load: () => Promise<Value>): Loaded<Value> {
  const [value, set] = useState<Value>();
  const [failure, setFailure] = useState<Code | null>(null);
  const [attempt, setAttempt] = useState(0);
  const online = useConnectionStore(({ connection }) => connection.phase === 'online');
  const reload = useCallback(() => {
    setFailure(null);
    setAttempt((before) => before + 1);
  }, []);

  useEffect(() => {
    let gone = false;
    load().then(
      (loaded) => {
        if (gone) return;
        setFailure(null);
        set(loaded);
      },
      (error: unknown) => !gone && setFailure(errorCode(error)),
    );
    return () => {
      gone = true;
    };
    // What is loaded is the same for the life of the component; `attempt` asks again, and so does a connection.
  }, [load, attempt, online]);
  return { value, failure, reload, set };
}
