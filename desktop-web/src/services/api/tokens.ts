import type { TokenPair } from '@/types/generated/rest';
import { report } from '@/utils/report';

export type { TokenPair };

const TOKENS_KEY = 'im-rs.tokens';
const DEVICE_KEY = 'im-rs.device';

/** Where the pair of a sign-in is. */
export interface Tokens {
  read(): TokenPair | null;
  write(tokens: TokenPair): void;
}

/** A pair that is kept nowhere else: of a sign-in that is not there yet, or no longer. */
export class HeldTokens implements Tokens {
  constructor(private pair: TokenPair) {}

  read(): TokenPair {
    return this.pair;
  }

  write(pair: TokenPair): void {
    this.pair = pair;
  }
}

/** The pair of this browser; kept in localStorage, so that a reload stays signed in. What that refuses lasts as long as the page. */
export class TokenStore implements Tokens {
  /** What was refused, and what was kept then: where something else is kept now, another tab knows better. */
  private readonly refused = new Map<string, { readonly value: string; readonly insteadOf: string | null }>();

  constructor(private readonly local: globalThis.Storage = localStorage) {}

  read(): TokenPair | null {
    const text = this.get(TOKENS_KEY);
    return text === null ? null : (JSON.parse(text) as TokenPair);
  }

  write(tokens: TokenPair): void {
    this.set(TOKENS_KEY, JSON.stringify(tokens));
  }

  clear(): void {
    this.refused.delete(TOKENS_KEY);
    this.local.removeItem(TOKENS_KEY);
  }

  /** The id of this device, made once; tokens are issued for it. */
  deviceId(): string {
    const known = this.get(DEVICE_KEY);
    if (known) return known;
    const id = crypto.randomUUID();
    this.set(DEVICE_KEY, id);
    return id;
  }

  private get(key: string): string | null {
    const kept = this.local.getItem(key);
    const refused = this.refused.get(key);
    return refused?.insteadOf === kept ? refused.value : kept;
  }

  private set(key: string, value: string): void {
    try {
      this.local.setItem(key, value);
      this.refused.delete(key);
    } catch (error) {
      // A refresh token works once: without the new pair the sign-in would be over.
      this.refused.set(key, { value, insteadOf: this.local.getItem(key) });
      report('localStorage refused the sign-in', error);
    }
  }
}
