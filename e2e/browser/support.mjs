// What the browser tests share: one Chromium, a window per person, and the steps that people take.
//
//   IM_URL        the web node
//   IM_PASSWORD   the password of the accounts that the cluster was started with
//   IM_CHROMIUM   the browser; else the first of the usual names on PATH
//   IM_EVIDENCE   a folder for pictures of all windows when a test fails
//   IM_WITHOUT_WEB_TRANSPORT   no window has WebTransport
//   IM_PICTURES   a folder for the pictures of all screens; without it none are kept

import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const need = createRequire(`${root}desktop-web/package.json`);
const { chromium } = need("playwright-core");
const AXE = await readFile(need.resolve("axe-core/axe.min.js"), "utf8");

export const url = process.env.IM_URL ?? "http://localhost:8080";
export const password = process.env.IM_PASSWORD ?? "correct horse battery";

/** Everything that is waited for comes within this time, on a machine that has much else to do too. */
export const PATIENCE = 60_000;

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
  // No name but this machine's is found, so that nothing can come from outside.
  const args = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"];
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  return chromium.launch({ executablePath: browserPath(), args, timeout: PATIENCE });
}

/**
 * A private window, as of another person. `problems` of its page lists what it complained of, `outside` what it asked other machines for.
 *
 * A machine with much else to do opens WebTransport so late that WebSocket may win the race: who needs to know takes a window without it.
 *
 * @param {{ withoutWebTransport?: boolean, withoutWebSocket?: boolean, width?: number, height?: number, theme?: "dark" | "light", locale?: string,
 *   bypassCSP?: boolean }} options
 */
export async function openWindow(
  browser,
  {
    withoutWebTransport = "IM_WITHOUT_WEB_TRANSPORT" in process.env,
    withoutWebSocket = false,
    width = 1280,
    height = 800,
    theme = "dark",
    locale = "en-US",
    bypassCSP = false,
  } = {},
) {
  const context = await browser.newContext({
    locale,
    bypassCSP,
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: "reduce",
    hasTouch: width < 640,
  });
  await context.addInitScript((without) => {
    const opened = [];
    Object.defineProperty(globalThis, "openedTransports", { value: opened });
    if (without.webTransport) delete globalThis.WebTransport;
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
    const { WebSocket } = globalThis;
    if (without.webSocket) delete globalThis.WebSocket;
    globalThis.allowWebSocket = () => (globalThis.WebSocket = WebSocket);
  }, { webTransport: withoutWebTransport, webSocket: withoutWebSocket });
  return openTab(context);
}

/** Another tab of the same window's browser. */
export async function openTab(context) {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.problems = [];
  page.outside = [];
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== "localhost" && hostname !== "127.0.0.1") page.outside.push(request.url());
  });
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

/** Goes to a place that the main navigation leads to. */
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

/** Waits until the open chat shows that the server has the text. */
export const isSent = (page, text) =>
  page.locator('article:is([data-state="sent"], [data-state="delivered"], [data-state="read"])').filter({ hasText: text }).waitFor();

/**
 * What axe finds wrong on the page, one line each: the rule, the elements.
 *
 * @param {{ onlyColours?: boolean, within?: import("playwright-core").Locator, isOutsideLandmarks?: boolean }} options only contrast is
 *   looked at; only this part of the page is; something may be in no landmark
 */
export async function accessibilityProblems(page, { onlyColours = false, within, isOutsideLandmarks = false } = {}) {
  // As a string: a script element would need a permission of the page's Content-Security-Policy.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  const options = onlyColours
    ? { runOnly: { type: "rule", values: ["color-contrast"] } }
    : { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], rules: { region: { enabled: !isOutsideLandmarks } } };
  const part = (await within?.elementHandle()) ?? null;
  const { violations } = await page.evaluate(([element, wanted]) => globalThis.axe.run(element ?? document, wanted), [part, options]);
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n${nodes.map(({ target, html }) => `    ${target.join(" ")}  ${html.slice(0, 160)}`).join("\n")}`,
  );
}

/** Goes to a place of the page as a link would, so that the session stays. */
export async function visit(page, path) {
  await page.evaluate((to) => {
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, path);
}

/** Shows the page in a theme, and waits until every movement is over. */
export async function showIn(page, theme) {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
  await page.locator(`html[data-theme=${theme}]`).waitFor();
  await page.evaluate(() => {
    const ends = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity);
    return Promise.all(ends.map(({ finished }) => finished.catch(() => undefined)));
  });
}

/** Keeps a picture of the page as NAME-WIDTH-THEME.png. */
export async function keepPicture(page, name, theme) {
  const folder = process.env.IM_PICTURES;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}-${page.viewportSize().width}-${theme}.png` });
}

/** Whether the page is wider than its window: then something is cut off or scrolls sideways. */
export const isTooWide = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
