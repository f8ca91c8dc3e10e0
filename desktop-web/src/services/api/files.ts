import { Code } from '@/protocol/codes';
import type { FileInfo } from '@/types/file';
import { ApiError } from './apiError';
import type { Http } from './http';

/** How a file goes up. */
export interface UploadOptions {
  readonly name: string;
  /** With the same one it is stored once, however often it is uploaded. */
  readonly key: string;
  readonly signal: AbortSignal;
  /** Bytes, of the content. */
  readonly onProgress: (sent: number, total: number) => void;
}

/** An address with less life than this is asked for anew, milliseconds. */
const RENEW_AHEAD_MS = 60_000;

/** How long an upload may take, milliseconds; the server gives up at the same time. */
const UPLOAD_MS = 600_000;

/** Files over REST: docs/http-api.md, "Files". */
export class Files {
  private readonly known = new Map<string, Promise<FileInfo>>();

  constructor(
    private readonly http: Http,
    private readonly makeRequest: () => XMLHttpRequest = () => new XMLHttpRequest(),
  ) {}

  /** What a file is. Who asks for the same at the same time shares the answer, as long as its addresses are good. Rejects with ApiError. */
  info(fileId: string): Promise<FileInfo> {
    const known = this.known.get(fileId);
    const current = known ? known.then((info) => (lasts(info) ? info : this.ask(fileId))) : this.ask(fileId);
    this.known.set(fileId, current);
    current.catch(() => this.known.delete(fileId));
    return current;
  }

  private ask(fileId: string): Promise<FileInfo> {
    return this.http.call('GET', '/files/{fileId}', { path: { fileId } });
  }

  /** Uploads a file. Rejects with ApiError, and with an AbortError when it is not wanted any more. */
  upload(content: Blob, options: UploadOptions): Promise<FileInfo> {
    return this.post(`name=${encodeURIComponent(options.name)}`, content, options);
  }

  /** Uploads a picture whose address is good for everybody and for ever. Rejects with ApiError. */
  uploadAvatar(picture: Blob): Promise<FileInfo> {
    return this.post('name=avatar&purpose=avatar', picture, {});
  }

  /** `fetch` tells no progress of a body, hence the older way. */
  private async post(
    query: string,
    content: Blob,
    { key, signal, onProgress }: Partial<UploadOptions>,
  ): Promise<FileInfo> {
    const token = await this.http.token();
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const request = this.makeRequest();
      request.open('POST', `/api/v1/files?${query}`);
      request.setRequestHeader('Authorization', `Bearer ${token}`);
      // What the browser takes it for by its name; the server looks into it.
      request.setRequestHeader('Content-Type', content.type || 'application/octet-stream');
      if (key) request.setRequestHeader('Idempotency-Key', key);
      request.timeout = UPLOAD_MS;
      request.upload.onprogress = ({ loaded, total }) => onProgress?.(loaded, total);
      request.onerror = request.ontimeout = () => reject(ApiError.unreachable());
      request.onabort = () => reject(new DOMException('not wanted any more', 'AbortError'));
      signal?.addEventListener('abort', () => request.abort(), { once: true });
      request.onload = () => {
        const answer = toAnswer(request.responseText);
        if (request.status === 201 && answer?.data) resolve(answer.data);
        else reject(new ApiError(answer?.code ?? Code.Unavailable, answer?.message ?? '', request.status));
      };
      request.send(content);
    });
  }
}

interface Answer {
  readonly code: Code;
  readonly message: string;
  readonly data: FileInfo | null;
}

function toAnswer(text: string): Answer | null {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return null;
  }
}

function lasts({ urlExpiresAt }: FileInfo): boolean {
  return !urlExpiresAt || urlExpiresAt - Date.now() > RENEW_AHEAD_MS;
}
