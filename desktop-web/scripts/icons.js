// Draws the pictures that an installed im-rs needs from public/favicon.svg: `node scripts/icons.js`. They are committed, because a
// build has no browser. Needs `chromium` in PATH, or CHROMIUM.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const PUBLIC = new URL('../public/', import.meta.url);
const LOGO = readFileSync(new URL('favicon.svg', PUBLIC), 'utf8');

/** Behind the logo where a system cuts a shape out of the picture. The middle of the canvas of the dark theme. */
const CANVAS = '#0b1b43';

/** `room`: how much of the edge stays free. A badge is one colour: systems use its shape only. */
const ICONS = [
  { name: 'icon-192.png', size: 192, room: 0 },
  { name: 'icon-512.png', size: 512, room: 0 },
  { name: 'icon-maskable-512.png', size: 512, room: 0.2, background: CANVAS },
  { name: 'apple-touch-icon.png', size: 180, room: 0.12, background: CANVAS },
  { name: 'badge-96.png', size: 96, room: 0.06, mono: true },
];

/** The bubble alone in white, with the letters cut out. */
function inOneColour(svg) {
  const mask = svg
    .replace(/<defs>.*<\/defs>/, '')
    .replace('url(#g)', '#fff')
    .replaceAll('stroke="#fff"', 'stroke="#000"')
    .replace(/(<circle[^>]*fill=")#fff/, '$1#000')
    .replace(/<svg[^>]*>|<\/svg>/g, '');
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><mask id="m">' +
    `${mask}</mask><rect width="40" height="40" fill="#fff" mask="url(#m)"/></svg>`
  );
}

const executablePath =
  process.env.CHROMIUM ?? execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim();
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const page = await browser.newPage();
for (const { name, size, room, background = 'transparent', mono = false } of ICONS) {
  await page.setViewportSize({ width: size, height: size });
  const inner = Math.round(size * (1 - 2 * room));
  await page.setContent(
    `<style>body{margin:0;display:grid;place-items:center;height:100vh;background:${background}}` +
      `svg{width:${inner}px;height:${inner}px}</style>${mono ? inOneColour(LOGO) : LOGO}`,
  );
  writeFileSync(new URL(name, PUBLIC), await page.screenshot({ omitBackground: true }));
  console.log(name);
}
await browser.close();
