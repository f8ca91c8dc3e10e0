// H1, H11, B11, E3: a guest comes in and talks in the world chat, in a real browser. e2e/tests/browser.rs starts the cluster.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { connected, go, launch, openChat, openWindow, sees, signIn, url, withEvidence, write } from "./support.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

test("a guest enters, and a registered user and the guest read each other in the world chat", async () => {
  const guest = await openWindow(browser);
  const alice = await openWindow(browser);
  await withEvidence({ guest, alice }, async () => {
    await signIn(alice, "alice");
    await go(alice, "world");
    await alice.getByRole("heading", { name: "World chat" }).waitFor();

    await guest.goto(url);
    await guest.getByRole("link", { name: "Guest", exact: true }).click();
    await guest.getByText("Private chats, friends and search need an account").waitFor();
    await guest.getByRole("button", { name: "Enter as guest" }).click();
    await guest.getByRole("heading", { name: "World chat" }).waitFor();
    await connected(guest);
    const places = guest.getByRole("navigation", { name: "Main navigation" }).getByRole("link");
    assert.deepEqual(await places.allInnerTexts(), ["World", "Connection", "Settings"]);

    await write(guest, "Hello world, I am new here");
    await sees(guest, "Hello world, I am new here");
    await sees(alice, "Hello world, I am new here");
    await write(alice, "Welcome 欢迎");
    await sees(guest, "Welcome 欢迎");
    // The name over the message comes by a request of its own.
    await guest.getByRole("log", { name: "Messages" }).getByText("alice", { exact: true }).waitFor();

    await guest.reload();
    await sees(guest, "Welcome 欢迎");
    await guest.goto(new URL("/chats", url).href);
    await guest.getByRole("heading", { name: "World chat" }).waitFor();

    await openChat(alice, "bob");
    await write(alice, "Not for everybody");
    await go(alice, "chats");
    const list = alice.getByRole("region", { name: "Conversations" });
    await list.getByText("Not for everybody").waitFor();
    assert.equal(await list.getByText("Welcome 欢迎").count(), 0);
  });
  for (const page of [guest, alice]) assert.deepEqual(page.problems, []);
});
