import { describe, expect, it } from 'vitest';
import { asConversationId } from '@/types/ids';
import { makeRoom, type HeldLog } from './room';

const log = (id: string, from: number, to: number, activity: number): HeldLog => ({
  id: asConversationId(id),
  from,
  to,
  activity,
});
const starts = (logs: readonly HeldLog[], limit: number) => Object.fromEntries(makeRoom(logs, limit));

describe('room for history', () => {
  it('is not made as long as everything fits', () => {
    expect(starts([log('1', 1, 500, 1), log('2', 1, 500, 2)], 1_000)).toEqual({});
  });

  it('takes the oldest entries of the logs that were silent the longest, and leaves their newest', () => {
    const logs = [log('1', 1, 1_000, 30), log('2', 1, 1_000, 10), log('3', 1, 1_000, 20)];
    expect(starts(logs, 2_000)).toEqual({ 2: 801, 3: 401 });
  });

  it('takes everything of silent logs when the newest of all are too many', () => {
    const logs = [log('1', 1, 200, 1), log('2', 1, 200, 2), log('3', 1, 200, 3)];
    expect(starts(logs, 300)).toEqual({ 1: 201, 2: 131 });
  });
});
