import { useEffect } from 'react';
import { markWords } from '@/utils/searchWords';

/** The name under which CSS knows them: `::highlight(found)`. */
const NAME = 'found';

/**
 * Marks words in the messages on the screen, while there are some to mark. It changes no element: what the log renders and measures
 * stays as it is. Browsers without the CSS highlights show the outline of the found message only.
 */
export function useWordMarks(words: readonly string[] | null): void {
  useEffect(() => {
    const log = document.querySelector('[role="log"]');
    if (!words || !log || !('highlights' in CSS)) return;
    const mark = () => CSS.highlights.set(NAME, new Highlight(...rangesIn(log, words)));
    const observer = new MutationObserver(mark);
    observer.observe(log, { childList: true, subtree: true, characterData: true });
    mark();
    return () => {
      observer.disconnect();
      CSS.highlights.delete(NAME);
    };
  }, [words]);
}

function rangesIn(log: Element, words: readonly string[]): Range[] {
  const ranges: Range[] = [];
  const walker = document.createTreeWalker(log, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement?.closest('article') || node.parentElement.closest('time')) continue;
    for (const { at, text, isHit } of markWords(node.textContent ?? '', words)) {
      if (!isHit) continue;
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + text.length);
      ranges.push(range);
    }
  }
  return ranges;
}
