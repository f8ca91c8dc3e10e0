import type { TransportKind } from '@/types/connection';
import { CLOSE_NORMAL, type Transport } from './transport';

/** One way to a node. */
export interface Runner {
  readonly kind: TransportKind;
  /** As `Dial`: rejects when the signal aborts, and then leaves nothing behind. */
  readonly open: (signal: AbortSignal) => Promise<Transport>;
}

/** How a runner ended, and the milliseconds from its own start. */
export interface Run {
  readonly kind: TransportKind;
  /** `late`: another one was first. */
  readonly outcome: 'opened' | 'failed' | 'late';
  readonly ms: number;
}

export interface RaceResult {
  /** Null when none opened. */
  readonly transport: Transport | null;
  /** Those that started, in the order in which they ended. */
  readonly runs: readonly Run[];
  readonly errors: readonly unknown[];
}

/**
 * Starts the first runner, and each other one once a runner has failed or `headStartMs` are over. Whichever opens first is the
 * result; the others are given up, and closed if they open all the same. Each has `limitMs` to itself. Never rejects.
 */
export function race(runners: readonly Runner[], headStartMs: number, limitMs: number): Promise<RaceResult> {
  return new Promise((resolve) => {
    const waiting = [...runners];
    const underWay = new Map<Runner, { readonly startedAt: number; readonly giveUp: AbortController }>();
    const runs: Run[] = [];
    const errors: unknown[] = [];
    let headStart: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;

    const end = (runner: Runner, outcome: Run['outcome']) => {
      const run = underWay.get(runner);
      underWay.delete(runner);
      if (run) runs.push({ kind: runner.kind, outcome, ms: Math.round(performance.now() - run.startedAt) });
      return run;
    };
    const finish = (transport: Transport | null) => {
      isOver = true;
      clearTimeout(headStart);
      for (const runner of [...underWay.keys()]) end(runner, 'late')?.giveUp.abort();
      resolve({ transport, runs, errors });
    };
    const opened = (runner: Runner, transport: Transport) => {
      // Two opened in the same moment: the other one has the session already.
      if (isOver) return transport.close(CLOSE_NORMAL, 'another transport was first');
      end(runner, 'opened');
      finish(transport);
    };
    const failed = (runner: Runner, error: unknown) => {
      if (isOver) return;
      errors.push(error);
      end(runner, 'failed');
      next();
    };
    const next = () => {
      clearTimeout(headStart);
      const runner = waiting.shift();
      if (!runner) {
        if (underWay.size === 0) finish(null);
        return;
      }
      const giveUp = new AbortController();
      underWay.set(runner, { startedAt: performance.now(), giveUp });
      if (waiting.length > 0) headStart = setTimeout(next, headStartMs);
      runner.open(AbortSignal.any([giveUp.signal, AbortSignal.timeout(limitMs)])).then(
        (transport) => opened(runner, transport),
        (error: unknown) => failed(runner, error),
      );
    };
    next();
  });
}
