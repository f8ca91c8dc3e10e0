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
 * arrows, Home and End move it; Escape and Tab close, and so does a press elsewhere. `content` names what is shown: something else
 * is placed anew.
 */
export function usePopup(
  place: MenuPlace,
  content: string,
  /** `moved`: the focus is elsewhere already. */
  onClose: (moved: boolean) => void,
): { readonly popup: RefObject<HTMLDivElement | null>; readonly keyDown: (event: KeyboardEvent) => void } {
  const popup = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const element = popup.current;
    if (!element) return;
    const { width, height } = element.getBoundingClientRect();
    const left = Math.max(MARGIN_PX, Math.min(place.x, innerWidth - width - MARGIN_PX));
    const isBelow = place.y + height + MARGIN_PX <= innerHeight;
    const top = isBelow ? place.y : Math.max(MARGIN_PX, place.y - height);
    element.style.setProperty('--left', `${left}px`);
    element.style.setProperty('--top', `${top}px`);
    itemsOf(element)[0]?.focus();
  }, [place, content]);

  useEffect(() => {
    const press = ({ target }: Event) => {
      if (!(target instanceof Node && popup.current?.contains(target))) onClose(true);
    };
    const leave = () => onClose(true);
    document.addEventListener('pointerdown', press, true);
    window.addEventListener('resize', leave);
    return () => {
      document.removeEventListener('pointerdown', press, true);
      window.removeEventListener('resize', leave);
    };
  }, [onClose]);

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

function itemsOf(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role^="menuitem"]')];
}
