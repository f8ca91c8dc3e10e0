import { describe, expect, it } from 'vitest';
import { passwordStrength } from './passwordStrength';

/** H1, B1: a hint; the server decides. */
describe('the strength of a password', () => {
  it.each([
    ['', 0],
    ['short', 1],
    ['禾'.repeat(24), 1],
    ['12345678', 1],
    ['aaaaaaaaaaaa', 1],
    ['kitestorm', 2],
    ['Kite-in-1', 3],
    ['a kite in a storm', 4],
    ['风筝在暴风雨里飞', 4],
  ])('of “%s” is %i', (password, strength) => {
    expect(passwordStrength(password)).toBe(strength);
  });

  it('is small when the own name is in it', () => {
    expect(passwordStrength('alice-in-Wonderland-7', ['Alice', ''])).toBe(1);
  });
});
