import './sizes';
import '@testing-library/jest-dom/vitest';
import 'fake-indexeddb/auto';
import { cleanup, configure, getConfig } from '@testing-library/react';
import { afterAll, afterEach, vi } from 'vitest';
import { loadAnt } from '@/components/ant/parts';
import { applyEvent } from '@/stores/applyEvent';
import { clearFeedback } from '@/stores/feedbackStore';
import { speak } from '@/utils/t';
import { PATIENCE_MS } from './eventually';

declare function setImmediate(callback: () => void): void;

// React draws and runs effects in turns like these, each of which may begin the next one. Not the one of a test that makes up its time.
const inATurn = setImmediate;
const TURNS = 20;

const library = getConfig();
configure({
  asyncUtilTimeout: PATIENCE_MS,
  // What was waited for is on the page a turn before its effects have run. The library goes on by a timer, which may be faster than they
  // are; here it goes on when React has ended what it began.
  asyncWrapper: (step: () => unknown) =>
    library.asyncWrapper(async () => {
      const given: unknown = await step();
      for (let turn = 0; turn < TURNS; turn += 1) await new Promise<void>((resolve) => inATurn(resolve));
      return given;
    }),
});

afterEach(() => {
  cleanup();
  // The stores are what they are when nobody has signed in, so that no test finds what another left.
  applyEvent({ type: 'signedOut' });
  clearFeedback();
});

// React goes on in turns of the event loop; those that it has begun end before the page of the file is gone.
afterAll(async () => {
  vi.useRealTimers();
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve));
});

// What jsdom lacks and the components need.
const lacking = {
  matchMedia: (query: string) => ({
    // Motion off, so that nothing has to be waited for.
    matches: query === '(prefers-reduced-motion: reduce)',
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }),
};
for (const [name, value] of Object.entries(lacking)) {
  if (typeof Reflect.get(globalThis, name) !== 'function') Reflect.set(globalThis, name, value);
}
for (const [name, open] of Object.entries({ showModal: true, close: false })) {
  if (name in HTMLDialogElement.prototype) continue;
  Object.defineProperty(HTMLDialogElement.prototype, name, {
    value(this: HTMLDialogElement) {
      this.open = open;
    },
  });
}

await speak('en');
await loadAnt();
