import { useEffect, useMemo, useRef, type PointerEvent, type RefObject } from 'react';

/** So much closer than whole, at most. */
const MAX_SCALE = 8;

/** What a double click and each step of the wheel do. */
const CLOSER = 2.5;
const WHEEL_STEP = 1.15;

interface View {
  scale: number;
  x: number;
  y: number;
}

export interface PanZoom {
  readonly stage: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLImageElement | null>;
  readonly handlers: {
    readonly onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerUp: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerCancel: (event: PointerEvent<HTMLElement>) => void;
  };
  readonly zoomBy: (factor: number) => void;
  readonly toggle: () => void;
  readonly reset: () => void;
}

/** Brings a picture closer by wheel, buttons or two fingers, and moves it by hand. Begins anew with another `key`. */
export function usePanZoom(key: string): PanZoom {
  const stage = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLImageElement>(null);
  const view = useRef<View>({ scale: 1, x: 0, y: 0 });

  const actions = useMemo(() => {
    const fingers = new Map<number, { x: number; y: number }>();
    const apply = (next: View) => {
      const scale = Math.min(MAX_SCALE, Math.max(1, next.scale));
      const { clientWidth = 0, clientHeight = 0 } = stage.current ?? {};
      // The picture does not leave the view.
      const [maxX, maxY] = [((scale - 1) * clientWidth) / 2, ((scale - 1) * clientHeight) / 2];
      const clamp = (value: number, max: number) => Math.min(max, Math.max(-max, value));
      view.current = { scale, x: clamp(next.x, maxX), y: clamp(next.y, maxY) };
      const { x, y } = view.current;
      content.current?.style.setProperty('transform', `translate(${x}px, ${y}px) scale(${scale})`);
      stage.current?.toggleAttribute('data-close', scale > 1);
    };
    const zoomBy = (factor: number) => {
      const { scale, x, y } = view.current;
      const next = Math.min(MAX_SCALE, Math.max(1, scale * factor));
      apply({ scale: next, x: (x * next) / scale, y: (y * next) / scale });
    };
    const spread = () => {
      const [one, other] = [...fingers.values()];
      return one && other ? Math.hypot(one.x - other.x, one.y - other.y) : 0;
    };
    const release = ({ pointerId }: PointerEvent<HTMLElement>) => void fingers.delete(pointerId);
    return {
      zoomBy,
      reset: () => apply({ scale: 1, x: 0, y: 0 }),
      toggle: () => (view.current.scale > 1 ? apply({ scale: 1, x: 0, y: 0 }) : zoomBy(CLOSER)),
      handlers: {
        onPointerDown: (event: PointerEvent<HTMLElement>) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
        },
        onPointerMove: (event: PointerEvent<HTMLElement>) => {
          const before = fingers.get(event.pointerId);
          if (!before) return;
          const wide = spread();
          fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
          if (fingers.size === 2 && wide > 0) return zoomBy(spread() / wide);
          const { scale, x, y } = view.current;
          apply({ scale, x: x + event.clientX - before.x, y: y + event.clientY - before.y });
        },
        onPointerUp: release,
        onPointerCancel: release,
      },
    };
  }, []);

  useEffect(() => actions.reset(), [actions, key]);

  // React listens to the wheel passively, and the page must not scroll or grow by it.
  useEffect(() => {
    const element = stage.current;
    const turn = (event: WheelEvent) => {
      event.preventDefault();
      actions.zoomBy(event.deltaY < 0 ? WHEEL_STEP : 1 / WHEEL_STEP);
    };
    element?.addEventListener('wheel', turn, { passive: false });
    return () => element?.removeEventListener('wheel', turn);
  }, [actions]);

  return { stage, content, ...actions };
}
