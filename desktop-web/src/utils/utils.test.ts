import { describe, expect, it } from 'vitest';
import { FOR_EVER } from '@/constants/mutes';
import { ApiError } from '@/services/api/apiError';
import { Code } from '@/protocol/codes';
import { SessionEnded } from '@/services/session/errors';
import { errorCode, retryAfterSeconds } from './failure';
import { byteLength, formatCount, hueOf, initial } from './text';
import { silenceEnd } from './silenceEnd';
import { formatAgo, formatDay, formatListTime, isSameDay } from './time';

const NOW = new Date(2026, 4, 14, 15, 0).getTime();
const HOUR = 3_600_000;

describe('times in lists', () => {
  it.each([
    ['the clock today', HOUR, '14:00'],
    ['yesterday by name', 24 * HOUR, 'Yesterday'],
    ['the day of the week', 3 * 24 * HOUR, 'Mon'],
    ['the date this year', 40 * 24 * HOUR, '4 Apr'],
    ['the date with its year', 400 * 24 * HOUR, '9 Apr 2025'],
  ])('show %s', (_name, ago, text) => {
    expect(formatListTime(NOW - ago, NOW)).toBe(text);
  });

  it.each([
    ['in minutes', HOUR / 4, '15 minutes ago'],
    ['in hours', 5 * HOUR, '5 hours ago'],
    ['in days', 3 * 24 * HOUR, '3 days ago'],
    ['as a date from a week on', 9 * 24 * HOUR, '5 May'],
    ['as just now when the clock of the server is ahead', -HOUR, 'a few seconds ago'],
  ])('say how long ago %s', (_name, ago, text) => {
    expect(formatAgo(NOW - ago, NOW)).toBe(text);
  });

  it('name the days between messages', () => {
    expect(formatDay(NOW, NOW)).toBe('Today');
    expect(formatDay(NOW - 24 * HOUR, NOW)).toBe('Yesterday');
    expect(isSameDay(NOW, NOW - 16 * HOUR)).toBe(false);
  });
});

/** E1 */
describe('the end of a silence', () => {
  it.each([
    ['by the clock today', NOW + HOUR, '16:00'],
    ['with its date on another day', NOW + 24 * HOUR, '15 May 15:00'],
    ['with its year in another one', NOW + 300 * 24 * HOUR, '10 Mar 2027 15:00'],
    ['not, when nobody knows it', FOR_EVER, null],
  ])('is said %s', (_name, until, text) => {
    expect(silenceEnd(until, NOW)).toBe(text);
  });
});

describe('texts of people', () => {
  it('have an initial in any script', () => {
    expect(initial('林青')).toBe('青');
    expect(initial('mira')).toBe('M');
    expect(initial('👀 eyes')).toBe('👀');
    expect(initial('')).toBe('?');
  });

  it('have a colour that stays', () => {
    const hues = new Set(Array.from({ length: 200 }, (_, index) => hueOf(String(index))));
    expect([...hues].every((hue) => hue >= 1 && hue <= 8)).toBe(true);
    expect(hues.size).toBe(8);
    expect(hueOf('42')).toBe(hueOf('42'));
  });

  it('are measured in bytes', () => {
    expect(byteLength('禾a')).toBe(4);
  });

  it('have counts of two digits at most', () => {
    expect([0, 99, 100].map(formatCount)).toEqual(['0', '99', '99+']);
  });
});

describe('a failure', () => {
  it('has the code of the protocol', () => {
    expect(errorCode(new ApiError(Code.UsernameTaken, '', 409))).toBe(Code.UsernameTaken);
    expect(errorCode(new SessionEnded('offline'))).toBe(Code.Unavailable);
    expect(errorCode(new TypeError('other'))).toBe(Code.Unavailable);
  });

  it('says how long to wait', () => {
    expect(retryAfterSeconds(new ApiError(Code.RateLimited, '', 429, 9))).toBe(9);
    expect(retryAfterSeconds(new Error('other'))).toBe(0);
  });
});
