import { useEffect, useMemo, useRef, type MouseEvent, type PointerEvent } from 'react';

/** A finger that stays so long opens what a right click opens, milliseconds; and may move so far meanwhile, pixels. */
const HOLD_MS = 500;
const SLACK_PX = 10;

interface Place {
  readonly x: number;
  readonly y: number;
}

interface LongPress {
  readonly handlers: {
    readonly onPointerDown: (event: PointerEvent) => void;
    readonly onPointerMove: (event: PointerEvent) => void;
    readonly onPointerUp: () => void;
    readonly onPointerCancel: () => void;
    /** What is under the finger is not pressed when it leaves. */
    readonly onClickCapture: (event: MouseEvent) => void;
  };
  readonly cancel: () => void;
}

/** Tells when a finger stays in its place. Where the browser does so by itself (a context menu), `cancel` takes this back. */
export function useLongPress(onHold: (place: Place) => void): LongPress {
  const latest = useRef(onHold);
  const hold = useRef<{ readonly timer: number; readonly place: Place } | null>(null);
  useEffect(() => {
    latest.current = onHold;
  });
  const held = useRef(false);
  const press = useMemo((): LongPress => {
    const cancel = () => {
      window.clearTimeout(hold.current?.timer);
      hold.current = null;
    };
    return {
      cancel,
      handlers: {
        onPointerDown: ({ pointerType, isPrimary, clientX: x, clientY: y }) => {
          cancel();
          held.current = false;
          if (pointerType !== 'touch' || !isPrimary) return;
          const place = { x, y };
          const timer = window.setTimeout(() => {
            hold.current = null;
            held.current = true;
            latest.current(place);
          }, HOLD_MS);
          hold.current = { timer, place };
        },
        onPointerMove: ({ clientX, clientY }) => {
          const start = hold.current?.place;
          if (start && Math.hypot(clientX - start.x, clientY - start.y) > SLACK_PX) cancel();
        },
        onPointerUp: cancel,
        onPointerCancel: cancel,
        onClickCapture: (event) => {
          if (!held.current) return;
          held.current = false;
          event.preventDefault();
          event.stopPropagation();
        },
      },
    };
  }, []);
  useEffect(() => press.cancel, [press]);
  return press;
}
