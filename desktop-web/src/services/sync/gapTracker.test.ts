import { describe, expect, it } from 'vitest';
import { SEEDS, seededRandom, shuffled } from '@/test/random';
import { GapTracker } from './gapTracker';

const items = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ seq: from + index }));
const seqs = (list: readonly { seq: number }[]) => list.map(({ seq }) => seq);

/** [R1], D5 */
describe('the gap tracker', () => {
  it('applies what follows the tip', () => {
    const tracker = new GapTracker(3);
    expect(seqs(tracker.offer(items(4, 6)))).toEqual([4, 5, 6]);
    expect(tracker.tip).toBe(6);
  });

  it('holds what is ahead and applies it when the gap closes', () => {
    const tracker = new GapTracker(0);
    expect(tracker.offer(items(2, 3))).toEqual([]);
    expect(tracker.isBehind).toBe(true);
    expect(seqs(tracker.offer(items(1, 1)))).toEqual([1, 2, 3]);
    expect(tracker.isBehind).toBe(false);
  });

  it('drops what is at or below the tip', () => {
    const tracker = new GapTracker(5);
    expect(tracker.offer(items(1, 5))).toEqual([]);
    expect(tracker.tip).toBe(5);
  });

  it('is behind when the server knows more', () => {
    const tracker = new GapTracker(5);
    tracker.learn(8);
    expect(tracker.isBehind).toBe(true);
    tracker.offer(items(6, 8));
    expect(tracker.isBehind).toBe(false);
  });

  it('starts again behind a position and keeps what is ahead of it', () => {
    const tracker = new GapTracker(0);
    tracker.offer(items(100, 101));
    tracker.restart(98);
    expect(seqs(tracker.offer(items(99, 99)))).toEqual([99, 100, 101]);
  });

  it('holds a bounded number and still takes what closes the gap', () => {
    const tracker = new GapTracker(0);
    tracker.offer(items(2, 5_000));
    expect(seqs(tracker.offer(items(1, 1))).length).toBe(1_001);
    expect(tracker.known).toBe(5_000);
  });

  it.each(SEEDS)(
    'shows each entry once and in order, whatever is lost, repeated or reordered (seed %i)',
    (seed) => {
      const random = seededRandom(seed);
      const log = items(1, 200);
      const tracker = new GapTracker<{ seq: number }>(0);
      const shown: number[] = [];
      const pushes = shuffled([...log, ...log.filter(() => random() < 0.3)], random).filter(
        () => random() < 0.7,
      );
      for (const push of pushes) {
        shown.push(...seqs(tracker.offer([push])));
        // A pull forward from the tip, as HistoryRequest gives it.
        if (random() < 0.05) shown.push(...seqs(tracker.offer(log.slice(tracker.tip, tracker.tip + 20))));
      }
      tracker.learn(log.length);
      while (tracker.isBehind) shown.push(...seqs(tracker.offer(log.slice(tracker.tip, tracker.tip + 20))));
      expect(shown).toEqual(seqs(log));
    },
  );
});
