import { useLayoutEffect, type RefObject } from 'react';

// jsdom has no such function.
const CAN_GROW = globalThis.CSS?.supports?.('field-sizing', 'content') ?? false;

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
