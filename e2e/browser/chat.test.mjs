// H2, A2, A3: windows of a real browser chat through a real cluster. e2e/tests/browser.rs starts it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, openChat, openWindow, openedTransports, sees, signIn, withEvidence, write } from "./support.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

test("two windows exchange messages over WebTransport, a third joins over WebSocket", async () => {
  const alice = await openWindow(browser, { withoutWebSocket: true });
  const bob = await openWindow(browser, { withoutWebSocket: true });
  const carol = await openWindow(browser, { withoutWebTransport: true });
  await withEvidence({ alice, bob, carol }, async () => {
    await signIn(alice, "alice");
    await signIn(bob, "bob");
    assert.deepEqual(await openedTransports(alice), ["WebTransport"]);
    assert.deepEqual(await openedTransports(bob), ["WebTransport"]);

    await openChat(alice, "bob");
    await write(alice, "Hello Bob");
    await openChat(bob, "alice");
    await sees(bob, "Hello Bob");
    await write(bob, "Hello Alice 你好");
    await sees(alice, "Hello Alice 你好");

    await signIn(carol, "carol");
    assert.deepEqual(await openedTransports(carol), ["WebSocket"]);
    await openChat(carol, "alice");
    await write(carol, "No QUIC here");
    await openChat(alice, "carol");
    await sees(alice, "No QUIC here");
    await write(alice, "It works all the same");
    await sees(carol, "It works all the same");

    for (let number = 1; number <= 20; number += 1) {
      await write(number % 2 ? alice : carol, `line ${number}`);
      await sees(number % 2 ? carol : alice, `line ${number}`);
    }
  });
  for (const page of [alice, bob, carol]) assert.deepEqual(page.problems, []);
});
