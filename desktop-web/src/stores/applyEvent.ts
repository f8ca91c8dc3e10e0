import type { ClientEvent } from '@/types/event';
import { reduceAccount, useAccountStore } from './accountStore';
import { reduceChats, useChatStore } from './chatStore';
import { reduceConnection, useConnectionStore } from './connectionStore';
import { reduceContacts, useContactStore } from './contactStore';

/** The one way by which a fact of the server or of the client layers enters the stores. */
export function applyEvent(event: ClientEvent): void {
  useAccountStore.setState((state) => reduceAccount(state, event));
  useConnectionStore.setState((state) => reduceConnection(state, event));
  useContactStore.setState((state) => reduceContacts(state, event));
  useChatStore.setState((state) => reduceChats(state, event));
}
