// `npm run bench`: how fast the client is with 50 chats, 10,000 messages and one log of 100,000, against the fake server. Needs chromium in PATH.
import { heapAfter, openLong, percentile, scrolling, timeToUsable, typing } from './measures.mjs';
import { CHATS, LONG, openStage, signIn } from './stage.mjs';

const STARTS = 5;
const KEYS = 60;
const SCROLL_MS = 20_000;
/** Every 16 ms: 25,000 pixels a second, some times what a hand does. */
const WHEEL_PX = 400;
const CHANGES = [50, 500];

const say = (what, value, goal) => process.stdout.write(`${what.padEnd(52)} ${value.padEnd(40)} ${goal}\n`);
const ms = (value) => `${value.toFixed(0)} ms`;

const stage = await openStage();
try {
  process.stdout.write(`${CHATS} chats, 10,000 messages, one log of ${LONG}\n\n`);
  const { context, page } = await signIn(stage);
  // What came in the background is in IndexedDB before anything is measured.
  await page.waitForTimeout(5_000);
  const state = await context.storageState();

  const cold = [];
  for (let start = 0; start < STARTS; start += 1) {
    const fresh = await stage.browser.newContext({
      storageState: state,
      viewport: { width: 1280, height: 800 },
      locale: 'en-US',
    });
    cold.push(await timeToUsable(await fresh.newPage(), stage.origin));
    await fresh.close();
  }
  say('usable, nothing on the device (median)', ms(percentile(cold, 0.5)), 'under 2,500');

  const warm = [];
  for (let start = 0; start < STARTS; start += 1) warm.push(await timeToUsable(page, stage.origin));
  say('usable, with cache and history (median)', ms(percentile(warm, 0.5)), 'under 1,000');

  const keys = await typing(page, KEYS);
  say(
    'typing: main thread per key; longest task',
    `${keys.perKey.toFixed(1)} ms; ${keys.longest.toFixed(1)} ms`,
    'under 16',
  );

  await openLong(page, stage);
  for (const [way, pixels] of [
    ['up', -WHEEL_PX],
    ['down', WHEEL_PX],
  ]) {
    const { blank, apart, rows } = await scrolling(page, pixels, SCROLL_MS);
    say(
      `scrolling ${way}: blank; frames apart; messages`,
      `${ms(blank)}; ${ms(apart)}; ${rows}`,
      'blank under 100',
    );
  }

  for (const { change, megabytes, nodes, jsEventListeners } of await heapAfter(page, CHANGES, stage.origin)) {
    say(
      `heap after ${change} changes of the chat`,
      `${megabytes.toFixed(1)} MB, ${nodes} nodes, ${jsEventListeners} listeners`,
      'flat',
    );
  }
} finally {
  await stage.close();
}
