import { afterEach, describe, expect, it, vi } from 'vitest';
import { Code } from '@/protocol/codes';
import { eventually } from '@/test/eventually';
import type { FileInfo } from '@/types/file';
import { asUserId } from '@/types/ids';
import { ApiError } from './apiError';
import { Files } from './files';
import { Http } from './http';
import { TokenStore } from './tokens';

const INFO: FileInfo = {
  fileId: 'f',
  name: 'sea.png',
  mime: 'image/png',
  size: 10,
  sha256: '00'.repeat(32),
  createdAt: 0,
  width: 4,
  height: 3,
  url: '/api/v1/files/f/original?e=1&s=x',
  thumbnailUrl: null,
  urlExpiresAt: 1_200_000,
};

/** An upload that a test moves on by hand. */
class FakeRequest {
  readonly upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
  readonly headers: Record<string, string> = {};
  onload: () => void = () => undefined;
  onerror: () => void = () => undefined;
  onabort: () => void = () => undefined;
  abort() {
    this.onabort();
  }
  responseText = '';
  status = 0;
  url = '';
  open(_method: string, url: string) {
    this.url = url;
  }
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value;
  }
  send = vi.fn();
  answer(status: number, body: unknown) {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.onload();
  }
}

function makeFiles() {
  const tokens = new TokenStore();
  tokens.write({
    userId: asUserId('1'),
    accessToken: 'a',
    refreshToken: 'r',
    expiresAt: Date.now() + 3_600_000,
  });
  const fetched = vi.fn(() =>
    Promise.resolve(new Response(JSON.stringify({ code: 0, message: 'ok', data: INFO }))),
  );
  const request = new FakeRequest();
  const files = new Files(new Http(tokens, fetched), () => request as unknown as XMLHttpRequest);
  return { files, fetched, request };
}

const FILE = new File(['0123456789'], 'the sea.png', { type: 'image/png' });

const OPTIONS = {
  name: FILE.name,
  key: 'k',
  signal: new AbortController().signal,
  onProgress: () => undefined,
};

describe('files', () => {
  afterEach(() => vi.useRealTimers());

  // D15
  it('goes up with its name, its type and its progress', async () => {
    const { files, request } = makeFiles();
    const seen: number[][] = [];
    const onProgress = (...progress: number[]) => seen.push(progress);
    const uploaded = files.upload(FILE, { ...OPTIONS, onProgress });
    await eventually(() => expect(request.send).toHaveBeenCalledWith(FILE));
    request.upload.onprogress?.({ loaded: 5, total: 10 });
    request.answer(201, { code: 0, message: 'ok', data: INFO });
    await expect(uploaded).resolves.toEqual(INFO);
    expect(seen).toEqual([[5, 10]]);
    expect(request.url).toBe('/api/v1/files?name=the%20sea.png');
    expect(request.headers).toEqual({
      Authorization: 'Bearer a',
      'Content-Type': 'image/png',
      'Idempotency-Key': 'k',
    });
  });

  it('is refused with the code of the server, or as unreachable', async () => {
    const first = makeFiles();
    const large = first.files.upload(FILE, OPTIONS);
    await eventually(() => expect(first.request.send).toHaveBeenCalled());
    first.request.answer(413, { code: Code.FileTooLarge, message: 'too large', data: null });
    await expect(large).rejects.toMatchObject({ code: Code.FileTooLarge, status: 413 });
    const second = makeFiles();
    const lost = second.files.upload(FILE, OPTIONS);
    await eventually(() => expect(second.request.send).toHaveBeenCalled());
    second.request.onerror();
    await expect(lost).rejects.toBeInstanceOf(ApiError);
  });

  it('stops when it is not wanted any more', async () => {
    const { files, request } = makeFiles();
    const abort = new AbortController();
    const uploaded = files.upload(FILE, { ...OPTIONS, signal: abort.signal });
    await eventually(() => expect(request.send).toHaveBeenCalled());
    abort.abort();
    await expect(uploaded).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('is asked about once, until its addresses end', async () => {
    vi.useFakeTimers({ now: 0, toFake: ['Date'] });
    const { files, fetched } = makeFiles();
    await Promise.all([files.info('f'), files.info('f')]);
    await files.info('f');
    expect(fetched).toHaveBeenCalledTimes(1);
    vi.setSystemTime(1_150_000);
    await files.info('f');
    expect(fetched).toHaveBeenCalledTimes(2);
  });
});
