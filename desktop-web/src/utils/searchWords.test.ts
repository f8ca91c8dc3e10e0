import { describe, expect, it } from 'vitest';
import { hasWords, markWords, searchWords, snippetOf } from './searchWords';

const marked = (text: string, query: string) =>
  markWords(text, searchWords(query))
    .map((part) => (part.isHit ? `[${part.text}]` : part.text))
    .join('');

describe('words to search for', () => {
  it.each([
    ['Hello world', ['hello', 'world']],
    ['灰度 发布', ['灰度', '发布']],
    ['v2灰度', ['v2', '灰度']],
    ['hello hello', ['hello']],
    [' ,.! ', []],
  ])('of %j are %j', (query, words) => {
    expect(searchWords(query)).toEqual(words);
  });
});

/** H11 */
describe('a text', () => {
  it('has a word from its beginning, and a run without spaces anywhere', () => {
    expect(hasWords('The release is out', searchWords('rel OUT'))).toBe(true);
    expect(hasWords('prerelease', searchWords('release'))).toBe(false);
    expect(hasWords('今天灰度发布', searchWords('灰度'))).toBe(true);
    expect(hasWords('anything', [])).toBe(false);
  });

  it('is shown with its hits marked', () => {
    expect(marked('So “灰度” is canary', '灰度 can')).toBe('So “[灰度]” is [can]ary');
    expect(marked('Release, release', 'release')).toBe('[Release], [release]');
    expect(marked('aaa', 'a aa')).toBe('[aa]a');
    expect(marked('nothing', 'zzz')).toBe('nothing');
  });

  it('loses nothing when it is marked', () => {
    for (const text of ['İstanbul is', 'ﬀ and ß', '👩‍👩‍👧 family', '']) {
      expect(
        markWords(text, searchWords('is and family'))
          .map((part) => part.text)
          .join(''),
      ).toBe(text);
    }
  });

  it('is shown from shortly before the first hit', () => {
    expect(snippetOf(`${'x '.repeat(40)}needle`, ['needle'], 4)).toBe('…x x needle');
    expect(snippetOf('a needle\nin two lines', ['needle'], 16)).toBe('a needle in two lines');
  });
});
