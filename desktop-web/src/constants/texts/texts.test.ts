import { describe, expect, it } from 'vitest';
import { Code } from '@/protocol/codes';
import { errorText, reasonText, speak, t } from '@/utils/t';
import { en, type TextName } from './en';
import { zh } from './zh';

const names = Object.keys(en) as TextName[];
/** Chinese has one form for any number, so only the names count. */
const parameters = (text: string) =>
  [...new Set([...text.matchAll(/\{(\w+)[^}]*\}/g)].map(([, name]) => name))].sort();

describe('the texts', () => {
  it.each(names)('%s is there in both languages with the same parameters', (name) => {
    expect(zh[name]).not.toBe('');
    expect(parameters(zh[name])).toEqual(parameters(en[name]));
  });

  it('take parameters', () => {
    expect(t('waitSeconds', { seconds: 3 })).toBe('Wait 3 s');
  });

  it('count one as one', () => {
    expect([0, 1, 2].map((count) => t('memberCount', { count }))).toEqual([
      '0 members',
      '1 member',
      '2 members',
    ]);
  });

  it('have a sentence for every code', () => {
    const codes = Object.values(Code).filter(
      (code): code is Code => typeof code === 'number' && code !== Code.Ok,
    );
    for (const code of codes) expect(errorText(code)).not.toBe('');
    expect(errorText(Code.UsernameTaken)).toBe('This username is taken.');
  });

  it('say why by a sentence where the reason stands alone, and go on after a colon', async () => {
    expect(errorText(Code.GroupFull)).toBe('The group is full.');
    expect(reasonText(Code.GroupFull)).toBe('the group is full.');
    await speak('zh');
    expect(errorText(Code.GroupFull)).toBe('群已满。');
    await speak('en');
  });
});
