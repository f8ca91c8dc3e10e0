import { create } from 'zustand';
import type { Connection } from '@/types/connection';
import type { ClientEvent } from '@/types/event';

export interface ConnectionStoreState {
  readonly connection: Connection;
}

export const useConnectionStore = create<ConnectionStoreState>(() => ({ connection: { phase: 'idle' } }));

export function reduceConnection(state: ConnectionStoreState, event: ClientEvent): ConnectionStoreState {
  switch (event.type) {
    case 'connectionChanged':
      return { connection: event.connection };
    case 'signedOut':
      return { connection: { phase: 'idle' } };
    default:
      return state;
  }
}
