import { useLayoutEffect, useState } from 'react';
import type { LogRow } from '@/utils/logRows';
import { startStep, type WindowStep } from '@/utils/windowSteps';

export interface VirtualRows extends WindowStep<LogRow> {
  /** Counts the times that nothing was left of the rows: the list is another one. */
  readonly generation: number;
}

interface Shown extends VirtualRows {
  readonly wanted: readonly LogRow[];
}

/** Brings new rows into the virtual list, a change of the start before one of the end; both before anything is painted. */
export function useVirtualRows(wanted: readonly LogRow[]): VirtualRows {
  const [shown, setShown] = useState<Shown>(() => ({ wanted, rows: wanted, shift: false, generation: 0 }));
  let current = shown;
  if (shown.wanted !== wanted) {
    const step = startStep(shown.rows, wanted);
    current = step
      ? { wanted, ...step, generation: shown.generation }
      : { wanted, rows: wanted, shift: false, generation: shown.generation + 1 };
    setShown(current);
  }
  const isHalf = shown.rows !== shown.wanted;
  useLayoutEffect(() => {
    // The list has to have taken the first step before it is given the second one.
    // eslint-disable-next-line react-hooks/set-state-in-effect
    if (isHalf) setShown((half) => ({ ...half, rows: half.wanted, shift: false }));
  }, [isHalf]);
  return current;
}
