// The built client in front of the fake server of design mode, with much to show, and a browser that looks at it.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build, createServer, preview } from 'vite';
import { design } from '../fixture/plugin.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Conversations with `PER_CHAT` messages each, 10,000 together, and one long one. */
export const CHATS = 50;
const PER_CHAT = 200;
export const LONG = 100_000;

/** Ids of the short conversations. */
export const chatId = (index) => String(5_000 + index);

const MINUTE_MS = 60_000;
const WORDS =
  'the log keeps what you read in place even when a banner appears above it 首页的动效我重新调了一版 and then we go on with tea'.split(
    ' ',
  );

/** A sentence of 3 to 30 words, the same for the same number. */
function sentence(number) {
  const length = 3 + ((number * 7_919) % 28);
  return Array.from({ length }, (_, index) => WORDS[(number * 31 + index * 17) % WORDS.length]).join(' ');
}

/** Fills the model: everybody is a friend of the one who looks, who has read everything. Gives the id of the long conversation. */
async function fill(model, vite) {
  const { seedLongTalk, LONG_TALK } = await vite.ssrLoadModule('/fixture/server/seed/longTalk.ts');
  const { append } = await vite.ssrLoadModule('/fixture/server/log.ts');
  const { ConversationType, EntryType } = await vite.ssrLoadModule('/src/protocol/codes.ts');
  const self = [...model.people.values()].find(({ profile }) => profile.username === 'linqing').profile
    .userId;
  for (let index = 0; index < CHATS; index += 1) {
    const id = chatId(index);
    const peer = model.addPerson(`9${id}`, `friend${id}`, `Friend ${index + 1}`).profile.userId;
    model.befriend(self, peer, Date.now());
    const talk = model.addTalk(id, ConversationType.Private);
    for (let number = 1; number <= PER_CHAT; number += 1) {
      append(model, talk, {
        type: EntryType.Text,
        senderId: number % 3 === 0 ? self : peer,
        text: sentence(number),
        createdAt: Date.now() - (PER_CHAT - number) * MINUTE_MS,
      });
    }
    const read = { readSeq: PER_CHAT, deliveredSeq: PER_CHAT };
    for (const user of [self, peer]) model.addMember(talk, user, read);
  }
  seedLongTalk(model, LONG);
  return LONG_TALK;
}

/** Builds the client and serves it. Gives the address and `close`. */
export async function openStage() {
  const outDir = await mkdtemp(join(tmpdir(), 'im-bench-web-'));
  await build({ root, build: { outDir, emptyOutDir: true }, logLevel: 'warn' });
  const vite = await createServer({
    root,
    server: { middlewareMode: true, hmr: false, ws: false },
    appType: 'custom',
    cacheDir: 'node_modules/.vite-bench',
    logLevel: 'warn',
  });
  const controls = design();
  await controls.load(vite);
  const longId = await fill(controls.server().model, vite);
  const server = await preview({
    root,
    build: { outDir },
    plugins: [controls.plugin],
    preview: { port: 0, host: '127.0.0.1' },
    logLevel: 'warn',
  });
  const browser = await chromium.launch({
    executablePath: process.env.IM_CHROMIUM ?? execFileSync('which', ['chromium']).toString().trim(),
    args: ['--enable-precise-memory-info', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
  return {
    browser,
    longId,
    origin: `http://127.0.0.1:${server.httpServer.address().port}`,
    async close() {
      await browser.close();
      await server.close();
      await vite.close();
      await rm(outDir, { recursive: true });
    },
  };
}

/** Signs in and waits until everything is held. Gives the context with its page. */
export async function signIn({ browser, origin }) {
  const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(`${origin}/login`);
  await page.getByLabel('Username', { exact: true }).fill('linqing');
  await page.getByLabel('Password', { exact: true }).fill('correct-horse');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/chats');
  await page.getByRole('link', { name: /Friend 1\b/ }).waitFor();
  return { context, page };
}
