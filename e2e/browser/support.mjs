// What the browser tests share: one Chromium, a window per person, and the steps that people take.
//
//   IM_URL        the web node
//   IM_PASSWORD   the password of the accounts that the cluster was started with
//   IM_CHROMIUM   the browser; else the first of the usual names on PATH
//   IM_EVIDENCE   a folder for pictures of all windows when a test fails

import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { chromium } = createRequire(`${root}desktop-web/package.json`)("playwright-core");

export const url = process.env.IM_URL ?? "http://localhost:8080";
export const password = process.env.IM_PASSWORD ?? "correct horse battery";

/** Everything that is waited for comes within this time. */
export const PATIENCE = 20_000;

function browserPath() {
  if (process.env.IM_CHROMIUM) return process.env.IM_CHROMIUM;
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      return execFileSync("which", [name], { encoding: "utf8" }).trim();
    } catch {
      // The next name.
    }
  }
  throw new Error("there is no Chromium: install one and name it in IM_CHROMIUM");
}

export function launch() {
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: browserPath(), args });
}

/**
 * A private window, as of another person. `transports` of its page lists what was opened.
 *
 * @param {{ withoutWebTransport?: boolean }} options
 */
export async function openWindow(browser, { withoutWebTransport = false } = {}) {
  const context = await browser.newContext({ locale: "en-US", viewport: { width: 1280, height: 800 } });
  await context.addInitScript((without) => {
    const opened = [];
    Object.defineProperty(globalThis, "openedTransports", { value: opened });
    if (without) delete globalThis.WebTransport;
    for (const name of ["WebTransport", "WebSocket"]) {
      const Original = globalThis[name];
      if (!Original) continue;
      globalThis[name] = class extends Original {
        constructor(...args) {
          super(...args);
          const ready = this.ready ?? new Promise((open) => this.addEventListener("open", open));
          ready.then(() => opened.push(name), () => undefined);
        }
      };
    }
  }, withoutWebTransport);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") page.problems.push(message.text());
  });
  return page;
}

/** Runs the steps of a test; when one fails, leaves a picture and the outline of each window. */
export async function withEvidence(pages, steps) {
  try {
    await steps();
  } catch (error) {
    for (const [name, page] of Object.entries(process.env.IM_EVIDENCE ? pages : {})) {
      const file = `${process.env.IM_EVIDENCE}/${name}`;
      await page.screenshot({ path: `${file}.png` });
      await writeFile(`${file}.yaml`, `${page.problems.join("\n")}\n${await page.locator("body").ariaSnapshot()}`);
    }
    throw error;
  }
}

/** Which transports the page has opened with success. */
export const openedTransports = (page) => page.evaluate(() => [...globalThis.openedTransports]);

/** Waits until the page has a session over one of them. */
export const connected = (page) => page.waitForFunction(() => globalThis.openedTransports.length > 0);

export async function signIn(page, username) {
  await page.goto(url);
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.locator("form").getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Main navigation" }).waitFor();
  await connected(page);
}

/** Goes to the chats or the contacts. */
export async function go(page, place) {
  // By its address: the name of the link grows with its badge.
  await page.getByRole("navigation", { name: "Main navigation" }).locator(`a[href="/${place}"]`).click();
}

/** Opens the chat with a friend from the list of contacts. */
export async function openChat(page, friend) {
  await go(page, "contacts");
  await page.getByRole("region", { name: "Friends" }).getByRole("link", { name: friend }).click();
  await page.getByRole("button", { name: "Message", exact: true }).click();
  await page.getByRole("textbox", { name: "Message" }).waitFor();
}

export async function write(page, text) {
  const composer = page.getByRole("textbox", { name: "Message" });
  await composer.fill(text);
  await composer.press("Enter");
}

/** Waits until the open chat shows the text. */
export const sees = (page, text) => page.getByRole("log", { name: "Messages" }).getByText(text, { exact: true }).waitFor();
