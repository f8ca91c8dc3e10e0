import { CloseCode, type Code } from '@/protocol/codes';

/** The server refused a request. */
export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    readonly code: Code,
    message: string,
    /** Wait at least this long before trying again; 0: not said. */
    readonly retryAfterMs: number,
  ) {
    super(message);
  }
}

/** The session ended before the answer came; whether the request had an effect is unknown. */
export class SessionEnded extends Error {
  override readonly name = 'SessionEnded';

  constructor(
    message: string,
    /** What the server gave as the reason; None when the path just broke. */
    readonly code: CloseCode = CloseCode.None,
  ) {
    super(message);
  }
}

/** The answer did not come in time; whether the request had an effect is unknown. */
export class RequestTimeout extends Error {
  override readonly name = 'RequestTimeout';
}
