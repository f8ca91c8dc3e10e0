import { Code } from '@/protocol/codes';
import type { AckResult, ConversationState, Incoming, Outgoing } from '@/protocol/frames';
import { RequestError, SessionEnded } from '@/services/session/errors';
import type { Call } from '@/services/session/session';
import type { EngineSession } from '@/services/sync/syncEngine';
import type { Entry } from '@/types/entry';
import { asMessageId, type UserId } from '@/types/ids';

type UserMessage = Extract<Outgoing, { kind: 'userMessage' }>;

/** A server's log, and sessions on it that a test can make fail. It stores by client id, as [M4] says. */
export class FakeServer {
  readonly logs = new Map<string, Entry[]>();
  readonly states = new Map<string, ConversationState>();
  /** Everything that was asked or told, in order. */
  readonly received: Outgoing[] = [];

  constructor(private readonly user: UserId) {}

  /** Gives the entry, as a push would. */
  store(entry: Entry): Entry {
    const log = this.logs.get(entry.conversationId) ?? [];
    const stored = { ...entry, seq: log.length + 1, messageIndex: log.length + 1 };
    this.logs.set(entry.conversationId, [...log, stored]);
    return stored;
  }

  answer(body: Outgoing): Incoming {
    this.received.push(body);
    switch (body.kind) {
      case 'syncRequest':
        return {
          kind: 'syncResponse',
          conversations: [...this.states.values()],
          entries: [],
          next: null,
          more: false,
          syncedAt: 1,
        };
      case 'historyRequest': {
        const log = this.logs.get(body.conversationId) ?? [];
        const end = body.seq === 0 ? log.length : body.seq - 1;
        const entries =
          body.direction === 'forward'
            ? log.slice(body.seq, body.seq + body.limit)
            : log.slice(Math.max(0, end - body.limit), end);
        return { kind: 'syncResponse', conversations: [], entries, next: null, more: false, syncedAt: 0 };
      }
      case 'userMessage':
        return { kind: 'messageAck', conversationId: body.conversationId, results: this.append(body) };
      case 'conversationRead':
        return { kind: 'readReceipt', conversationId: body.conversationId, userId: this.user, seq: body.seq };
      default:
        throw new Error(`not answered: ${body.kind}`);
    }
  }

  private append(body: UserMessage): AckResult[] {
    return body.messages.map(({ clientMessageId, text }) => {
      const log = this.logs.get(body.conversationId) ?? [];
      const known = log.find((entry) => entry.clientMessageId === clientMessageId);
      const stored =
        known ??
        this.store({
          conversationId: body.conversationId,
          seq: 0,
          messageIndex: 0,
          messageId: asMessageId(String(log.length + 1)),
          clientMessageId,
          senderId: this.user,
          type: 1,
          text,
          createdAt: Date.now(),
          targetSeq: 0,
          mentions: [],
          editedSeq: 0,
          recalledSeq: 0,
        });
      const { messageId, seq, messageIndex, createdAt } = stored;
      return { clientMessageId, code: Code.Ok, messageId, seq, messageIndex, createdAt };
    });
  }
}

/** One session on a fake server. `fault` decides what becomes of a request. */
export class FakeSession implements EngineSession {
  fault: (body: Outgoing) => 'answer' | 'lose' | 'loseReply' | RequestError = () => 'answer';
  private readonly abandoned: ((error: Error) => void)[] = [];
  private ended = false;

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
    this.server.received.push(body);
  }

  /** The connection breaks: everything that waits fails. */
  end(): void {
    this.ended = true;
    for (const reject of this.abandoned) reject(new SessionEnded('broken'));
  }

  private attempt(body: Outgoing, resolve: (reply: Incoming) => void, reject: (error: Error) => void): void {
    this.abandoned.push(reject);
    if (this.ended) return reject(new SessionEnded('broken'));
    const fault = this.fault(body);
    if (fault === 'lose') return;
    if (fault instanceof RequestError) return reject(fault);
    const reply = this.server.answer(body);
    if (fault === 'answer') queueMicrotask(() => resolve(reply));
  }
}
