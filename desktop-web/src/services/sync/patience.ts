import { Code, mayRetry } from '@/protocol/codes';
import type { Incoming, Outgoing } from '@/protocol/frames';
import { RequestError, RequestTimeout } from '@/services/session/errors';
import type { Session } from '@/services/session/session';

const FIRST_WAIT_MS = 400;
const MAX_WAIT_MS = 10_000;

/**
 * Asks until there is an answer: again after a timeout, and after the time that a busy server names. For requests that only
 * read. Rejects with any other error, and with SessionEnded when the session is over.
 */
export async function requestPatiently(session: Pick<Session, 'request'>, body: Outgoing): Promise<Incoming> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(MAX_WAIT_MS, wait * 2)) {
    try {
      return await session.request(body);
    } catch (error) {
      if (error instanceof RequestTimeout) continue;
      if (!(error instanceof RequestError && mayRetry(error.code))) throw error;
      await sleep(Math.max(error.retryAfterMs, wait));
    }
  }
}

/** Another try may go better. */
export function mayRepeat(code: Code): boolean {
  return (
    mayRetry(code) || code === Code.DeadlineExceeded || code === Code.RateLimited || code === Code.Internal
  );
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
