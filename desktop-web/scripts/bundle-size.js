// Adds up the script that a browser needs before the chats can be used, compressed as a server would: the entry, the sign-in, the frame,
// the chats and the larger language, with everything that these import without being asked to. Fails over the budget.
//
//   node scripts/bundle-size.js [DIST]     after a build; --all lists every chunk

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** Bytes, compressed (mission row H16). */
const BUDGET = 300_000;

/** What is loaded until somebody has signed in and sees the chats. */
const NEEDED = [
  'index.html',
  'src/pages/auth/LoginPage.tsx',
  'src/pages/Shell.tsx',
  'src/pages/chats/ChatsPage.tsx',
  'src/constants/texts/zh/index.ts',
];

const args = process.argv.slice(2);
const dist = args.find((arg) => !arg.startsWith('--')) ?? 'dist';
const manifest = JSON.parse(readFileSync(`${dist}/.vite/manifest.json`, 'utf8'));

const chunks = new Set();
function collect(name) {
  const chunk = manifest[name];
  if (!chunk) throw new Error(`${name} is not in the manifest: was it renamed? Then change NEEDED.`);
  if (chunks.has(chunk.file)) return;
  chunks.add(chunk.file);
  (chunk.imports ?? []).forEach(collect);
}
NEEDED.forEach(collect);

const sizes = [...chunks]
  .map((file) => ({ file, size: gzipSync(readFileSync(`${dist}/${file}`), { level: 9 }).length }))
  .sort((one, other) => other.size - one.size);
const total = sizes.reduce((sum, { size }) => sum + size, 0);
const kilobytes = (size) => `${(size / 1000).toFixed(1)} kB`;

for (const { file, size } of args.includes('--all') ? sizes : sizes.slice(0, 8)) {
  console.log(`${kilobytes(size).padStart(9)}  ${file}`);
}
console.log(
  `${kilobytes(total)} of script in ${sizes.length} files before the chats are usable; the budget is ${kilobytes(BUDGET)}`,
);
if (total > BUDGET) process.exit(1);
