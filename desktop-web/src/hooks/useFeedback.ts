import type { ReactNode } from 'react';
import { ask, showToast, takeToast, type Confirmation } from '@/stores/feedbackStore';

interface OpenToast {
  readonly key: string;
  /** Seconds; 0: until it is destroyed. */
  readonly duration: number;
  readonly content: ReactNode;
}

/** What a page says back: in toasts, and by questions before what cannot be undone. */
const FEEDBACK = {
  message: {
    success: (text: ReactNode) => showToast('success', text),
    error: (text: ReactNode) => showToast('error', text),
    info: (text: ReactNode) => showToast('info', text),
    open: ({ key, duration, content }: OpenToast) => showToast('plain', content, key, duration * 1_000),
    destroy: (key: string) => takeToast(key),
  },
  modal: {
    confirm: (question: Omit<Confirmation, 'key'> & { readonly icon?: null }) => ask(question),
  },
} as const;

/** Always the same, so that it may be a dependency of anything. */
export function useFeedback(): typeof FEEDBACK {
  return FEEDBACK;
}
