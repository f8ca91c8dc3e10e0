import type { TokenPair } from '@/types/generated/rest';

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

/** The pair of this browser; kept in localStorage, so that a reload stays signed in. */
export class TokenStore implements Tokens {
  constructor(private readonly local: globalThis.Storage = localStorage) {}

  read(): TokenPair | null {
    const text = this.local.getItem(TOKENS_KEY);
    return text === null ? null : (JSON.parse(text) as TokenPair);
  }

  write(tokens: TokenPair): void {
    this.local.setItem(TOKENS_KEY, JSON.stringify(tokens));
  }

  clear(): void {
    this.local.removeItem(TOKENS_KEY);
  }

  /** The id of this device, made once; tokens are issued for it. */
  deviceId(): string {
    const known = this.local.getItem(DEVICE_KEY);
    if (known) return known;
    const id = crypto.randomUUID();
    this.local.setItem(DEVICE_KEY, id);
    return id;
  }
}
