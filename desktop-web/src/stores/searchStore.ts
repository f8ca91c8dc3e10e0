import { create } from 'zustand';
import type { Entry } from '@/types/entry';
import type { ClientEvent } from '@/types/event';
import type { ConversationId } from '@/types/ids';

/** Found messages that are gone through one by one. */
export interface SearchTour {
  readonly hits: readonly Entry[];
  /** Which one is shown, from 0. */
  readonly index: number;
  /** The words that found them. */
  readonly words: readonly string[];
}

export interface SearchState {
  readonly isOpen: boolean;
  /** How often it was asked for: each time the field gets the focus. */
  readonly asked: number;
  readonly query: string;
  /** In which conversation; null: in all. */
  readonly scope: ConversationId | null;
  /** The conversation that the search was opened in: its scope can be chosen again. */
  readonly chat: ConversationId | null;
  readonly tour: SearchTour | null;
  readonly open: (chat: ConversationId | null) => void;
  readonly close: () => void;
  readonly setQuery: (query: string) => void;
  readonly setScope: (scope: ConversationId | null) => void;
  readonly startTour: (tour: SearchTour) => void;
  /** Gives the message that is shown now. */
  readonly step: (by: 1 | -1) => Entry | null;
  readonly endTour: () => void;
}

const EMPTY = { isOpen: false, asked: 0, query: '', scope: null, chat: null, tour: null } as const;

/** What is searched for and what was found. It stays while a result is looked at, also where that takes the whole screen. */
export const useSearchStore = create<SearchState>((set, get) => ({
  ...EMPTY,
  open: (chat) =>
    set(({ isOpen, query, asked }) => ({
      isOpen: true,
      scope: chat,
      chat,
      query: isOpen ? query : '',
      asked: asked + 1,
    })),
  close: () => set({ isOpen: false, query: '' }),
  setQuery: (query) => set({ query }),
  setScope: (scope) => set({ scope }),
  startTour: (tour) => set({ tour }),
  step: (by) => {
    const { tour } = get();
    const hit = tour?.hits[tour.index + by];
    if (!tour || !hit) return null;
    set({ tour: { ...tour, index: tour.index + by } });
    return hit;
  },
  endTour: () => set({ tour: null }),
}));

/** Another user has searched for nothing. */
export function reduceSearch(state: SearchState, event: ClientEvent): SearchState {
  return event.type === 'signedIn' || event.type === 'signedOut' ? { ...state, ...EMPTY } : state;
}
