import { create } from 'zustand';
import type { Connection } from '@/types/connection';
import type { ClientEvent } from '@/types/event';

export interface ConnectionStoreState {
  readonly connection: Connection;
  /** Whether what is shown stays on this device: not at all, or nothing new of it. */
  readonly storage: 'kept' | 'unavailable' | 'full';
}

const IDLE: ConnectionStoreState = { connection: { phase: 'idle' }, storage: 'kept' };

export const useConnectionStore = create<ConnectionStoreState>(() => IDLE);

export function reduceConnection(state: ConnectionStoreState, event: ClientEvent): ConnectionStoreState {
  switch (event.type) {
    case 'connectionChanged':
      return { ...state, connection: event.connection };
    case 'storageDegraded':
      return { ...state, storage: event.reason };
    case 'signedIn':
      return { ...state, storage: 'kept' };
    case 'signedOut':
      return IDLE;
    default:
      return state;
  }
}
