import type { Session } from '@/services/session/session';
import type { Emit } from '@/types/event';
import type { ReadReactions } from './reactionsAsOf';
import type { SyncRunsListener } from './syncRuns';
import type { UploadFile } from './uploads';

export type EngineSession = Pick<Session, 'request' | 'call' | 'tell' | 'sendEphemeral'>;

export interface EngineListener extends Pick<SyncRunsListener, 'onProgress'> {
  readonly emit: Emit;
}

/** What goes over REST. */
export interface EngineRest {
  readonly reactions: ReadReactions;
  readonly upload: UploadFile;
}
