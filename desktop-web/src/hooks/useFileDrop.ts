import { useEffect, useState, type RefObject } from 'react';

/** Takes files that are dropped anywhere on the chat around `within`. Gives whether some are held over it now. */
export function useFileDrop(
  within: RefObject<HTMLElement | null>,
  onFiles: ((files: readonly File[]) => void) | null,
): boolean {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const area = within.current?.closest('main');
    if (!area || !onFiles) return;
    // Elements inside are entered and left too.
    let depth = 0;
    const show = (next: number) => {
      depth = next;
      setIsOver(next > 0);
    };
    const listeners: Record<string, (event: DragEvent) => void> = {
      dragenter: () => show(depth + 1),
      dragleave: () => show(Math.max(0, depth - 1)),
      dragover: (event) => {
        if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
      },
      drop: (event) => {
        show(0);
        onFiles([...(event.dataTransfer?.files ?? [])]);
      },
    };
    const listen = (event: Event) => {
      const drag = event as DragEvent;
      // Text that is dragged is for the field.
      if (!drag.dataTransfer?.types.includes('Files')) return;
      drag.preventDefault();
      listeners[drag.type]?.(drag);
    };
    for (const type of Object.keys(listeners)) area.addEventListener(type, listen);
    return () => {
      for (const type of Object.keys(listeners)) area.removeEventListener(type, listen);
      setIsOver(false);
    };
  }, [within, onFiles]);
  return isOver;
}
