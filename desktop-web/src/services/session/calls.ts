import type { Incoming, IncomingFrame } from '@/protocol/frames';
import { RequestError } from './errors';

interface Waiting {
  readonly resolve: (reply: Incoming) => void;
  readonly reject: (error: Error) => void;
}

/** Matches replies with the requests of one session by request id ([F6]). */
export class Calls {
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  /** Never 0, never the same within a session. */
  nextId(): number {
    this.last += 1;
    return this.last;
  }

  reply(requestId: number): Promise<Incoming> {
    return new Promise((resolve, reject) => this.waiting.set(requestId, { resolve, reject }));
  }

  /** A second reply to the same id, as a repeated request causes it, finds nobody waiting and is dropped. */
  settle({ requestId, body }: IncomingFrame): void {
    const waiting = this.waiting.get(requestId);
    if (!waiting) return;
    this.waiting.delete(requestId);
    if (body.kind === 'errorResponse') {
      waiting.reject(new RequestError(body.code, body.message, body.retryAfterMs));
    } else {
      waiting.resolve(body);
    }
  }

  fail(requestId: number, error: Error): void {
    const waiting = this.waiting.get(requestId);
    this.waiting.delete(requestId);
    waiting?.reject(error);
  }

  failAll(error: Error): void {
    for (const waiting of this.waiting.values()) waiting.reject(error);
    this.waiting.clear();
  }
}
