import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import type { VirtualizerHandle } from 'virtua';
import type { Seq } from '@/types/ids';
import { seqOf, type LogRow } from '@/utils/logRows';
import type { VirtualRows } from './useVirtualRows';

/** So close to the end counts as being there, pixels. */
const END_PX = 80;

/** Older and newer messages are loaded so far ahead, pixels. */
const LOAD_AHEAD_PX = 600;

/** The first jump is done by then, milliseconds: before it nothing is loaded, because that would move its aim. */
const SETTLED_MS = 120;

/** Where a log is put. */
export type Place =
  { readonly kind: 'end' } | { readonly kind: 'unread' } | { readonly kind: 'message'; readonly seq: Seq };

interface Parts {
  readonly shown: VirtualRows;
  /** The window begins with the first entry, ends with the newest. */
  readonly first: boolean;
  readonly last: boolean;
  /** Where the log is put when it is opened. */
  readonly opening: Place;
  readonly loadOlder: () => void;
  readonly loadNewer: () => void;
}

export interface LogScroll {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly list: RefObject<VirtualizerHandle | null>;
  /** For the scroller's scroll event, and for every change of a size. */
  readonly onScroll: () => void;
  readonly onResize: () => void;
  /** The first jump is done: from here on it follows who scrolls, and loads. */
  readonly isSettled: boolean;
  /** The newest message is on the screen. */
  readonly atEnd: boolean;
  /** Rows on the screen, by index; empty while nothing is. */
  readonly visible: readonly [number, number];
  /** Goes there at once, or when it is among the rows. Gives whether it is there now. */
  readonly goTo: (place: Place) => boolean;
  /** What is waited for does not come. */
  readonly forget: () => void;
  readonly reveal: (index: number) => void;
}

/**
 * Keeps what is being read in its place. At the end the end stays in view, whatever grows; elsewhere nothing moves. `virtua` keeps the rows
 * in place when rows above them come, go or are measured; this decides where the view is.
 */
export function useLogScroll({ shown, first, last, opening, loadOlder, loadNewer }: Parts): LogScroll {
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const wanted = useRef<Place | null>(opening);
  const stuck = useRef(false);
  const lastTop = useRef(0);
  const [atEnd, setAtEnd] = useState(true);
  const [visible, setVisible] = useState<readonly [number, number]>([0, -1]);
  const { rows, generation } = shown;
  // Another list settles anew.
  const [settled, setSettled] = useState(-1);
  const isSettled = settled === generation;

  const toEnd = useCallback(() => {
    const view = scroller.current;
    if (view) view.scrollTop = view.scrollHeight;
  }, []);

  const measure = useCallback(() => {
    const view = scroller.current;
    if (!view) return;
    const { scrollTop, scrollHeight, clientHeight } = view;
    const gap = scrollHeight - scrollTop - clientHeight;
    const isEnd = gap < END_PX && last;
    // Only who scrolls up leaves the end: when it grows, the view follows.
    if (isEnd && isSettled) stuck.current = true;
    else if (scrollTop < lastTop.current && isSettled) stuck.current = false;
    lastTop.current = scrollTop;
    setAtEnd(isEnd);
    const handle = list.current;
    if (handle) {
      const range = [
        handle.findItemIndex(scrollTop),
        handle.findItemIndex(scrollTop + clientHeight),
      ] as const;
      setVisible((before) => (before[0] === range[0] && before[1] === range[1] ? before : range));
    }
    if (!isSettled) return;
    if (scrollTop < LOAD_AHEAD_PX && !first) loadOlder();
    if (gap < LOAD_AHEAD_PX && !last) loadNewer();
  }, [isSettled, first, last, loadOlder, loadNewer]);

  const arrive = useCallback(
    (place: Place): boolean => {
      const index = indexOf(rows, place);
      if (place.kind === 'message' && index < 0) return false;
      if (index < 0) {
        stuck.current = true;
        toEnd();
        return true;
      }
      stuck.current = false;
      const third = (scroller.current?.clientHeight ?? 0) / 3;
      list.current?.scrollToIndex(
        index,
        place.kind === 'unread' ? { align: 'start', offset: -third } : { align: 'center' },
      );
      return true;
    },
    [rows, toEnd],
  );

  const goTo = useCallback(
    (place: Place) => {
      const there = (place.kind !== 'end' || last) && arrive(place);
      wanted.current = there ? null : place;
      return there;
    },
    [arrive, last],
  );

  const forget = useCallback(() => {
    wanted.current = null;
  }, []);

  const opened = useRef(-1);
  useLayoutEffect(() => {
    const isNew = opened.current !== generation;
    opened.current = generation;
    const place = wanted.current ?? (isNew ? { kind: 'end' as const } : null);
    if (place && rows.length > 0) {
      if (arrive(place)) wanted.current = null;
    } else if (stuck.current) toEnd();
  }, [rows, generation, arrive, toEnd]);

  useEffect(() => {
    const timer = setTimeout(() => setSettled(generation), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [generation]);

  // Rows that do not fill the view cannot be scrolled to ask for more.
  useEffect(measure, [measure, rows]);

  const onResize = useCallback(() => {
    if (stuck.current) toEnd();
    measure();
  }, [measure, toEnd]);

  const reveal = useCallback((index: number) => {
    stuck.current = false;
    list.current?.scrollToIndex(index, { align: 'nearest' });
  }, []);

  return { scroller, list, onScroll: measure, onResize, isSettled, atEnd, visible, goTo, forget, reveal };
}

function indexOf(rows: readonly LogRow[], place: Place): number {
  if (place.kind === 'unread') return rows.findIndex(({ kind }) => kind === 'unread');
  if (place.kind === 'end') return -1;
  let before = -1;
  for (const [index, row] of rows.entries()) {
    const seq = seqOf(row);
    if (seq === place.seq) return index;
    // An edit or a reaction has no row: what stands before it is nearest.
    if (seq !== null && seq > place.seq) return before;
    if (seq !== null) before = index;
  }
  return -1;
}
