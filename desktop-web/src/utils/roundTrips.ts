import type { Sample } from '@/types/latency';

/** What a user should not wait longer for, milliseconds. */
export const TARGET_MS = 50;

/** Room for the drawing, in units of its own. */
export const CHART_WIDTH = 640;
export const CHART_HEIGHT = 160;

/** Points that the eye can tell apart in that width. */
const BUCKETS = 160;

/** Without a measurement for so long there was no connection or nobody measured: the line has a hole. Heartbeats come every 30 s. */
const HOLE_MS = 75_000;

interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Chart {
  /** The line and the area below it, as paths of SVG. */
  readonly line: string;
  readonly area: string;
  /** From the lowest to the highest, milliseconds, and how far up. */
  readonly scale: readonly { readonly ms: number; readonly y: number }[];
  readonly targetY: number;
  /** The slowest one. */
  readonly peak: { readonly sample: Sample; readonly x: number; readonly y: number } | null;
}

/** Draws the measurements of the last `spanMs`. Of those that fall together the slowest is shown. */
export function drawRoundTrips(samples: readonly Sample[], spanMs: number, now: number): Chart {
  // The page's clock goes in steps, and the newest may be after the last one.
  const start = Math.max(now, samples.at(-1)?.at ?? 0) - spanMs;
  const shown = slowest(
    samples.filter(({ at }) => at >= start),
    start,
    spanMs,
  );
  const top = niceTop(Math.max(TARGET_MS * 1.2, ...shown.map(({ ms }) => ms)));
  const toPoint = ({ ms, at }: Sample): Point => ({
    x: round(((at - start) / spanMs) * CHART_WIDTH),
    y: round(CHART_HEIGHT * (1 - ms / top)),
  });
  const lines = withHoles(shown).map((run) => run.map(toPoint));
  const slow = shown.reduce<Sample | null>((most, one) => (most && most.ms >= one.ms ? most : one), null);
  const step = top / 4;
  return {
    line: lines.map(lineOf).join(''),
    area: lines.map(areaOf).join(''),
    scale: [0, 1, 2, 3, 4].map((at) => ({ ms: at * step, y: round(CHART_HEIGHT * (1 - at / 4)) })),
    targetY: round(CHART_HEIGHT * (1 - TARGET_MS / top)),
    peak: slow && { sample: slow, ...toPoint(slow) },
  };
}

/** A row of the table that says the same in words. */
export interface Period {
  /** Its beginning, milliseconds since 1970. */
  readonly at: number;
  readonly count: number;
  readonly fastest: number;
  readonly slowest: number;
}

/** The same in periods of `periodMs`, the newest first. */
export function periodsOf(
  samples: readonly Sample[],
  spanMs: number,
  periodMs: number,
  now: number,
): readonly Period[] {
  const periods = new Map<number, number[]>();
  for (const { ms, at } of samples) {
    if (at < now - spanMs) continue;
    const key = Math.floor(at / periodMs) * periodMs;
    periods.set(key, [...(periods.get(key) ?? []), ms]);
  }
  return [...periods]
    .sort(([one], [other]) => other - one)
    .map(([at, values]) => ({
      at,
      count: values.length,
      fastest: Math.min(...values),
      slowest: Math.max(...values),
    }));
}

function slowest(samples: readonly Sample[], start: number, spanMs: number): readonly Sample[] {
  const buckets = new Map<number, Sample>();
  for (const sample of samples) {
    const bucket = Math.floor(((sample.at - start) / spanMs) * BUCKETS);
    const before = buckets.get(bucket);
    if (!before || before.ms < sample.ms) buckets.set(bucket, sample);
  }
  return [...buckets.values()];
}

function withHoles(samples: readonly Sample[]): readonly (readonly Sample[])[] {
  const runs: Sample[][] = [];
  for (const sample of samples) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (run && before && sample.at - before.at < HOLE_MS) run.push(sample);
    else runs.push([sample]);
  }
  return runs;
}

function lineOf(points: readonly Point[]): string {
  const [first, ...others] = points;
  if (!first) return '';
  // A point alone shows as a dash.
  if (others.length === 0) return `M${Math.max(0, first.x - 2)} ${first.y}h4`;
  return `M${first.x} ${first.y}${others.map(({ x, y }) => `L${x} ${y}`).join('')}`;
}

function areaOf(points: readonly Point[]): string {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length === 1) return '';
  return `${lineOf(points)}V${CHART_HEIGHT}H${first.x}Z`;
}

/** The next number that divides by four without a rest that nobody reads. */
function niceTop(ms: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(ms));
  const steps = [1, 2, 4, 6, 8, 10, 12].map((step) => step * magnitude);
  return steps.find((step) => step >= ms) ?? magnitude * 20;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
