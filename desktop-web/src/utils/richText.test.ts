import { describe, expect, it } from 'vitest';
import { SEEDS, seededRandom } from '@/test/random';
import { asUserId } from '@/types/ids';
import { emojiCount } from './emoji';
import { richText, type MentionName } from './richText';
import { safeLink } from './safeLink';

const LIN = { userId: asUserId('5'), name: 'Lin' };
const LIN_QING = { userId: asUserId('6'), name: 'Lin Qing' };
const links = (text: string) => richText(text).flatMap((token) => (token.kind === 'link' ? [token] : []));
const kinds = (text: string, names: readonly MentionName[] = []) =>
  richText(text, names).map(({ kind, text: part }) => `${kind}:${part}`);

describe('a text', () => {
  it('is taken apart into words, code, links and mentions', () => {
    expect(kinds('hi @Lin, see `npm ci` at https://a.example/b?c=1.', [LIN])).toEqual([
      'text:hi ',
      'mention:@Lin',
      'text:, see ',
      'code:`npm ci`',
      'text: at ',
      'link:https://a.example/b?c=1',
      'text:.',
    ]);
  });

  it('mentions by the longest name, and only who is mentioned', () => {
    expect(kinds('@Lin Qing @Lin @Tao', [LIN, LIN_QING])).toEqual([
      'mention:@Lin Qing',
      'text: ',
      'mention:@Lin',
      'text: @Tao',
    ]);
  });

  it('keeps names that are patterns as they are', () => {
    const odd = { userId: asUserId('7'), name: 'a.b+(c)[d]' };
    expect(kinds('@a.b+(c)[d] @axb', [odd])).toEqual(['mention:@a.b+(c)[d]', 'text: @axb']);
  });

  it('ends a link where the sentence goes on', () => {
    expect(links('(https://a.example/x_(y)) 看https://b.example/路。好').map(({ text }) => text)).toEqual([
      'https://a.example/x_(y)',
      'https://b.example/路',
    ]);
  });

  it('knows addresses without a scheme, and mail', () => {
    expect(links('www.a.example and me@b.example').map(({ href }) => href)).toEqual([
      'https://www.a.example/',
      'mailto:me@b.example',
    ]);
  });
});

describe('a link', () => {
  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'https://bank.example@evil.example/',
    'https://',
  ])('is not made of %s', (address) => {
    expect(safeLink(address)).toBeNull();
    expect(links(address)).toEqual([]);
  });

  it('shows its host as it goes out where scripts are mixed', () => {
    // The first letter is Cyrillic.
    expect(safeLink('https://аpple.example/login')?.shown).toBe('https://xn--pple-43d.example/login');
    expect(safeLink('https://аррӏе.com')?.shown).toMatch(/^https:\/\/xn--/);
    // A Latin letter that looks like a g.
    expect(safeLink('https://ɡoogle.com')?.shown).toMatch(/^https:\/\/xn--/);
  });

  it('shows a host of one script as it is written', () => {
    for (const address of [
      'https://例子.中国/路',
      'https://münchen.example',
      'https://президент.рф',
      'http://A.Example:8080/',
    ]) {
      expect(safeLink(address)?.shown).toBe(address);
    }
  });

  it('ends before what turns the direction of writing', () => {
    expect(links('https://a.example/\u202egpj.exe').map(({ text }) => text)).toEqual(['https://a.example/']);
  });
});

describe('any text', () => {
  const PIECES = [
    'https://',
    'http://a.example',
    'javascript:',
    'www.',
    '@',
    'Lin',
    'Lin Qing',
    '`',
    '``',
    '\n',
    ' ',
    '(',
    ')',
    '.',
    '。',
    'a@b.example',
    '\u202e',
    '👍🏽',
    '林',
    '<img src=x onerror=alert(1)>',
    'mailto:',
    '\\',
    '//',
    'аpple.com',
    '\ud800',
  ];
  it.each(SEEDS)(
    'is whole again when its parts are put together, and has safe links only (seed %i)',
    (seed) => {
      const random = seededRandom(seed);
      for (let round = 0; round < 60; round += 1) {
        const text = Array.from({ length: 12 }, () => PIECES[Math.floor(random() * PIECES.length)]).join('');
        const tokens = richText(text, [LIN, LIN_QING]);
        expect(tokens.map((token) => token.text).join('')).toBe(text);
        expect(tokens.every((token) => token.text !== '')).toBe(true);
        for (const token of tokens) {
          if (token.kind === 'link') expect(token.href).toMatch(/^(?:https?:\/\/[^/]|mailto:)/);
          if (token.kind === 'mention') expect(token.text.toLowerCase()).toMatch(/^@lin( qing)?$/);
        }
      }
    },
  );

  it('is taken apart in time that grows with it', () => {
    const long = `${'a'.repeat(4_000)}@${'b.'.repeat(2_000)} ${'https://('.repeat(900)} ${'`'.repeat(3_000)}`;
    expect(
      richText(long)
        .map((token) => token.text)
        .join(''),
    ).toBe(long);
  });
});

describe('a message of emoji only', () => {
  it.each([
    ['👍', 1],
    ['👩‍👩‍👧‍👦 🇨🇳', 2],
    ['👍🏽❤️1️⃣☝🏽', 4],
    ['👍 ok', 0],
    ['12', 0],
    ['©', 0],
    ['', 0],
    ['😀'.repeat(7), 0],
  ])('%s counts %i', (text, count) => {
    expect(emojiCount(text)).toBe(count);
  });
});
