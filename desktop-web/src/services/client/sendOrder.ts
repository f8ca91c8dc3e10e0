import type { ConversationId } from '@/types/ids';

/** Keeps what is sent in a conversation in its order, though pictures are measured first. Where nothing is measured nothing waits. */
export class SendOrder {
  private readonly turns = new Map<ConversationId, Promise<void>>();

  /** Sends when all that was measured before had its turn. */
  async send(id: ConversationId, send: () => Promise<void>): Promise<void> {
    await this.turns.get(id);
    await send();
  }

  /** The same for what is measured itself. Rejects with what `measured` or `send` rejects with; that ends its turn as well. */
  async sendMeasured<Size>(
    id: ConversationId,
    measured: Promise<Size>,
    send: (size: Size) => Promise<void>,
  ): Promise<void> {
    const before = this.turns.get(id);
    // A turn ends when the sending has begun: who is next need not wait until a large file is kept.
    const begun = Promise.all([measured, before]).then(([size]) => ({ sent: send(size) }));
    const end = () => before;
    this.turns.set(id, begun.then(end, end));
    const { sent } = await begun;
    await sent;
  }
}
