import { Code } from '@/protocol/codes';
import type { FileInfo } from '@/types/file';
import { ApiError } from './apiError';
import type { Http } from './http';

/** How much of a file is up, 0 to 1. */
export type Progress = (done: number) => void;

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

  /** Uploads a file. `fetch` tells no progress of a body, hence the older way. Rejects with ApiError. */
  async upload(file: File, onProgress: Progress): Promise<FileInfo> {
    const token = await this.http.token();
    return new Promise((resolve, reject) => {
      const request = this.makeRequest();
      request.open('POST', `/api/v1/files?name=${encodeURIComponent(file.name)}`);
      request.setRequestHeader('Authorization', `Bearer ${token}`);
      // What the browser takes it for by its name; the server looks into it.
      request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
      request.timeout = UPLOAD_MS;
      request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
      request.onerror = request.ontimeout = () => reject(ApiError.unreachable());
      request.onload = () => {
        const answer = toAnswer(request.responseText);
        if (request.status === 201 && answer?.data) resolve(answer.data);
        else reject(new ApiError(answer?.code ?? Code.Unavailable, answer?.message ?? '', request.status));
      };
      request.send(file);
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
