// How a text is searched for words: as logic does it (logic/src/search/words.rs), so that what is found without a server and what is
// marked are the same.

/** Written without spaces: a run of these is looked for anywhere, other words from their beginning. */
const DENSE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Thai}|\p{Script=Lao}|\p{Script=Khmer}|\p{Script=Myanmar}/u;
const STRETCH = /[\p{L}\p{M}\p{N}]+/gu;

/** A stretch of a text, to be shown. */
export interface Marked {
  readonly text: string;
  readonly isHit: boolean;
  /** Where it begins, which makes it unique. */
  readonly at: number;
}

/** What a query looks for, in lower case; empty: it has no word. */
export function searchWords(query: string): string[] {
  const words: string[] = [];
  for (const [stretch] of fold(query).matchAll(STRETCH)) {
    let run = '';
    for (const character of stretch) {
      if (run !== '' && DENSE.test(run) !== DENSE.test(character)) {
        words.push(run);
        run = '';
      }
      run += character;
    }
    words.push(run);
  }
  return [...new Set(words)];
}

/** Whether all words are in the text. */
export function hasWords(text: string, words: readonly string[]): boolean {
  const folded = fold(text);
  return words.length > 0 && words.every((word) => hitsOf(folded, word).length > 0);
}

/** The text in stretches, with the words in it marked. */
export function markWords(text: string, words: readonly string[]): Marked[] {
  const folded = fold(text);
  // Some characters have another length in lower case: what cannot be told is not marked.
  const hits = folded.length === text.length ? words.flatMap((word) => hitsOf(folded, word)) : [];
  hits.sort((a, b) => a.from - b.from || b.to - a.to);
  const marked: Marked[] = [];
  let at = 0;
  for (const { from, to } of hits) {
    if (from < at) continue;
    if (from > at) marked.push({ text: text.slice(at, from), isHit: false, at });
    marked.push({ text: text.slice(from, to), isHit: true, at: from });
    at = to;
  }
  if (at < text.length) marked.push({ text: text.slice(at), isHit: false, at });
  return marked;
}

/** The part of a text around its first hit, so that it is in sight in one line. */
export function snippetOf(text: string, words: readonly string[], before: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const first = Math.min(...words.flatMap((word) => hitsOf(fold(line), word).map(({ from }) => from)));
  if (!Number.isFinite(first) || first <= before) return line;
  return `…${line.slice(first - before)}`;
}

function fold(text: string): string {
  return text.toLowerCase();
}

function hitsOf(folded: string, word: string): { readonly from: number; readonly to: number }[] {
  const hits = [];
  for (let from = folded.indexOf(word); from >= 0; from = folded.indexOf(word, from + word.length)) {
    const previous = folded[from - 1] ?? ' ';
    if (DENSE.test(word) || DENSE.test(previous) || !/[\p{L}\p{M}\p{N}]/u.test(previous))
      hits.push({ from, to: from + word.length });
  }
  return hits;
}
