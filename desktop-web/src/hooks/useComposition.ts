import { useMemo, useRef, type CompositionEvent, type KeyboardEvent } from 'react';

/** A key that comes so soon after a composition ended was for the input method, milliseconds. */
const AFTERMATH_MS = 30;

/** What the browsers say of a key by its code while an input method has it. */
const TAKEN = 229;

interface Composition {
  readonly start: () => void;
  readonly end: (event: CompositionEvent) => void;
  /** Whether a key belongs to the input method: Enter chooses a candidate then, it does not send. */
  readonly owns: (event: KeyboardEvent) => boolean;
  readonly isActive: () => boolean;
}

/**
 * Follows an input method. Chrome and Firefox say `isComposing` with the key that ends a composition; Safari ends it first and then
 * sends the key, with the code 229 or, by some input methods, as a plain Enter at once.
 */
export function useComposition(): Composition {
  const composing = useRef(false);
  const endedAt = useRef(Number.NEGATIVE_INFINITY);
  return useMemo(
    () => ({
      start: () => {
        composing.current = true;
      },
      end: (event) => {
        composing.current = false;
        endedAt.current = event.timeStamp;
      },
      owns: ({ nativeEvent, keyCode, timeStamp, key }) =>
        composing.current ||
        nativeEvent.isComposing ||
        keyCode === TAKEN ||
        (key === 'Enter' && timeStamp - endedAt.current < AFTERMATH_MS),
      isActive: () => composing.current,
    }),
    [],
  );
}
