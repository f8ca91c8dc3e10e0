import { Code } from '@/protocol/codes';
import { CredentialsExpired } from '@/utils/credentialsExpired';
import { ApiError } from './apiError';
import type { TokenPair, TokenStore } from './tokens';

const BASE = '/api/v1';

/** A token with less life than this is renewed before it is used, milliseconds. */
const RENEW_AHEAD_MS = 60_000;

/** How long an answer may take, milliseconds. */
const PATIENCE_MS = 15_000;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface Envelope {
  readonly code: Code;
  readonly message: string;
  readonly data: unknown;
}

/** REST calls with the envelope taken off, and the one place that renews tokens. */
export class Http {
  private renewal: Promise<string> | null = null;

  constructor(
    private readonly tokens: TokenStore,
    private readonly fetchApi: typeof fetch = (...request) => fetch(...request),
  ) {}

  /** Calls without a token. Rejects with ApiError. `Data` is what the API's document says of this route. */
  async open<Data>(method: Method, path: string, body?: object): Promise<Data> {
    return (await this.send(method, path, body, null)) as Data;
  }

  /** Calls as the signed-in user; a refused token is renewed once. Rejects with ApiError or CredentialsExpired. */
  async call<Data>(method: Method, path: string, body?: object): Promise<Data> {
    try {
      return (await this.send(method, path, body, await this.token())) as Data;
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) throw error;
      return (await this.send(method, path, body, await this.renew())) as Data;
    }
  }

  /** A token that is valid now. */
  async token(): Promise<string> {
    const tokens = this.tokens.read();
    if (!tokens) throw new CredentialsExpired('not signed in');
    return tokens.expiresAt - Date.now() > RENEW_AHEAD_MS ? tokens.accessToken : this.renew();
  }

  /** A new pair for the present one. Calls at the same time share it, because a refresh token works once. */
  renew(): Promise<string> {
    this.renewal ??= this.refresh().finally(() => {
      this.renewal = null;
    });
    return this.renewal;
  }

  private async refresh(): Promise<string> {
    const refreshToken = this.tokens.read()?.refreshToken;
    if (!refreshToken) throw new CredentialsExpired('not signed in');
    try {
      const pair = await this.open<TokenPair>('POST', '/auth/refresh', { refreshToken });
      this.tokens.write(pair);
      return pair.accessToken;
    } catch (error) {
      const refused = error instanceof ApiError && (error.status === 401 || error.status === 403);
      throw refused ? new CredentialsExpired('the refresh token was refused', { cause: error }) : error;
    }
  }

  private async send(
    method: Method,
    path: string,
    body: object | undefined,
    token: string | null,
  ): Promise<unknown> {
    const headers = new Headers();
    if (token) headers.set('Authorization', `Bearer ${token}`);
    if (body) headers.set('Content-Type', 'application/json');
    let response: Response;
    let envelope: Envelope | null;
    try {
      response = await this.fetchApi(BASE + path, {
        method,
        headers,
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      envelope = toEnvelope(await response.text());
    } catch {
      throw ApiError.unreachable();
    }
    if (response.ok && envelope?.code === Code.Ok) return envelope.data;
    // A proxy in between answers without an envelope.
    const code = envelope?.code ?? Code.Unavailable;
    throw new ApiError(code, envelope?.message ?? response.statusText, response.status, retryAfter(response));
  }
}

function toEnvelope(text: string): Envelope | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'code' in value ? (value as Envelope) : null;
  } catch {
    return null;
  }
}

function retryAfter(response: Response): number {
  return Number(response.headers.get('Retry-After')) || 0;
}
