import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type RefObject,
  type UIEvent,
} from 'react';

/** So close to the end counts as being there, pixels. */
const END_PX = 80;

/** Older messages are loaded so far before the top is reached, pixels. */
const LOAD_AHEAD_PX = 600;

export interface LogContent {
  /** Keys of the first and the last row; undefined while there is none. */
  readonly firstKey: string | undefined;
  readonly lastKey: string | undefined;
  /** The last row was sent here. */
  readonly ownLast: boolean;
  readonly rowCount: number;
}

export interface LogScroll {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  readonly onScroll: (event: UIEvent<HTMLDivElement>) => void;
  readonly atEnd: boolean;
  /** Messages that came while the view was elsewhere. */
  readonly unseen: number;
  readonly jumpToEnd: () => void;
}

/**
 * Keeps what is being read in place: older rows push up, new ones show only when the view is at the end, an own one always.
 * `marker` finds the unread line, which is put a third from the top at the start.
 */
export function useLogScroll(log: LogContent, marker: string, loadOlder: () => void): LogScroll {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const seen = useRef<LogContent | null>(null);
  const height = useRef(0);
  const stuck = useRef(true);
  const [atEnd, setAtEnd] = useState(true);
  const [unseen, setUnseen] = useState(0);
  const { firstKey, lastKey, ownLast, rowCount } = log;

  const toEnd = useCallback(() => {
    const view = scroller.current;
    if (view) view.scrollTop = view.scrollHeight;
  }, []);

  useLayoutEffect(() => {
    const view = scroller.current;
    if (!view || firstKey === undefined) return;
    const before = seen.current;
    seen.current = { firstKey, lastKey, ownLast, rowCount };
    if (!before) {
      const line = view.querySelector<HTMLElement>(marker);
      if (line) view.scrollTop = line.offsetTop - view.clientHeight / 3;
      else toEnd();
    } else {
      const appended = before.lastKey !== lastKey;
      if (before.firstKey !== firstKey) view.scrollTop += view.scrollHeight - height.current;
      if (appended && (stuck.current || ownLast)) toEnd();
      else if (appended) setUnseen((count) => count + Math.max(1, rowCount - before.rowCount));
    }
    height.current = view.scrollHeight;
  }, [firstKey, lastKey, ownLast, rowCount, marker, toEnd]);

  // The composer grows, a banner appears, text wraps anew: at the end the view stays at the end.
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      if (stuck.current) toEnd();
      height.current = scroller.current?.scrollHeight ?? 0;
    });
    if (scroller.current) observer.observe(scroller.current);
    if (content.current) observer.observe(content.current);
    return () => observer.disconnect();
  }, [toEnd]);

  // A page that does not fill the view cannot be scrolled to ask for more.
  useEffect(() => {
    const view = scroller.current;
    if (view && firstKey !== undefined && view.scrollHeight <= view.clientHeight + END_PX) loadOlder();
  }, [firstKey, loadOlder]);

  const onScroll = useCallback(
    (event: UIEvent<HTMLDivElement>) => {
      const view = event.currentTarget;
      const end = view.scrollHeight - view.scrollTop - view.clientHeight < END_PX;
      stuck.current = end;
      setAtEnd(end);
      if (end) setUnseen(0);
      if (view.scrollTop < LOAD_AHEAD_PX) loadOlder();
    },
    [loadOlder],
  );

  return { scroller, content, onScroll, atEnd, unseen: atEnd ? 0 : unseen, jumpToEnd: toEnd };
}
