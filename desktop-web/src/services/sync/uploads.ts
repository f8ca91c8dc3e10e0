import { Code } from '@/protocol/codes';
import { MAX_FILE } from '@/protocol/limits';
import type { Storage } from '@/services/storage/storage';
import type { FileInfo } from '@/types/file';
import type { ClientMessageId, ConversationId } from '@/types/ids';
import type { PendingMessage, Upload } from '@/types/pending';
import { errorCode, retryAfterSeconds } from '@/utils/failure';
import { mayRepeat } from './patience';

/** First wait before an upload is tried again and the ceiling it doubles to, milliseconds. */
const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 30_000;

/** Progress is told at most so often, milliseconds. */
const PROGRESS_MS = 100;

export interface FileUpload {
  readonly name: string;
  /** The same for each try: the server stores one file for it. */
  readonly key: ClientMessageId;
  readonly signal: AbortSignal;
  readonly onProgress: (sent: number, total: number) => void;
}

/** Brings a file to the server. Rejects with an error that has a code. */
export type UploadFile = (content: Blob, upload: FileUpload) => Promise<FileInfo>;

/** A message whose file is not up yet. */
export type FileMessage = PendingMessage & { readonly upload: Upload };

export interface UploadsListener {
  onUploaded(message: FileMessage, file: FileInfo): void;
  onRefused(message: FileMessage, code: Code): void;
  onProgress(message: FileMessage, sent: number, total: number): void;
}

/** The files of one conversation. */
interface Lane {
  queue: readonly FileMessage[];
  /** Ends what is under way; null: nothing is. */
  abort: AbortController | null;
  /** How long was waited last, milliseconds. */
  wait: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * The files of pending messages on their way up: apart from the outbox, so that no text waits for them, not even one that was sent with
 * them; one after the other in each conversation, so that pictures keep their order. The only layer that repeats an upload: as long as
 * there is a session. Owns a timer for each conversation that waits to try again; `close` ends them and what is under way.
 */
export class Uploads {
  private readonly lanes = new Map<ConversationId, Lane>();
  private online = false;

  constructor(
    private readonly storage: Pick<Storage, 'upload'>,
    private readonly upload: UploadFile,
    private readonly listener: UploadsListener,
    private readonly random: () => number = Math.random,
  ) {}

  /** There is a network: everything that waits is tried now. */
  attach(): void {
    this.online = true;
    for (const lane of this.lanes.values()) {
      this.stopWaiting(lane);
      this.next(lane);
    }
  }

  /** What is under way may still come through: REST has connections of its own. */
  detach(): void {
    this.online = false;
    for (const lane of this.lanes.values()) this.stopWaiting(lane);
  }

  close(): void {
    this.detach();
    for (const lane of this.lanes.values()) {
      lane.queue = [];
      lane.abort?.abort();
    }
  }

  add(message: FileMessage): void {
    if (message.upload.size > MAX_FILE) return this.listener.onRefused(message, Code.FileTooLarge);
    const lane = this.lanes.get(message.conversationId) ?? {
      queue: [],
      abort: null,
      wait: 0,
      timer: undefined,
    };
    this.lanes.set(message.conversationId, lane);
    lane.queue = [...lane.queue, message];
    this.next(lane);
  }

  /** The file is not wanted any more; false when it is not on its way. */
  cancel({ conversationId, clientMessageId }: PendingMessage): boolean {
    const lane = this.lanes.get(conversationId);
    const message = lane?.queue.find((one) => one.clientMessageId === clientMessageId);
    if (!lane || !message) return false;
    if (lane.queue[0] === message) lane.abort?.abort();
    lane.queue = lane.queue.filter((one) => one !== message);
    this.next(lane);
    return true;
  }

  private next(lane: Lane): void {
    const message = lane.queue[0];
    if (message && this.online && !lane.abort && lane.timer === undefined) void this.attempt(lane, message);
  }

  private async attempt(lane: Lane, message: FileMessage): Promise<void> {
    const abort = new AbortController();
    lane.abort = abort;
    try {
      const file = await this.bring(message, abort.signal);
      this.finish(lane, message, () => this.listener.onUploaded(message, file));
    } catch (error) {
      const code = error === MISSING ? Code.FileNotFound : errorCode(error);
      lane.abort = null;
      if (mayRepeat(code) && lane.queue[0] === message) this.waitAfter(lane, error);
      else this.finish(lane, message, () => this.listener.onRefused(message, code));
    }
  }

  private async bring(message: FileMessage, signal: AbortSignal): Promise<FileInfo> {
    const { clientMessageId: key, upload } = message;
    const content = await this.storage.upload(key);
    if (!content) throw MISSING;
    return this.upload(content, { name: upload.name, key, signal, onProgress: this.throttled(message) });
  }

  /** The message leaves, unless it did meanwhile. */
  private finish(lane: Lane, message: FileMessage, tell: () => void): void {
    lane.abort = null;
    lane.wait = 0;
    if (lane.queue.includes(message)) {
      lane.queue = lane.queue.filter((one) => one !== message);
      tell();
    }
    this.next(lane);
  }

  private waitAfter(lane: Lane, error: unknown): void {
    lane.wait = Math.min(MAX_WAIT_MS, Math.max(FIRST_WAIT_MS, lane.wait * 2));
    if (!this.online) return;
    const wait = Math.max(retryAfterSeconds(error) * 1_000, lane.wait * (0.75 + this.random() * 0.5));
    lane.timer = setTimeout(() => {
      lane.timer = undefined;
      this.next(lane);
    }, wait);
  }

  private stopWaiting(lane: Lane): void {
    clearTimeout(lane.timer);
    lane.timer = undefined;
  }

  /** The last of the progress is always told. */
  private throttled(message: FileMessage): FileUpload['onProgress'] {
    let toldAt = -Infinity;
    return (sent, total) => {
      const now = Date.now();
      if (sent < total && now - toldAt < PROGRESS_MS) return;
      toldAt = now;
      this.listener.onProgress(message, sent, total);
    };
  }
}

/** The content of a file is not on this device. */
const MISSING = new Error('the file is not here');
