import type { Incoming, Outgoing } from '@/protocol/frames';
import { RequestError, SessionEnded } from '@/services/session/errors';
import type { Call } from '@/services/session/session';
import type { EngineSession } from '@/services/sync/syncEngine';
import type { FakeServer } from './fakeServer';

/** One session on a fake server. `fault` decides what becomes of a request. */
export class FakeSession implements EngineSession {
  fault: (body: Outgoing) => 'answer' | 'lose' | 'loseReply' | RequestError = () => 'answer';
  /** Runs what is asked; a page that is frozen does it when it wakes. */
  hold: (run: () => void) => void = (run) => run();
  private readonly abandoned: ((error: Error) => void)[] = [];
  private ended = false;
  private gone = false;
  readonly transportKind = 'webTransport';
  readonly info = { serverTime: 0, nodeId: 'access-1' };

  constructor(private readonly server: FakeServer) {}

  request(body: Outgoing): Promise<Incoming> {
    return new Promise((resolve, reject) => this.attempt(body, resolve, reject));
  }

  call(body: Outgoing): Call {
    let resolve: (reply: Incoming) => void = () => undefined;
    let reject: (error: Error) => void = () => undefined;
    const reply = new Promise<Incoming>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    this.attempt(body, resolve, reject);
    return { reply, repeat: (again) => this.attempt(again, resolve, reject) };
  }

  tell(body: Outgoing): void {
    if (!this.gone) this.server.received.push(body);
  }

  sendEphemeral(body: Outgoing): void {
    this.tell(body);
  }

  measure(): void {}

  /** The connection breaks: everything that waits fails. */
  end(): void {
    this.ended = true;
    for (const reject of this.abandoned) reject(new SessionEnded('broken'));
  }

  /** The page with it is gone: nothing is sent any more, and nothing answered. */
  vanish(): void {
    this.gone = true;
  }

  private attempt(body: Outgoing, resolve: (reply: Incoming) => void, reject: (error: Error) => void): void {
    this.hold(() => this.attemptNow(body, resolve, reject));
  }

  private attemptNow(
    body: Outgoing,
    resolve: (reply: Incoming) => void,
    reject: (error: Error) => void,
  ): void {
    if (this.gone) return;
    this.abandoned.push(reject);
    if (this.ended) return reject(new SessionEnded('broken'));
    const fault = this.fault(body);
    if (fault === 'lose') return;
    if (fault instanceof RequestError) return reject(fault);
    const reply = this.server.answer(body);
    if (fault === 'answer') queueMicrotask(() => this.gone || resolve(reply));
  }
}
