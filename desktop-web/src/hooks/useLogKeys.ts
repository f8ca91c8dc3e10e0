import { useCallback, useLayoutEffect, useRef, useState, type FocusEvent, type KeyboardEvent } from 'react';
import type { Seq } from '@/types/ids';
import { seqOf, type LogRow, type MessageRow } from '@/utils/logRows';
import type { LogScroll } from './useLogScroll';
import type { MessageCommands } from './useMessageCommands';

interface Parts {
  readonly rows: readonly LogRow[];
  readonly scroll: Pick<LogScroll, 'scroller' | 'reveal'>;
  readonly commands: MessageCommands;
  readonly openMenu: (row: MessageRow, place: { readonly x: number; readonly y: number }) => void;
  /** The newest message of the conversation, wherever the log is now. */
  readonly toNewest: () => void;
}

export interface LogKeys {
  /** The row where the Tab key stops. */
  readonly activeKey: string | undefined;
  readonly activeIndex: number;
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  readonly onFocus: (event: FocusEvent<HTMLElement>) => void;
  readonly onBlur: (event: FocusEvent<HTMLElement>) => void;
  /** Gives the focus back to the row that had it. */
  readonly refocus: () => void;
  /** Rows were measured: who waits for the focus can have it. */
  readonly settle: () => void;
}

const canStop = ({ kind }: LogRow) => kind === 'message' || kind === 'recalled';

/**
 * The keyboard in a log: one stop of the Tab key, arrows from message to message, Home and End, and what is done with a message. When the
 * message with the focus goes, its neighbour gets it.
 */
export function useLogKeys({ rows, scroll, commands, openMenu, toNewest }: Parts): LogKeys {
  const { scroller, reveal } = scroll;
  const [chosen, setChosen] = useState<{ readonly key: string; readonly seq: Seq } | null>(null);
  const within = useRef(false);
  /** This row gets the focus as soon as it can have it. */
  const awaited = useRef<string | null>(null);

  const fallback = rows.findLastIndex(canStop);
  const activeIndex = chosen === null ? fallback : indexNear(rows, chosen.key, chosen.seq, fallback);
  const activeKey = rows[activeIndex]?.key;

  const choose = (row: LogRow | undefined) =>
    row && setChosen({ key: row.key, seq: seqOf(row) ?? Number.MAX_SAFE_INTEGER });

  // A row that is far away is drawn and measured before it can have the focus.
  const settle = useCallback(() => {
    const key = awaited.current;
    if (key === null) return;
    const element = elementOf(scroller.current, key);
    element?.focus({ preventScroll: true });
    if (element && document.activeElement === element) awaited.current = null;
  }, [scroller]);

  const focusRow = (index: number) => {
    const row = rows[index];
    if (!row) return;
    choose(row);
    awaited.current = row.key;
    reveal(index);
  };

  // The message with the focus went, or another element stands for it now.
  useLayoutEffect(() => {
    const isLost = within.current && document.activeElement === document.body;
    if (isLost && activeKey !== undefined) awaited.current ??= activeKey;
    settle();
  });

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input, textarea, video, audio'))
      return;
    const row = rows[activeIndex];
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      const next = neighbour(rows, activeIndex, step);
      if (next >= 0) focusRow(next);
    } else if (event.key === 'Home') focusRow(rows.findIndex(canStop));
    else if (event.key === 'End') {
      toNewest();
      focusRow(fallback);
    } else if (row?.kind !== 'message' || !target.closest('[data-row]')) return;
    else if (event.key === 'r' || event.key === 'R') commands.reply(row);
    else if (event.key === 'e' || event.key === 'E') commands.edit(row);
    else if (event.key === 'Delete') commands.remove(row);
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      const box = (elementOf(scroller.current, row.key) ?? target).getBoundingClientRect();
      openMenu(row, { x: box.left + 48, y: Math.max(box.top, 0) + Math.min(box.height, 48) });
    } else return;
    event.preventDefault();
  };

  const onFocus = (event: FocusEvent<HTMLElement>) => {
    within.current = true;
    const key = event.target.closest<HTMLElement>('[data-row]')?.dataset.row;
    if (key !== undefined && key !== activeKey) choose(rows.find((row) => row.key === key));
  };
  const onBlur = (event: FocusEvent<HTMLElement>) => {
    // A row that goes takes the focus with it; that is not leaving.
    within.current = event.currentTarget.contains(event.relatedTarget) || !event.target.isConnected;
  };
  const refocus = useCallback(() => {
    if (activeKey !== undefined) elementOf(scroller.current, activeKey)?.focus({ preventScroll: true });
  }, [activeKey, scroller]);

  return { activeKey, activeIndex, onKeyDown, onFocus, onBlur, refocus, settle };
}

function elementOf(scroller: HTMLElement | null, key: string): HTMLElement | null {
  return scroller?.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`) ?? null;
}

/** The row with this key; when it went, the next one, or the last. */
function indexNear(rows: readonly LogRow[], key: string, seq: Seq, fallback: number): number {
  const index = rows.findIndex((row) => row.key === key);
  if (index >= 0) return index;
  const next = rows.findIndex((row) => canStop(row) && (seqOf(row) ?? 0) >= seq);
  return next >= 0 ? next : fallback;
}

function neighbour(rows: readonly LogRow[], from: number, step: 1 | -1): number {
  for (let index = from + step; index >= 0 && index < rows.length; index += step) {
    const row = rows[index];
    if (row && canStop(row)) return index;
  }
  return -1;
}
