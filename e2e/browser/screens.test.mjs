// H6, H14: every screen at three widths and in both themes: nothing is cut off, axe finds nothing, nothing comes from other machines.
// Keeps a picture of each in IM_PICTURES. e2e/tests/browser.rs starts the cluster.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import {
  accessibilityProblems,
  isTooWide,
  keepPicture,
  launch,
  openChat,
  openWindow,
  sees,
  showIn,
  signIn,
  url,
  visit,
  withEvidence,
  write,
} from "./support.mjs";

const WIDTHS = [1280, 768, 360];
const THEMES = ["dark", "light"];

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Looks at one screen in every size and theme; gives what is wrong with it. */
async function look(page, name) {
  const wrong = [];
  for (const theme of THEMES) {
    await showIn(page, theme);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: width === 360 ? 740 : 800 });
      const where = `${name} ${width} ${theme}`;
      await keepPicture(page, name, theme);
      if (await isTooWide(page)) wrong.push(`${where}: wider than the window`);
      // The layout of 768 has the parts of the other two.
      if (width !== 768) wrong.push(...(await accessibilityProblems(page)).map((problem) => `${where}: ${problem}`));
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  return wrong;
}

test("the screens before one is signed in", async () => {
  const page = await openWindow(browser);
  const wrong = [];
  await withEvidence({ page }, async () => {
    for (const [path, heading] of [
      ["login", "Welcome back"],
      ["register", "Create your account"],
      ["guest", "Come in as a guest"],
    ]) {
      await page.goto(`${url}/${path}`);
      await page.getByRole("heading", { name: heading }).waitFor();
      wrong.push(...(await look(page, path)));
    }
    await page.getByRole("button", { name: "Enter as guest" }).click();
    await page.getByRole("textbox", { name: "Message" }).waitFor();
    wrong.push(...(await look(page, "world-guest")));
  });
  assert.equal(wrong.join("\n"), "");
  assert.deepEqual(page.outside, []);
});

test("the screens of somebody who is signed in", async () => {
  const alice = await openWindow(browser);
  const bob = await openWindow(browser);
  const wrong = [];
  await withEvidence({ alice, bob }, async () => {
    await signIn(alice, "alice");
    wrong.push(...(await look(alice, "chats-empty")));
    await signIn(bob, "bob");
    await openChat(bob, "alice");
    for (const text of ["早！首页的动效我重新调了一版。", "It went from 320 ms to 180 ms.", "你试试 👀"]) {
      await write(bob, text);
      await sees(bob, text);
    }
    await openChat(alice, "bob");
    await sees(alice, "你试试 👀");
    await write(alice, "Reads well. The log keeps what you read in place, even when a banner appears above it.");
    await bob.getByRole("article", { name: /alice/ }).waitFor();
    await alice.locator("article[data-state=read]").waitFor();
    wrong.push(...(await look(alice, "chat-private")));

    await alice.keyboard.press("Control+K");
    await alice.keyboard.type("180 ms");
    await alice.getByRole("mark").first().waitFor();
    wrong.push(...(await look(alice, "search")));
    await alice.keyboard.press("Escape");

    await alice.getByRole("button", { name: "New group" }).click();
    await alice.getByRole("textbox", { name: "Group name" }).fill("Team Nova");
    await alice.getByRole("checkbox", { name: "bob" }).click();
    await alice.getByRole("checkbox", { name: "bob", checked: true }).waitFor();
    wrong.push(...(await look(alice, "group-new")));
    await alice.getByRole("button", { name: "Create group" }).click();
    await alice.getByRole("heading", { name: "Team Nova" }).waitFor();
    await write(alice, "0.9 goes out at 14:00, 5 % first. @bob watches the alarms.");
    await alice.locator("article[data-state=delivered]").waitFor();
    wrong.push(...(await look(alice, "chat-group")));

    for (const [name, path, sign] of [
      ["contacts", "/contacts", alice.getByRole("region", { name: "Friends" })],
      ["contacts-new", "/contacts/new", alice.getByRole("heading", { name: "New friends" })],
      ["settings", "/settings", alice.getByRole("heading", { name: "Devices" })],
      ["connection", "/connection", alice.getByRole("heading", { name: "Connection" }).first()],
      ["world", "/world", alice.getByRole("textbox", { name: "Message" })],
    ]) {
      await visit(alice, path);
      await sign.waitFor();
      wrong.push(...(await look(alice, name)));
    }
  });
  assert.equal(wrong.join("\n"), "");
  for (const page of [alice, bob]) assert.deepEqual([page.problems, page.outside], [[], []]);
});
