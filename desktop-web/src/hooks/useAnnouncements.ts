import { useEffect, useRef, useState } from 'react';
import type { LogView } from '@/stores/chatStore';
import type { UserId } from '@/types/ids';
import { bodyText } from '@/utils/entryText';
import { seqOf, type LogRow } from '@/utils/logRows';
import { t } from '@/utils/t';

/** One announcement in this time, milliseconds. */
const PAUSE_MS = 1_000;

/**
 * What a screen reader says of a log: messages of others that arrive while it is open, one in a second at most, several together as their
 * number. History that is loaded, own messages and edits are silent.
 */
export function useAnnouncements(
  log: LogView,
  rows: readonly LogRow[],
  nameOf: (userId: UserId) => string,
): string {
  const [said, setSaid] = useState('');
  const known = useRef({ last: log.last, tip: log.entries.at(-1)?.seq ?? 0 });
  const waiting = useRef<string[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  useEffect(() => {
    const before = known.current;
    const tip = log.entries.at(-1)?.seq ?? 0;
    known.current = { last: log.last, tip };
    // A window that did not reach the newest entry grows by history.
    if (!before.last || before.tip === 0 || tip <= before.tip) return;
    for (const row of rows) {
      if (row.kind === 'message' && !row.own && (seqOf(row) ?? 0) > before.tip)
        waiting.current.push(t('announced', { sender: nameOf(row.senderId), text: bodyText(row.body) }));
    }
    const speak = () => {
      timer.current = undefined;
      const news = waiting.current.splice(0);
      const [only] = news;
      // What was said does not stay: it may be taken back.
      if (only === undefined) return setSaid('');
      setSaid(news.length === 1 ? only : t('newMessageCount', { count: news.length }));
      timer.current = setTimeout(speak, PAUSE_MS);
    };
    if (timer.current === undefined) speak();
  }, [log, rows, nameOf]);

  useEffect(() => () => clearTimeout(timer.current), []);
  return said;
}
