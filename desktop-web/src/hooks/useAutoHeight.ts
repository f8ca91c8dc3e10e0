import { useLayoutEffect, type RefObject } from 'react';

// jsdom has no CSS object at all.
const CAN_GROW = 'CSS' in globalThis && CSS.supports('field-sizing', 'content');

/** Makes a field as high as its text where CSS cannot (`field-sizing`: not in Firefox); its limits are those of CSS. */
export function useAutoHeight(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    if (field.current && !CAN_GROW) fit(field.current);
  }, [field, text]);
}

function fit(element: HTMLTextAreaElement): void {
  element.style.height = 'auto';
  element.style.height = `${element.scrollHeight}px`;
}
