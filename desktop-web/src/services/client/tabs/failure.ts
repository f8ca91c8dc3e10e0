import type { Code, CloseCode } from '@/protocol/codes';
import { ApiError } from '@/services/api/apiError';
import { RequestError, RequestTimeout, SessionEnded } from '@/services/session/errors';
import { CredentialsExpired } from '@/utils/credentialsExpired';

/** An error without its class, which does not survive the way to another tab. */
export type WireFailure =
  | {
      readonly name: 'ApiError';
      readonly message: string;
      readonly code: Code;
      readonly status: number;
      readonly retryAfterSeconds: number;
    }
  | {
      readonly name: 'RequestError';
      readonly message: string;
      readonly code: Code;
      readonly retryAfterMs: number;
    }
  | { readonly name: 'SessionEnded'; readonly message: string; readonly code: CloseCode }
  | { readonly name: 'RequestTimeout' | 'CredentialsExpired' | 'Error'; readonly message: string };

export function toWire(error: unknown): WireFailure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ApiError) {
    const { code, status, retryAfterSeconds } = error;
    return { name: 'ApiError', message, code, status, retryAfterSeconds };
  }
  if (error instanceof RequestError) {
    const { code, retryAfterMs } = error;
    return { name: 'RequestError', message, code, retryAfterMs };
  }
  if (error instanceof SessionEnded) return { name: 'SessionEnded', message, code: error.code };
  if (error instanceof RequestTimeout) return { name: 'RequestTimeout', message };
  if (error instanceof CredentialsExpired) return { name: 'CredentialsExpired', message };
  return { name: 'Error', message };
}

export function fromWire(failure: WireFailure): Error {
  const { message } = failure;
  switch (failure.name) {
    case 'ApiError':
      return new ApiError(failure.code, message, failure.status, failure.retryAfterSeconds);
    case 'RequestError':
      return new RequestError(failure.code, message, failure.retryAfterMs);
    case 'SessionEnded':
      return new SessionEnded(message, failure.code);
    case 'RequestTimeout':
      return new RequestTimeout(message);
    case 'CredentialsExpired':
      return new CredentialsExpired(message);
    case 'Error':
      return new Error(message);
  }
}
