/** How long a page waits for the network before what is kept is shown, milliseconds. */
export const PATIENCE_MS = 2_000;

const PREFIX = 'im-rs.shell.';
const INDEX = '/index.html';

/** What the worker never answers: data is kept by the page itself, in IndexedDB. */
const ELSEWHERE = ['/api', '/im', '/swagger', '/.well-known'];

export interface ShellParts {
  /** The script that index.html starts: its name changes with every version. */
  readonly entry: string;
  /** Everything else that a version consists of, with a hash in its name or not. */
  readonly files: readonly string[];
  readonly origin: string;
  readonly caches: CacheStorage;
  readonly fetch: (request: RequestInfo, init?: RequestInit) => Promise<Response>;
}

/** What a page consists of, kept so that it opens without any network. One cache per version. */
export class Shell {
  private readonly cacheName: string;

  constructor(private readonly parts: ShellParts) {
    this.cacheName = `${PREFIX}${parts.entry}`;
  }

  /** Keeps a whole version, or rejects and keeps nothing. */
  async install(): Promise<void> {
    const { caches, entry, files } = this.parts;
    try {
      const cache = await caches.open(this.cacheName);
      // What has no hash in its name must not come from the cache of HTTP.
      const fresh = (path: string) =>
        new Request(path, path.startsWith('/assets/') ? {} : { cache: 'reload' });
      await cache.addAll([INDEX, entry, ...files].map(fresh));
    } catch (error) {
      await caches.delete(this.cacheName);
      throw error;
    }
  }

  /** Drops what versions before kept. */
  async activate(): Promise<void> {
    const { caches } = this.parts;
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith(PREFIX) && name !== this.cacheName);
    await Promise.all(old.map((name) => caches.delete(name)));
  }

  /** The answer to a request; null: none of ours. */
  respond(request: Request): Promise<Response> | null {
    const url = new URL(request.url);
    if (request.method !== 'GET' || url.origin !== this.parts.origin || isElsewhere(url.pathname))
      return null;
    if (request.mode === 'navigate') return this.page(request);
    return this.keptFirst(request, url.pathname);
  }

  /** A page: as the server has it now, or what is kept when that takes too long. Every address is the same page. */
  private async page(request: Request): Promise<Response> {
    const kept = await this.kept(INDEX);
    if (!kept) return this.parts.fetch(request);
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), PATIENCE_MS);
    try {
      const response = await this.parts.fetch(request, { signal: timeout.signal });
      if (!response.ok) return kept;
      await this.refresh(response.clone());
      return response;
    } catch {
      return kept;
    } finally {
      clearTimeout(timer);
    }
  }

  private async keptFirst(request: Request, path: string): Promise<Response> {
    return (await this.kept(path)) ?? this.parts.fetch(request);
  }

  /** Its headers name the nodes that a page may connect to, so the newest of the same version is kept. */
  private async refresh(response: Response): Promise<void> {
    const text = await response.text();
    if (!text.includes(this.parts.entry)) return;
    const cache = await this.parts.caches.open(this.cacheName);
    await cache.put(INDEX, new Response(text, { headers: response.headers }));
  }

  private async kept(path: string): Promise<Response | undefined> {
    const cache = await this.parts.caches.open(this.cacheName);
    return cache.match(path);
  }
}

function isElsewhere(path: string): boolean {
  return ELSEWHERE.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}
