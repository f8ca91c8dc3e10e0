// H16: tabs of one browser share one session and one database. e2e/tests/browser.rs starts the cluster; the users are made here.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { connected, launch, openTab, openWindow, openedTransports, password, sees, signIn, url, withEvidence, write } from "./support.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

async function rest(method, path, body, token) {
  const response = await fetch(new URL(`/api/v1${path}`, url), {
    method,
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    body: body && JSON.stringify(body),
  });
  const { code, message, data } = await response.json();
  assert.equal(code, 0, `${method} ${path}: ${message}`);
  return data;
}

/** Two new users who are friends, and one who is not. */
async function people() {
  const tag = Date.now().toString(36).slice(-6);
  const names = ["anna", "ben", "cleo"].map((name) => `${name}-${tag}`);
  const users = [];
  for (const username of names) {
    await rest("POST", "/auth/register", { username, password, nickname: username });
    users.push(await rest("POST", "/auth/login", { username, password, deviceId: `rest-${tag}`, platform: "desktop" }));
  }
  const [anna, ben] = users;
  const { requestId } = await rest("POST", "/friends/request", { friendId: ben.userId, message: "" }, anna.accessToken);
  await rest("POST", `/friends/requests/${requestId}/accept`, undefined, ben.accessToken);
  return names;
}

/** The texts of the open chat, in order, without what stands beside them. Each ends with its full stop. */
const texts = (page) =>
  page
    .getByRole("log", { name: "Messages" })
    .locator("article")
    .evaluateAll((rows) => rows.map((row) => row.textContent.match(/(?:from|line)[a-z0-9 ]*\./)?.[0] ?? row.textContent));

/** Opens the chat with a friend by the list of conversations. */
async function openFromList(page, name) {
  await page.goto(new URL("/chats", url).href);
  await page.getByRole("region", { name: "Conversations" }).getByRole("link", { name }).first().click();
  await page.getByRole("textbox", { name: "Message" }).waitFor();
}

/** Opens the chat with a friend who was never written to. */
async function openFirst(page, name) {
  await page.goto(new URL("/contacts", url).href);
  await page.getByRole("region", { name: "Friends" }).getByRole("link", { name }).first().click();
  await page.getByRole("button", { name: "Message", exact: true }).click();
  await page.getByRole("textbox", { name: "Message" }).waitFor();
}

const LINES = Array.from({ length: 20 }, (_, index) => `line ${index + 1}.`);

test("two tabs write as one, one goes while the other sends, and who signs out does so in all", async () => {
  const [anna, ben, cleo] = await people();
  // High enough for the whole chat: what is not on the screen is not in the page.
  const first = await openWindow(browser, { height: 2_000 });
  const other = await openWindow(browser, { height: 2_000 });
  const pages = { first, other };
  await withEvidence(pages, async () => {
    await signIn(first, anna);
    await openFirst(first, ben);
    await write(first, "from the first tab.");
    await sees(first, "from the first tab.");

    // Another tab is signed in and has no connection of its own.
    const second = (pages.second = await openTab(first.context()));
    await openFromList(second, ben);
    await sees(second, "from the first tab.");
    await write(second, "from the second tab.");
    await sees(first, "from the second tab.");
    assert.deepEqual(await openedTransports(second), []);

    await signIn(other, ben);
    await openFromList(other, anna);
    await write(other, "from ben.");
    await sees(first, "from ben.");
    await sees(second, "from ben.");

    // The one with the connection goes while the other writes.
    for (const text of LINES) {
      await write(second, text);
      if (text === LINES[9]) await first.close();
    }
    delete pages.first;
    await connected(second);
    const all = ["from the first tab.", "from the second tab.", "from ben.", ...LINES];
    await sees(other, LINES.at(-1));
    assert.deepEqual(await texts(other), all);
    await second.locator('article[data-state="sending"]').first().waitFor({ state: "detached" });
    assert.deepEqual(await texts(second), all);

    // A page that is loaded anew goes on alone.
    await second.reload();
    await sees(second, LINES.at(-1));
    await connected(second);
    await write(second, "line after the reload.");
    await sees(second, "line after the reload.");
    await sees(other, "line after the reload.");
    assert.deepEqual(await texts(second), [...all, "line after the reload."]);

    // Out in one tab is out in all, and somebody else sees nothing of it.
    const third = (pages.third = await openTab(second.context()));
    await third.goto(new URL("/chats", url).href);
    const list = third.getByRole("region", { name: "Conversations" });
    await list.getByText("line after the reload.").waitFor();
    await third.getByRole("button", { name: "Account of" }).click();
    await third.getByRole("menuitem", { name: "Sign out" }).click();
    await third.getByRole("dialog", { name: "Sign out here?" }).getByRole("button", { name: "Sign out" }).click();
    await second.getByLabel("Username").waitFor();
    await third.getByLabel("Username").fill(cleo);
    await third.getByLabel("Password", { exact: true }).fill(password);
    await third.locator("form").getByRole("button", { name: "Sign in" }).click();
    await third.getByRole("button", { name: `Account of ${cleo}` }).waitFor();
    await second.getByRole("button", { name: `Account of ${cleo}` }).waitFor();
    assert.equal(await third.getByText("line after the reload.").count(), 0);
    assert.equal(await second.getByText("line after the reload.").count(), 0);
  });
  for (const page of Object.values(pages)) assert.deepEqual(page.problems, []);
});
