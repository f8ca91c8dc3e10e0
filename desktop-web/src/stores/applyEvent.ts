import type { ClientEvent } from '@/types/event';
import { reduceAccount, useAccountStore } from './accountStore';
import { reduceChats, useChatStore } from './chatStore';
import { reduceComposer, useComposerStore } from './composerStore';
import { reduceConnection, useConnectionStore } from './connectionStore';
import { reduceContacts, useContactStore } from './contactStore';
import { reduceDrafts, useDraftStore } from './draftStore';
import { clearFeedback } from './feedbackStore';
import { reduceGroups, useGroupStore } from './groupStore';
import { reduceLatency, useLatencyStore } from './latencyStore';
import { reducePage, usePageStore } from './pageStore';
import { reducePauses, usePauseStore } from './pauseStore';
import { reduceRecalls, useRecallStore } from './recallStore';
import { reduceRefusals, useRefusalStore } from './refusalStore';
import { reduceSearch, useSearchStore } from './searchStore';
import { reduceTyping, useTypingStore } from './typingStore';

/** The one way by which a fact of the server or of the client layers enters the stores. */
export function applyEvent(event: ClientEvent): void {
  const before = useAccountStore.getState().account?.userId;
  useAccountStore.setState((state) => reduceAccount(state, event));
  // A question stays with whom it was put to: the next user would answer it as their own.
  if (before !== useAccountStore.getState().account?.userId) clearFeedback();
  useConnectionStore.setState((state) => reduceConnection(state, event));
  useContactStore.setState((state) => reduceContacts(state, event));
  useChatStore.setState((state) => reduceChats(state, event));
  useComposerStore.setState((state) => reduceComposer(state, event));
  useDraftStore.setState((state) => reduceDrafts(state, event));
  useGroupStore.setState((state) => reduceGroups(state, event));
  useLatencyStore.setState((state) => reduceLatency(state, event));
  usePageStore.setState((state) => reducePage(state, event));
  usePauseStore.setState((state) => reducePauses(state, event));
  useRecallStore.setState((state) => reduceRecalls(state, event));
  useRefusalStore.setState((state) => reduceRefusals(state, event));
  useSearchStore.setState((state) => reduceSearch(state, event));
  useTypingStore.setState((state) => reduceTyping(state, event));
}
