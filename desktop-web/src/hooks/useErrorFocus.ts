import { useEffect, useRef, type RefObject } from 'react';

const EDITABLE = 'input, textarea, select, [contenteditable]:not([contenteditable="false"])';

/**
 * An error leads to the first wrong field of its form, wherever it was sent from. It does not where the user writes something
 * else already: an answer of the server comes late.
 */
export function useErrorFocus(field: RefObject<HTMLInputElement | null>, error: string | undefined): void {
  /** Where the form was sent from, until something is typed. */
  const sentFrom = useRef<Element | null>(null);
  useEffect(() => {
    const form = field.current?.form;
    if (!form) return;
    const send = () => {
      sentFrom.current = document.activeElement;
    };
    const type = () => {
      sentFrom.current = null;
    };
    // Before the page looks at what it is given.
    form.addEventListener('submit', send, true);
    form.addEventListener('input', type);
    return () => {
      form.removeEventListener('submit', send, true);
      form.removeEventListener('input', type);
    };
  }, [field]);

  useEffect(() => {
    const element = field.current;
    const { activeElement } = document;
    if (!error || !element) return;
    if (activeElement?.matches(EDITABLE) && activeElement !== sentFrom.current) return;
    const first = element.form?.querySelector<HTMLElement>('[aria-invalid="true"]') ?? element;
    first.focus();
  }, [error, field]);
}
