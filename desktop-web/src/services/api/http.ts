import { Code } from '@/protocol/codes';
import type { UserId } from '@/types/ids';
import type { Answer, Input, Method, Path } from '@/types/rest';
import { CredentialsExpired } from '@/utils/credentialsExpired';
import { ApiError } from './apiError';
import type { TokenPair, Tokens } from './tokens';

const BASE = '/api/v1';

/** A token with less life than this is renewed before it is used, milliseconds. */
const RENEW_AHEAD_MS = 60_000;

/** How long an answer may take, milliseconds. */
const PATIENCE_MS = 15_000;

/** The tab that holds it renews the tokens of the browser. */
const LOCK = 'im-rs.tokens';

/** What a route needs; left out where it needs nothing. */
type Given<P extends Path, M extends Method<P>> =
  Record<never, never> extends Input<P, M> ? [input?: Input<P, M>] : [input: Input<P, M>];

/** The same without the route. */
interface Parts {
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: object | null;
}

interface Envelope {
  readonly code: Code;
  readonly message: string;
  readonly data: unknown;
}

/** REST calls with the envelope taken off, and the one place that renews tokens. */
export class Http {
  private renewal: Promise<string> | null = null;
  /** The access token that was used last: one that another tab got since is the next to try. */
  private used = '';

  /** `locks`: of the browser, when the tokens are those of all its tabs. */
  constructor(
    private readonly tokens: Tokens,
    private readonly fetchApi: typeof fetch = (...request) => fetch(...request),
    private readonly locks?: LockManager,
  ) {}

  /** Calls without a token. Rejects with ApiError. */
  async open<P extends Path, M extends Method<P>>(
    method: M,
    path: P,
    ...[input]: Given<P, M>
  ): Promise<Answer<P, M>> {
    return (await this.send(method, path, input, null)) as Answer<P, M>;
  }

  /** Calls as the signed-in user; a refused token is renewed once. Rejects with ApiError or CredentialsExpired. */
  async call<P extends Path, M extends Method<P>>(
    method: M,
    path: P,
    ...[input]: Given<P, M>
  ): Promise<Answer<P, M>> {
    const user = this.tokens.read()?.userId;
    try {
      return (await this.send(method, path, input, await this.tokenOf(user, this.token()))) as Answer<P, M>;
    } catch (error) {
      if (!(error instanceof ApiError && isAboutToken(error))) throw error;
      return (await this.send(method, path, input, await this.tokenOf(user, this.renew()))) as Answer<P, M>;
    }
  }

  /** A token that is valid now. */
  async token(): Promise<string> {
    const tokens = this.tokens.read();
    if (!tokens) throw new CredentialsExpired('not signed in');
    if (!lasts(tokens)) return this.renew();
    this.used = tokens.accessToken;
    return tokens.accessToken;
  }

  /** A new token after the last one. Calls at the same time, in all tabs, share it, because a refresh token works once. */
  renew(): Promise<string> {
    this.renewal ??= this.alone(() => this.refresh()).finally(() => {
      this.renewal = null;
    });
    return this.renewal;
  }

  /** Who signed in while a token was waited for does not do what another user began. */
  private async tokenOf(user: UserId | undefined, token: Promise<string>): Promise<string> {
    const own = await token;
    if (this.tokens.read()?.userId !== user) throw new CredentialsExpired('signed out meanwhile');
    return own;
  }

  private alone(work: () => Promise<string>): Promise<string> {
    return this.locks ? this.locks.request(LOCK, work) : work();
  }

  private async refresh(): Promise<string> {
    const known = this.tokens.read();
    if (!known) throw new CredentialsExpired('not signed in');
    // Another tab was faster.
    if (known.accessToken !== this.used && lasts(known)) {
      this.used = known.accessToken;
      return this.used;
    }
    try {
      const pair = await this.open('POST', '/auth/refresh', { body: { refreshToken: known.refreshToken } });
      // Somebody else may have signed in meanwhile, or nobody is.
      if (this.tokens.read()?.refreshToken === known.refreshToken) this.tokens.write(pair);
      this.used = pair.accessToken;
      return pair.accessToken;
    } catch (error) {
      const refused = error instanceof ApiError && (error.status === 401 || error.status === 403);
      throw refused ? new CredentialsExpired('the refresh token was refused', { cause: error }) : error;
    }
  }

  private async send(
    method: string,
    path: string,
    { body, ...place }: Parts = {},
    token: string | null,
  ): Promise<unknown> {
    const headers = new Headers();
    if (token) headers.set('Authorization', `Bearer ${token}`);
    if (body) headers.set('Content-Type', 'application/json');
    let response: Response;
    let envelope: Envelope | null;
    try {
      response = await this.fetchApi(BASE + address(path, place), {
        method,
        headers,
        body: body ? JSON.stringify(body) : null,
        // What was changed as the page is closed still reaches the server.
        keepalive: method !== 'GET',
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

/** The route with its parameters in their places; what is undefined is left out of the query. */
function address(route: string, { path = {}, query = {} }: Parts): string {
  const place = route.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''));
  const said = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return said.length > 0 ? `${place}?${said.join('&')}` : place;
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

/** A wrong password in the body is 401 as well, and another token does not mend it. */
function isAboutToken({ status, code }: ApiError): boolean {
  return status === 401 && code !== Code.WrongCredentials;
}

function lasts({ expiresAt }: TokenPair): boolean {
  return expiresAt - Date.now() > RENEW_AHEAD_MS;
}
