import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import relativeTime from 'dayjs/plugin/relativeTime';
import { language, t } from './t';

dayjs.extend(relativeTime);

/** Times are milliseconds since 1970; days are those of this device's time zone. */

export function formatClock(time: number): string {
  return dayjs(time).format('HH:mm');
}

export function isSameDay(one: number, other: number): boolean {
  return dayjs(one).isSame(other, 'day');
}

/** For lists: the clock today, then yesterday, the day of the week, the date. */
export function formatListTime(time: number, now: number = Date.now()): string {
  const days = dayjs(now).startOf('day').diff(dayjs(time).startOf('day'), 'day');
  if (days <= 0) return formatClock(time);
  if (days === 1) return t('yesterday');
  if (days < 7) return local(time).format('ddd');
  return formatDate(time, now);
}

/** For the line between days. */
export function formatDay(time: number, now: number = Date.now()): string {
  const days = dayjs(now).startOf('day').diff(dayjs(time).startOf('day'), 'day');
  if (days <= 0) return t('today');
  if (days === 1) return t('yesterday');
  return formatDate(time, now);
}

export function formatDate(time: number, now: number = Date.now()): string {
  const sameYear = dayjs(time).isSame(now, 'year');
  if (language() === 'zh') return dayjs(time).format(sameYear ? 'M月D日' : 'YYYY年M月D日');
  return local(time).format(sameYear ? 'D MMM' : 'D MMM YYYY');
}

/** How long ago: minutes, hours, days; a date from a week on. */
export function formatAgo(time: number, now: number = Date.now()): string {
  const days = dayjs(now).diff(time, 'day');
  return days < 7 ? local(Math.min(time, now)).from(now) : formatDate(time, now);
}

/** The next time that it is eight in the morning. */
export function nextMorning(now: number): number {
  const today = dayjs(now).startOf('day').hour(8);
  return (today.isAfter(now) ? today : today.add(1, 'day')).valueOf();
}

function local(time: number) {
  return dayjs(time).locale(language() === 'zh' ? 'zh-cn' : 'en');
}
