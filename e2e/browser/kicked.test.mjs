// A session that another one took the place of says so, and comes back only when its user wants it. e2e/tests/browser.rs starts the cluster.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, openChat, openWindow, sees, signIn, withEvidence, write } from "./support.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

test("who signs in elsewhere is told so here, and takes the session back by hand", async () => {
  const desk = await openWindow(browser);
  const sofa = await openWindow(browser);
  const bob = await openWindow(browser);
  await withEvidence({ desk, sofa, bob }, async () => {
    await signIn(desk, "alice");
    await signIn(bob, "bob");
    await signIn(sofa, "alice");
    const dialog = desk.getByRole("alertdialog", { name: "Signed in elsewhere" });
    await dialog.waitFor();
    assert.equal(await sofa.getByRole("alertdialog").count(), 0);

    await openChat(bob, "alice");
    await write(bob, "Which of you?");
    await openChat(sofa, "bob");
    await sees(sofa, "Which of you?");

    await dialog.getByRole("button", { name: "Sign in here again" }).click();
    await dialog.waitFor({ state: "detached" });
    await sofa.getByRole("alertdialog", { name: "Signed in elsewhere" }).waitFor();
    await openChat(desk, "bob");
    await sees(desk, "Which of you?");
    await write(desk, "The one at the desk");
    await sees(bob, "The one at the desk");
  });
  assert.deepEqual(bob.problems, []);
});
