/** Nothing is known. */
export const UNKNOWN = '–';

/** A time of waiting in milliseconds: a decimal only where it says something; "–" for what is not known. */
export function formatMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || Number.isNaN(ms)) return UNKNOWN;
  return ms < 10 ? (Math.round(ms * 10) / 10).toString() : Math.round(ms).toString();
}
