// E2, D8 to D11, F4, G5: a group from its making to somebody's leaving, in real browsers. e2e/tests/browser.rs starts the cluster.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { isSent, launch, openWindow, sees, signIn, withEvidence, write } from "./support.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const list = (page) => page.getByRole("region", { name: "Conversations" });
const log = (page) => page.getByRole("log", { name: "Messages" });
// An answer quotes what it answers, and comes after it.
const message = (page, text) => log(page).getByRole("article").filter({ hasText: text }).first();

/** Chooses something from the menu of the message with this text. */
async function act(page, text, name) {
  await message(page, text).hover();
  await message(page, text).getByRole("button", { name: "Actions for this message" }).click();
  await page.getByRole("menuitem", { name, exact: true }).click();
}

test("a group is made, talks, changes what was said, and goes on when somebody leaves", async () => {
  const alice = await openWindow(browser);
  const bob = await openWindow(browser);
  const carol = await openWindow(browser, { withoutWebTransport: true });
  await withEvidence({ alice, bob, carol }, async () => {
    await Promise.all([signIn(alice, "alice"), signIn(bob, "bob"), signIn(carol, "carol")]);

    await alice.getByRole("button", { name: "New group" }).click();
    await alice.getByRole("textbox", { name: "Group name" }).fill("Tea at five");
    for (const friend of ["bob", "carol"]) {
      // Not check(): that wants the new state at once, and the page draws it in its own time.
      await alice.getByRole("checkbox", { name: friend }).click();
      await alice.getByRole("checkbox", { name: friend, checked: true }).waitFor();
    }
    await alice.getByRole("button", { name: "Create group" }).click();
    await alice.getByRole("heading", { name: "Tea at five" }).waitFor();
    await log(alice).getByText("You made the group").waitFor();
    await log(alice).getByText("You invited bob, carol").waitFor();

    for (const page of [bob, carol]) await list(page).getByRole("link", { name: /Tea at five/ }).click();
    await log(bob).getByText("alice invited you, carol").waitFor();
    await bob.getByText("3 members").waitFor();

    // It stands there for six seconds: who looks only afterwards may come too late.
    await Promise.all([
      log(bob).getByText("alice is typing…").waitFor(),
      alice.getByRole("textbox", { name: "Message" }).pressSequentially("Who comss?"),
    ]);
    await alice.keyboard.press("Enter");
    await sees(bob, "Who comss?");
    await sees(carol, "Who comss?");

    // What is stored can be changed, and others may see it before its sender knows that it is.
    await isSent(alice, "Who comss?");
    await act(alice, "Who comss?", "Edit");
    await write(alice, "Who comes?");
    await message(bob, "Who comes?").getByText("edited").waitFor();

    await act(bob, "Who comes?", "Reply");
    await write(bob, "I do");
    await message(carol, "I do").getByRole("blockquote").getByText("Who comes?").waitFor();
    await message(carol, "I do").hover();
    await message(carol, "I do").getByRole("button", { name: "Actions for this message" }).click();
    await carol.getByRole("menuitemcheckbox", { name: "React with 👍" }).click();
    await message(bob, "I do").getByRole("button", { name: "👍, 1: carol" }).click();
    await message(alice, "I do").getByRole("button", { name: /^👍, 2: carol, bob$/ }).waitFor();

    await write(carol, "Wrong chat");
    await sees(alice, "Wrong chat");
    await isSent(carol, "Wrong chat");
    await act(carol, "Wrong chat", "Take back");
    await carol.getByRole("dialog").getByRole("button", { name: "Take back" }).click();
    for (const page of [alice, bob]) await log(page).getByText("carol took a message back").waitFor();
    assert.equal(await alice.getByText("Wrong chat").count(), 0);

    // The dialog asks once, when it opens.
    await message(alice, "Who comes?").getByRole("button", { name: "2 read" }).waitFor();
    await act(alice, "Who comes?", "Who read it");
    await alice.getByText("2 of 2 read it, 2 have it.").waitFor();
    await alice.getByRole("dialog").getByRole("button", { name: "Close" }).click();

    await list(bob).getByRole("button", { name: "Menu of Tea at five" }).click();
    await bob.getByRole("menuitem", { name: "Pin", exact: true }).click();
    await list(bob).getByText("Pinned").waitFor({ state: "attached" });

    await carol.getByRole("button", { name: "Group menu" }).click();
    await carol.getByRole("menuitem", { name: "Leave group" }).click();
    await carol.getByRole("dialog").getByRole("button", { name: "Leave group" }).click();
    for (const page of [alice, bob]) await log(page).getByText("carol left.").waitFor();
    await alice.getByText("2 members").waitFor();
    await list(carol).getByRole("link", { name: /Tea at five/ }).click();
    await carol.getByText("You are no longer in this group.").waitFor();

    // What is there after a reload is what was there before.
    await Promise.all([alice.reload(), bob.reload()]);
    await message(alice, "I do").getByRole("button", { name: /^👍, 2: carol, bob$/ }).waitFor();
    await message(bob, "Who comes?").getByText("edited").waitFor();
    await list(bob).getByText("Pinned").waitFor({ state: "attached" });
    await write(bob, "See you");
    await sees(alice, "See you");
  });
  for (const page of [alice, bob, carol]) assert.deepEqual(page.problems, []);
});
