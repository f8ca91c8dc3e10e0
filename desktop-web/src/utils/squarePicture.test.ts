import { describe, expect, it } from 'vitest';
import { middleSquare } from './squarePicture';

describe('the square of an avatar', () => {
  it.each([
    ['a wide picture', 900, 600, { x: 150, y: 0, side: 600 }],
    ['a high picture', 600, 901, { x: 0, y: 150, side: 600 }],
    ['a square', 512, 512, { x: 0, y: 0, side: 512 }],
  ])('is the middle of %s', (_name, width, height, square) => {
    expect(middleSquare(width, height)).toEqual(square);
  });
});
