import { useEffect, useLayoutEffect, useRef, type KeyboardEvent, type RefObject } from 'react';

/** In pixels of the window. */
export interface MenuPlace {
  readonly x: number;
  readonly y: number;
}

/** So far from the window's edge, pixels. */
const MARGIN_PX = 8;

const STEPS: Readonly<Record<string, 1 | -1>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/**
 * A menu, or what opens out of one, at a place of the window: below it, or above where there is no room. The first item takes the focus,
 * arrows, Home and End move it; Escape and Tab close, and so does a press elsewhere or another width of the window. `content` names
 * what is shown: something else is placed anew.
 */
export function usePopup(
  place: MenuPlace,
  content: string,
  /** `moved`: the focus is elsewhere already. */
  onClose: (moved: boolean) => void,
): { readonly popup: RefObject<HTMLDivElement | null>; readonly keyDown: (event: KeyboardEvent) => void } {
  const popup = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    if (!popup.current) return;
    putAt(place, popup.current);
    itemsOf(popup.current)[0]?.focus();
  }, [place, content]);

  useEffect(() => {
    const press = ({ target }: Event) => {
      if (!(target instanceof Node && popup.current?.contains(target))) onClose(true);
    };
    const { innerWidth: width } = window;
    const fit = () => {
      if (innerWidth !== width) onClose(true);
      // The keyboard of a touch screen came or went, which the menu or its search may have brought about.
      else if (popup.current) putAt(place, popup.current);
    };
    document.addEventListener('pointerdown', press, true);
    window.addEventListener('resize', fit);
    return () => {
      document.removeEventListener('pointerdown', press, true);
      window.removeEventListener('resize', fit);
    };
  }, [place, onClose]);

  const keyDown = (event: KeyboardEvent) => {
    const items = popup.current ? itemsOf(popup.current) : [];
    const at = items.findIndex((item) => item === document.activeElement);
    const step = STEPS[event.key];
    event.stopPropagation();
    // What opened out of a menu has keys of its own.
    if (items.length === 0) return;
    if (event.key === 'Escape' || event.key === 'Tab') onClose(false);
    else if (event.key === 'Home') items[0]?.focus();
    else if (event.key === 'End') items.at(-1)?.focus();
    else if (step) items.at((at + step) % items.length)?.focus();
    else return;
    event.preventDefault();
  };

  return { popup, keyDown };
}

function putAt(place: MenuPlace, element: HTMLElement): void {
  const { width, height } = element.getBoundingClientRect();
  const left = Math.max(MARGIN_PX, Math.min(place.x, innerWidth - width - MARGIN_PX));
  const isBelow = place.y + height + MARGIN_PX <= innerHeight;
  // A window that became lower may end above the place.
  const bottom = Math.min(place.y, innerHeight - MARGIN_PX);
  const top = isBelow ? place.y : Math.max(MARGIN_PX, bottom - height);
  element.style.setProperty('--left', `${left}px`);
  element.style.setProperty('--top', `${top}px`);
}

function itemsOf(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role^="menuitem"]')];
}
