import type { ReactNode } from 'react';
import { create } from 'zustand';

/** How long a toast stays, milliseconds: what went wrong takes longer to read. */
const STAY_MS = 3_000;
const STAY_ERROR_MS = 5_000;

export type ToastKind = 'success' | 'error' | 'info' | 'plain';

export interface Toast {
  readonly key: string;
  readonly kind: ToastKind;
  readonly content: ReactNode;
}

/** A question with two answers. */
export interface Confirmation {
  readonly key: string;
  readonly title: ReactNode;
  readonly content?: ReactNode;
  readonly okText: string;
  readonly cancelText: string;
  readonly okButtonProps?: { readonly danger?: boolean };
  /** The dialog stays until it is done; it stays open when that rejects. */
  readonly onOk: () => unknown;
  readonly onCancel?: () => void;
}

export interface FeedbackState {
  readonly toasts: readonly Toast[];
  readonly confirmations: readonly Confirmation[];
}

export const useFeedbackStore = create<FeedbackState>(() => ({ toasts: [], confirmations: [] }));

const timers = new Map<string, ReturnType<typeof setTimeout>>();
let made = 0;

function newKey(): string {
  made += 1;
  return `feedback-${made}`;
}

/** Shows a toast, in place of the one with the same key. `stayMs` 0: until it is taken away. */
export function showToast(
  kind: ToastKind,
  content: ReactNode,
  key: string = newKey(),
  stayMs: number = kind === 'error' ? STAY_ERROR_MS : STAY_MS,
): void {
  useFeedbackStore.setState(({ toasts }) => ({
    toasts: [...toasts.filter((toast) => toast.key !== key), { key, kind, content }],
  }));
  clearTimeout(timers.get(key));
  if (stayMs > 0)
    timers.set(
      key,
      setTimeout(() => takeToast(key), stayMs),
    );
}

export function takeToast(key: string): void {
  clearTimeout(timers.get(key));
  timers.delete(key);
  useFeedbackStore.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.key !== key) }));
}

export function ask(question: Omit<Confirmation, 'key'>): void {
  useFeedbackStore.setState(({ confirmations }) => ({
    confirmations: [...confirmations, { ...question, key: newKey() }],
  }));
}

export function endConfirmation(key: string): void {
  useFeedbackStore.setState(({ confirmations }) => ({
    confirmations: confirmations.filter((confirmation) => confirmation.key !== key),
  }));
}

/** Takes everything away at once: what was said was said to somebody else. */
export function clearFeedback(): void {
  timers.forEach((timer) => clearTimeout(timer));
  timers.clear();
  useFeedbackStore.setState({ toasts: [], confirmations: [] });
}
