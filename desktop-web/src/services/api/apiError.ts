import { Code } from '@/protocol/codes';

/** A request that the server refused, or that did not reach it (`code` is then Unavailable and `status` 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly code: Code,
    message: string,
    readonly status: number,
    /** Seconds to wait, from `Retry-After`; 0: not said. */
    readonly retryAfterSeconds: number = 0,
  ) {
    super(message);
  }

  static unreachable(): ApiError {
    return new ApiError(Code.Unavailable, 'the server cannot be reached', 0);
  }
}
