// H1, H3, H4: from the registration to the first unread message, in a real browser. e2e/tests/browser.rs starts the cluster.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { connected, go, launch, openChat, openWindow, password, sees, signIn, url, withEvidence, write } from "./support.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

test("a new user registers, finds a friend, and the friend sees the request, the message and what is unread", async () => {
  const dave = await openWindow(browser);
  const bob = await openWindow(browser);
  await withEvidence({ dave, bob }, async () => {
    await signIn(bob, "bob");

    await dave.goto(url);
    await dave.getByRole("link", { name: "Register" }).click();
    await dave.getByRole("heading", { name: "Create your account" }).waitFor();
    await dave.getByLabel("Username").fill("dave");
    await dave.getByLabel("Display name").fill("Dave");
    await dave.getByLabel("Password", { exact: true }).fill(password);
    await dave.getByRole("button", { name: "Create account" }).click();
    await dave.getByRole("navigation", { name: "Main navigation" }).waitFor();
    await connected(dave);

    await go(dave, "contacts");
    await dave.getByRole("button", { name: "Add a friend" }).first().click();
    await dave.getByRole("searchbox", { name: "Username or name" }).fill("bob");
    await dave.getByRole("button", { name: "Find", exact: true }).click();
    await dave.getByRole("button", { name: "Add", exact: true }).click();

    await bob.getByText("1 open request").waitFor({ state: "attached" });
    await go(bob, "contacts");
    await bob.getByRole("button", { name: "Accept" }).click();
    await go(bob, "chats");

    await openChat(dave, "bob");
    await write(dave, "Here I am");
    await bob.getByText("1 unread").first().waitFor({ state: "attached" });
    await bob.getByRole("region", { name: "Conversations" }).getByText("Here I am").click();
    await sees(bob, "Here I am");
    await bob.getByText("1 unread").first().waitFor({ state: "detached" });

    await bob.reload();
    await bob.getByRole("region", { name: "Conversations" }).getByText("Here I am").waitFor();
  });
  for (const page of [dave, bob]) assert.deepEqual(page.problems, []);
});
