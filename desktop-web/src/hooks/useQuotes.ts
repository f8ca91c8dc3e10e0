import { useEffect, useRef, useState } from 'react';
import { client } from '@/services/client';
import { useConnectionStore } from '@/stores/connectionStore';
import type { ConversationId, Seq } from '@/types/ids';
import type { LogRow, Quote } from '@/utils/logRows';
import { report } from '@/utils/report';

/** Rows before and after the view whose quotes are there before they are scrolled to. */
const MARGIN = 12;

/** Answered messages that are asked for at once; those of the last rows first. */
const AT_ONCE = 8;

/**
 * Asks for what the replies on the screen answer, where the window of the log does not have it. What was not answered is asked for again
 * with the next connection only.
 */
export function useQuotes(
  id: ConversationId,
  rows: readonly LogRow[],
  [from, to]: readonly [number, number],
): void {
  const online = useConnectionStore(({ connection }) => connection.phase === 'online');
  const asked = useRef(new Set<Seq>());
  const asking = useRef(false);
  const [answers, setAnswers] = useState(0);

  useEffect(() => {
    asked.current.clear();
  }, [online]);

  useEffect(() => {
    if (asking.current || to < from) return;
    const near = rows.slice(Math.max(0, from - MARGIN), to + 1 + MARGIN).flatMap(quoteOf);
    const unknown = near.filter(({ message, absent }) => !message && !absent);
    // What is known now may be asked for again when it is let go.
    for (const quote of near) if (!unknown.includes(quote)) asked.current.delete(quote.seq);
    const seqs = unknown.map(({ seq }) => seq).filter((seq) => !asked.current.has(seq));
    const wanted = [...new Set(seqs)].slice(-AT_ONCE);
    if (wanted.length === 0) return;
    asking.current = true;
    for (const seq of wanted) asked.current.add(seq);
    client
      .loadQuotes(id, wanted)
      .catch((error: unknown) => report('what is answered could not be loaded', error))
      .finally(() => {
        asking.current = false;
        setAnswers((count) => count + 1);
      });
  }, [id, rows, from, to, online, answers]);
}

function quoteOf(row: LogRow): readonly Quote[] {
  return row.kind === 'message' && row.quote ? [row.quote] : [];
}
