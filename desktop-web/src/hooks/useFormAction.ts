import { useState, type FormEvent } from 'react';
import { type Code } from '@/protocol/codes';
import { errorCode, retryAfterSeconds } from '@/utils/failure';
import { useNow } from './useNow';

export interface FormAction {
  readonly pending: boolean;
  /** Why it failed; null when it did not. */
  readonly failure: Code | null;
  readonly waitSeconds: number;
  readonly submit: (event: FormEvent) => void;
  /** Forgets the failure, because the user changes what was wrong. */
  readonly reset: () => void;
}

/** Runs a form's action once at a time and keeps its failure. */
export function useFormAction(action: () => Promise<void>): FormAction {
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<Code | null>(null);
  const [waitUntil, setWaitUntil] = useState(0);
  const now = useNow(500, waitUntil > 0);
  const waitSeconds = Math.max(0, Math.ceil((waitUntil - now) / 1000));

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (pending || waitSeconds > 0) return;
    setPending(true);
    setFailure(null);
    action()
      .catch((error: unknown) => {
        setFailure(errorCode(error));
        const seconds = retryAfterSeconds(error);
        if (seconds > 0) setWaitUntil(Date.now() + seconds * 1000);
      })
      .finally(() => setPending(false));
  };
  return { pending, failure, waitSeconds, submit, reset: () => setFailure(null) };
}
