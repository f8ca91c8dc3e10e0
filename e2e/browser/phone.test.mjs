// H6: a phone: one view at a time, Back is history, the composer stays in sight, Enter makes a line. e2e/tests/browser.rs starts the cluster.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { isTooWide, launch, openWindow, openChat, sees, signIn, withEvidence, write } from "./support.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const navigation = (page) => page.getByRole("navigation", { name: "Main navigation" });

/** Whether the whole of an element is inside the window. */
async function isInSight(page, locator) {
  const box = await locator.boundingBox();
  const { width, height } = page.viewportSize();
  return box !== null && box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height;
}

test("somebody chats on a phone: list, chat, back", async () => {
  const alice = await openWindow(browser, { width: 360, height: 740 });
  const bob = await openWindow(browser);
  await withEvidence({ alice, bob }, async () => {
    await signIn(alice, "alice");
    await signIn(bob, "bob");
    await openChat(bob, "alice");
    await write(bob, "Are you on the train?");

    const conversations = alice.getByRole("main", { name: "Conversations" });
    await conversations.getByRole("link", { name: /bob/ }).click();
    await sees(alice, "Are you on the train?");
    assert.equal(await conversations.isVisible(), false, "the list gives its place to the chat");
    assert.equal(await navigation(alice).isVisible(), false, "so does the navigation");
    const composer = alice.getByRole("textbox", { name: "Message" });
    assert.ok(await isInSight(alice, composer), "the composer is in sight");

    await composer.fill("Yes, the window seat.");
    await composer.press("Enter");
    await composer.pressSequentially("Two more stops, then I walk along the canal to the office.");
    await alice.getByRole("button", { name: "Send", exact: true }).click();
    await bob.getByRole("log", { name: "Messages" }).getByText("Two more stops").waitFor();
    assert.ok(await isInSight(alice, composer), "and stays there");
    assert.equal(await isTooWide(alice), false);

    await alice.getByRole("button", { name: "Back" }).click();
    await conversations.waitFor();
    await navigation(alice).waitFor();
    await alice.goBack();
    await sees(alice, "Are you on the train?");
  });
  for (const page of [alice, bob]) assert.deepEqual([page.problems, page.outside], [[], []]);
});
