/** Nearest-rank percentiles (the smallest value that at least p % are not above); null where there are none. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export function percentiles(values: readonly number[]): Percentiles | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const rank = (percent: number) =>
    sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
  return { p50: rank(50), p95: rank(95), p99: rank(99) };
}

/** The mean difference between neighbours; null with fewer than two. */
export function jitter(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const sum = values.reduce((total, value, at) => total + Math.abs(value - (values[at - 1] ?? value)), 0);
  return sum / (values.length - 1);
}
