// Prints one table of line coverage from the reports of cargo-tarpaulin and vitest.
//
//   node table.mjs ROOT REPORTS
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const [root, reports] = process.argv.slice(2);
const read = (...names) => JSON.parse(readFileSync(join(reports, ...names), 'utf8'));

// The lines of the files of one report by folder: the first `depth` names of their paths.
const byFolder = (files, depth) => {
  const rows = new Map();
  for (const { path, covered, lines } of files) {
    const name = relative(root, path).split('/').slice(0, depth).join('/');
    const row = rows.get(name) ?? { covered: 0, lines: 0 };
    rows.set(name, { covered: row.covered + covered, lines: row.lines + lines });
  }
  return [...rows].sort(([a], [b]) => a.localeCompare(b));
};
const sum = (rows) =>
  rows.reduce((all, [, row]) => ({ covered: all.covered + row.covered, lines: all.lines + row.lines }), { covered: 0, lines: 0 });

const rust = read('rust', 'tarpaulin-report.json').files.map((file) => ({
  path: join('/', ...file.path),
  covered: file.covered,
  lines: file.coverable,
}));
const web = Object.entries(read('web', 'coverage-summary.json'))
  .filter(([path]) => path !== 'total')
  .map(([path, { lines }]) => ({ path, covered: lines.covered, lines: lines.total }));

const print = (name, { covered, lines }) => {
  const share = lines === 0 ? '-' : `${((100 * covered) / lines).toFixed(1)}%`;
  console.log(`${name.padEnd(32)} ${String(covered).padStart(7)} ${String(lines).padStart(7)} ${share.padStart(7)}`);
};
console.log(`${'line coverage'.padEnd(32)} ${'covered'.padStart(7)} ${'lines'.padStart(7)} ${''.padStart(7)}`);
for (const [language, rows] of [
  ['Rust', byFolder(rust, 1)],
  ['TypeScript', byFolder(web, 3)],
]) {
  for (const [name, row] of rows) print(name, row);
  print(`${language}, all`, sum(rows));
}
