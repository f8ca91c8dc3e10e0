interface Keyed {
  readonly key: string;
}

export interface WindowStep<Row> {
  readonly rows: readonly Row[];
  /** Rows were added or removed at the start only: what is measured stays with its distance from the end. */
  readonly shift: boolean;
}

/**
 * The first step from one list of rows to the next one. A virtual list takes a change of its start or of its end at a time, so a change
 * of both takes two: this gives the one at the start, and what is left of the list is one at the end. Null: nothing is left of it.
 */
export function startStep<Row extends Keyed>(
  before: readonly Row[],
  after: readonly Row[],
): WindowStep<Row> | null {
  const places = new Map(after.map((row, index) => [row.key, index]));
  const kept = before.findIndex(({ key }) => places.has(key));
  if (kept < 0) return before.length === 0 ? { rows: after, shift: false } : null;
  const place = places.get(before[kept]?.key ?? '') ?? 0;
  if (place === kept) return { rows: after, shift: false };
  const tail = before.slice(kept);
  const rows = after.length - place === tail.length ? after : [...after.slice(0, place), ...tail];
  return { rows, shift: true };
}
