// What is measured; each function gives numbers and changes nothing that another one needs.
import { chatId } from './stage.mjs';

const SETTLE_MS = 1_500;
const FRAME_MS = 16;

const composer = (page) => page.getByRole('textbox', { name: 'Message' });

/** The value below which `part` of the values lie. */
export function percentile(values, part) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

/** Milliseconds from the navigation to a chat that can be written in: the log shows messages, and the composer takes the focus. */
export async function timeToUsable(page, origin) {
  await page.goto(`${origin}/chats/${chatId(0)}`, { waitUntil: 'commit' });
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        const look = () => {
          const isThere = document.querySelector('[role=log] article') && document.querySelector('textarea');
          if (isThere) requestAnimationFrame(() => resolve(performance.now()));
          else setTimeout(look, 5);
        };
        look();
      }),
  );
}

/** Main-thread milliseconds of the longest task, and of the tasks per key, while `keys` are typed into a composer. */
export async function typing(page, keys) {
  await composer(page).click();
  await page.waitForTimeout(SETTLE_MS);
  const tasks = await traced(page, async () => {
    for (let key = 0; key < keys; key += 1) {
      await page.keyboard.press('abcdefghijklmnopqrstuvwxyz'[key % 26]);
      await page.waitForTimeout(30);
    }
  });
  await composer(page).fill('');
  return { longest: Math.max(...tasks), perKey: tasks.reduce((sum, task) => sum + task, 0) / keys };
}

/**
 * Scrolls by the wheel for a time; `pixels` per turn, up when negative. Gives the longest time that no message crossed the middle of the
 * log and the longest between two frames, milliseconds, and how many messages passed.
 */
export async function scrolling(page, pixels, milliseconds) {
  const box = await page.getByRole('log', { name: 'Messages' }).boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.evaluate(() => {
    const log = document.querySelector('[role=log]');
    const seen = { blank: 0, apart: 0, rows: new Set(), running: true };
    globalThis.scrollSeen = seen;
    /** The part of the middle half of the log that rows cover. */
    const covered = () => {
      const { top, height } = log.getBoundingClientRect();
      const [from, to] = [top + height * 0.25, top + height * 0.75];
      let filled = 0;
      for (const row of log.querySelectorAll('[data-row]')) {
        seen.rows.add(row.textContent);
        if (getComputedStyle(row).visibility === 'hidden') continue;
        const { top: begin, bottom: end } = row.getBoundingClientRect();
        filled += Math.max(0, Math.min(end, to) - Math.max(begin, from));
      }
      return filled / (to - from);
    };
    let before = performance.now();
    let shownAt = before;
    const look = (now) => {
      seen.apart = Math.max(seen.apart, now - before);
      before = now;
      if (covered() > 0.3) shownAt = now;
      seen.blank = Math.max(seen.blank, now - shownAt);
      if (seen.running) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    await page.mouse.wheel(0, pixels);
    await page.waitForTimeout(FRAME_MS);
  }
  return page.evaluate(() => {
    const seen = globalThis.scrollSeen;
    seen.running = false;
    return { blank: seen.blank, apart: seen.apart, rows: seen.rows.size };
  });
}

/** Heap in megabytes after so many changes of the conversation, garbage collected. */
export async function heapAfter(page, changes, origin) {
  const session = await page.context().newCDPSession(page);
  const links = page.getByRole('region', { name: 'Conversations' }).getByRole('link');
  await page.goto(`${origin}/chats/${chatId(0)}`);
  await composer(page).waitFor();
  const heaps = [];
  for (let change = 1; change <= Math.max(...changes); change += 1) {
    await links.nth(change % 8).click();
    await page.locator('[role=log] article').first().waitFor();
    if (!changes.includes(change)) continue;
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters');
    heaps.push({ change, megabytes: usedSize / 2 ** 20, nodes, jsEventListeners });
  }
  return heaps;
}

/** Opens the long conversation. */
export async function openLong(page, { origin, longId }) {
  await page.goto(`${origin}/chats/${longId}`);
  await page.locator('[role=log] article').first().waitFor();
  await page.waitForTimeout(SETTLE_MS);
}

/** Durations of the tasks of the page's main thread while `work` is done, milliseconds. */
async function traced(page, work) {
  const browser = page.context().browser();
  await browser.startTracing(page, {
    categories: ['disabled-by-default-devtools.timeline', 'devtools.timeline'],
  });
  await work();
  const trace = JSON.parse((await browser.stopTracing()).toString());
  const main = trace.traceEvents.filter(
    ({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain',
  );
  const threads = new Set(main.map(({ pid, tid }) => `${pid}:${tid}`));
  return trace.traceEvents
    .filter(({ name, pid, tid }) => name === 'RunTask' && threads.has(`${pid}:${tid}`))
    .map(({ dur = 0 }) => dur / 1_000);
}
