import { FOR_EVER } from '@/constants/mutes';
import { formatClock, formatDate, isSameDay } from './time';

/** When a silence ends, in words; both milliseconds since 1970. Null: not until somebody lifts it. */
export function silenceEnd(until: number, now: number): string | null {
  if (until >= FOR_EVER) return null;
  // The clock alone says today: a silence of one day ends at the clock that it began.
  return isSameDay(until, now) ? formatClock(until) : `${formatDate(until, now)} ${formatClock(until)}`;
}
