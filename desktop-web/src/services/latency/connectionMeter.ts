import type { Emit } from '@/types/event';
import type { Endpoint } from '@/types/connection';
import type { Session } from '@/services/session/session';
import { connect } from '@/services/transport/connect';
import type { Transport, TransportListener } from '@/services/transport/transport';
import type { TransportMemory } from '@/services/transport/transportMemory';

/** Connects, and tells which ways were tried and how long it took. */
export class ConnectionMeter {
  private dialledAt = 0;
  private sessions = 0;

  constructor(
    private readonly memory: TransportMemory,
    private readonly emit: Emit,
  ) {}

  /** Rejects with TransportError. */
  dial(endpoint: Endpoint, listener: TransportListener): Promise<Transport> {
    this.dialledAt = performance.now();
    return connect(endpoint, listener, {
      memory: this.memory,
      onTried: (paths) => this.emit({ type: 'pathsTried', paths, at: Date.now() }),
    });
  }

  /** The session that was dialled last is authenticated. */
  opened(session: Pick<Session, 'info' | 'transportKind'>): void {
    this.emit({
      type: 'sessionOpened',
      nodeId: session.info.nodeId,
      transport: session.transportKind,
      openMs: performance.now() - this.dialledAt,
      reconnects: this.sessions,
      at: Date.now(),
    });
    this.sessions += 1;
  }
}
