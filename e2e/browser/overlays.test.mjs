// H14: what opens over the screens (menus, pickers, dialogs), and the screens that only links lead to: at two widths and in both themes
// nothing is cut off, and axe finds nothing. Keeps a picture of each in IM_PICTURES. e2e/tests/browser.rs starts the cluster.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import {
  accessibilityProblems,
  go,
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

const SIZES = [
  { width: 1280, height: 800 },
  { width: 360, height: 740 },
];

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Looks at the page in both themes, which differ in nothing but the colours of `part`; gives what is wrong with it. */
async function look(page, name, part = page.locator("body"), options = {}) {
  const where = `${name} ${page.viewportSize().width}`;
  const wrong = [];
  for (const theme of ["light", "dark"]) {
    await showIn(page, theme);
    await keepPicture(page, name, theme);
    const found = await accessibilityProblems(page, theme === "light" ? { onlyColours: true, within: part } : options);
    wrong.push(...found.map((problem) => `${where} ${theme}: ${problem}`));
  }
  if (await isTooWide(page)) wrong.push(`${where}: wider than the window`);
  return wrong;
}

/** The same for what lies over the screen, which Escape then ends. */
async function lookOver(page, name, overlay) {
  await overlay.waitFor();
  // Nobody looks for a menu among the landmarks: it has the focus while it is there.
  const isOutsideLandmarks = (await overlay.getAttribute("role")) === "menu";
  const wrong = await look(page, name, overlay, { isOutsideLandmarks });
  await page.keyboard.press("Escape");
  await overlay.waitFor({ state: "hidden" });
  return wrong;
}

const dialog = (page, name) => page.getByRole("dialog", { name });
const menu = (page, name) => page.getByRole("menu", { name });
const log = (page) => page.getByRole("log", { name: "Messages" });
const message = (page, text) => log(page).getByRole("article").filter({ hasText: text }).first();

/** A group with these friends in it. */
async function makeGroup(page, name, friends) {
  await go(page, "chats");
  await page.getByRole("button", { name: "New group" }).click();
  await page.getByRole("textbox", { name: "Group name" }).fill(name);
  for (const friend of friends) {
    await page.getByRole("checkbox", { name: friend }).click();
    await page.getByRole("checkbox", { name: friend, checked: true }).waitFor();
  }
  await page.getByRole("button", { name: "Create group" }).click();
  await page.getByRole("heading", { name }).waitFor();
  return new URL(page.url()).pathname;
}

test("the screens that a mail leads to", async () => {
  const page = await openWindow(browser);
  const wrong = [];
  await withEvidence({ page }, async () => {
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.goto(`${url}/forgot`);
      await page.getByLabel("Username or email").fill("alice");
      await page.getByRole("button", { name: "Send the mail" }).click();
      await page.getByText("the mail is on its way").waitFor();
      wrong.push(...(await look(page, "forgot")));

      await page.goto(`${url}/reset?token=spent`);
      await page.getByLabel("New password").fill("four words make one");
      wrong.push(...(await look(page, "reset")));
      await page.getByRole("button", { name: "Set the password" }).click();
      await page.getByRole("alert").waitFor();
      wrong.push(...(await look(page, "reset-refused")));
    }
  });
  assert.equal(wrong.join("\n"), "");
});

test("what opens over a chat of two", async () => {
  const alice = await openWindow(browser);
  const bob = await openWindow(browser);
  const wrong = [];
  await withEvidence({ alice, bob }, async () => {
    await signIn(alice, "alice");
    await signIn(bob, "bob");
    await openChat(bob, "alice");
    await write(bob, "Here is how it looks now.");
    await openChat(alice, "bob");
    await sees(alice, "Here is how it looks now.");
    const picture = { name: "now.png", mimeType: "image/png", buffer: await bob.screenshot() };
    for (const name of ["now.png", "then.png"]) {
      await alice.getByLabel("Attach a file").and(alice.locator("input")).setInputFiles({ ...picture, name });
      await alice.getByRole("button", { name: "Send", exact: true }).click();
    }
    await log(alice).getByRole("img", { name: "Photo" }).nth(1).waitFor();
    const chat = new URL(alice.url()).pathname;
    await go(alice, "contacts");
    await alice.getByRole("region", { name: "Friends" }).getByRole("link", { name: "bob" }).click();
    await alice.getByRole("button", { name: "Edit remark" }).waitFor();
    const person = new URL(alice.url()).pathname;

    for (const size of SIZES) {
      await alice.setViewportSize(size);
      await visit(alice, "/chats");
      const row = alice.getByRole("list", { name: "Conversations" }).locator(`a[href="${chat}"]`);
      await row.click({ button: "right" });
      wrong.push(...(await lookOver(alice, "menu-row", menu(alice, "Chat"))));
      // On a phone the page of settings has what this menu has.
      if (size.width > 360) {
        await alice.getByRole("button", { name: "Account of alice" }).click();
        wrong.push(...(await lookOver(alice, "menu-account", menu(alice, "Account of alice"))));
      }
      await alice.keyboard.press("Control+K");
      await alice.keyboard.type("bob");
      const search = alice.getByRole(size.width > 360 ? "search" : "main", { name: "Search" });
      await search.getByRole("link", { name: /bob/ }).first().waitFor();
      // While messages are looked for, the results are paler.
      await search.locator("[aria-busy=false]").waitFor();
      wrong.push(...(await lookOver(alice, "search-people", search)));

      await visit(alice, chat);
      await message(alice, "Here is how").click({ button: "right" });
      wrong.push(...(await lookOver(alice, "menu-message", menu(alice, "Actions for this message"))));
      await message(alice, "Here is how").click({ button: "right" });
      await alice.getByRole("menuitem", { name: "Another emoji" }).click();
      await dialog(alice, "Emoji").getByRole("button", { name: /grinning/ }).first().waitFor();
      wrong.push(...(await lookOver(alice, "picker-reaction", dialog(alice, "Emoji"))));
      await alice.getByRole("button", { name: "Emoji", exact: true }).click();
      await dialog(alice, "Emoji").getByRole("button", { name: /grinning/ }).first().waitFor();
      wrong.push(...(await lookOver(alice, "picker-emoji", dialog(alice, "Emoji"))));
      await log(alice).getByRole("img", { name: "Photo" }).first().click();
      const viewer = dialog(alice, /^Picture from/);
      await viewer.getByRole("img", { name: "Photo" }).waitFor();
      wrong.push(...(await lookOver(alice, "viewer", viewer)));

      await visit(alice, person);
      await alice.getByRole("button", { name: "Edit remark" }).click();
      wrong.push(...(await lookOver(alice, "dialog-remark", dialog(alice, "Edit remark"))));
      await alice.getByRole("button", { name: "Remove friend" }).click();
      wrong.push(...(await lookOver(alice, "dialog-confirm", dialog(alice, "Remove bob?"))));
    }

    const sofa = await openWindow(browser);
    await signIn(sofa, "alice");
    await alice.getByRole("alertdialog", { name: "Signed in elsewhere" }).waitFor();
    for (const size of SIZES) {
      await alice.setViewportSize(size);
      wrong.push(...(await look(alice, "dialog-kicked")));
    }
  });
  assert.equal(wrong.join("\n"), "");
  assert.deepEqual(bob.problems, []);
});

test("what opens over a group", async () => {
  const alice = await openWindow(browser);
  const bob = await openWindow(browser);
  const wrong = [];
  await withEvidence({ alice, bob }, async () => {
    await Promise.all([signIn(alice, "alice"), signIn(bob, "bob")]);
    const open = (await makeGroup(bob, "Book club", [])).replace("chats", "join");
    const chat = await makeGroup(alice, "Team Nova", ["bob", "carol"]);
    const composer = alice.getByRole("textbox", { name: "Message" });
    await composer.pressSequentially("Looks good, @bo");
    await alice.getByRole("listbox", { name: "Mention somebody" }).waitFor();
    await alice.keyboard.press("Enter");
    await alice.keyboard.press("Enter");
    await alice.locator("article[data-state]").first().waitFor();

    for (const size of SIZES) {
      await alice.setViewportSize(size);
      await visit(alice, open);
      await alice.getByRole("heading", { name: "Book club" }).waitFor();
      wrong.push(...(await look(alice, "join")));

      await visit(alice, chat);
      await composer.pressSequentially("@");
      await alice.getByRole("listbox", { name: "Mention somebody" }).waitFor();
      wrong.push(...(await look(alice, "mention")));
      await composer.fill("");
      await message(alice, "Looks good").getByRole("button", { name: "@bob" }).click();
      wrong.push(...(await lookOver(alice, "dialog-person", dialog(alice, "bob"))));
      await message(alice, "Looks good").click({ button: "right", position: { x: 8, y: 8 } });
      await alice.getByRole("menuitem", { name: "Who read it" }).click();
      await dialog(alice, "Who read it").getByText("carol").waitFor();
      wrong.push(...(await lookOver(alice, "dialog-receipts", dialog(alice, "Who read it"))));

      // Beside the chat where there is room, else over it.
      if (size.width === 360) await alice.getByRole("button", { name: "About this group" }).click();
      await alice.getByRole("button", { name: "Group menu" }).waitFor();
      wrong.push(...(await look(alice, "group-panel")));
      await alice.getByRole("button", { name: "Group menu" }).click();
      wrong.push(...(await lookOver(alice, "menu-group", menu(alice, "Group menu"))));
      await alice.locator("[data-member]").filter({ hasText: "bob" }).click();
      wrong.push(...(await lookOver(alice, "menu-member", menu(alice, "Actions for bob"))));
      await alice.getByRole("button", { name: "Invite friends" }).click();
      wrong.push(...(await lookOver(alice, "dialog-invite", dialog(alice, "Invite friends"))));
      await alice.getByRole("button", { name: "Group menu" }).click();
      await alice.getByRole("menuitem", { name: "Group settings" }).click();
      await dialog(alice, "Group settings").waitFor();
      wrong.push(...(await look(alice, "dialog-group-settings")));
      await dialog(alice, "Group settings").getByRole("button", { name: "Choose", exact: true }).click();
      await dialog(alice, "Give the group away").getByRole("radio", { name: "bob" }).click();
      wrong.push(...(await lookOver(alice, "dialog-transfer", dialog(alice, "Give the group away"))));
      await alice.keyboard.press("Escape");
      await dialog(alice, "Group settings").waitFor({ state: "hidden" });
    }
  });
  assert.equal(wrong.join("\n"), "");
  for (const page of [alice, bob]) assert.deepEqual([page.problems, page.outside], [[], []]);
});
