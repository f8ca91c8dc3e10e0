import { RequestError, SessionEnded } from '@/services/session/errors';
import { report } from '@/utils/report';

/** A session that is over is no error, and who may not see a log any more learns it by its state. */
export function reportUnlessEnded(what: string, error: unknown): void {
  if (error instanceof SessionEnded) return;
  report(what, error instanceof RequestError ? `refused with ${error.code}` : error);
}
