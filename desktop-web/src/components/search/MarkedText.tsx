import { markWords, snippetOf } from '@/utils/searchWords';

/** So many characters stand before the first hit. */
const BEFORE = 16;

interface MarkedTextProps {
  readonly text: string;
  readonly words: readonly string[];
}

/** One line of a text, from shortly before what was searched for, which is marked. */
export function MarkedText({ text, words }: MarkedTextProps) {
  return markWords(snippetOf(text, words, BEFORE), words).map(({ text: part, isHit, at }) =>
    isHit ? <mark key={at}>{part}</mark> : part,
  );
}
