import type { Connection, TransportKind } from '@/types/connection';
import type { Emit } from '@/types/event';
import type { KeeperState } from '@/services/session/keeper';

export interface SyncProgress {
  readonly done: number;
  readonly total: number;
}

/** What the banner says of the connection, out of what the keeper and the sync engine are doing. */
export class ConnectionState {
  /** Of the session, while there is one. */
  private transport: TransportKind | null = null;

  constructor(private readonly emit: Emit) {}

  /** There is a session; what it is doing says its sync. */
  opened(transport: TransportKind): void {
    this.transport = transport;
  }

  lost(): void {
    this.transport = null;
  }

  /** Null: nothing is missing any more. */
  synced(progress: SyncProgress | null): void {
    const { transport } = this;
    if (!transport) return;
    this.show(progress ? { phase: 'catchingUp', transport, ...progress } : { phase: 'online', transport });
  }

  keeps(state: KeeperState): void {
    switch (state.phase) {
      case 'connected':
        return;
      case 'waiting':
        return this.show({ ...state, phase: 'offline' });
      default:
        return this.show(state);
    }
  }

  private show(connection: Connection): void {
    this.emit({ type: 'connectionChanged', connection });
  }
}
