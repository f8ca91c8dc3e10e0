import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Plugin } from 'vite';
import { TONES, withTone } from '../src/utils/emojiSet.ts';

const { resolve } = createRequire(import.meta.url);

/** What is read of an emoji in emojibase-data. */
interface Given {
  readonly emoji: string;
  readonly label: string;
  readonly tags?: readonly string[];
  readonly group?: number;
  readonly order?: number;
  readonly version: number;
  readonly skins?: readonly { readonly emoji: string; readonly tone: number | readonly number[] }[];
}

const MODULE = /^virtual:emoji\/(en|zh)$/;
/** Rollup's sign that an id is no file. */
const NO_FILE = '\0';

/** Later ones are boxes on many devices. */
const MAX_VERSION = 15.1;
/** Tones and hair are no emoji of their own. */
const COMPONENTS = 2;
const MAX_TAGS = 8;

/**
 * Gives `virtual:emoji/en` and `virtual:emoji/zh`, made of emojibase-data (MIT). Its compact JSON is 84 kB gzip per language; what the
 * picker shows and finds is less than half of that.
 */
export function emoji(): Plugin {
  return {
    name: 'im-emoji',
    resolveId: (id) => (MODULE.test(id) ? NO_FILE + id : undefined),
    load(id) {
      const language = id.startsWith(NO_FILE) ? MODULE.exec(id.slice(NO_FILE.length))?.[1] : undefined;
      if (!language) return;
      const data = JSON.parse(readFileSync(resolve(`emojibase-data/${language}/data.json`), 'utf8'));
      return `export const emoji = ${JSON.stringify(emojiText(data))};`;
    },
  };
}

/**
 * What `parseEmoji` reads. A line: the emoji, with a plus where it has skin tones; its name; words to find it by. "#n" begins group n.
 */
function emojiText(data: readonly Given[]): string {
  const lines: string[] = [];
  let group: number | undefined;
  const shown = data
    .filter((one) => one.group !== undefined && one.group !== COMPONENTS && one.version <= MAX_VERSION)
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
  for (const one of shown) {
    if (one.group !== group) lines.push(`#${one.group}`);
    group = one.group;
    lines.push(lineOf(one));
  }
  return lines.join('\n');
}

function lineOf({ emoji: given, label, tags = [], skins = [] }: Given): string {
  const sign = plain(given);
  // The tones of some pairs are not those of their parts: they come without.
  const tones = skins.flatMap(({ emoji, tone }) => {
    const [first, ...others] = new Set([tone].flat());
    return others.length > 0 ? [] : [{ emoji, tone: first }];
  });
  const hasTones =
    tones.length === TONES.length - 1 &&
    tones.every(({ emoji, tone }) => {
      const known = TONES.find((other) => other === tone);
      return known !== undefined && plain(emoji) === withTone({ emoji: sign, hasTones: true }, known);
    });
  const named = new Set(label.toLowerCase().split(/\s+/));
  const words = [...new Set(tags.map((tag) => clean(tag).toLowerCase()))]
    .filter((tag) => tag !== '' && !named.has(tag) && tag !== label)
    .slice(0, MAX_TAGS);
  return [hasTones ? `${sign}+` : sign, clean(label), words.join(',')].filter(Boolean).join('|');
}

/** What is drawn as an emoji anyway says so a second time in the data; people type it without. */
function plain(emoji: string): string {
  return emoji.replace(/(\p{Emoji_Presentation})\uFE0F/gu, '$1');
}

/** Without the signs that part a line. */
function clean(words: string): string {
  return words.replace(/[|\n]/g, ' ').trim();
}
