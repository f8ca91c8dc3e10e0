import { vi } from 'vitest';
import type { Client } from '@/services/client/client';

type Fakes = { [Name in keyof Client]: ReturnType<typeof vi.fn<Client[Name]>> };

const made = new Map<string, ReturnType<typeof vi.fn>>();

/** Gives nothing; what pages go through is empty. */
function make(name: string): ReturnType<typeof vi.fn> {
  if (name === 'leads') return vi.fn(() => true);
  return vi.fn(() => Promise.resolve(name === 'searchUsers' ? [] : undefined));
}

/**
 * The client's actions without what is behind them: every action is a fake that succeeds and gives nothing. Use with
 * `vi.mock('@/services/client', ...)`.
 */
export const fakeClient = new Proxy({} as Fakes, {
  get(_, name: string) {
    const fake = made.get(name) ?? make(name);
    made.set(name, fake);
    return fake;
  },
});

/** All actions succeed and give nothing, and were never called. */
export function resetClient(): void {
  made.clear();
}
