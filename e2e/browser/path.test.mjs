// A19: the UDP path of a live session dies in silence, and the session goes on over WebSocket. e2e/tests/browser.rs starts the cluster.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { relayUdp } from "./relay.mjs";
import { connected, go, isSent, launch, openChat, openWindow, openedTransports, sees, signIn, withEvidence, write } from "./support.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** The texts of the open chat, in order. */
const texts = (page) =>
  page.getByRole("article").evaluateAll((articles) => articles.map((article) => document.getElementById(article.getAttribute("aria-describedby")).textContent));

/** What the page itself says: what carries the messages, and which ways it tried, the newest attempt first. */
async function connectionOf(page) {
  await go(page, "connection");
  const header = page.getByRole("main").locator("header");
  await header.getByText(/^Web(Transport|Socket)$/).waitFor();
  const ways = page.getByRole("table").filter({ has: page.getByRole("columnheader", { name: "Way" }) }).locator("tbody tr");
  return {
    carrier: await header.getByText(/^Web(Transport|Socket)$/).innerText(),
    tried: await ways.evaluateAll((rows) => rows.map((row) => `${row.cells[0].innerText}: ${row.cells[2].innerText}`)),
  };
}

test("a session whose UDP path dies goes on over WebSocket, without a reload, and neither loses nor repeats a message", async (t) => {
  // Tall, so that the whole chat is on the page. Its Content-Security-Policy does not know the port of the relay.
  const alice = await openWindow(browser, { height: 2_400, bypassCSP: true, withoutWebSocket: true });
  const bob = await openWindow(browser, { height: 2_400 });
  const path = await relayUdp(alice.context());
  t.after(() => path.close());
  await withEvidence({ alice, bob }, async () => {
    await signIn(alice, "alice");
    await signIn(bob, "bob");
    assert.deepEqual(await openedTransports(alice), ["WebTransport"]);
    const begun = await connectionOf(alice);
    assert.equal(begun.carrier, "WebTransport");
    assert.ok(begun.tried.includes("WebTransport: Used"), begun.tried.join());
    await openChat(alice, "bob");
    await openChat(bob, "alice");
    await write(alice, "alice before");
    await sees(bob, "alice before");
    await write(bob, "bob before");
    await sees(alice, "bob before");
    await alice.evaluate(() => (globalThis.isTheSamePage = true));
    await alice.evaluate(() => globalThis.allowWebSocket());
    await alice.addInitScript(() => globalThis.allowWebSocket());

    path.cut();
    for (let number = 1; number <= 5; number += 1) {
      await write(alice, `alice ${number}`);
      await write(bob, `bob ${number}`);
    }
    await isSent(alice, "alice 5");
    await sees(alice, "bob 5");
    await sees(bob, "alice 5");
    await write(alice, "alice after");
    await sees(bob, "alice after");
    await write(bob, "bob after");
    await sees(alice, "bob after");
    // One's own is drawn when it is queued, which a busy page does when the other one has it already.
    await isSent(bob, "bob after");

    const said = await texts(alice);
    assert.deepEqual(await texts(bob), said);
    const steps = ["before", 1, 2, 3, 4, 5, "after"];
    for (const name of ["alice", "bob"]) {
      assert.deepEqual(said.filter((text) => text.startsWith(name)), steps.map((step) => `${name} ${step}`));
    }
    assert.equal(said.length, 2 * steps.length);
    assert.equal(await alice.evaluate(() => globalThis.isTheSamePage), true);
    assert.deepEqual(await openedTransports(alice), ["WebTransport", "WebSocket"]);
    const ended = await connectionOf(alice);
    assert.equal(ended.carrier, "WebSocket");
    assert.deepEqual(ended.tried.slice(0, 2), ["WebSocket: Used", "WebTransport: Slower"]);

    // [T4]: one lost race may be chance, after two in a row nobody waits for UDP.
    await alice.reload();
    await connected(alice);
    assert.deepEqual((await connectionOf(alice)).tried, ["WebSocket: Used", "WebTransport: Slower"]);
    await alice.reload();
    await connected(alice);
    assert.deepEqual((await connectionOf(alice)).tried, ["WebTransport: Left out: failed lately", "WebSocket: Used"]);
  });
  assert.deepEqual(bob.problems, []);
});
