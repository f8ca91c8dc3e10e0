import { Code } from '@/protocol/codes';

/** The protocol's code of an error that an action was refused with; Unavailable when the server was not reached. */
export function errorCode(error: unknown): Code {
  if (error instanceof Error && 'code' in error && typeof error.code === 'number') {
    return error.code || Code.Unavailable;
  }
  return Code.Unavailable;
}

/** Seconds that the server asks to wait; 0: not said. */
export function retryAfterSeconds(error: unknown): number {
  const seconds = error instanceof Error && 'retryAfterSeconds' in error ? error.retryAfterSeconds : 0;
  return typeof seconds === 'number' ? seconds : 0;
}
