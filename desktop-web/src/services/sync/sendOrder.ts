import type { ConversationId } from '@/types/ids';

/** What is sent in its order: a conversation, or a part of one. */
type Lane = ConversationId | `${ConversationId} ${string}`;

/** Keeps what is sent in its order, though some of it has to be prepared: measured, or kept. Where nothing is prepared nothing waits. */
export class SendOrder {
  private readonly turns = new Map<Lane, Promise<void>>();

  /** Sends when all that was prepared before had its turn. */
  async send(lane: Lane, send: () => Promise<void>): Promise<void> {
    await this.turns.get(lane);
    await send();
  }

  /** The same for what is prepared itself. Rejects with what `prepared` or `send` rejects with; that ends its turn as well. */
  async sendPrepared<Result>(
    lane: Lane,
    prepared: Promise<Result>,
    send: (result: Result) => Promise<void> | void,
  ): Promise<void> {
    const before = this.turns.get(lane);
    // A turn ends when the sending has begun: who is next need not wait until a large file is kept.
    const begun = Promise.all([prepared, before]).then(([result]) => ({ sent: send(result) }));
    const end = () => before;
    this.turns.set(lane, begun.then(end, end));
    const { sent } = await begun;
    await sent;
  }
}
