// Makes src/constants/emoji/{en,zh}.ts of emojibase-data (MIT, https://emojibase.dev), which is too large to ship and needed only here:
//   npm pack emojibase-data@17.0.0 && tar xzf emojibase-data-17.0.0.tgz && node generateEmoji.js package
// Its compact JSON is 84 kB gzip per language; what the picker shows and finds is a third of that.
import { readFileSync, writeFileSync } from 'node:fs';

const folder = process.argv[2];
if (!folder) throw new Error('the folder of emojibase-data?');

/** Later ones are boxes on many devices. */
const MAX_VERSION = 15.1;
/** Tones and hair are no emoji of their own. */
const COMPONENTS = 2;
const MAX_TAGS = 8;

const TONES = ['\u{1F3FB}', '\u{1F3FC}', '\u{1F3FD}', '\u{1F3FE}', '\u{1F3FF}'];

/** As utils/emojiSet.ts does it. */
function withTone(emoji, tone) {
  return emoji.replace(/(\p{Emoji_Modifier_Base})\uFE0F?/gu, `$1${TONES[tone - 1]}`);
}

function plain(emoji) {
  return emoji.replace(/(\p{Emoji_Presentation})\uFE0F/gu, '$1');
}

for (const language of ['en', 'zh']) {
  const data = JSON.parse(readFileSync(`${folder}/${language}/data.json`, 'utf8'));
  const lines = [];
  let group = -1;
  const shown = data
    .filter((one) => one.group !== undefined && one.group !== COMPONENTS && one.version <= MAX_VERSION)
    .sort((a, b) => a.order - b.order);
  for (const { emoji: given, label, tags = [], group: own, skins = [] } of shown) {
    // What is drawn as an emoji anyway says so a second time here; people type it without.
    const emoji = plain(given);
    if (own !== group) lines.push(`#${own}`);
    group = own;
    const clean = (words) => words.replace(/[|`$\\\n]/g, ' ').trim();
    // The tones of some pairs are not those of their parts: they come without.
    const tones = skins.filter((skin) => typeof skin.tone === 'number' || new Set(skin.tone).size === 1);
    const toned =
      tones.length === TONES.length &&
      tones.every((skin) => plain(skin.emoji) === withTone(emoji, Number([skin.tone].flat()[0])));
    const known = new Set(label.toLowerCase().split(/\s+/));
    const words = [...new Set(tags.map((tag) => clean(tag).toLowerCase()))]
      .filter((tag) => tag !== '' && !known.has(tag) && tag !== label)
      .slice(0, MAX_TAGS);
    lines.push(
      [emoji + (toned ? '+' : ''), clean(label), ...(words.length ? [words.join(',')] : [])].join('|'),
    );
  }
  const text = `// Made by generateEmoji.js of emojibase-data 17.0.0 (MIT); not edited by hand.
// A line: the emoji, with a plus where it has skin tones; its name; words to find it by. "#n" begins group n.
export const emoji = \`${lines.join('\n')}\`;
`;
  writeFileSync(new URL(`src/constants/emoji/${language}.ts`, import.meta.url), text);
}
