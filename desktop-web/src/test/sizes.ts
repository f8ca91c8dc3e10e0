// jsdom lays nothing out, and a virtual list draws what fits: here the log's view is VIEW_HEIGHT high and each of its rows ROW_HEIGHT.
// Import this before anything of React's testing tools, which take hold of `act`.

import React from 'react';

export const VIEW_HEIGHT = 600;
export const ROW_HEIGHT = 48;
const WIDTH = 800;

const heightOf = (element: Element) => (element.getAttribute('role') === 'log' ? VIEW_HEIGHT : ROW_HEIGHT);

/** Observers that have something to tell, with what. */
const waiting = new Map<FixedSizes, Set<Element>>();

/** Where elements are scrolled to, and those of which nobody heard it yet. */
const tops = new WeakMap<Element, number>();
const scrolled = new Set<Element>();

/** Tells a size once, as a browser does between two frames; sizes do not change here. */
class FixedSizes implements ResizeObserver {
  constructor(private readonly callback: ResizeObserverCallback) {}

  observe(target: Element): void {
    if (waiting.size + scrolled.size === 0) queueMicrotask(deliver);
    waiting.set(this, (waiting.get(this) ?? new Set()).add(target));
  }

  unobserve(target: Element): void {
    waiting.get(this)?.delete(target);
  }

  disconnect(): void {
    waiting.delete(this);
  }

  tell(targets: ReadonlySet<Element>): void {
    const entries = [...targets].map((target) => ({
      target,
      contentRect: new DOMRect(0, 0, WIDTH, heightOf(target)),
    }));
    if (entries.length > 0) this.callback(entries as unknown as ResizeObserverEntry[], this);
  }
}

const act = React.act;
let depth = 0;

/** What was drawn is measured, which may draw more. */
function deliver(): void {
  const before = Reflect.get(globalThis, 'IS_REACT_ACT_ENVIRONMENT') as unknown;
  Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
  for (let round = 0; waiting.size + scrolled.size > 0 && round < 20; round += 1) {
    const told = [...waiting];
    const moved = [...scrolled];
    waiting.clear();
    scrolled.clear();
    act(() => {
      told.forEach(([observer, targets]) => observer.tell(targets));
      moved.forEach((element) => element.dispatchEvent(new Event('scroll')));
    });
  }
  Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', before);
}

/** The page is laid out after each step of a test, not only when the test waits. */
function actAndMeasure(step: () => unknown): unknown {
  depth += 1;
  const done = () => {
    depth -= 1;
    if (depth === 0) deliver();
  };
  let waits = false;
  // React gives something to await in any case.
  const awaited = act(() => {
    const given = step();
    waits = typeof given === 'object' && given !== null && 'then' in given;
    return given as void;
  }) as unknown as PromiseLike<unknown>;
  if (!waits) {
    done();
    return awaited;
  }
  return {
    then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) =>
      awaited.then(
        (value) => {
          done();
          resolve(value);
        },
        (error: unknown) => {
          depth -= 1;
          reject(error);
        },
      ),
  };
}

const SCROLLBAR = '::-webkit-scrollbar';

/** What Ant Design measures with and jsdom cannot tell: how wide scroll bars are, and edges in pixels in place of `medium`. */
function giveStyles(): void {
  const computed = globalThis.getComputedStyle;
  globalThis.getComputedStyle = (element, pseudo) =>
    computed(element, pseudo === SCROLLBAR ? undefined : pseudo);
  const sheet = document.createElement('style');
  sheet.textContent = 'textarea { border-width: 0px !important; }';
  document.head.append(sheet);
}

/** Gives all elements of the tests sizes. */
export function giveSizes(): void {
  giveStyles();
  React.act = actAndMeasure as typeof React.act;
  globalThis.ResizeObserver = FixedSizes;
  // The tests' global object is not the document's window.
  Object.assign(document.defaultView ?? {}, { ResizeObserver: FixedSizes });
  define(HTMLElement.prototype, 'offsetParent', function () {
    return this.parentElement;
  });
  define(Element.prototype, 'clientHeight', function () {
    return heightOf(this);
  });
  define(Element.prototype, 'scrollHeight', function () {
    return this.getAttribute('role') === 'log' ? contentHeight(this) : heightOf(this);
  });
  Object.defineProperty(Element.prototype, 'scrollTop', {
    configurable: true,
    get(this: Element) {
      return tops.get(this) ?? 0;
    },
    set(this: Element, top: number) {
      scroll(this, top);
    },
  });
  Element.prototype.scrollTo = function (this: Element, options?: ScrollToOptions | number) {
    if (typeof options === 'object' && options.top !== undefined) scroll(this, options.top);
  };
  Element.prototype.scrollBy = function (this: Element, options?: ScrollToOptions | number) {
    if (typeof options === 'object' && options.top !== undefined) scroll(this, this.scrollTop + options.top);
  };
}

/** An element clamps, and tells a little later. */
function scroll(element: Element, top: number): void {
  const clamped = Math.max(0, Math.min(top, element.scrollHeight - element.clientHeight));
  if (clamped === element.scrollTop) return;
  tops.set(element, clamped);
  if (waiting.size + scrolled.size === 0) queueMicrotask(deliver);
  scrolled.add(element);
}

/** The virtual list says how long all of its rows are. */
function contentHeight(log: Element): number {
  const heights = [...log.children].map(
    (child) => Number.parseFloat((child as HTMLElement).style.height) || 0,
  );
  return Math.max(
    VIEW_HEIGHT,
    heights.reduce((sum, height) => sum + height, 0),
  );
}

function define<Of extends object>(prototype: Of, name: string, get: (this: Of) => unknown): void {
  Object.defineProperty(prototype, name, { configurable: true, get });
}

giveSizes();
