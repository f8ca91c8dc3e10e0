import { describe, expect, it } from 'vitest';
import { diagnosticsText } from './diagnostics';
import { formatMs } from './milliseconds';
import { jitter, percentiles } from './percentiles';
import { CHART_HEIGHT, drawRoundTrips, periodsOf } from './roundTrips';

const MINUTE = 60_000;

describe('percentiles', () => {
  it('are values that were measured, by their rank', () => {
    const values = Array.from({ length: 1000 }, (_, at) => 1000 - at);
    expect(percentiles(values)).toEqual({ p50: 500, p95: 950, p99: 990 });
  });

  it('of one value are that value, and of none there are none', () => {
    expect(percentiles([7])).toEqual({ p50: 7, p95: 7, p99: 7 });
    expect(percentiles([])).toBeNull();
  });

  it('do not sort numbers as texts', () => {
    expect(percentiles([9, 100, 10])?.p50).toBe(10);
  });
});

describe('jitter', () => {
  it('is how much neighbours differ', () => {
    expect(jitter([10, 14, 10])).toBe(4);
    expect(jitter([10])).toBeNull();
  });
});

describe('a time in milliseconds', () => {
  it('has a decimal only where it says something', () => {
    expect([0.44, 9.96, 18.4, 1234.5].map(formatMs)).toEqual(['0.4', '10', '18', '1235']);
    expect(formatMs(null)).toBe('–');
  });
});

describe('the chart of round trips', () => {
  const now = 100 * MINUTE;
  const sample = (secondsAgo: number, ms: number) => ({ at: now - secondsAgo * 1000, ms });

  it('begins at the left with the oldest and ends at the right', () => {
    const { line } = drawRoundTrips([sample(300, 25), sample(240, 25), sample(0, 25)], 5 * MINUTE, now);
    expect(line.startsWith('M0 ')).toBe(true);
    expect(line).toContain('M638 ');
  });

  it('shows the target under its top, and what is slower than it in full', () => {
    expect(drawRoundTrips([], 5 * MINUTE, now).targetY).toBeGreaterThan(0);
    const slow = drawRoundTrips([sample(60, 730)], 5 * MINUTE, now);
    expect(slow.peak?.y).toBeGreaterThanOrEqual(0);
    expect(slow.targetY).toBeLessThan(CHART_HEIGHT);
  });

  it('has a hole where nothing was measured', () => {
    const { line } = drawRoundTrips(
      [sample(299, 10), sample(297, 10), sample(9, 10), sample(7, 10)],
      5 * MINUTE,
      now,
    );
    expect(line.split('M')).toHaveLength(3);
  });

  it('keeps the slowest of those that fall together', () => {
    const many = Array.from({ length: 1000 }, (_, at) => sample(at / 10, at === 500 ? 400 : 20));
    const { peak, line } = drawRoundTrips(many.reverse(), 60 * MINUTE, now);
    expect(peak?.sample.ms).toBe(400);
    expect(line.length).toBeLessThan(500);
  });

  it('says the same as a table', () => {
    const periods = periodsOf([sample(50, 10), sample(40, 30), sample(400, 9)], 5 * MINUTE, MINUTE, now);
    expect(periods).toEqual([{ at: now - MINUTE, count: 2, fastest: 10, slowest: 30 }]);
  });
});

describe('diagnostics', () => {
  it('say how the connection is, in plain lines', () => {
    const text = diagnosticsText({
      version: '1.2.3',
      connection: { phase: 'online', transport: 'webTransport' },
      session: { nodeId: 'access-1', openMs: 38, at: 0 },
      reconnects: 2,
      paths: [{ nodeId: 'access-1', transport: 'webTransport', outcome: 'opened', ms: 38, at: 0 }],
      samples: { roundTrip: [{ ms: 18, at: 0 }], ack: [], delivery: [] },
      deliveryErrorMs: null,
      online: true,
      browser: 'Browser/1',
      now: 0,
    });
    expect(text.split('\n')).toEqual([
      'im-rs 1.2.3, 1970-01-01T00:00:00.000Z',
      'browser: Browser/1',
      'network: online',
      'connection: online, transport: webTransport, reconnects: 2',
      'node: access-1, opened in 38 ms, 1970-01-01T00:00:00.000Z',
      'round trip: p50 / p95 / p99 18 / 18 / 18 ms of 1',
      'send to ack: p50 / p95 / p99 – / – / – ms of 0',
      'delivery: p50 / p95 / p99 – / – / – ms of 0, error ±– ms',
      'path: 1970-01-01T00:00:00.000Z access-1 webTransport opened 38 ms',
      '',
    ]);
  });
});
