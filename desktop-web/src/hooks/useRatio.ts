import { useLayoutEffect, useRef, type RefObject } from 'react';

/** Wider or taller than this a picture is cut, width to height. */
const MIN_RATIO = 0.6;
const MAX_RATIO = 3;

/** A frame of which the ratio is not known. */
const USUAL_RATIO = 1.6;

/** Gives an element the `--ratio` of a picture before it is there, so that nothing moves when it comes. Sizes in pixels; 0: not known. */
export function useRatio<Of extends HTMLElement>(width: number, height: number): RefObject<Of | null> {
  const element = useRef<Of>(null);
  const ratio = width && height ? Math.min(MAX_RATIO, Math.max(MIN_RATIO, width / height)) : USUAL_RATIO;
  useLayoutEffect(() => {
    element.current?.style.setProperty('--ratio', String(ratio));
  }, [ratio]);
  return element;
}
