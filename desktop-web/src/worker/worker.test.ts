import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useSettingsStore } from '@/stores/settingsStore';
import { eventually } from '@/test/eventually';
import { chosenLanguage } from './chosenLanguage';
import { pathOf, readPush, toNotification, type PushPayload } from './pushes';
import { PATIENCE_MS, Shell } from './shell';

const ORIGIN = 'https://im.example';
const ENTRY = '/assets/index-2.js';

/** Caches in memory, and a server whose answers a test decides. */
function makeWorld() {
  const kept = new Map<string, Map<string, string>>();
  const pathOf = (request: RequestInfo) =>
    new URL(typeof request === 'string' ? request : request.url, ORIGIN).pathname;
  let answer = (path: string): Promise<Response> => Promise.resolve(new Response(`new ${path}`));
  const fetched: string[] = [];
  const fetching = (request: RequestInfo, init?: RequestInit) =>
    new Promise<Response>((resolve, reject) => {
      fetched.push(pathOf(request));
      init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      answer(pathOf(request)).then(resolve, reject);
    });
  const open = (name: string) => {
    const cache = kept.get(name) ?? new Map<string, string>();
    kept.set(name, cache);
    return {
      addAll: async (requests: readonly RequestInfo[]) => {
        const found = await Promise.all(
          requests.map(async (request) => [pathOf(request), await answer(pathOf(request))] as const),
        );
        if (found.some(([, response]) => !response.ok)) throw new TypeError('not ok');
        for (const [path, response] of found) cache.set(path, await response.text());
      },
      match: (path: string) => {
        const text = cache.get(path);
        return Promise.resolve(text === undefined ? undefined : new Response(text));
      },
      put: async (path: string, response: Response) => void cache.set(path, await response.text()),
      delete: (path: string) => Promise.resolve(cache.delete(path)),
    };
  };
  const caches = {
    open: (name: string) => Promise.resolve(open(name)),
    keys: () => Promise.resolve([...kept.keys()]),
    delete: (name: string) => Promise.resolve(kept.delete(name)),
  } as unknown as CacheStorage;
  const shell = new Shell({ entry: ENTRY, files: ['/favicon.svg'], origin: ORIGIN, caches, fetch: fetching });
  return {
    shell,
    caches,
    kept,
    fetched,
    serve: (serving: typeof answer) => (answer = serving),
    index: () => kept.get(`im-rs.shell.${ENTRY}`)?.get('/index.html'),
  };
}

const request = (path: string, change: Partial<Request> = {}) =>
  ({ url: `${ORIGIN}${path}`, method: 'GET', mode: 'cors', ...change }) as Request;
const page = (path: string) => request(path, { mode: 'navigate' });
const offline = () => Promise.reject(new TypeError('offline'));
const text = async (response: Promise<Response> | null) => (await response)?.text();

beforeEach(() => {
  vi.stubGlobal(
    'Request',
    class {
      constructor(readonly url: string) {}
    },
  );
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** H5 */
describe('the shell that is kept', () => {
  it('opens any page without a network, once it is installed', async () => {
    const { shell, serve } = makeWorld();
    await shell.install();
    serve(offline);
    await expect(text(shell.respond(page('/chats/7/12')))).resolves.toBe('new /index.html');
    await expect(text(shell.respond(request(ENTRY)))).resolves.toBe(`new ${ENTRY}`);
  });

  it('keeps nothing of a version of which a part is missing', async () => {
    const { shell, kept, serve } = makeWorld();
    serve((path) => Promise.resolve(new Response('', { status: path === ENTRY ? 404 : 200 })));
    await expect(shell.install()).rejects.toThrow();
    expect(kept.size).toBe(0);
  });

  it('shows the page of the server where there is one', async () => {
    const { shell, serve } = makeWorld();
    await shell.install();
    serve(() => Promise.resolve(new Response('newer')));
    await expect(text(shell.respond(page('/chats')))).resolves.toBe('newer');
  });

  it('waits two seconds for it, and not for an error of the server', async () => {
    const { shell, serve } = makeWorld();
    await shell.install();
    serve(() => new Promise(() => undefined));
    const slow = text(shell.respond(page('/chats')));
    await vi.advanceTimersByTimeAsync(PATIENCE_MS);
    await expect(slow).resolves.toBe('new /index.html');
    serve(() => Promise.resolve(new Response('', { status: 502 })));
    await expect(text(shell.respond(page('/chats')))).resolves.toBe('new /index.html');
  });

  it('keeps the newest page of its own version, and none of another one', async () => {
    const { shell, serve, index } = makeWorld();
    await shell.install();
    serve(() => Promise.resolve(new Response(`<script src="${ENTRY}">, other nodes`)));
    await text(shell.respond(page('/chats')));
    expect(index()).toContain('other nodes');
    serve(() => Promise.resolve(new Response('<script src="/assets/index-3.js">')));
    await text(shell.respond(page('/chats')));
    expect(index()).toContain('other nodes');
  });

  it('asks the network for what it does not have, such as files of a newer version', async () => {
    const { shell, fetched } = makeWorld();
    await shell.install();
    await text(shell.respond(request('/assets/index-3.js')));
    expect(fetched).toEqual(['/assets/index-3.js']);
  });

  it.each(['/api/v1/user/me', '/api', '/im/v1', '/swagger/index.html'])('leaves %s alone', async (path) => {
    const { shell } = makeWorld();
    await shell.install();
    expect(shell.respond(request(path))).toBeNull();
    expect(shell.respond(page(path))).toBeNull();
  });

  it('leaves alone what is sent, and what is of others', () => {
    const { shell } = makeWorld();
    expect(shell.respond(request('/chats', { method: 'POST' }))).toBeNull();
    expect(shell.respond({ ...request('/'), url: 'https://other.example/' })).toBeNull();
  });

  it('drops what versions before kept, and nothing of others', async () => {
    const { shell, kept } = makeWorld();
    await shell.install();
    kept.set('im-rs.shell./assets/index-1.js', new Map());
    kept.set('something else', new Map());
    await shell.activate();
    expect([...kept.keys()].sort()).toEqual([`im-rs.shell.${ENTRY}`, 'something else']);
  });
});

/** [P3], [P4] */
describe('a push', () => {
  const push: PushPayload = {
    conversationId: '70',
    seq: 12,
    senderName: 'Bob',
    conversationName: '',
    preview: 'See you',
    hidden: false,
    tag: 'conversation-70',
  };
  const windowAt = (path: string) => ({ url: `${ORIGIN}${path}` });

  it('shows who and what, in groups where too', () => {
    expect(toNotification(push, [], 'en')).toMatchObject({
      title: 'Bob',
      options: { body: 'See you', tag: 'conversation-70', data: { conversationId: '70', seq: 12 } },
    });
    expect(toNotification({ ...push, conversationName: 'Tea' }, [], 'en')).toMatchObject({
      title: 'Tea',
      options: { body: 'Bob: See you' },
    });
  });

  it('is not shown while a visible window shows the conversation', () => {
    expect(toNotification(push, [windowAt('/chats/70')], 'en')).toBeNull();
    expect(toNotification(push, [windowAt('/chats/70/3')], 'en')).toBeNull();
    expect(toNotification(push, [windowAt('/chats/701')], 'en')).not.toBeNull();
  });

  it('says nothing of what is hidden, in English or Chinese', () => {
    const hidden = { ...push, hidden: true, senderName: '', preview: 'general' };
    expect(toNotification(hidden, [], 'en-GB')).toMatchObject({
      title: 'im-rs',
      options: { body: 'You have new messages' },
    });
    expect(toNotification(hidden, [], 'zh-CN')?.options.body).toBe('你有新消息');
  });

  it('speaks the language that was chosen, else that of the browser', async () => {
    vi.useRealTimers();
    const { caches } = makeWorld();
    vi.stubGlobal('caches', caches);
    const { chooseLanguage } = useSettingsStore.getState();
    const spoken = () => chosenLanguage(caches, 'en-GB');
    await expect(spoken()).resolves.toBe('en-GB');
    await chooseLanguage('zh');
    await eventually(() => expect(spoken()).resolves.toBe('zh'));
    await chooseLanguage('system');
    await eventually(() => expect(spoken()).resolves.toBe('en-GB'));
    const broken = { open: () => Promise.reject(new Error('no room')) } as unknown as CacheStorage;
    await expect(chosenLanguage(broken, 'zh-CN')).resolves.toBe('zh-CN');
  });

  it('is read with what fields it has, and ignored when it is none', () => {
    expect(readPush('{"conversationId":"70","seq":12,"news":1}')).toMatchObject({
      tag: 'conversation-70',
      preview: '',
    });
    expect(readPush('{"seq":12}')).toBeNull();
    expect(readPush('hello')).toBeNull();
  });

  it('leads to its message', () => {
    expect(pathOf({ conversationId: '70', seq: 12 })).toBe('/chats/70/12');
    expect(pathOf(null)).toBe('/chats');
  });
});
