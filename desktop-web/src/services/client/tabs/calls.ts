import { WORK, type Work } from '@/services/client/actions';
import { SessionEnded } from '@/services/session/errors';
import type { ClientEvent } from '@/types/event';
import type { ClientMessageId } from '@/types/ids';
import type { Call, Outcome } from './channel';
import { fromWire } from './failure';

interface Waiting {
  readonly call: Call;
  readonly message: ClientMessageId | undefined;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  /** Somebody was asked. */
  asked: boolean;
}

/**
 * What this tab asked for and has no answer to yet, whoever answers. When another tab takes over the work it is asked again, where that
 * does no harm. A message stays here until it is stored or refused, because a leader without a database takes its outbox with it.
 */
export class Calls {
  private readonly waiting = new Map<string, Waiting>();
  private readonly unsettled = new Map<ClientMessageId, Call>();
  private ask: ((call: Call) => void) | null = null;
  private last = 0;

  /** Asks, at once or when there is somebody to ask. `message`: the client message id of what it writes. */
  make(action: keyof Work, args: readonly unknown[], message?: ClientMessageId): Promise<unknown> {
    this.last += 1;
    const call: Call = { id: `${this.last}`, action, args };
    if (message) this.unsettled.set(message, call);
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { call, message, resolve, reject, asked: false };
      this.waiting.set(call.id, waiting);
      this.send(waiting);
    });
  }

  answered(id: string, outcome: Outcome): void {
    const waiting = this.waiting.get(id);
    if (!waiting) return;
    if ('failure' in outcome) return this.fail(waiting, fromWire(outcome.failure));
    this.waiting.delete(id);
    waiting.resolve(outcome.result);
  }

  /** What a tab learns about what it wrote. */
  heard(event: ClientEvent): void {
    switch (event.type) {
      case 'entriesApplied':
        for (const { clientMessageId } of event.entries) this.unsettled.delete(clientMessageId);
        return;
      case 'pendingSettled':
      case 'messageFailed':
      case 'messageDiscarded':
        this.unsettled.delete(event.clientMessageId);
        return;
      case 'changeRefused':
        this.unsettled.delete(event.change.clientMessageId);
        return;
      default:
    }
  }

  /** Somebody else answers from now on. */
  moveTo(ask: (call: Call) => void): void {
    this.ask = ask;
    const open = [...this.unsettled.values(), ...[...this.waiting.values()].map(({ call }) => call)];
    // In the order in which they were made.
    for (const call of [...new Set(open)].sort((a, b) => Number(a.id) - Number(b.id))) {
      const waiting = this.waiting.get(call.id);
      if (!waiting) ask(call);
      else if (!waiting.asked || WORK[call.action] === 'repeat') this.send(waiting);
      else this.fail(waiting, new SessionEnded('the tab that worked on it is gone'));
    }
  }

  /** Nobody answers for now. */
  pause(): void {
    this.ask = null;
  }

  /** The user whose calls these are signed out. */
  end(): void {
    this.ask = null;
    this.unsettled.clear();
    for (const waiting of [...this.waiting.values()]) this.fail(waiting, new SessionEnded('signed out'));
  }

  private send(waiting: Waiting): void {
    if (!this.ask) return;
    waiting.asked = true;
    try {
      this.ask(waiting.call);
    } catch (error) {
      this.fail(waiting, error instanceof Error ? error : new Error(String(error)));
    }
  }

  private fail({ call, message, reject }: Waiting, error: Error): void {
    this.waiting.delete(call.id);
    if (message) this.unsettled.delete(message);
    reject(error);
  }
}
