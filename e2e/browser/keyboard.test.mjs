// H14: somebody without a mouse signs in, finds a chat, writes, answers, and goes from chat to chat. e2e/tests/browser.rs starts the cluster.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { connected, isSent, launch, openChat, openWindow, password, sees, signIn, url, withEvidence, write } from "./support.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Tabs until the element with the focus is what `wanted` says; gives how many it took. */
async function tabTo(page, wanted) {
  for (let steps = 0; steps < 40; steps += 1) {
    if (await wanted().evaluate((element) => element === document.activeElement || element.contains(document.activeElement))) return steps;
    await page.keyboard.press("Tab");
  }
  throw new Error("not reached by Tab");
}

test("everything that chatting needs works by keys", async () => {
  const alice = await openWindow(browser);
  const bob = await openWindow(browser);
  await withEvidence({ alice, bob }, async () => {
    await alice.goto(url);
    await alice.getByLabel("Username").waitFor();
    await tabTo(alice, () => alice.getByLabel("Username"));
    await alice.keyboard.type("alice");
    await alice.keyboard.press("Tab");
    await alice.keyboard.type(password);
    await alice.keyboard.press("Enter");
    await alice.getByRole("navigation", { name: "Main navigation" }).waitFor();
    await connected(alice);

    // Two chats with something in them.
    await signIn(bob, "bob");
    await openChat(bob, "alice");
    await write(bob, "Are you there?");
    await alice.getByRole("link", { name: /Are you there/ }).waitFor();

    await tabTo(alice, () => alice.getByRole("link", { name: /Are you there/ }));
    await alice.keyboard.press("Enter");
    await sees(alice, "Are you there?");
    const composer = alice.getByRole("textbox", { name: "Message" });
    await tabTo(alice, () => composer);
    await alice.keyboard.type("Yes");
    await alice.keyboard.press("Shift+Enter");
    await alice.keyboard.type("of course");
    await alice.keyboard.press("Enter");
    await bob.getByRole("log", { name: "Messages" }).getByText("of course").waitFor();
    assert.ok(await composer.evaluate((field) => field === document.activeElement), "the focus stays in the composer");

    // An empty composer edits the last message that is stored, and bob may see it before alice knows that it is.
    await isSent(alice, "of course");
    await alice.keyboard.press("ArrowUp");
    await alice.getByText("Editing").waitFor();
    await alice.keyboard.press("Control+A");
    await alice.keyboard.type("Yes, always");
    await alice.keyboard.press("Enter");
    await sees(bob, "Yes, always");

    // From the log a message is answered.
    await alice.keyboard.press("Shift+Tab");
    await tabTo(alice, () => composer);
    await alice.getByRole("log", { name: "Messages" }).getByRole("article").first().focus();
    await alice.keyboard.press("r");
    await alice.getByText("Reply to").waitFor();
    await alice.keyboard.type("This one");
    await alice.keyboard.press("Enter");
    await sees(bob, "This one");

    await alice.keyboard.press("Control+K");
    await alice.keyboard.type("carol");
    await alice.getByRole("link", { name: /carol/ }).first().waitFor();
    await alice.keyboard.press("Escape");
    await sees(alice, "This one");
  });
  for (const page of [alice, bob]) assert.deepEqual([page.problems, page.outside], [[], []]);
});
